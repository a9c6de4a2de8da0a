//! The CORS document on the wire: read as strictly as S3 reads it, and written.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>.

use roxmltree::{Document, Node};

use crate::sandbox::aws::bucket::CorsRule;
use crate::sandbox::aws::problem::Problem;
use crate::sandbox::aws::xml::{document, element, elements};

const LARGEST: usize = 64 * 1024;
const MOST_RULES: usize = 100;
const LONGEST_ID: usize = 255;
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Reads and checks a configuration.
pub(crate) fn read(body: &[u8]) -> Result<Vec<CorsRule>, Problem> {
    if body.len() > LARGEST {
        return Err(Problem::new(
            400,
            "MaxMessageLengthExceeded",
            "Your request was too large.",
        )
        .field("MaxMessageLengthBytes", LARGEST.to_string()));
    }
    let text = std::str::from_utf8(body).map_err(|_| malformed())?;
    let document = Document::parse(text).map_err(|_| malformed())?;
    let root = document.root_element();
    if root.tag_name().name() != "CORSConfiguration" || !in_namespace(root) {
        return Err(malformed());
    }
    let mut rules = Vec::new();
    for node in children(root)? {
        if node.tag_name().name() != "CORSRule" {
            return Err(malformed());
        }
        rules.push(rule(node)?);
    }
    if rules.is_empty() {
        return Err(malformed());
    }
    if rules.len() > MOST_RULES {
        return Err(invalid(format!(
            "The number of CORS rules should not exceed allowed limit of {MOST_RULES} rules."
        )));
    }
    Ok(rules)
}

/// Writes a configuration.
pub(crate) fn write(rules: &[CorsRule]) -> String {
    let mut content = String::new();
    for rule in rules {
        content.push_str("<CORSRule>");
        if let Some(id) = &rule.id {
            content.push_str(&element("ID", id));
        }
        content.push_str(&elements("AllowedOrigin", &rule.allowed_origins));
        content.push_str(&elements("AllowedMethod", &rule.allowed_methods));
        if let Some(seconds) = rule.max_age_seconds {
            content.push_str(&element("MaxAgeSeconds", &seconds.to_string()));
        }
        content.push_str(&elements("ExposeHeader", &rule.expose_headers));
        content.push_str(&elements("AllowedHeader", &rule.allowed_headers));
        content.push_str("</CORSRule>");
    }
    document("CORSConfiguration", &content)
}

