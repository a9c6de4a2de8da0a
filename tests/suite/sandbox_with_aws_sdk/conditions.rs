//! Conditions in bucket policies: those that are evaluated, and those that are refused loudly.

use segments_connect::sandbox::aws::{PARTNER, SEGMENTS};
use serde_json::json;

use super::{
    BUCKET, DENIED, ana, policy, production, put_policy, read, refusal_to_read, sandbox, seed,
    segments, statement, world,
};

#[tokio::test]
async fn conditions_are_evaluated() {
    let arn = "aws:PrincipalArn";
    for (condition, expected) in [
        (
            json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }),
            200,
        ),
        (
            json!({ "IpAddress": { "aws:SourceIp": ["198.51.100.0/24", "203.0.113.7"] } }),
            200,
        ),
        (
            json!({ "IpAddress": { "AWS:sourceip": "198.51.100.0/24" } }),
            DENIED,
        ),
        (
            json!({ "NotIpAddress": { "aws:SourceIp": "198.51.100.0/24" } }),
            200,
        ),
        (
            json!({ "NotIpAddress": { "aws:SourceIp": ["198.51.100.0/24", "203.0.113.0/24"] } }),
            DENIED,
        ),
        (json!({ "Bool": { "aws:SecureTransport": "true" } }), 200),
        (json!({ "Bool": { "aws:SecureTransport": false } }), DENIED),
        (json!({ "StringEquals": { arn: SEGMENTS } }), 200),
        (json!({ "StringEquals": { arn: [PARTNER, SEGMENTS] } }), 200),
        (
            json!({ "StringEquals": { arn: "arn:aws:iam::931508227573:user/*" } }),
            DENIED,
        ),
        (
            json!({ "StringLike": { arn: "arn:aws:iam::931508227573:user/*" } }),
            200,
        ),
        (json!({ "StringNotEquals": { arn: SEGMENTS } }), DENIED),
        (
            json!({ "StringNotEquals": { arn: [PARTNER, SEGMENTS] } }),
            DENIED,
        ),
        (json!({ "StringNotLike": { arn: "*segmentsai*" } }), DENIED),
        (json!({ "StringNotLike": { arn: "*partner*" } }), 200),
        (
            json!({ "ArnEquals": { arn: "arn:aws:iam::931508227573:user/segments*" } }),
            200,
        ),
        (
            json!({ "ArnLike": { arn: "arn:aws:iam::*:user/segmentsai-prod-user" } }),
            200,
        ),
        (json!({ "ArnLike": { arn: "arn:aws:*" } }), DENIED),
        (json!({ "ArnNotEquals": { arn: SEGMENTS } }), DENIED),
        (
            json!({ "ArnNotLike": { arn: "arn:aws:iam::*:user/partner" } }),
            200,
        ),
        (
            json!({ "StringEquals": { arn: SEGMENTS }, "Bool": { "aws:SecureTransport": "false" } }),
            DENIED,
        ),
    ] {
        let sandbox = sandbox();
        world(&sandbox, |world| {
            world.source_ip = "203.0.113.7".parse().ok();
        });
        seed(
            &sandbox,
            &[statement("Allow", &json!({ "Condition": condition }))],
        );
        let (status, _) = refusal_to_read(&segments(&sandbox)).await;
        assert_eq!(status, expected, "{condition}");
    }
}

#[tokio::test]
async fn plain_http_counts_as_https_unless_told_otherwise() {
    let sandbox = sandbox();
    let insecure = json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } });
    seed(&sandbox, &[production(), statement("Deny", &insecure)]);
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, 200);
    world(&sandbox, |world| world.counts_as_https = false);
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, DENIED);
}

#[tokio::test]
async fn what_is_not_implemented_is_said_loudly_and_only_where_it_matters() {
    let sandbox = sandbox();
    let unknown = json!({ "Condition": { "StringNotEquals": { "aws:SourceVpce": "vpce-1" } } });
    seed(&sandbox, &[production(), statement("Deny", &unknown)]);
    let answer = read(&segments(&sandbox)).await.unwrap_err();
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (501, "NotImplemented")
    );
    assert!(
        answer.message.contains("aws:SourceVpce"),
        "{}",
        answer.message
    );
    let client = ana(&sandbox);
    assert!(
        client
            .get_bucket_policy()
            .bucket(BUCKET)
            .send()
            .await
            .is_ok()
    );
    let put = put_policy(&client, &policy(&[statement("Deny", &unknown)])).await;
    assert_eq!(put.unwrap_err().status, 501);
    let variable = json!({ "Resource": format!("arn:aws:s3:::{BUCKET}/${{aws:username}}/*") });
    let put = put_policy(&client, &policy(&[statement("Deny", &variable)])).await;
    assert_eq!(put.unwrap_err().status, 501);
}
