//! Conditions in bucket policies, over real requests: what a request has, what an operator makes of it, and what is
//! refused.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use segments_connect::sandbox::Sandbox;
use segments_connect::sandbox::aws::{Organization, SEGMENTS_ACCOUNT, SEGMENTS_KEY};
use serde_json::{Value, json};

use super::{
    BUCKET, DENIED, KEY, ana, browser, bucket, policy, production, put_policy, read,
    refusal_to_read, sandbox, seed, segments, statement, world,
};

/// A request that has something to say for every key.
fn scene() -> Sandbox {
    let sandbox = sandbox();
    world(&sandbox, |world| {
        world.source_ip = "203.0.113.7".parse().ok();
        world.clock_offset = time::Duration::minutes(2);
        let user = world.principal_mut(SEGMENTS_KEY).unwrap();
        "AIDASEGMENTS".clone_into(&mut user.user_id);
        user.tags.insert("team".to_owned(), "photos".to_owned());
        let account = world.accounts.get_mut(SEGMENTS_ACCOUNT).unwrap();
        account.organization = Some(Organization {
            id: "o-segments".to_owned(),
            path: "o-segments/r-1/ou-1/".to_owned(),
        });
    });
    bucket(&sandbox, |bucket| {
        let object = bucket.objects.get_mut(KEY).unwrap();
        object.tags.insert("Team".to_owned(), "photos".to_owned());
    });
    sandbox
}

/// How the object is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// By way of a link in a page.
    Link,
    /// With the signature in a header.
    Header,
    /// Without a signature.
    Anonymous,
}

async fn status(sandbox: &Sandbox, asked: Asked) -> u16 {
    if asked == Asked::Header {
        return refusal_to_read(&segments(sandbox)).await.0;
    }
    let plain = format!("{}/{BUCKET}/photos/one%20cat.png", sandbox.endpoint());
    let url = match asked {
        Asked::Anonymous | Asked::Header => plain,
        Asked::Link => link(sandbox).await,
    };
    let request = browser()
        .get(url)
        .header("referer", "https://app.segments.ai/")
        .header("user-agent", "Mozilla/5.0");
    request.send().await.unwrap().status().as_u16()
}

/// A link that was made two minutes ago.
async fn link(sandbox: &Sandbox) -> String {
    let config = PresigningConfig::expires_in(Duration::from_hours(1)).unwrap();
    let request = segments(sandbox).get_object().bucket(BUCKET).key(KEY);
    request.presigned(config).await.unwrap().uri().to_owned()
}

/// Each line of a table: the status, and the condition of the only Allow.
async fn follow(asked: Asked, table: &str) {
    let sandbox = scene();
    let mut lines = 0;
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (expected, condition) = line.split_once(' ').unwrap();
        let condition: Value = serde_json::from_str(condition).unwrap();
        seed(
            &sandbox,
            &[statement("Allow", &json!({ "Condition": condition }))],
        );
        let found = status(&sandbox, asked).await;
        assert_eq!(found.to_string(), expected, "{asked:?} {condition}");
        lines += 1;
    }
    assert!(lines > 5, "{table}");
}

