//! What is known of the requests themselves: how they travel, how they are signed, and when.

use serde_json::json;

use super::{answer, found, hold};
use crate::aws::policy::circumstances::{Circumstances, Place};
use crate::aws::policy::outcome::Tri::{Maybe, No, Yes};

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html>.
#[test]
fn a_missing_key_is_not_the_one_that_is_asked_for() {
    hold(vec![
        (
            json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}),
            Yes,
            Maybe,
        ),
        (
            json!({"StringNotEquals": {"aws:SourceVpc": ["vpc-111bbb22", "vpc-2"]}}),
            Yes,
            Maybe,
        ),
        (
            json!({"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}),
            No,
            Maybe,
        ),
        (
            json!({"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}),
            Yes,
            Maybe,
        ),
        (
            json!({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}),
            Yes,
            Maybe,
        ),
        (json!({"Null": {"aws:SourceVpce": "true"}}), Yes, Maybe),
        (json!({"Null": {"aws:SourceVpce": false}}), No, Maybe),
        (
            json!({"Null": {"aws:SourceVpce": ["true", "false"]}}),
            Yes,
            Yes,
        ),
        (
            json!({"NotIpAddress": {"aws:VpcSourceIp": "10.1.1.0/24"}}),
            Yes,
            Maybe,
        ),
        (
            json!({"StringNotEquals": {"s3:DataAccessPointAccount": "123456789012"}}),
            Yes,
            Yes,
        ),
        (
            json!({"ArnNotLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}),
            Yes,
            Yes,
        ),
        (json!({"StringEquals": {"s3:prefix": "a/"}}), No, No),
        (json!({"StringEquals": {"s3:VersionId": "1"}}), No, No),
    ]);
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-MFA.html> and
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
#[test]
fn a_service_has_no_second_factor() {
    hold(vec![
        (json!({"Null": {"aws:MultiFactorAuthAge": true}}), Yes, Yes),
        (
            json!({"NumericGreaterThan": {"aws:MultiFactorAuthAge": 3600}}),
            No,
            No,
        ),
        (
            json!({"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}),
            Yes,
            Yes,
        ),
        (
            json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
            Yes,
            Yes,
        ),
        (
            json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            No,
            No,
        ),
        (json!({"Null": {"aws:TokenIssueTime": "true"}}), Yes, Yes),
        (
            json!({"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}),
            No,
            No,
        ),
    ]);
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>.
#[test]
fn links_are_signed_in_their_query_and_grow_old() {
    hold(vec![
        (
            json!({"StringNotEquals": {"s3:authType": "REST-HEADER"}}),
            Yes,
            No,
        ),
        (
            json!({"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}),
            Yes,
            No,
        ),
        (
            json!({"StringNotEquals": {"s3:authType": ["REST-HEADER", "REST-QUERY-STRING"]}}),
            No,
            No,
        ),
        (
            json!({"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}),
            No,
            No,
        ),
        (
            json!({"StringEquals": {"s3:signatureversion": "AWS"}}),
            No,
            No,
        ),
        (
            json!({"NumericGreaterThan": {"s3:signatureAge": 600_000}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"NumericGreaterThan": {"s3:signatureAge": "1000000"}}),
            Maybe,
            No,
        ),
        (
            json!({"NumericGreaterThan": {"s3:signatureAge": "86400000"}}),
            No,
            No,
        ),
        (
            json!({"NumericGreaterThanEquals": {"s3:signatureAge": 86_400_000}}),
            Maybe,
            No,
        ),
        (
            json!({"NumericGreaterThanEquals": {"s3:signatureAge": 0}}),
            Yes,
            Maybe,
        ),
        (
            json!({"NumericLessThanEquals": {"s3:signatureAge": 86_400_000}}),
            Yes,
            Maybe,
        ),
        (
            json!({"NumericEquals": {"s3:signatureAge": 5}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"NumericNotEquals": {"s3:signatureAge": -5}}),
            Yes,
            Yes,
        ),
        (
            json!({"NumericGreaterThan": {"s3:signatureAge": "ten minutes"}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"StringNotEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}}),
            Maybe,
            Maybe,
        ),
        (json!({"NumericLessThan": {"s3:TlsVersion": 1.2}}), No, No),
        (
            json!({"NumericLessThan": {"s3:TlsVersion": "1.3"}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"NumericGreaterThanEquals": {"s3:TlsVersion": ["1.2"]}}),
            Yes,
            Yes,
        ),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date>.
/// The link is made on 2026-01-01.
#[test]
fn dates_are_held_against_the_day_of_the_link() {
    let day = "2026-01-01T12:00:00Z";
    hold(vec![
        (
            json!({"DateGreaterThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}}),
            Yes,
            Yes,
        ),
        (
            json!({"DateLessThan": {"aws:CurrentTime": "2020-06-30T23:59:59Z"}}),
            No,
            No,
        ),
        (
            json!({"DateLessThan": {"aws:CurrentTime": day}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"DateGreaterThan": {"aws:EpochTime": "1577836800"}}),
            Yes,
            Yes,
        ),
        (
            json!({"NumericLessThan": {"aws:EpochTime": 1_577_836_800}}),
            No,
            No,
        ),
        (
            json!({"NumericLessThan": {"aws:CurrentTime": 1_577_836_800}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"DateNotEquals": {"aws:CurrentTime": "2027-01-01"}}),
            Yes,
            Yes,
        ),
        (
            json!({"DateGreaterThan": {"aws:CurrentTime": "soon"}}),
            Maybe,
            Maybe,
        ),
    ]);
    let timeless = Circumstances::link_in_a_browser(&Place::default());
    let past = json!({"DateLessThan": {"aws:CurrentTime": "2020-06-30T23:59:59Z"}});
    assert_eq!(found(&past, &timeless).0, Maybe);
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-IP>.
#[test]
fn the_address_of_a_browser_is_a_public_one_and_not_known() {
    hold(vec![
        (
            json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:DB8:1234:5678::/64"]}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.1.1"]}}),
            Yes,
            Yes,
        ),
        (json!({"IpAddress": {"aws:SourceIp": "fd00::/8"}}), No, No),
        (
            json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}}),
            Yes,
            Maybe,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/80"}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"StringNotLike": {"aws:SourceIp": "10.*"}}),
            Maybe,
            Maybe,
        ),
    ]);
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-HTTP-HTTPS>
/// and the one on referers there.
#[test]
fn a_browser_sends_the_page_or_nothing() {
    hold(vec![
        (
            json!({"StringNotLike": {"aws:Referer": ["http://www.example.com/*", "http://example.com/*"]}}),
            Yes,
            Yes,
        ),
        (
            json!({"StringLike": {"aws:Referer": "https://app.segments.ai/*"}}),
            Maybe,
            No,
        ),
        (
            json!({"StringNotLike": {"aws:Referer": "https://app.segments.ai/*"}}),
            Maybe,
            Yes,
        ),
        (
            json!({"StringLikeIfExists": {"aws:Referer": "https://*.segments.ai/*"}}),
            Yes,
            Yes,
        ),
        (json!({"StringLike": {"aws:UserAgent": "*"}}), Maybe, Maybe),
    ]);
}

/// <https://repost.aws/knowledge-center/s3-bucket-policy-for-config-rule>: the usual Deny on plain http.
#[test]
fn segments_always_uses_https() {
    for (condition, wanted) in [
        (json!({"Bool": {"aws:SecureTransport": "false"}}), No),
        (json!({"Bool": {"aws:SecureTransport": false}}), No),
        (
            json!({"BoolIfExists": {"AWS:securetransport": ["False"]}}),
            No,
        ),
        (json!({"Bool": {"aws:SecureTransport": "true"}}), Yes),
        (
            json!({"Bool": {"aws:SecureTransport": ["true", "false"]}}),
            Yes,
        ),
        (
            json!({"ForAnyValue:Bool": {"aws:SecureTransport": "false"}}),
            No,
        ),
        (json!({"Null": {"aws:SecureTransport": "false"}}), Yes),
        (json!({"Bool": {"aws:SecureTransport": "no"}}), Maybe),
        (json!({"Bool": {"aws:SecureTransport": []}}), Maybe),
        (json!({"Bool": {"aws:SecureTransport": 0}}), Maybe),
        (json!({"bool": {"aws:SecureTransport": "false"}}), Maybe),
        (
            json!({"StringEquals": {"aws:SecureTransport": "false"}}),
            Maybe,
        ),
    ] {
        assert_eq!(answer(&condition), wanted, "{condition}");
    }
}
