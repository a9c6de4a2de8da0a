//! Whether S3 takes a policy for public, told from its text alone, in three values.
//!
//! S3's own answer (`GetBucketPolicyStatus`) is better, and this stands in only where it may not be asked. The rules are
//! those of <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>, "The meaning
//! of public": a policy is public unless each grant is limited to fixed values, without a wildcard or a variable, of a
//! principal or of certain keys.

use serde_json::Value;

use super::condition::Network;
use super::document::Document;
use super::outcome::Tri;
use super::statement::{Clause, Effect, Principal, Statement};

/// Whether a policy is public, and through which statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    /// Whether it is.
    pub answer: Tri,
    /// The statements that make it public, or may.
    pub by: Vec<String>,
}

/// Keys that limit a grant to somebody who can be trusted, where their value is fixed; in lower case.
const TRUSTED: [&str; 10] = [
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "aws:principalorgid",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
];

/// Keys that whoever asks can choose or has anyway, so that they limit nobody; in lower case.
const ANYBODYS: [&str; 12] = [
    "aws:securetransport",
    "aws:referer",
    "aws:useragent",
    "aws:currenttime",
    "aws:epochtime",
    "s3:prefix",
    "s3:delimiter",
    "s3:authtype",
    "s3:signatureage",
    "s3:signatureversion",
    "s3:tlsversion",
    "s3:x-amz-acl",
];

/// Whether a policy is public; no policy is not.
#[must_use]
pub fn is_public(policy: Option<&Value>) -> Public {
    let Some(policy) = policy else {
        return Public {
            answer: Tri::No,
            by: Vec::new(),
        };
    };
    let Ok(document) = Document::read_whole(policy) else {
        return Public {
            answer: Tri::Maybe,
            by: Vec::new(),
        };
    };
    let judged: Vec<(Tri, &str)> = document
        .statements
        .iter()
        .map(|statement| (one(statement), statement.label.as_str()))
        .collect();
    let answer = if judged.iter().any(|(public, _)| *public == Tri::Yes) {
        Tri::Yes
    } else if judged.iter().any(|(public, _)| *public == Tri::Maybe) || !document.unknown.is_empty()
    {
        Tri::Maybe
    } else {
        Tri::No
    };
    let by = judged
        .into_iter()
        .filter(|(public, _)| *public == answer && answer != Tri::No)
        .map(|(_, label)| label.to_owned())
        .collect();
    Public { answer, by }
}

/// Whether a statement alone makes a policy public.
fn one(statement: &Statement<'_>) -> Tri {
    let certain = match statement.effect {
        Effect::Deny => return Tri::No,
        Effect::Allow => statement.unknown.is_empty(),
        Effect::Unclear => false,
    };
    let public = match &statement.principal {
        Clause::Unclear(_) | Clause::AllBut(_) => Tri::Maybe,
        Clause::Only(principals) => {
            principals
                .iter()
                .map(fixed)
                .fold(Tri::No, |all, one| match (all, one) {
                    (Tri::Yes, _) | (_, Tri::No) => Tri::Yes,
                    (Tri::Maybe, _) | (_, Tri::Maybe) => Tri::Maybe,
                    (Tri::No, Tri::Yes) => Tri::No,
                })
        }
    };
    match (public, limited(statement.condition)) {
        (Tri::No, _) => Tri::No,
        (Tri::Yes | Tri::Maybe, Tri::Yes) if certain => Tri::No,
        (Tri::Yes, Tri::No) if certain && exposes(statement) => Tri::Yes,
        (Tri::Yes | Tri::Maybe, Tri::Yes | Tri::No | Tri::Maybe) => Tri::Maybe,
    }
}

/// Whether a principal is a fixed one.
fn fixed(principal: &Principal<'_>) -> Tri {
    match principal {
        Principal::Account(text)
        | Principal::Arn(text)
        | Principal::UniqueId(text)
        | Principal::Canonical(text)
        | Principal::Service(text)
            if !text.contains(['*', '?', '$']) =>
        {
            Tri::Yes
        }
        Principal::Everyone => Tri::No,
        Principal::Account(_)
        | Principal::Arn(_)
        | Principal::UniqueId(_)
        | Principal::Canonical(_)
        | Principal::Service(_)
        | Principal::Federated(_) => Tri::Maybe,
    }
}

