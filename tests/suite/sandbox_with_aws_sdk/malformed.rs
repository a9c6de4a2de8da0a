//! What S3 refuses to take as a bucket policy, and what it takes although it looks odd.

use segments_connect::sandbox::aws::ANA;
use serde_json::{Value, json};

use super::{
    BUCKET, Refused, ana, bucket, policy, production, put_policy, sandbox, statement, world,
};

async fn malformed(text: &str) -> (u16, String, String) {
    let sandbox = sandbox();
    match put_policy(&ana(&sandbox), text).await {
        Ok(()) => (204, String::new(), String::new()),
        Err(Refused {
            status,
            code,
            message,
        }) => {
            assert_eq!(bucket(&sandbox, |bucket| bucket.policy.clone()), None);
            (status, code, message)
        }
    }
}

#[tokio::test]
async fn texts_that_are_no_policy_are_malformed() {
    let one = production().to_string();
    let first = "Policies must be valid JSON and the first byte must be '{'";
    let json = "This policy contains invalid Json";
    for (text, expected) in [
        ("policy", first),
        ("[]", first),
        (" {}", first),
        ("{", json),
        (
            "{\"Version\":\"2012-10-17\",\"Version\":\"2012-10-17\"}",
            json,
        ),
        ("{}", "Missing required field Statement"),
        (
            "{\"Statement\":[]}",
            "Could not parse the policy: Statement is empty!",
        ),
        (
            &format!("{{\"Version\":\"2012-10-18\",\"Statement\":[{one}]}}"),
            "The policy must contain a valid version string",
        ),
        (
            &format!("{{\"Statements\":[{one}]}}"),
            "Unknown field Statements",
        ),
        (
            &format!("{{\"Id\":1,\"Statement\":[{one}]}}"),
            "Invalid policy syntax.",
        ),
        (
            &format!(
                "{{\"Statement\":[{}]}}",
                one.replacen('{', "{\"Effect\":\"Deny\",", 1)
            ),
            json,
        ),
    ] {
        let answer = malformed(text).await;
        let expected = (400, "MalformedPolicy".to_owned(), expected.to_owned());
        assert_eq!(answer, expected, "{text}");
    }
    let version = |version: &str| format!("{{\"Version\":\"{version}\",\"Statement\":{one}}}");
    assert_eq!(malformed(&version("2008-10-17")).await.0, 204);
    assert_eq!(malformed(&version("2012-10-17")).await.0, 204);
}

#[tokio::test]
async fn every_fault_in_a_statement_is_malformed() {
    let other = "arn:aws:s3:::other-bucket/*";
    let of_bucket = format!("arn:aws:s3:::{BUCKET}");
    let principal = "Invalid principal in policy";
    let applies = "Action does not apply to any resource(s) in statement";
    for (members, expected) in [
        (json!({ "Effect": null }), "Missing required field Effect"),
        (json!({ "Effect": "allow" }), "Invalid effect: allow"),
        (
            json!({ "Principal": null }),
            "Missing required field Principal",
        ),
        (
            json!({ "Principal": {} }),
            "Missing required field Principal cannot be empty!",
        ),
        (json!({ "NotPrincipal": "*" }), "Invalid policy syntax."),
        (json!({ "Action": null }), "Missing required field Action"),
        (
            json!({ "NotAction": "s3:GetObject" }),
            "Invalid policy syntax.",
        ),
        (
            json!({ "Resource": null }),
            "Missing required field Resource",
        ),
        (json!({ "NotResource": other }), "Invalid policy syntax."),
        (json!({ "Prinzipal": "*" }), "Unknown field Prinzipal"),
        (json!({ "Sid": 1 }), "Invalid policy syntax."),
        (json!({ "Condition": [] }), "Invalid policy syntax."),
        (json!({ "Principal": "somebody" }), principal),
        (
            json!({ "Principal": { "AWS": "arn:aws:iam::931508227573:user/nobody" } }),
            principal,
        ),
        (
            json!({ "Principal": { "AWS": [ANA, "arn:aws:iam::999999999999:root"] } }),
            principal,
        ),
        (json!({ "Principal": { "AWS": "999999999999" } }), principal),
        (
            json!({ "Principal": { "AWS": "AIDAIOSFODNN7SEG0001" } }),
            principal,
        ),
        (
            json!({ "Principal": { "AWS": "AROAIOSFODNN7EXAMPLE" } }),
            principal,
        ),
        (
            json!({ "Principal": { "AWS": "arn:aws-cn:iam::111122223333:user/ana" } }),
            principal,
        ),
        (
            json!({ "Principal": { "AWS": "arn:aws:iam::111122223333:user/*" } }),
            principal,
        ),
        (
            json!({ "Principal": { "CanonicalUser": "0123" } }),
            principal,
        ),
        (
            json!({ "Action": "s3:GetObjects" }),
            "Policy has invalid action",
        ),
        (json!({ "Action": "ec2:*" }), "Policy has invalid action"),
        (json!({ "Resource": other }), "Policy has invalid resource"),
        (
            json!({ "Resource": [format!("{of_bucket}/*"), other] }),
            "Policy has invalid resource",
        ),
        (
            json!({ "Resource": "photos/*" }),
            "Policy has invalid resource",
        ),
        (json!({ "Resource": of_bucket }), applies),
        (json!({ "Action": "s3:ListBucket" }), applies),
        (
            json!({ "Action": ["s3:GetObject", "s3:ListBucket"] }),
            applies,
        ),
    ] {
        let mut wrong = statement("Deny", &members);
        wrong
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        let answer = malformed(&policy(&[wrong])).await;
        let expected = (400, "MalformedPolicy".to_owned(), expected.to_owned());
        assert_eq!(answer, expected, "{members}");
    }
}

