//! The CORS configuration as XML: the form that is sent, and what an answer holds that we would lose.
//!
//! The SDK skips elements that it does not know, so writing back what it read would drop them. This
//! module only looks; it never reads rules out of the XML.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use roxmltree::{Document, Node, ParsingOptions};

use super::{CorsRule, Problem};

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Far more than 64 KB of rules can hold, and little enough to read at once.
const MAX_NODES: u32 = 100_000;
const MAX_LENGTH: usize = 4 * 1024 * 1024;

/// Members of a rule, and whether a rule may have several.
const MEMBERS: [(&str, bool); 6] = [
    ("ID", false),
    ("AllowedHeader", true),
    ("AllowedMethod", true),
    ("AllowedOrigin", true),
    ("ExposeHeader", true),
    ("MaxAgeSeconds", false),
];

/// The document that `PutBucketCors` sends, for its length.
///
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html>.
#[must_use]
pub fn to_xml(rules: &[CorsRule]) -> String {
    let mut xml = format!("<CORSConfiguration xmlns=\"{NAMESPACE}\">");
    for rule in rules {
        xml.push_str("<CORSRule>");
        element(&mut xml, "ID", rule.id.as_slice());
        element(
            &mut xml,
            "AllowedHeader",
            rule.allowed_headers.as_deref().unwrap_or_default(),
        );
        element(&mut xml, "AllowedMethod", &rule.allowed_methods);
        element(&mut xml, "AllowedOrigin", &rule.allowed_origins);
        element(
            &mut xml,
            "ExposeHeader",
            rule.expose_headers.as_deref().unwrap_or_default(),
        );
        let age = rule.max_age_seconds.map(|age| age.to_string());
        element(&mut xml, "MaxAgeSeconds", age.as_slice());
        xml.push_str("</CORSRule>");
    }
    xml.push_str("</CORSConfiguration>");
    xml
}

/// What a `GetBucketCors` answer holds that a [`CorsRule`] cannot: unknown elements and attributes,
/// known ones in other places, a second `ID`. Empty when writing back loses nothing.
///
/// Known are the members of
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html>, in S3's namespace or in none.
///
/// # Errors
/// When the text is not well-formed UTF-8 XML, is another document, or has a document type (S3 sends
/// none, and entities could hide what is there).
pub fn unknown_members(xml: &[u8]) -> Result<Vec<String>, Problem> {
    if xml.len() > MAX_LENGTH {
        return Err(Problem("a CORS configuration of more than 4 MB".to_owned()));
    }
    let text = std::str::from_utf8(xml)
        .map_err(|_| Problem("the CORS configuration is not UTF-8".to_owned()))?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        Problem(format!(
            "the CORS configuration is not well-formed: {error}"
        ))
    })?;
    let root = document.root_element();
    if !is_known(root, "CORSConfiguration") {
        return Err(Problem(format!(
            "a `{}` stands where a `CORSConfiguration` was expected",
            name(root)
        )));
    }
    let mut unknown = BTreeSet::new();
    own_parts(root, "CORSConfiguration", &mut unknown);
    for rule in root.children().filter(Node::is_element) {
        if is_known(rule, "CORSRule") {
            members(rule, &mut unknown);
        } else {
            unknown.insert(name(rule));
        }
    }
    Ok(unknown.into_iter().collect())
}

/// Looks through one rule.
fn members(rule: Node<'_, '_>, unknown: &mut BTreeSet<String>) {
    own_parts(rule, "CORSRule", unknown);
    let mut seen = BTreeSet::new();
    for member in rule.children().filter(Node::is_element) {
        match MEMBERS.iter().find(|(known, _)| is_known(member, known)) {
            None => {
                unknown.insert(format!("CORSRule/{}", name(member)));
            }
            Some((known, many)) => {
                if !seen.insert(*known) && !many {
                    unknown.insert(format!("CORSRule/{known} (more than one)"));
                }
                attributes(member, &format!("CORSRule/{known}"), unknown);
                for inner in member.children().filter(Node::is_element) {
                    unknown.insert(format!("CORSRule/{known}/{}", name(inner)));
                }
            }
        }
    }
}

