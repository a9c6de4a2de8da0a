//! Each family, each modifier, and what is left undecided.

use serde_json::{Value, json};

use super::*;
use crate::sandbox::aws::policy::document::Document;

const SEGMENTS: &str = "arn:aws:iam::931508227573:user/segmentsai-prod-user";

fn keys() -> Keys {
    let mut keys = Keys::of(Service::S3);
    for (name, value) in [
        ("aws:PrincipalArn", SEGMENTS),
        ("aws:username", "segmentsai-prod-user"),
        ("aws:PrincipalAccount", "931508227573"),
        ("aws:SecureTransport", "true"),
        ("aws:SourceIp", "203.0.113.7"),
        ("aws:CurrentTime", "2026-03-01T12:00:00Z"),
        ("aws:EpochTime", "1772366400"),
        ("s3:signatureAge", "90000"),
        ("s3:TlsVersion", "1.3"),
        ("s3:prefix", ""),
    ] {
        keys.put(name, value);
    }
    keys.put_all(
        "aws:PrincipalOrgPaths",
        vec!["o-1/r-1/ou-1/".to_owned(), "o-1/r-1/ou-2/".to_owned()],
    );
    keys.leave_untold("aws:UserAgent");
    keys
}

/// `Some` where it is decided.
fn answer(operator: &str, key: &str, values: &Value) -> Option<bool> {
    let text = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*",
            "Condition": { operator: { key: values } },
        },
    });
    let document = Document::read(&text.to_string()).unwrap();
    let condition = &document.statements[0].conditions[0];
    match met(condition, &document.version, &keys(), Service::S3) {
        Met::Yes => Some(true),
        Met::No => Some(false),
        Met::Unknown(what) => {
            assert!(what.contains(operator) && what.contains(key), "{what}");
            None
        }
    }
}

/// Each line of a table: the answer, the operator, the key, and the values.
fn follow(table: &str) {
    let mut lines = 0;
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let mut parts = line.trim().splitn(4, ' ').map(str::trim);
        let mut part = || parts.next().expect("four parts");
        let expected = match part() {
            "yes" => Some(true),
            "no" => Some(false),
            "undecided" => None,
            other => panic!("{other}"),
        };
        let (operator, key) = (part(), part());
        let values: Value = serde_json::from_str(part()).unwrap();
        assert_eq!(answer(operator, key, &values), expected, "{line}");
        lines += 1;
    }
    assert!(lines > 5, "{table}");
}

#[test]
fn each_family_compares_as_documented() {
    follow(
        r#"
        yes StringEquals aws:username ["x", "segmentsai-prod-user"]
        no StringEquals aws:username "Segmentsai-prod-user"
        no StringEquals aws:username "segmentsai-*"
        no StringNotEquals aws:username ["x", "segmentsai-prod-user"]
        yes StringNotEquals aws:username ["x", "y"]
        yes StringEqualsIgnoreCase AWS:USERNAME "SegmentsAI-Prod-User"
        no StringNotEqualsIgnoreCase aws:username "SegmentsAI-Prod-User"
        yes StringLike aws:username "segments??-*"
        no StringLike aws:username "Segments*"
        no StringNotLike aws:username ["a*", "segments*"]
        yes StringLike aws:PrincipalArn "arn:aws:iam::931508227573:user/${aws:username}"
        yes StringEquals aws:PrincipalArn "arn:aws:iam::931508227573:user/${aws:username}"
        no StringEquals aws:username "${aws:PrincipalTag/name}"
        yes StringNotEquals aws:username "${aws:PrincipalTag/name}"
        yes StringEquals aws:SecureTransport "true"
        yes StringEquals aws:PrincipalAccount 931508227573
        yes NumericLessThan s3:signatureAge 90001
        no NumericLessThan s3:signatureAge 90000
        yes NumericLessThanEquals s3:signatureAge "90000.0"
        yes NumericGreaterThan s3:signatureAge ["90000", "1000"]
        no NumericGreaterThanEquals s3:signatureAge 90001
        yes NumericEquals s3:TlsVersion "1.30"
        no NumericNotEquals s3:TlsVersion [1.2, 1.3]
        yes NumericGreaterThan aws:EpochTime 1
        yes DateLessThan aws:CurrentTime "2026-03-01T12:00:01Z"
        no DateLessThan aws:CurrentTime "2026-03-01T12:00:00Z"
        yes DateGreaterThanEquals aws:CurrentTime "2026-03-01T13:00:00+01:00"
        yes DateGreaterThan aws:EpochTime "2026-03-01"
        yes DateEquals aws:CurrentTime 1772366400
        no DateNotEquals aws:CurrentTime "2026-03-01T12:00Z"
        yes Bool aws:SecureTransport "TRUE"
        yes Bool aws:SecureTransport ["false", "true"]
        no Bool aws:username "true"
        yes BinaryEquals aws:PrincipalAccount "OTMxNTA4MjI3NTcz"
        no BinaryEquals aws:PrincipalAccount "QUJD"
        yes IpAddress aws:SourceIp ["192.0.2.0/24", "203.0.113.0/24"]
        no NotIpAddress aws:SourceIp ["192.0.2.0/24", "203.0.113.7"]
        no IpAddress aws:username "0.0.0.0/0"
        yes ArnEquals aws:PrincipalArn "arn:aws:iam::*:user/segments*"
        no ArnLike aws:PrincipalArn "arn:*"
        no ArnNotLike aws:PrincipalArn "arn:aws:iam::931508227573:user/*"
        yes ArnNotEquals aws:PrincipalArn "arn:aws:iam::931508227573:role/*"
        no ArnLike aws:username "arn:aws:iam::1:user/x"
        yes Null aws:username "false"
        no Null aws:username true
        yes Null aws:SourceVpce "true"
        "#,
    );
}