#[tokio::test]
async fn what_looks_odd_and_is_right_is_taken() {
    let of_bucket = format!("arn:aws:s3:::{BUCKET}");
    let both = json!([of_bucket, format!("{of_bucket}/*")]);
    for members in [
        json!({ "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": both }),
        json!({ "Action": "s3:*", "Resource": of_bucket }),
        json!({ "Action": "s3:*", "Resource": format!("{of_bucket}*") }),
        json!({ "Resource": "*" }),
        json!({ "Sid": "with spaces and-hyphens" }),
        json!({ "Sid": "" }),
        json!({ "Principal": { "AWS": "111122223333", "Service": "logging.s3.amazonaws.com" } }),
        json!({ "Condition": { "Bool": { "aws:SecureTransport": false } } }),
    ] {
        let odd = statement("Deny", &members);
        let answer = malformed(&policy(&[odd.clone(), production()])).await;
        assert_eq!(answer.0, 204, "{members}: {}", answer.2);
        let alone = json!({ "Statement": odd }).to_string();
        assert_eq!(
            malformed(&alone).await.0,
            204,
            "one statement without a list"
        );
    }
}

#[tokio::test]
async fn a_role_that_exists_may_be_named() {
    let sandbox = sandbox();
    let role = "arn:aws:iam::111122223333:role/reader";
    let text = policy(&[statement("Allow", &json!({ "Principal": { "AWS": role } }))]);
    assert_eq!(
        put_policy(&ana(&sandbox), &text).await.unwrap_err().status,
        400
    );
    world(&sandbox, |world| {
        world.other_principals.insert(role.to_owned())
    });
    put_policy(&ana(&sandbox), &text).await.unwrap();
}

#[tokio::test]
async fn sids_are_unique_in_a_policy() {
    let twice = policy(&[production(), production()]);
    let answer = malformed(&twice).await;
    assert_eq!((answer.0, answer.1.as_str()), (400, "MalformedPolicy"));
}

#[tokio::test]
async fn a_policy_has_at_most_20480_bytes_without_whitespace() {
    let of = |size: usize| {
        let text = |padding: usize| {
            let mut padded = production();
            padded["Sid"] = Value::from("x".repeat(padding));
            policy(&[padded])
        };
        let rest = text(0).len();
        text(size - rest).replacen('{', &format!("{{{}", " ".repeat(500)), 1)
    };
    assert_eq!(malformed(&of(20_480)).await.0, 204);
    let answer = malformed(&of(20_481)).await;
    assert_eq!((answer.0, answer.1.as_str()), (400, "MalformedPolicy"));
    assert!(
        answer.2.starts_with("Policies must not exceed 20480 bytes"),
        "{}",
        answer.2
    );
}