/// Attributes of an element that is to hold elements only, and text in it.
fn own_parts(node: Node<'_, '_>, path: &str, unknown: &mut BTreeSet<String>) {
    attributes(node, path, unknown);
    let has_text = node
        .children()
        .filter(Node::is_text)
        .any(|child| child.text().is_some_and(|text| !text.trim().is_empty()));
    if has_text {
        unknown.insert(format!("{path} (text)"));
    }
}

fn attributes(node: Node<'_, '_>, path: &str, unknown: &mut BTreeSet<String>) {
    for attribute in node.attributes() {
        unknown.insert(format!("{path}/@{}", attribute.name()));
    }
}

fn is_known(node: Node<'_, '_>, expected: &str) -> bool {
    let tag = node.tag_name();
    tag.name() == expected
        && tag
            .namespace()
            .is_none_or(|space| space.is_empty() || space == NAMESPACE)
}

/// The element's name, with its namespace where that is not S3's.
fn name(node: Node<'_, '_>) -> String {
    let tag = node.tag_name();
    match tag.namespace() {
        Some(space) if !space.is_empty() && space != NAMESPACE => {
            format!("{{{space}}}{}", tag.name())
        }
        Some(_) | None => tag.name().to_owned(),
    }
}

fn element(xml: &mut String, name: &str, texts: &[String]) {
    for text in texts {
        // Writing to a string cannot fail.
        let _ = write!(xml, "<{name}>");
        for letter in text.chars() {
            match letter {
                '&' => xml.push_str("&amp;"),
                '<' => xml.push_str("&lt;"),
                '>' => xml.push_str("&gt;"),
                '\'' => xml.push_str("&apos;"),
                '"' => xml.push_str("&quot;"),
                '\r' | '\n' | '\u{85}' | '\u{2028}' => {
                    let _ = write!(xml, "&#x{:X};", u32::from(letter));
                }
                other => xml.push(other),
            }
        }
        let _ = write!(xml, "</{name}>");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::CorsRules;
    use super::*;

    /// The answer in <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html>.
    const DOCUMENTED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
     <CORSRule>
       <AllowedOrigin>http://www.example.com</AllowedOrigin>
       <AllowedMethod>GET</AllowedMethod>
       <MaxAgeSeconds>3000</MaxAgeSeconds>
       <ExposeHeader>x-amz-server-side-encryption</ExposeHeader>
     </CORSRule>
</CORSConfiguration>"#;

    fn found(xml: &str) -> Vec<String> {
        unknown_members(xml.as_bytes()).expect("well-formed")
    }

    fn problem(xml: &[u8]) -> String {
        unknown_members(xml).expect_err("a problem").to_string()
    }

    #[test]
    fn documented_answers_hold_nothing_unknown() {
        assert_eq!(found(DOCUMENTED), Vec::<String>::new());
        assert_eq!(
            found("<CORSConfiguration><CORSRule><ID>a</ID></CORSRule></CORSConfiguration>"),
            Vec::<String>::new()
        );
        assert_eq!(
            found(&format!("\u{feff}{DOCUMENTED}")),
            Vec::<String>::new()
        );
        assert_eq!(
            found(
                "<s:CORSConfiguration xmlns:s='http://s3.amazonaws.com/doc/2006-03-01/'>\
                 <!-- by hand --><s:CORSRule/></s:CORSConfiguration>"
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_would_be_lost_is_named() {
        let rule = |inside: &str| {
            format!("<CORSConfiguration><CORSRule>{inside}</CORSRule></CORSConfiguration>")
        };
        for (xml, expected) in [
            (
                rule("<AllowPrivateNetwork>true</AllowPrivateNetwork>"),
                "CORSRule/AllowPrivateNetwork",
            ),
            (
                rule("<allowedorigin>*</allowedorigin>"),
                "CORSRule/allowedorigin",
            ),
            (rule("<ID>a</ID><ID>b</ID>"), "CORSRule/ID (more than one)"),
            (rule("<ID lang='en'>a</ID>"), "CORSRule/ID/@lang"),
            (rule("<ID><b>a</b></ID>"), "CORSRule/ID/b"),
            (rule("note"), "CORSRule (text)"),
            (
                rule("<ID xmlns='urn:other'>a</ID>"),
                "CORSRule/{urn:other}ID",
            ),
            (
                "<CORSConfiguration><ID>a</ID></CORSConfiguration>".to_owned(),
                "ID",
            ),
            (
                "<CORSConfiguration version='2'/>".to_owned(),
                "CORSConfiguration/@version",
            ),
            (
                "<CORSConfiguration><VaryHeader/></CORSConfiguration>".to_owned(),
                "VaryHeader",
            ),
        ] {
            assert_eq!(found(&xml), vec![expected.to_owned()], "{xml}");
        }
    }

    #[test]
    fn malformed_answers_and_tricks_are_problems() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]>\
                    <CORSConfiguration>&c;</CORSConfiguration>";
        let external = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><CORSConfiguration/>";
        for xml in [
            "",
            "not xml",
            "<CORSConfiguration>",
            "<CORSConfiguration/><CORSConfiguration/>",
            "<CORSConfiguration>&unknown;</CORSConfiguration>",
            bomb,
            external,
            "{\"CORSRules\":[]}",
        ] {
            assert!(problem(xml.as_bytes()).contains("not well-formed"), "{xml}");
        }
        assert!(problem(b"<CORSConfiguration>\xff</CORSConfiguration>").contains("UTF-8"));
        assert!(
            problem(b"<Error><Code>NoSuchCORSConfiguration</Code></Error>").contains("`Error`")
        );
        assert!(
            problem(b"<CORSConfiguration xmlns='urn:other'/>")
                .contains("{urn:other}CORSConfiguration")
        );
        assert!(problem(&vec![b' '; MAX_LENGTH + 1]).contains("4 MB"));
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let depth = 90_000;
        let xml = format!(
            "<CORSConfiguration>{}{}</CORSConfiguration>",
            "<a>".repeat(depth),
            "</a>".repeat(depth)
        );
        assert_eq!(found(&xml), vec!["a".to_owned()]);
        assert!(problem("<a>".repeat(200_000).as_bytes()).contains("not well-formed"));
    }

    #[test]
    fn the_published_rule_is_sent_as_documented() {
        let rules = CorsRules::parse(include_str!("../../../templates/aws/cors.json"))
            .expect("the published document");
        assert_eq!(
            to_xml(&rules.0),
            "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CORSRule>\
             <AllowedHeader>*</AllowedHeader><AllowedMethod>GET</AllowedMethod>\
             <AllowedOrigin>https://*.segments.ai</AllowedOrigin></CORSRule></CORSConfiguration>"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_harm(xml in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unknown_members(&xml);
        }

        #[test]
        fn any_tags_are_looked_at_without_harm(
            xml in "(<CORSConfiguration>)?(</?(CORSRule|ID|AllowedOrigin|x)( a='[&<]?')?/?>|&(amp|x);|<!DOCTYPE|\\]\\]>|text){0,12}(</CORSConfiguration>)?"
        ) {
            let _ = unknown_members(xml.as_bytes());
        }

        #[test]
        fn every_member_of_a_rule_is_known(id in "[ -~]{0,20}", origin in "[ -~]{0,20}", age in any::<i32>()) {
            let rule = CorsRule {
                id: Some(id),
                allowed_headers: Some(vec!["*".to_owned(); 2]),
                allowed_methods: vec!["GET".to_owned(); 2],
                allowed_origins: vec![origin; 2],
                expose_headers: Some(vec!["ETag".to_owned(); 2]),
                max_age_seconds: Some(age),
            };
            prop_assert_eq!(unknown_members(to_xml(&[rule]).as_bytes()), Ok(vec![]));
        }
    }
}
