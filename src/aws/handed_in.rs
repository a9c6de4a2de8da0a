//! Documents that somebody handed in: the bucket policy and the CORS rules, in the forms in which people have them.
//!
//! Pure: a text in, the document or one sentence about where it is wrong out.

use serde_json::Value;

use super::bucket_policy::Stored;
use super::cors::{CorsRules, from_xml};
use super::reads::StoredCors;
use crate::handed_in::{first, parsed};

/// A bucket policy: the policy itself, or what `aws s3api get-bucket-policy` prints, in which it is a text.
///
/// # Errors
/// Why it is none, with the place.
pub fn policy(text: &str) -> Result<Stored, String> {
    let value = parsed(text, "")?;
    let inner = match value {
        Value::Object(mut members) if members.len() == 1 && members.contains_key("Policy") => {
            members.remove("Policy").unwrap_or_default()
        }
        whole => whole,
    };
    let policy = match inner {
        Value::String(text) => parsed(&text, " of the text in `Policy`")?,
        whole => whole,
    };
    match policy {
        Value::Object(members) if members.contains_key("Statement") => {
            Ok(Stored::Policy(Value::Object(members)))
        }
        Value::Object(members) => Err(format!(
            "it is no bucket policy: it has no member `Statement`{}",
            first(&members)
        )),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err("it is no bucket policy: that is an object with the member `Statement`".to_owned())
        }
    }
}

/// CORS rules: a list of them, what `aws s3api get-bucket-cors` prints, or the XML of the API.
///
/// # Errors
/// Why they are none, with the place.
pub fn cors(text: &str) -> Result<StoredCors, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let rules = if text.starts_with('<') {
        from_xml(text)
    } else {
        CorsRules::parse(text)
    };
    Ok(StoredCors {
        rules: Some(rules.map_err(|problem| problem.to_string())?.0),
        unknown: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_is_taken_in_each_form_that_people_have() {
        let bare = json!({ "Version": "2012-10-17", "Statement": [] });
        let printed = json!({ "Policy": bare.to_string() });
        for text in [
            bare.to_string(),
            format!("\u{feff}{bare}\n"),
            printed.to_string(),
            json!(bare.to_string()).to_string(),
            json!({ "Policy": bare }).to_string(),
        ] {
            assert_eq!(policy(&text), Ok(Stored::Policy(bare.clone())), "{text}");
        }
    }

    #[test]
    fn what_is_no_policy_is_told_with_its_place() {
        for (text, said) in [
            ("", "empty"),
            (" \n", "empty"),
            ("[]", "no bucket policy"),
            ("{}", "no member `Statement`"),
            (r#"{"CORSRules": []}"#, "but `CORSRules`"),
            ("{\n  \"Statement\": [,]\n}", "line 2, column 17"),
            (
                r#"{"Policy": "{\"Statement\": "}"#,
                "of the text in `Policy`",
            ),
            (r#"{"Statement": [], "Statement": []}"#, "twice"),
            ("An error occurred (NoSuchBucketPolicy)", "line 1, column 1"),
        ] {
            let problem = policy(text).expect_err(text);
            assert!(problem.contains(said), "{text}: {problem}");
        }
    }

    #[test]
    fn cors_rules_are_taken_in_each_form_that_people_have() {
        let rule =
            json!({ "AllowedMethods": ["GET"], "AllowedOrigins": ["https://*.segments.ai"] });
        let xml = "<?xml version=\"1.0\"?><CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod>\
                   <AllowedOrigin>https://*.segments.ai</AllowedOrigin></CORSRule></CORSConfiguration>";
        let expected = cors(&json!([rule]).to_string()).expect("the bare rules");
        assert_eq!(expected.rules.as_ref().map(Vec::len), Some(1));
        for text in [json!({ "CORSRules": [rule] }).to_string(), xml.to_owned()] {
            assert_eq!(cors(&text).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn what_are_no_cors_rules_is_told_with_its_place() {
        for (text, said) in [
            ("", "empty"),
            ("{}", "CORSRules"),
            ("[{\"AllowedMethods\": [\"GET\"]}]", "AllowedOrigins"),
            ("[\n{,}]", "line 2"),
            ("<html/>", "`html`"),
            ("{\"Statement\": []}", "Statement"),
        ] {
            let problem = cors(text).expect_err(text);
            assert!(problem.contains(said), "{text}: {problem}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(text in "[\\[\\]{}\":,<>/ a-zA-Z0-9\\\\]{0,60}|\\PC{0,40}") {
            let _ = policy(&text);
            let _ = cors(&text);
        }
    }
}