#[tokio::test]
async fn a_link_in_a_page_has_these_keys() {
    follow(
        Asked::Link,
        r#"
        200 {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::931508227573:user/segmentsai-prod-user"}}
        403 {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::931508227573:user/*"}}
        200 {"StringEquals": {"aws:PrincipalAccount": "931508227573", "aws:PrincipalType": "User"}}
        200 {"StringEquals": {"aws:username": "segmentsai-prod-user", "aws:userid": "AIDASEGMENTS"}}
        200 {"StringEquals": {"aws:PrincipalTag/Team": "photos"}}
        403 {"StringEquals": {"aws:PrincipalTag/unit": "photos"}}
        200 {"StringEquals": {"aws:PrincipalOrgID": "o-segments"}}
        200 {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-segments/*"}}
        200 {"Bool": {"aws:SecureTransport": "true", "aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": false}}
        403 {"Bool": {"aws:SecureTransport": "false"}}
        200 {"NumericGreaterThanEquals": {"s3:TlsVersion": "1.2"}}
        403 {"NumericLessThan": {"s3:TlsVersion": 1.3}}
        200 {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "203.0.113.0/24"]}}
        403 {"NotIpAddress": {"AWS:sourceip": "203.0.113.7"}}
        200 {"StringLike": {"aws:Referer": "https://app.segments.ai/*", "aws:UserAgent": "Mozilla*"}}
        200 {"StringEquals": {"s3:authType": "REST-QUERY-STRING", "s3:signatureversion": "AWS4-HMAC-SHA256"}}
        200 {"StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}}
        200 {"NumericGreaterThan": {"s3:signatureAge": "119000"}, "NumericLessThan": {"s3:signatureAge": 600000}}
        403 {"NumericGreaterThan": {"s3:signatureAge": "600000"}}
        200 {"StringEquals": {"aws:RequestedRegion": "eu-west-1", "aws:ResourceAccount": "111122223333"}}
        200 {"StringEquals": {"s3:ResourceAccount": "111122223333", "s3:ExistingObjectTag/Team": "photos"}}
        501 {"StringEquals": {"s3:ExistingObjectTag/team": "photos"}}
        200 {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}, "NumericGreaterThan": {"aws:EpochTime": 1}}
        403 {"DateLessThan": {"aws:EpochTime": "2026-01-01T00:00:00Z"}}
        200 {"Null": {"aws:SourceVpce": "true", "aws:TokenIssueTime": "true", "aws:MultiFactorAuthPresent": "true"}}
        200 {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}, "StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}
        403 {"Null": {"s3:DataAccessPointArn": "false"}}
        403 {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"s3:versionid": "1"}}
        200 {"StringLike": {"s3:ExistingObjectTag/Team": "${aws:PrincipalTag/team}"}}
        200 {"BinaryEquals": {"aws:username": "c2VnbWVudHNhaS1wcm9kLXVzZXI="}}
        "#,
    )
    .await;
}

#[tokio::test]
async fn a_signature_in_a_header_has_others() {
    follow(
        Asked::Header,
        r#"
        200 {"StringEquals": {"s3:authType": "REST-HEADER", "s3:signatureversion": "AWS4-HMAC-SHA256"}}
        403 {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}
        403 {"StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}}
        200 {"StringLike": {"s3:x-amz-content-sha256": "????????????????????????????????????????????????????????????????"}}
        200 {"Null": {"aws:Referer": "true"}}
        200 {"StringLike": {"aws:UserAgent": "aws-sdk-rust/*"}}
        501 {"NumericLessThan": {"s3:signatureAge": "600000"}}
        "#,
    )
    .await;
}

#[tokio::test]
async fn whoever_signs_nothing_has_no_name() {
    follow(
        Asked::Anonymous,
        r#"
        200 {"StringEquals": {"aws:PrincipalAccount": "anonymous", "aws:userid": "anonymous", "aws:PrincipalType": "Anonymous"}}
        200 {"Null": {"aws:PrincipalArn": "true", "aws:username": "true", "aws:PrincipalIsAWSService": "true"}}
        200 {"Null": {"s3:authType": "true", "s3:signatureAge": "true", "s3:signatureversion": "true"}}
        403 {"StringLike": {"aws:PrincipalArn": "*"}}
        200 {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::931508227573:user/*"}}
        200 {"StringNotEquals": {"aws:PrincipalOrgID": "o-acme"}}
        403 {"StringNotEqualsIfExists": {"aws:PrincipalAccount": "anonymous"}}
        "#,
    )
    .await;
}

#[tokio::test]
async fn plain_http_counts_as_https_unless_told_otherwise() {
    let sandbox = sandbox();
    let insecure = json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } });
    seed(&sandbox, &[production(), statement("Deny", &insecure)]);
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, 200);
    world(&sandbox, |world| world.counts_as_https = false);
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, DENIED);
    let old = json!({ "Condition": { "NumericLessThan": { "s3:TlsVersion": "1.2" } } });
    seed(&sandbox, &[production(), statement("Deny", &old)]);
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, 200, "no TLS");
    world(&sandbox, |world| {
        world.counts_as_https = true;
        world.tls_version = "1.1".to_owned();
    });
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, DENIED);
}

#[tokio::test]
async fn variables_in_a_resource_are_filled_in() {
    let sandbox = scene();
    for (version, resource, expected) in [
        ("2012-10-17", "${aws:PrincipalTag/team}/*", 200),
        ("2012-10-17", "${aws:PrincipalTag/unit, 'photos'}/*", 200),
        ("2012-10-17", "${aws:PrincipalTag/unit}*", DENIED),
        ("2012-10-17", "${*}", DENIED),
        ("2008-10-17", "${aws:PrincipalTag/team}/*", DENIED),
    ] {
        let resource = format!("arn:aws:s3:::{BUCKET}/{resource}");
        let mut document: Value = serde_json::from_str(&policy(&[statement(
            "Allow",
            &json!({ "Resource": resource }),
        )]))
        .unwrap();
        document["Version"] = version.into();
        bucket(&sandbox, |bucket| {
            bucket.public_access_block = None;
            bucket.policy = Some(document.to_string());
        });
        let (found, _) = refusal_to_read(&segments(&sandbox)).await;
        assert_eq!(found, expected, "{version} {resource}");
    }
}

#[tokio::test]
async fn a_listing_has_keys_of_its_own() {
    let sandbox = sandbox();
    world(&sandbox, |world| {
        let user = world.principal_mut(SEGMENTS_KEY).unwrap();
        user.allowed_actions.insert("s3:ListBucket".to_owned());
    });
    for (prefix, most, condition, allowed) in [
        (
            Some("photos/"),
            None,
            json!({ "StringLike": { "s3:prefix": "photos/*" } }),
            true,
        ),
        (
            Some("plans/"),
            None,
            json!({ "StringLike": { "s3:prefix": "photos/*" } }),
            false,
        ),
        (
            None,
            None,
            json!({ "StringLike": { "s3:prefix": "photos/*" } }),
            false,
        ),
        (None, None, json!({ "Null": { "s3:prefix": "true" } }), true),
        (
            None,
            Some(10),
            json!({ "NumericLessThanEquals": { "s3:max-keys": "10" } }),
            true,
        ),
        (
            None,
            None,
            json!({ "NumericLessThanEquals": { "s3:max-keys": "10" } }),
            false,
        ),
    ] {
        let list = json!({ "Action": "s3:ListBucket", "Resource": format!("arn:aws:s3:::{BUCKET}"), "Condition": condition });
        seed(&sandbox, &[statement("Allow", &list)]);
        let request = segments(&sandbox).list_objects_v2().bucket(BUCKET);
        let listed = request
            .set_prefix(prefix.map(str::to_owned))
            .set_max_keys(most)
            .send()
            .await;
        assert_eq!(listed.is_ok(), allowed, "{prefix:?} {condition}");
    }
}

#[tokio::test]
async fn what_cannot_be_told_is_said_loudly_and_only_where_it_matters() {
    let sandbox = sandbox();
    let unknown = json!({ "Condition": { "StringEquals": { "aws:CurrentTime": "2026" } } });
    seed(&sandbox, &[production(), statement("Deny", &unknown)]);
    let answer = read(&segments(&sandbox)).await.unwrap_err();
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (501, "NotImplemented")
    );
    assert!(
        answer.message.contains("aws:CurrentTime"),
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
}

#[tokio::test]
async fn a_policy_whose_conditions_make_no_sense_is_not_taken() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    for (expected, condition) in [
        (
            200,
            json!({ "StringNotEqualsIfExists": { "aws:SourceVpce": "vpce-1" } }),
        ),
        (
            200,
            json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": ["o-1/*"] } }),
        ),
        (
            200,
            json!({ "NumericGreaterThan": { "s3:signatureAge": 600_000 } }),
        ),
        (
            200,
            json!({ "StringLike": { "aws:PrincipalTag/team": "${aws:username}" } }),
        ),
        (400, json!({ "StringSounds": { "aws:username": "x" } })),
        (400, json!({ "NullIfExists": { "aws:username": "true" } })),
        (400, json!({ "StringEquals": { "aws:NoSuchKey": "x" } })),
        (400, json!({ "StringEquals": { "s3:NoSuchKey": "x" } })),
        (400, json!({ "StringEquals": { "kms:ViaService": "x" } })),
        (
            400,
            json!({ "IpAddress": { "aws:SourceIp": "10.207.*.*" } }),
        ),
        (
            400,
            json!({ "NumericLessThan": { "s3:signatureAge": "soon" } }),
        ),
        (
            400,
            json!({ "DateLessThan": { "aws:CurrentTime": "soon" } }),
        ),
        (400, json!({ "Bool": { "aws:SecureTransport": "yes" } })),
        (400, json!({ "Null": { "aws:username": "" } })),
        (400, json!({ "BinaryEquals": { "aws:username": "%" } })),
        (400, json!({ "StringLike": { "s3:prefix": "photos/*" } })),
        (501, json!({ "StringEquals": { "aws:username": [] } })),
        (
            501,
            json!({ "StringEquals": { "aws:username": "${nonsense}" } }),
        ),
    ] {
        let odd = policy(&[statement("Deny", &json!({ "Condition": condition }))]);
        let put = put_policy(&client, &odd).await;
        let found = put.as_ref().err().map_or(200, |refused| refused.status);
        assert_eq!(found, expected, "{condition}: {put:?}");
        if expected == 400 {
            assert_eq!(put.unwrap_err().code, "MalformedPolicy", "{condition}");
        }
    }
}