fn malformed() -> Problem {
    Problem::new(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

fn invalid(message: impl Into<String>) -> Problem {
    Problem::new(400, "InvalidRequest", message)
}

/// The namespace may be left out, and may not be another one.
fn in_namespace(node: Node<'_, '_>) -> bool {
    node.tag_name()
        .namespace()
        .is_none_or(|namespace| namespace == NAMESPACE)
}

/// The elements in an element that may hold nothing else.
fn children<'a, 'b>(node: Node<'a, 'b>) -> Result<Vec<Node<'a, 'b>>, Problem> {
    let mut found = Vec::new();
    for child in node.children() {
        if child.is_element() && in_namespace(child) {
            found.push(child);
        } else if child.is_element() || child.text().is_some_and(|text| !text.trim().is_empty()) {
            return Err(malformed());
        }
    }
    Ok(found)
}

fn rule(node: Node<'_, '_>) -> Result<CorsRule, Problem> {
    let mut rule = CorsRule::default();
    for child in children(node)? {
        if child.children().any(|inner| inner.is_element()) {
            return Err(malformed());
        }
        let text = child.text().unwrap_or_default().to_owned();
        match child.tag_name().name() {
            "ID" if rule.id.is_none() => rule.id = Some(text),
            "AllowedOrigin" => rule.allowed_origins.push(text),
            "AllowedMethod" => rule.allowed_methods.push(text),
            "AllowedHeader" => rule.allowed_headers.push(text),
            "ExposeHeader" => rule.expose_headers.push(text),
            "MaxAgeSeconds" if rule.max_age_seconds.is_none() => {
                rule.max_age_seconds = Some(text.parse().map_err(|_| malformed())?);
            }
            _ => return Err(malformed()),
        }
    }
    check(&rule)?;
    Ok(rule)
}

fn check(rule: &CorsRule) -> Result<(), Problem> {
    if rule.allowed_origins.is_empty() || rule.allowed_methods.is_empty() {
        return Err(malformed());
    }
    if rule
        .id
        .as_ref()
        .is_some_and(|id| id.chars().count() > LONGEST_ID)
    {
        return Err(invalid(format!(
            "The ID of a CORS rule should not exceed allowed limit of {LONGEST_ID} characters."
        )));
    }
    for method in &rule.allowed_methods {
        if !METHODS.contains(&method.as_str()) {
            return Err(invalid(format!(
                "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            )));
        }
    }
    let wildcards = [
        ("AllowedOrigin", &rule.allowed_origins),
        ("AllowedHeader", &rule.allowed_headers),
    ];
    for (name, values) in wildcards {
        if let Some(value) = values.iter().find(|value| value.matches('*').count() > 1) {
            return Err(invalid(format!(
                "{name} \"{value}\" can not have more than one wildcard."
            )));
        }
    }
    if let Some(value) = rule.expose_headers.iter().find(|value| value.contains('*')) {
        return Err(invalid(format!(
            "ExposeHeader \"{value}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(rule: &str) -> String {
        let text = format!("<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>");
        read(text.as_bytes()).map_or_else(|problem| problem.code, |_| "ok".to_owned())
    }

    const ORIGIN: &str = "<AllowedOrigin>https://*.segments.ai</AllowedOrigin>";
    const METHOD: &str = "<AllowedMethod>GET</AllowedMethod>";

    #[test]
    fn what_was_written_is_read_back() {
        let rules = vec![CorsRule {
            id: Some("a & b".to_owned()),
            allowed_origins: vec!["https://*.segments.ai".to_owned()],
            allowed_methods: vec!["GET".to_owned(), "HEAD".to_owned()],
            allowed_headers: vec!["*".to_owned()],
            expose_headers: vec!["ETag".to_owned()],
            max_age_seconds: Some(3000),
        }];
        assert_eq!(read(write(&rules).as_bytes()).unwrap(), rules);
    }

    #[test]
    fn the_schema_is_enforced() {
        for (rule, expected) in [
            (format!("{ORIGIN}{METHOD}"), "ok"),
            (ORIGIN.to_owned(), "MalformedXML"),
            (METHOD.to_owned(), "MalformedXML"),
            (format!("{ORIGIN}{METHOD}<Extra/>"), "MalformedXML"),
            (format!("{ORIGIN}{METHOD}text"), "MalformedXML"),
            (
                format!("{ORIGIN}{METHOD}<ID>1</ID><ID>2</ID>"),
                "MalformedXML",
            ),
            (
                format!("{ORIGIN}{METHOD}<MaxAgeSeconds>soon</MaxAgeSeconds>"),
                "MalformedXML",
            ),
            (
                format!("{ORIGIN}<AllowedMethod>OPTIONS</AllowedMethod>"),
                "InvalidRequest",
            ),
            (
                format!("{ORIGIN}<AllowedMethod>get</AllowedMethod>"),
                "InvalidRequest",
            ),
            (
                format!("{METHOD}<AllowedOrigin>https://*.*.ai</AllowedOrigin>"),
                "InvalidRequest",
            ),
            (
                format!("{ORIGIN}{METHOD}<AllowedHeader>x-*-*</AllowedHeader>"),
                "InvalidRequest",
            ),
            (
                format!("{ORIGIN}{METHOD}<ExposeHeader>*</ExposeHeader>"),
                "InvalidRequest",
            ),
            (
                format!("{ORIGIN}{METHOD}<ID>{}</ID>", "i".repeat(255)),
                "ok",
            ),
            (
                format!("{ORIGIN}{METHOD}<ID>{}</ID>", "i".repeat(256)),
                "InvalidRequest",
            ),
        ] {
            assert_eq!(code(&rule), expected, "{rule}");
        }
        for (text, expected) in [
            ("<CORSConfiguration/>", "MalformedXML"),
            ("<Other/>", "MalformedXML"),
            ("not xml", "MalformedXML"),
            ("<CORSConfiguration xmlns=\"urn:other\"/>", "MalformedXML"),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err().code, expected, "{text}");
        }
    }

    #[test]
    fn a_hundred_rules_and_64_kilobytes_are_the_most() {
        let of = |count: usize, padding: usize| {
            let rule = format!("<CORSRule>{ORIGIN}{METHOD}</CORSRule>").repeat(count);
            let padding = " ".repeat(padding);
            read(format!("<CORSConfiguration>{rule}{padding}</CORSConfiguration>").as_bytes())
                .map(|rules| rules.len())
                .map_err(|problem| problem.code)
        };
        assert_eq!(of(100, 0), Ok(100));
        assert_eq!(of(101, 0), Err("InvalidRequest".to_owned()));
        assert_eq!(of(1, 66_000), Err("MaxMessageLengthExceeded".to_owned()));
    }
}
