//! What the generated conditions are made of: every key that a read may have, with values that sometimes hold, and
//! every operator.

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// What the values of a key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Arn,
    Number,
    Date,
    Truth,
    Address,
}

/// A key, what its values are, whether a request can have several, and values that a policy may give.
pub type Key = (&'static str, Kind, bool, &'static [&'static str]);

/// The keys, whether a request can have several values for them, and their values.
pub const KEYS: [Key; 49] = {
    use Kind::{Address, Arn, Date, Number, Text, Truth};
    const ORGANIZATIONS: &[&str] = &["o-acme000001", "o-segments1", "o-*", "*"];
    const PATHS: &[&str] = &["o-acme000001/*", "o-segments1/r-1/ou-1/", "*/ou-1/*", "*"];
    const ENDPOINTS: &[&str] = &["vpce-1a2b3c4d", "vpce-*", "vpc-5e6f7a8b", "*"];
    const ACCOUNTS: &[&str] = &["111122223333", "931508227573", "4444*", "*"];
    const ARNS: &[&str] = &[
        "arn:aws:iam::931508227573:user/segmentsai-prod-user",
        "arn:aws:iam::931508227573:user/*",
        "arn:aws:iam::*:user/segmentsai-????-user",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::111122223333:role/admin",
        "arn:aws:iam::931508227573:root",
        "arn:aws:*:*:*:*",
    ];
    const SOURCES: &[&str] = &[
        "arn:aws:sns:eu-west-1:111122223333:photos",
        "arn:aws:*:*:*:*",
    ];
    const FLAGS: &[&str] = &["true", "false"];
    const MOMENTS: &[&str] = &[
        "2020-01-01T00:00:00Z",
        "2099-12-31T23:59:59Z",
        "2021-06-01",
        "1577836800",
        "NOON",
    ];
    const TAGS: &[&str] = &["photos", "plans", "p*", "${aws:username}", "*"];
    [
        ("aws:PrincipalArn", Arn, false, ARNS),
        ("aws:PrincipalArn", Arn, false, ARNS),
        ("aws:SourceArn", Arn, false, SOURCES),
        ("aws:PrincipalAccount", Text, false, ACCOUNTS),
        (
            "aws:PrincipalType",
            Text,
            false,
            &["User", "user", "AssumedRole", "*"],
        ),
        (
            "aws:username",
            Text,
            false,
            &[
                "segmentsai-prod-user",
                "SegmentsAI-Prod-User",
                "segments*",
                "ana",
                "*-user",
            ],
        ),
        (
            "aws:userid",
            Text,
            false,
            &["AIDASEGMENTS00000001", "AROA*:*", "AIDA*", "*"],
        ),
        ("aws:PrincipalOrgID", Text, false, ORGANIZATIONS),
        ("aws:PrincipalOrgPaths", Text, true, PATHS),
        ("aws:PrincipalTag/team", Text, false, TAGS),
        ("aws:PrincipalIsAWSService", Truth, false, FLAGS),
        (
            "aws:PrincipalServiceName",
            Text,
            false,
            &["cloudtrail.amazonaws.com", "*"],
        ),
        (
            "aws:PrincipalServiceNamesList",
            Text,
            true,
            &["cloudtrail.amazonaws.com", "*"],
        ),
        ("aws:SourceVpc", Text, false, ENDPOINTS),
        ("aws:SourceVpce", Text, false, ENDPOINTS),
        ("aws:SourceVpce", Text, false, ENDPOINTS),
        (
            "aws:VpcSourceIp",
            Address,
            false,
            &["10.0.0.0/8", "0.0.0.0/0"],
        ),
        (
            "aws:SourceIp",
            Address,
            false,
            &[
                "0.0.0.0/0",
                "::/0",
                "10.0.0.0/8",
                "8.8.0.0/16",
                "8.8.8.8",
                "2a00:1450::/32",
                "192.168.1.1",
            ],
        ),
        (
            "aws:Referer",
            Text,
            false,
            &[
                "https://app.segments.ai/*",
                "https://intranet.acme.example/*",
                "*segments*",
                "*",
            ],
        ),
        ("aws:UserAgent", Text, false, &["Mozilla/*", "curl/*", "*"]),
        (
            "aws:RequestedRegion",
            Text,
            false,
            &["eu-west-1", "us-*", "eu-*"],
        ),
        ("aws:ResourceAccount", Text, false, ACCOUNTS),
        ("s3:ResourceAccount", Text, false, ACCOUNTS),
        ("aws:SourceAccount", Text, false, ACCOUNTS),
        ("aws:SourceOrgID", Text, false, ORGANIZATIONS),
        ("aws:ResourceOrgID", Text, false, ORGANIZATIONS),
        ("aws:CalledVia", Text, true, &["athena.amazonaws.com", "*"]),
        (
            "aws:CalledViaFirst",
            Text,
            false,
            &["athena.amazonaws.com", "*"],
        ),
        (
            "aws:FederatedProvider",
            Text,
            false,
            &["cognito-identity.amazonaws.com", "*"],
        ),
        ("aws:SourceIdentity", Text, false, &["ana", "*"]),
        ("aws:SecureTransport", Truth, false, FLAGS),
        ("aws:SecureTransport", Truth, false, FLAGS),
        ("aws:ViaAWSService", Truth, false, FLAGS),
        ("aws:MultiFactorAuthPresent", Truth, false, FLAGS),
        ("aws:MultiFactorAuthAge", Number, false, &["3600", "0"]),
        ("aws:CurrentTime", Date, false, MOMENTS),
        ("aws:EpochTime", Date, false, MOMENTS),
        ("aws:TokenIssueTime", Date, false, MOMENTS),
        (
            "s3:authType",
            Text,
            false,
            &["REST-HEADER", "REST-QUERY-STRING", "POST", "REST-*"],
        ),
        (
            "s3:signatureversion",
            Text,
            false,
            &["AWS4-HMAC-SHA256", "AWS", "AWS*"],
        ),
        (
            "s3:signatureAge",
            Number,
            false,
            &["600000", "0", "86400000", "86400001", "100.5", "604800000"],
        ),
        (
            "s3:TlsVersion",
            Number,
            false,
            &["1.2", "1.3", "1.1", "1.20"],
        ),
        (
            "s3:x-amz-content-sha256",
            Text,
            false,
            &["UNSIGNED-PAYLOAD", "*"],
        ),
        ("s3:DataAccessPointAccount", Text, false, ACCOUNTS),
        (
            "s3:DataAccessPointArn",
            Text,
            false,
            &["arn:aws:s3:eu-west-1:111122223333:accesspoint/*", "*"],
        ),
        (
            "s3:AccessPointNetworkOrigin",
            Text,
            false,
            &["Internet", "VPC", "*"],
        ),
        (
            "s3:ExistingObjectTag/share",
            Text,
            false,
            &["photos", "yes", "y*", "${aws:PrincipalTag/team}", "*"],
        ),
        ("s3:ExistingObjectTag/share", Text, false, &["yes", "no"]),
        ("aws:MultiFactorAuthPresent", Truth, false, FLAGS),
    ]
};

/// The keys of what S3 asks of KMS to read an object.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>
pub const KMS_KEYS: [Key; 24] = {
    use Kind::{Address, Arn, Date, Number, Text, Truth};
    const ACCOUNTS: &[&str] = &["111122223333", "931508227573", "4444*", "*"];
    const CONTEXTS: &[&str] = &[
        "arn:aws:s3:::acme-images",
        "arn:aws:s3:::acme-images/photos/cat.jpg",
        "arn:aws:s3:::acme-images*",
        "arn:aws:s3:::acme-images/photos/*",
        "arn:aws:s3:::other/*",
    ];
    const FLAGS: &[&str] = &["true", "false"];
    const MOMENTS: &[&str] = &["2020-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "NOON"];
    [
        (
            "kms:ViaService",
            Text,
            false,
            &[
                "s3.eu-west-1.amazonaws.com",
                "s3.us-east-1.amazonaws.com",
                "s3.*.amazonaws.com",
                "ec2.*",
            ],
        ),
        ("kms:CallerAccount", Text, false, ACCOUNTS),
        ("kms:EncryptionContext:aws:s3:arn", Text, false, CONTEXTS),
        ("kms:EncryptionContext:aws:s3:arn", Text, false, CONTEXTS),
        ("kms:EncryptionContext:team", Text, false, &["vision", "*"]),
        (
            "kms:EncryptionContextKeys",
            Text,
            true,
            &["aws:s3:arn", "team", "app", "*"],
        ),
        (
            "kms:EncryptionContextKeys",
            Text,
            true,
            &["aws:s3:arn", "aws:*"],
        ),
        (
            "kms:EncryptionAlgorithm",
            Text,
            false,
            &["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1"],
        ),
        (
            "kms:KeySpec",
            Text,
            false,
            &["SYMMETRIC_DEFAULT", "RSA_2048"],
        ),
        (
            "kms:KeyUsage",
            Text,
            false,
            &["ENCRYPT_DECRYPT", "SIGN_VERIFY"],
        ),
        ("kms:GrantIsForAWSResource", Truth, false, FLAGS),
        ("kms:GranteePrincipal", Text, false, ACCOUNTS),
        (
            "aws:PrincipalArn",
            Arn,
            false,
            &[
                "arn:aws:iam::931508227573:user/segmentsai-prod-user",
                "arn:aws:iam::*:user/*",
                "arn:aws:iam::111122223333:role/admin",
            ],
        ),
        ("aws:PrincipalAccount", Text, false, ACCOUNTS),
        ("aws:PrincipalType", Text, false, &["User", "AssumedRole"]),
        (
            "aws:username",
            Text,
            false,
            &["segmentsai-prod-user", "segments*", "ana"],
        ),
        // One organisation that a policy names alone is taken for its owner's, so Segments.ai's is not among them.
        ("aws:PrincipalOrgID", Text, false, &["o-acme000001", "o-*"]),
        (
            "aws:PrincipalTag/team",
            Text,
            false,
            &["photos", "p*", "${aws:username}"],
        ),
        ("aws:PrincipalIsAWSService", Truth, false, FLAGS),
        ("aws:CurrentTime", Date, false, MOMENTS),
        ("aws:EpochTime", Date, false, MOMENTS),
        ("aws:MultiFactorAuthPresent", Truth, false, FLAGS),
        ("aws:MultiFactorAuthAge", Number, false, &["3600", "0"]),
        ("aws:SourceIp", Address, false, &["0.0.0.0/0", "10.0.0.0/8"]),
    ]
};

/// Every operator, with what it compares.
pub const OPERATORS: [(&str, &[Kind]); 27] = {
    use Kind::{Address, Arn, Date, Number, Text, Truth};
    const TEXTS: &[Kind] = &[Text, Arn, Truth];
    const NUMBERS: &[Kind] = &[Number];
    const DATES: &[Kind] = &[Date];
    [
        ("StringEquals", TEXTS),
        ("StringNotEquals", TEXTS),
        ("StringEqualsIgnoreCase", TEXTS),
        ("StringNotEqualsIgnoreCase", TEXTS),
        ("StringLike", TEXTS),
        ("StringNotLike", TEXTS),
        ("NumericEquals", NUMBERS),
        ("NumericNotEquals", NUMBERS),
        ("NumericLessThan", NUMBERS),
        ("NumericLessThanEquals", NUMBERS),
        ("NumericGreaterThan", NUMBERS),
        ("NumericGreaterThanEquals", NUMBERS),
        ("DateEquals", DATES),
        ("DateNotEquals", DATES),
        ("DateLessThan", DATES),
        ("DateLessThanEquals", DATES),
        ("DateGreaterThan", DATES),
        ("DateGreaterThanEquals", DATES),
        ("Bool", &[Truth]),
        ("BinaryEquals", &[Text]),
        ("IpAddress", &[Address]),
        ("NotIpAddress", &[Address]),
        ("ArnEquals", &[Arn]),
        ("ArnLike", &[Arn]),
        ("ArnNotEquals", &[Arn]),
        ("ArnNotLike", &[Arn]),
        ("Null", &[Text, Arn, Number, Date, Truth, Address]),
    ]
};

/// An operator without its modifiers.
pub fn base(operator: &str) -> &str {
    let name = operator.split_once(':').map_or(operator, |(_, name)| name);
    name.strip_suffix("IfExists").unwrap_or(name)
}

/// A value as it is written: for noon of the day on which links are made there is a moment in their life.
pub fn written(value: &str, signed_at: OffsetDateTime) -> Value {
    let noon = || (signed_at + Duration::hours(12)).format(&Rfc3339);
    match value {
        "NOON" => json!(noon().expect("a date")),
        other => json!(other),
    }
}