#[test]
fn an_absent_key_fails_unless_the_operator_says_otherwise() {
    follow(
        r#"
        no StringEquals aws:SourceVpce "vpce-1"
        yes StringNotEquals aws:SourceVpce "vpce-1"
        yes StringNotLike aws:SourceVpce "vpce-1"
        yes StringEqualsIfExists aws:SourceVpce "vpce-1"
        yes StringNotEqualsIfExists aws:SourceVpce "vpce-1"
        yes ArnNotLike aws:SourceArn "arn:aws:sns:eu-west-1:111122223333:x"
        no ArnLike aws:SourceArn "arn:aws:sns:*:*:*"
        yes ForAllValues:StringEquals aws:SourceVpce "vpce-1"
        yes ForAllValues:StringNotEquals aws:SourceVpce "vpce-1"
        yes ForAllValues:StringEqualsIfExists aws:SourceVpce "vpce-1"
        no ForAnyValue:StringEquals aws:SourceVpce "vpce-1"
        no ForAnyValue:StringNotEquals aws:SourceVpce "vpce-1"
        undecided ForAnyValue:StringEqualsIfExists aws:SourceVpce "vpce-1"
        yes NumericNotEquals s3:max-keys 1
        yes BoolIfExists aws:MultiFactorAuthPresent "false"
        no Bool aws:MultiFactorAuthPresent "false"
        yes NotIpAddress aws:VpcSourceIp "10.0.0.0/8"
        "#,
    );
}

#[test]
fn set_operators_look_at_every_value_of_the_request() {
    follow(
        r#"
        yes ForAllValues:StringLike aws:PrincipalOrgPaths ["o-1/r-1/*"]
        no ForAllValues:StringLike aws:PrincipalOrgPaths ["*/ou-1/"]
        yes ForAllValues:StringEquals aws:PrincipalOrgPaths ["o-1/r-1/ou-1/", "o-1/r-1/ou-2/"]
        yes ForAnyValue:StringLike aws:PrincipalOrgPaths ["*/ou-1/", "*/ou-9/"]
        no ForAnyValue:StringLike aws:PrincipalOrgPaths ["o-2/*"]
        yes ForAnyValue:StringNotLike aws:PrincipalOrgPaths ["*/ou-1/"]
        no ForAllValues:StringNotLike aws:PrincipalOrgPaths ["*/ou-1/"]
        yes ForAllValues:StringNotLike aws:PrincipalOrgPaths ["o-2/*"]
        undecided StringLike aws:PrincipalOrgPaths "o-1/*"
        yes ForAnyValue:StringEquals aws:username "segmentsai-prod-user"
        no ForAnyValue:StringEquals s3:prefix ""
        yes ForAllValues:StringEquals s3:prefix "x"
        yes StringEquals s3:prefix ""
        "#,
    );
}

#[test]
fn what_is_not_documented_is_left_undecided() {
    follow(
        r#"
        undecided StringSounds aws:username "x"
        undecided StringEquals aws:NoSuchKey "x"
        undecided StringEquals kms:ViaService "x"
        undecided StringEquals aws:UserAgent "x"
        undecided Null aws:UserAgent "true"
        undecided ForAnyValue:Null aws:username "true"
        undecided Null aws:username "perhaps"
        undecided StringEquals aws:username []
        undecided StringEquals aws:CurrentTime "2026-03-01T12:00:00Z"
        undecided StringEquals aws:username "${aws:UserAgent}"
        undecided Bool aws:SecureTransport "${aws:SecureTransport}"
        undecided NumericEquals aws:PrincipalAccount "931508227573"
        undecided NumericNotEquals aws:username "1"
        undecided NotIpAddress aws:username "0.0.0.0/0"
        undecided ArnNotLike aws:username "arn:aws:iam::1:user/x"
        undecided ArnLike aws:PrincipalArn "*"
        undecided IpAddress aws:SourceIp "somewhere"
        undecided DateLessThan aws:CurrentTime "soon"
        yes StringEquals aws:username ["${aws:UserAgent}", "segmentsai-prod-user"]
        no StringNotEquals aws:username ["${aws:UserAgent}", "segmentsai-prod-user"]
        "#,
    );
}
