//! Whether S3 calls a policy public.
//!
//! A policy starts out public and is not only if every Allow is limited to fixed values. See "The meaning of public" in
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.

use std::net::IpAddr;

use super::document::{Condition, Document, Effect, Name, Statement};
use super::scalar::read_block;

/// Whether any statement makes the whole policy public.
pub(crate) fn is_public(document: &Document) -> bool {
    document
        .statements
        .iter()
        .any(|statement| statement.effect == Effect::Allow && opens(statement))
}

fn opens(statement: &Statement) -> bool {
    let fixed_principal = !statement.principal.negated
        && statement
            .principal
            .names
            .iter()
            .all(|name| !matches!(name, Name::Everyone));
    !fixed_principal && !statement.conditions.iter().any(limits)
}

/// Whether a condition limits access to fixed values of one of the listed keys.
fn limits(condition: &Condition) -> bool {
    let key = condition.key.to_ascii_lowercase();
    let operator = condition.operator.as_str();
    if key == "aws:sourceip" {
        return operator == "IpAddress" && condition.values.iter().all(|block| is_narrow(block));
    }
    let compares = matches!(
        operator,
        "StringEquals" | "StringEqualsIgnoreCase" | "StringLike" | "ArnEquals" | "ArnLike"
    );
    compares
        && match key.as_str() {
            "aws:sourcearn"
            | "aws:sourcevpc"
            | "aws:sourcevpce"
            | "aws:sourceowner"
            | "aws:sourceaccount"
            | "aws:userid"
            | "aws:principalorgid"
            | "s3:x-amz-server-side-encryption-aws-kms-key-id"
            | "s3:dataaccesspointaccount" => condition.values.iter().all(|value| is_fixed(value)),
            // Only the name of the access point may be a wildcard.
            "s3:dataaccesspointarn" => condition.values.iter().all(|value| {
                let account = value.split(':').nth(4).unwrap_or_default();
                !account.is_empty() && is_fixed(account)
            }),
            _ => false,
        }
}

/// A fixed value has neither a wildcard nor a policy variable.
fn is_fixed(value: &str) -> bool {
    !value.contains(['*', '?']) && !value.contains("${")
}

/// Blocks wider than /8 (IPv4) or /32 (IPv6) are public.
fn is_narrow(block: &str) -> bool {
    match read_block(block) {
        Some((IpAddr::V4(_), length)) => length >= 8,
        Some((IpAddr::V6(_), length)) => length >= 32,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(statement: &str) -> bool {
        let text = format!(
            "{{\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\
             \"Resource\":\"arn:aws:s3:::b/*\",{statement}}}]}}"
        );
        is_public(&Document::read(&text).unwrap())
    }

    #[test]
    fn only_fixed_values_make_a_policy_not_public() {
        for (statement, expected) in [
            ("\"Principal\":\"*\"", true),
            ("\"Principal\":{\"AWS\":\"*\"}", true),
            ("\"Principal\":{\"AWS\":[\"1\",\"*\"]}", true),
            ("\"Principal\":{\"AWS\":\"arn:aws:iam::1:user/a\"}", false),
            ("\"NotPrincipal\":{\"AWS\":\"arn:aws:iam::1:user/a\"}", true),
            (
                "\"Principal\":\"*\",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"203.0.113.0/24\"}}",
                false,
            ),
            (
                "\"Principal\":\"*\",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"0.0.0.0/1\"}}",
                true,
            ),
            (
                "\"Principal\":\"*\",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":[\"203.0.113.0/24\",\"::/8\"]}}",
                true,
            ),
            (
                "\"Principal\":\"*\",\"Condition\":{\"NotIpAddress\":{\"aws:SourceIp\":\"203.0.113.0/24\"}}",
                true,
            ),
            (
                "\"Principal\":\"*\",\"Condition\":{\"StringEquals\":{\"aws:SourceVpc\":\"vpc-91237329\"}}",
                false,
            ),
            (
                "\"Principal\":\"*\",\"Condition\":{\"StringLike\":{\"aws:SourceVpc\":\"vpc-*\"}}",
                true,
            ),
            (
                "\"Principal\":\"*\",\"Condition\":{\"StringNotEquals\":{\"aws:SourceVpc\":\"vpc-1\"}}",
                true,
            ),
            (
                "\"Principal\":\"*\",\"Condition\":{\"StringLike\":{\"aws:userid\":\"AROAEXAMPLE:*\"}}",
                true,
            ),
            (
                "\"Principal\":\"*\",\"Condition\":{\"StringLike\":{\"s3:DataAccessPointArn\":\"arn:aws:s3:us-west-2:123456789012:accesspoint/*\"}}",
                false,
            ),
            (
                "\"Principal\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"true\"}}",
                true,
            ),
            (
                "\"Principal\":\"*\",\"Condition\":{\"ArnEquals\":{\"aws:PrincipalArn\":\"arn:aws:iam::1:user/a\"}}",
                true,
            ),
        ] {
            assert_eq!(public(statement), expected, "{statement}");
        }
    }

    #[test]
    fn one_public_statement_makes_the_policy_public_and_a_deny_does_not() {
        let text = "{\"Statement\":[\
            {\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::b/*\"},\
            {\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"1\"},\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::b/*\"}]}";
        assert!(!is_public(&Document::read(text).unwrap()));
    }
}
