//! Policies for tests: the published one, and generated ones of every odd shape.
//!
//! Test code only.

use proptest::prelude::*;
use serde_json::{Value, json};

use std::sync::LazyLock;

use super::{Asked, Circumstances, Place, Question};
use crate::json;

pub(super) const USER: &str = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
pub(super) const SID: &str = "segments-s3-access";

/// A link to an object of a bucket in Ireland, made on the first day of 2026.
pub(super) static LINK: LazyLock<Circumstances> =
    LazyLock::new(|| Circumstances::link_in_a_browser(&PLACE));

pub(super) const PLACE: Place<'static> = Place {
    region: Some("eu-west-1"),
    owner: Some("123456789012"),
    now: Some(time::macros::datetime!(2026-01-01 0:00 UTC)),
};

/// The published document for a bucket.
pub(super) fn rendered(bucket: &str) -> Value {
    let text = include_str!("../../../templates/aws/bucket-policy.json");
    json::parse(&text.replace("YOUR_BUCKET_NAME", bucket)).expect("the template is JSON")
}

/// The published statement for a bucket.
pub(super) fn ours(bucket: &str) -> Value {
    rendered(bucket)["Statement"][0].clone()
}

/// The published statement with one member changed.
pub(super) fn ours_with(bucket: &str, name: &str, value: Value) -> Value {
    let mut statement = ours(bucket);
    statement[name] = value;
    statement
}