/// Whether one of the actions is one that S3 counts as exposing the data.
fn exposes(statement: &Statement<'_>) -> bool {
    const EXPOSING: [&str; 6] = [
        "s3:get",
        "s3:list",
        "s3:put",
        "s3:delete",
        "s3:abortmultipartupload",
        "s3:restoreobject",
    ];
    match &statement.action {
        Clause::Only(actions) => actions.iter().any(|action| {
            let action = action.to_ascii_lowercase();
            ["*", "s3:*"].contains(&action.as_str())
                || EXPOSING.iter().any(|start| action.starts_with(start))
        }),
        Clause::AllBut(_) | Clause::Unclear(_) => false,
    }
}

/// Whether a condition limits a grant to fixed values of a key that can be trusted. All of its parts must hold, so one
/// is enough.
fn limited(condition: Option<&Value>) -> Tri {
    let Some(condition) = condition else {
        return Tri::No;
    };
    let Some(operators) = condition.as_object() else {
        return Tri::Maybe;
    };
    let mut limited = Tri::No;
    for (operator, keys) in operators {
        let Some(keys) = keys.as_object() else {
            return Tri::Maybe;
        };
        for (key, values) in keys {
            match limits(operator, &key.to_ascii_lowercase(), values) {
                Tri::Yes => return Tri::Yes,
                Tri::Maybe => limited = Tri::Maybe,
                Tri::No => {}
            }
        }
    }
    limited
}

fn limits(operator: &str, key: &str, values: &Value) -> Tri {
    if ANYBODYS.contains(&key) {
        return Tri::No;
    }
    let texts: Option<Vec<&str>> = match values {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) if !items.is_empty() => items.iter().map(Value::as_str).collect(),
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            None
        }
    };
    let Some(texts) = texts else {
        return Tri::Maybe;
    };
    if key == "aws:sourceip" && operator == "IpAddress" {
        return narrow(&texts);
    }
    if !TRUSTED.contains(&key) {
        return Tri::Maybe;
    }
    let plain = |text: &&str| !text.contains(['*', '?']) && !text.contains("${");
    let wild = operator == "StringLike" || operator.starts_with("Arn");
    let network = ["aws:sourcevpc", "aws:sourcevpce"].contains(&key);
    match operator {
        "StringEquals" | "StringLike" | "ArnEquals" | "ArnLike"
            if texts
                .iter()
                .all(|text| plain(text) || access_point(key, text)) =>
        {
            // A user id may be that of a role's session, whose name anybody in it chooses.
            if key == "aws:userid" && texts.iter().any(|text| text.contains(':')) {
                Tri::Maybe
            } else {
                Tri::Yes
            }
        }
        // The guide's own example of a public policy.
        "StringLike" if wild && network => Tri::No,
        _ => Tri::Maybe,
    }
}

/// An access point of a fixed account, whose own name may have a wildcard.
fn access_point(key: &str, text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    key == "s3:dataaccesspointarn"
        && parts.len() == 6
        && !text.contains("${")
        && parts.iter().take(5).all(|part| !part.contains(['*', '?']))
        && parts.get(4).is_some_and(|account| account.len() == 12)
        && parts
            .get(5)
            .is_some_and(|name| name.starts_with("accesspoint/"))
}

