//! CORS rules out of XML: the form in which the S3 API gives them and older consoles showed them.
//!
//! For documents that were handed in. What the bucket itself answers is read through the SDK.

use roxmltree::{Document, Node};

use super::{CorsRule, CorsRules, Problem, unknown_members};

/// Reads the document of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html>.
///
/// # Errors
/// When it is not well-formed, is another document, or holds something that no rule has.
pub fn from_xml(xml: &str) -> Result<CorsRules, Problem> {
    let unknown = unknown_members(xml.as_bytes())?;
    if !unknown.is_empty() {
        return Err(Problem(format!(
            "the CORS configuration holds what no CORS rule has: {}",
            unknown.join(", ")
        )));
    }
    // It is well-formed and has no document type: that was looked at just now.
    let document = Document::parse(xml).map_err(|error| {
        Problem(format!(
            "the CORS configuration is not well-formed: {error}"
        ))
    })?;
    document
        .root_element()
        .children()
        .filter(Node::is_element)
        .enumerate()
        .map(|(index, node)| {
            rule(node).map_err(|why| Problem(format!("rule {}: {why}", index + 1)))
        })
        .collect::<Result<_, _>>()
        .map(CorsRules)
}

fn rule(node: Node<'_, '_>) -> Result<CorsRule, String> {
    let texts = |name: &str| -> Vec<String> {
        node.children()
            .filter(|child| child.tag_name().name() == name)
            .map(|child| {
                // A comment divides a text, and is no part of it.
                let parts = child.children().filter(Node::is_text);
                let text: String = parts.filter_map(|part| part.text()).collect();
                text.trim().to_owned()
            })
            .collect()
    };
    let some = |texts: Vec<String>| (!texts.is_empty()).then_some(texts);
    let rule = CorsRule {
        id: texts("ID").into_iter().next(),
        allowed_headers: some(texts("AllowedHeader")),
        allowed_methods: texts("AllowedMethod"),
        allowed_origins: texts("AllowedOrigin"),
        expose_headers: some(texts("ExposeHeader")),
        max_age_seconds: texts("MaxAgeSeconds")
            .into_iter()
            .next()
            .map(|age| {
                age.parse()
                    .map_err(|_| format!("`MaxAgeSeconds` is `{age}`"))
            })
            .transpose()?,
    };
    for (name, texts) in [
        ("AllowedMethod", &rule.allowed_methods),
        ("AllowedOrigin", &rule.allowed_origins),
    ] {
        if texts.is_empty() {
            return Err(format!("it has no `{name}`"));
        }
    }
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use super::super::to_xml;
    use super::*;

    #[test]
    fn what_was_written_is_read_back() {
        let rule = CorsRule {
            id: Some("a & b".to_owned()),
            allowed_headers: Some(vec!["*".to_owned()]),
            allowed_methods: vec!["GET".to_owned(), "HEAD".to_owned()],
            allowed_origins: vec!["https://*.segments.ai".to_owned()],
            expose_headers: None,
            max_age_seconds: Some(3000),
        };
        assert_eq!(
            from_xml(&to_xml(std::slice::from_ref(&rule))),
            Ok(CorsRules(vec![rule]))
        );
    }

    #[test]
    fn a_comment_takes_nothing_from_a_text() {
        let xml = "<CORSConfiguration><CORSRule><AllowedMethod><!-- a -->GET</AllowedMethod>\
                   <AllowedOrigin>https://app.<!-- b -->segments.ai<![CDATA[ ]]></AllowedOrigin></CORSRule></CORSConfiguration>";
        let rules = from_xml(xml).expect("rules").0;
        assert_eq!(rules[0].allowed_methods, ["GET"]);
        assert_eq!(rules[0].allowed_origins, ["https://app.segments.ai"]);
    }

    #[test]
    fn what_is_no_cors_configuration_is_told_with_its_place() {
        for (xml, said) in [
            ("<Error><Code>AccessDenied</Code></Error>", "`Error`"),
            ("<CORSConfiguration><CORSRule>", "not well-formed"),
            (
                "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
                "rule 1: it has no `AllowedMethod`",
            ),
            (
                "<CORSConfiguration><CORSRule><Allowed>*</Allowed></CORSRule></CORSConfiguration>",
                "CORSRule/Allowed",
            ),
        ] {
            let problem = from_xml(xml).expect_err(xml);
            assert!(problem.0.contains(said), "{xml}: {problem}");
        }
    }
}