/// A policy of these statements.
pub(super) fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// What Segments.ai needs of a bucket.
pub(super) fn question(resource: Asked<'static>) -> Question<'static> {
    Question {
        principal: USER,
        account: "931508227573",
        canonical_id: Some("a2c85e730d80dcb51a2c0e1a8f852cf6dc8d6e04d9e00f49239c324de3c1e3e1"),
        sid: Some(SID),
        action: "s3:GetObject",
        resource,
        circumstances: &LINK,
    }
}

/// The statements of a policy, whichever form it has.
pub(super) fn statements(policy: &Value) -> Vec<Value> {
    match &policy["Statement"] {
        Value::Array(list) => list.clone(),
        single => vec![single.clone()],
    }
}

/// Any JSON, with the words of policies in it more often than not.
pub(super) fn any_json() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((word(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Any policy whose `Statement` is understood, with statements that are not ours, in both forms.
pub(super) fn foreign_policy() -> impl Strategy<Value = Value> {
    let several = prop::collection::vec(foreign_statement(), 0..5).prop_map(Value::Array);
    let list_or_one = prop_oneof![3 => several, 1 => foreign_statement()];
    let version = prop_oneof![
        4 => Just(None),
        8 => Just(Some(json!("2012-10-17"))),
        4 => Just(Some(json!("2008-10-17"))),
        1 => any_json().prop_map(Some),
    ];
    (
        version,
        prop::option::weighted(0.2, any_json()),
        list_or_one,
        any::<bool>(),
    )
        .prop_map(|(version, extra, statement, first)| {
            let mut members = serde_json::Map::new();
            if first {
                members.insert("Statement".to_owned(), statement.clone());
            }
            if let Some(version) = version {
                members.insert("Version".to_owned(), version);
            }
            if let Some(extra) = extra {
                members.insert("Id".to_owned(), extra.clone());
                members.insert("x-note".to_owned(), extra);
            }
            members.insert("Statement".to_owned(), statement);
            Value::Object(members)
        })
}

/// A statement that is not ours: sane, or odd in any of its members.
pub(super) fn foreign_statement() -> impl Strategy<Value = Value> {
    let member = |sane: BoxedStrategy<Value>| prop_oneof![30 => sane.prop_map(Some), 1 => any_json().prop_map(Some), 1 => Just(None)];
    (
        member(texts(&["Allow", "Allow", "Deny"])),
        member(prop_oneof![principals(), texts(&["*"])].boxed()),
        member(list(texts(&[
            "s3:GetObject",
            "S3:get*",
            "s3:*",
            "*",
            "s3:PutObject",
        ]))),
        member(list(texts(RESOURCES))),
        prop::option::weighted(0.3, conditions()),
        prop::option::weighted(0.5, prop_oneof![texts(&["a", "b c", "", "é"]), any_json()]),
        [0.1, 0.2, 0.3].map(|weight| {
            prop::bool::weighted(weight).prop_map(|not| if not { "Not" } else { "" })
        }),
        prop::option::weighted(0.05, any_json()),
    )
        .prop_map(
            |(effect, principal, action, resource, condition, sid, not, extra)| {
                let mut members = serde_json::Map::new();
                for (name, value) in [
                    ("Sid".to_owned(), sid),
                    ("Effect".to_owned(), effect),
                    (format!("{}Principal", not[0]), principal),
                    (format!("{}Action", not[1]), action),
                    (format!("{}Resource", not[2]), resource),
                    ("Condition".to_owned(), condition),
                    ("x-owner".to_owned(), extra),
                ] {
                    if let Some(value) = value.filter(|value| *value != json!(SID)) {
                        members.insert(name, value);
                    }
                }
                Value::Object(members)
            },
        )
        .prop_filter("ours is not foreign", |statement| {
            super::remove::remove(
                Some(&policy(std::slice::from_ref(statement))),
                &rendered("acme"),
                "acme",
            )
            .is_ok_and(|left| left.is_some())
        })
}

const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::acme",
    "arn:aws:s3:::acme/*",
    "arn:aws:s3:::acme/public/*",
    "arn:aws:s3:::acme/${aws:username}/*",
    "arn:aws:s3:::*/a?",
    "arn:aws:s3:::other/*",
    "arn:*:s3:::acme/*",
];

fn principals() -> BoxedStrategy<Value> {
    let who = texts(&[
        "*",
        USER,
        "931508227573",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:role/pipeline",
        "arn:aws:iam::931508227573:user/*",
    ]);
    (
        texts(&["AWS", "AWS", "AWS", "Service", "CanonicalUser"]),
        list(who),
    )
        .prop_map(|(kind, who)| json!({kind.as_str().unwrap_or_default(): who}))
        .boxed()
}

const OPERATORS: &[&str] = &[
    "Bool",
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericGreaterThan",
    "NumericLessThanEquals",
    "DateGreaterThan",
    "DateLessThan",
    "IpAddress",
    "NotIpAddress",
    "ArnLike",
    "ArnNotEquals",
    "BinaryEquals",
    "x",
];

const KEYS: &[&str] = &[
    "aws:SecureTransport",
    "aws:SourceVpce",
    "aws:SourceIp",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalArn",
    "aws:username",
    "aws:userid",
    "aws:CurrentTime",
    "aws:Referer",
    "s3:signatureAge",
    "s3:authType",
    "s3:ExistingObjectTag/team",
    "AWS:PrincipalTag/team",
];

/// An operator with whatever may stand around it.
pub(super) fn operators() -> BoxedStrategy<String> {
    let named = (
        prop::sample::select(vec!["", "", "ForAllValues:", "ForAnyValue:"]),
        prop::sample::select(OPERATORS.to_vec()),
        prop::sample::select(vec!["", "", "IfExists"]),
    )
        .prop_map(|(set, name, exists)| format!("{set}{name}{exists}"));
    prop_oneof![8 => named, 1 => Just("Null".to_owned())].boxed()
}

/// Values of conditions, of every kind.
pub(super) fn values() -> BoxedStrategy<Value> {
    list(texts(&[
        "true",
        "false",
        "vpce-1",
        "600000",
        "90000000",
        "2020-01-01",
        "2026-01-01T12:00:00Z",
        "203.0.113.0/24",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "o-a1",
        "o-b2/r-1/*",
        USER,
        "arn:aws:iam::*:user/*",
        "segmentsai-*",
        "${aws:username}",
        "${aws:PrincipalTag/team, 'x'}",
        "${*}",
        "AIDA*",
        "REST-HEADER",
        "https://*",
        "vision",
        "*",
    ]))
}

/// One key, under any operator.
pub(super) fn condition() -> BoxedStrategy<Value> {
    (operators(), prop::sample::select(KEYS.to_vec()), values())
        .prop_map(|(operator, key, values)| json!({operator: {key: values}}))
        .boxed()
}

fn conditions() -> BoxedStrategy<Value> {
    let two = (condition(), condition()).prop_map(|(mut one, two)| {
        for (operator, keys) in two.as_object().into_iter().flatten() {
            one[operator] = keys.clone();
        }
        one
    });
    prop_oneof![
        5 => condition(),
        2 => two,
        1 => any_json(),
        1 => Just(json!({})),
    ]
    .boxed()
}

/// One value, or a list of them.
fn list(value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![
        value.clone(),
        prop::collection::vec(value, 0..4).prop_map(Value::Array)
    ]
    .boxed()
}

fn texts(texts: &[&'static str]) -> BoxedStrategy<Value> {
    prop::sample::select(texts.to_vec())
        .prop_map(Value::from)
        .boxed()
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "Version", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
            "Resource", "NotResource", "Condition", "AWS", "Bool", "aws:SecureTransport",
            "$serde_json::private::Number",
        ])
        .prop_map(str::to_owned),
        1 => "[a-zé\"\\\\\u{0}]{0,4}",
    ]
}

fn leaf() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec![
            "1.10",
            "1e+400",
            "-0",
            "123456789012345678901234567890"
        ])
        .prop_map(|number| json::parse(number).expect("a number")),
        texts(&[
            "Allow",
            "Deny",
            "*",
            "s3:GetObject",
            "2012-10-17",
            "AIDACKCEVSQ6C2EXAMPLE",
            USER
        ]),
        texts(RESOURCES),
        "[a-z*?:/${}é\"\\\\]{0,8}".prop_map(Value::from),
    ]
    .boxed()
}