/// Whether networks are not too broad: no broader than /8, or /32 of IPv6.
fn narrow(texts: &[&str]) -> Tri {
    let mut all = Tri::Yes;
    for text in texts {
        let Some(network) = Network::read(text) else {
            return Tri::Maybe;
        };
        let broadest = if network.six { 32 } else { 8 };
        if network.length >= broadest {
            continue;
        }
        // The private ranges that are excepted are those of IPv4.
        if network.is_private() {
            return Tri::Maybe;
        }
        all = Tri::No;
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use Tri::{Maybe, No, Yes};

    fn policy(principal: &Value, condition: &Value) -> Value {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "one", "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::b/*", "Condition": condition,
            }]
        })
    }

    fn answer(principal: &Value, condition: &Value) -> Tri {
        is_public(Some(&policy(principal, condition))).answer
    }

    #[test]
    fn named_accounts_principals_and_services_are_not_public() {
        assert_eq!(is_public(None).answer, No);
        for (principal, wanted) in [
            (
                json!({ "AWS": "arn:aws:iam::931508227573:user/segmentsai-prod-user" }),
                No,
            ),
            (
                json!({ "AWS": ["111122223333", "arn:aws:iam::444455556666:root"] }),
                No,
            ),
            (json!({ "Service": "cloudfront.amazonaws.com" }), No),
            (json!("*"), Yes),
            (json!({ "AWS": "*" }), Yes),
            (json!({ "AWS": ["111122223333", "*"] }), Yes),
            (
                json!({ "Federated": "cognito-identity.amazonaws.com" }),
                Maybe,
            ),
            (json!({ "AWS": "arn:aws:iam::111122223333:user/*" }), Maybe),
            (json!({}), Maybe),
            (json!(null), Maybe),
        ] {
            assert_eq!(answer(&principal, &json!({})), wanted, "{principal}");
        }
    }

    /// The rules and the examples of
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
    #[test]
    fn only_fixed_values_of_trusted_keys_limit_everyone() {
        let everyone = json!("*");
        for (condition, wanted) in [
            (json!({"StringLike": {"aws:SourceVpc": "vpc-*"}}), Yes),
            (
                json!({"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}),
                No,
            ),
            (
                json!({"StringEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}),
                No,
            ),
            (
                json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
                No,
            ),
            (json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}), Maybe),
            (
                json!({"StringEquals": {"AWS:sourceaccount": "111122223333"}}),
                No,
            ),
            (
                json!({"StringNotEquals": {"aws:SourceVpc": "vpc-91237329"}}),
                Maybe,
            ),
            (
                json!({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-91237329"}}),
                Maybe,
            ),
            (
                json!({"StringEquals": {"aws:SourceVpc": "${aws:PrincipalTag/vpc}"}}),
                Maybe,
            ),
            (json!({"StringLike": {"aws:userid": "AROLEID:*"}}), Maybe),
            (
                json!({"StringEquals": {"aws:userid": "AIDACKCEVSQ6C2EXAMPLE"}}),
                No,
            ),
            (
                json!({"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}),
                No,
            ),
            (
                json!({"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:*:accesspoint/a"}}),
                Maybe,
            ),
            (
                json!({"StringEquals": {"s3:DataAccessPointAccount": "123456789012"}}),
                No,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": "54.240.143.0/24"}}),
                No,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": ["54.240.143.0/24", "2001:DB8:1234:5678::/64"]}}),
                No,
            ),
            (json!({"IpAddress": {"aws:SourceIp": "8.0.0.0/7"}}), Yes),
            (
                json!({"IpAddress": {"aws:SourceIp": ["54.240.143.0/24", "0.0.0.0/0"]}}),
                Yes,
            ),
            (json!({"IpAddress": {"aws:SourceIp": "2000::/31"}}), Yes),
            (json!({"IpAddress": {"aws:SourceIp": "fc00::/7"}}), Maybe),
            (json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), No),
            (
                json!({"NotIpAddress": {"aws:SourceIp": "54.240.143.0/24"}}),
                Maybe,
            ),
            (
                json!({"StringLike": {"aws:Referer": "https://acme.com/*"}}),
                Yes,
            ),
            (json!({"Bool": {"aws:SecureTransport": "true"}}), Yes),
            (
                json!({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}),
                No,
            ),
            (
                json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
                Maybe,
            ),
            (json!({"StringEquals": 5}), Maybe),
            (json!(5), Maybe),
        ] {
            assert_eq!(answer(&everyone, &condition), wanted, "{condition}");
        }
    }

    #[test]
    fn the_statements_that_make_it_public_are_named() {
        let mut open = policy(&json!("*"), &json!({}));
        assert_eq!(is_public(Some(&open)).by, ["statement `one`"]);
        open["Statement"][0]["Action"] = json!("s3:ReplicateObject");
        assert_eq!(is_public(Some(&open)).answer, Maybe);
        open["Statement"][0]["Effect"] = json!("Deny");
        assert_eq!(is_public(Some(&open)).answer, No);
        open["Statement"][0]["Effect"] = json!("allow");
        assert_eq!(is_public(Some(&open)).answer, Maybe);
        assert_eq!(is_public(Some(&json!({"Statement": [5]}))).answer, Maybe);
    }
}
