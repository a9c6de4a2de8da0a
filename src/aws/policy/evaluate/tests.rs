//! What policies say to Segments.ai's question, one table for each form of answer.
//!
//! The policies come from the vendor's pages where one is linked.

mod documented;
mod open;

use serde_json::{Value, json};

use crate::aws::policy::generate::{USER, ours, ours_with, policy, question};
use crate::aws::policy::{Asked, Evaluation, Outcome, Share, evaluate};

const WHOLE: Asked<'static> = Asked::Every("arn:aws:s3:::acme/*");

fn ask(statements: &[Value], asked: Asked<'static>) -> Evaluation {
    evaluate(Some(&policy(statements)), &question(asked))
}

/// The answer in one line.
fn told(evaluation: &Evaluation) -> String {
    let shares = |shares: &[Share]| {
        let each: Vec<String> = shares
            .iter()
            .map(|share| format!("{}: {}", share.by, share.part.in_words()))
            .collect();
        each.join(" | ")
    };
    match &evaluation.outcome {
        Outcome::Allowed { by, through } => format!("allowed by {} as {through:?}", by.join(" + ")),
        Outcome::GrantedToAccount { by } => format!("account by {}", by.join(" + ")),
        Outcome::PartlyAllowed { patterns } => format!("partly allowed {}", shares(patterns)),
        Outcome::Denied { by, cause, .. } => format!("denied {cause} by {}", by.join(" + ")),
        Outcome::PartlyDenied { patterns } => format!("partly denied {}", shares(patterns)),
        Outcome::NotGranted { cause, near } => match near {
            Some(near) => format!("not granted {cause}, near {}: {}", near.statement, near.why),
            None => format!("not granted {cause}"),
        },
        Outcome::Undetermined { reasons } => {
            let each: Vec<String> = reasons
                .iter()
                .map(|reason| {
                    format!(
                        "{} {} {} {}",
                        reason.statement,
                        reason.element,
                        reason.value,
                        reason.suspected.unwrap_or("-")
                    )
                })
                .collect();
            format!("undetermined {}", each.join(" | "))
        }
    }
}

fn deny(members: &Value) -> Value {
    let mut statement = json!({"Sid": "deny", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"});
    for (name, value) in members.as_object().expect("an object") {
        statement[name] = value.clone();
    }
    if members.get("NotPrincipal").is_some() {
        statement
            .as_object_mut()
            .expect("an object")
            .remove("Principal");
    }
    if members.get("NotResource").is_some() {
        statement
            .as_object_mut()
            .expect("an object")
            .remove("Resource");
    }
    statement
}

#[test]
fn the_published_statement_is_enough() {
    assert_eq!(
        told(&ask(&[ours("acme")], WHOLE)),
        "allowed by statement `segments-s3-access` as Itself"
    );
    let key = Asked::One("arn:aws:s3:::acme/a b/ü?.jpg");
    assert_eq!(
        told(&ask(&[ours("acme")], key)),
        "allowed by statement `segments-s3-access` as Itself"
    );
}

#[test]
fn grants_are_told_by_whom_they_name() {
    for (name, value, wanted) in [
        (
            "Principal",
            json!("*"),
            "allowed by statement `segments-s3-access` as Everyone",
        ),
        (
            "Principal",
            json!({"AWS": "931508227573"}),
            "account by statement `segments-s3-access`",
        ),
        (
            "Principal",
            json!({"AWS": ["arn:aws:iam::931508227573:root"]}),
            "account by statement `segments-s3-access`",
        ),
        (
            "Action",
            json!("s3:Get*"),
            "allowed by statement `segments-s3-access` as Itself",
        ),
        (
            "Resource",
            json!("*"),
            "allowed by statement `segments-s3-access` as Itself",
        ),
    ] {
        assert_eq!(told(&ask(&[ours_with("acme", name, value)], WHOLE)), wanted);
    }
    let account = ours_with("acme", "Principal", json!({"AWS": "931508227573"}));
    let mut itself = ours("acme");
    itself["Sid"] = json!("own");
    assert_eq!(
        told(&ask(&[account, itself], WHOLE)),
        "allowed by statement `own` as Itself"
    );
}

#[test]
fn what_is_not_granted_is_told_by_the_nearest_miss() {
    let user = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
    let other =
        |account: &str| json!({"AWS": format!("arn:aws:iam::{account}:user/segmentsai-prod-user")});
    for (name, value, wanted) in [
        (
            "Resource",
            json!("arn:aws:s3:::acme"),
            "A02, near statement `segments-s3-access`: its resource `arn:aws:s3:::acme` is the bucket without `/*`, and not the objects in it",
        ),
        (
            "Resource",
            json!("arn:aws:s3:::other/*"),
            "A01, near statement `segments-s3-access`: its resource is another one",
        ),
        (
            "Action",
            json!("s3:ListBucket"),
            "A01, near statement `segments-s3-access`: it does not allow `s3:GetObject`",
        ),
        (
            "Condition",
            json!({"Bool": {"aws:SecureTransport": "false"}}),
            "A51, near statement `segments-s3-access`: its condition `Bool aws:SecureTransport` does not hold for a link in a browser: `aws:SecureTransport` is `true`, as Segments.ai always uses https (the policy says `false`)",
        ),
        (
            "Principal",
            json!({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}),
            "A20, near statement `segments-s3-access`: its principal `AIDACKCEVSQ6C2EXAMPLE` is a user or role that no longer exists",
        ),
        (
            "Principal",
            other("931508227537"),
            &format!(
                "A21, near statement `segments-s3-access`: its principal is `arn:aws:iam::931508227537:user/segmentsai-prod-user`, not `{user}`"
            ),
        ),
        (
            "Principal",
            json!({"AWS": "arn:aws:iam::931508227573:role/x"}),
            &format!(
                "A21, near statement `segments-s3-access`: its principal is `arn:aws:iam::931508227573:role/x`, not `{user}`"
            ),
        ),
        (
            "Principal",
            json!({"AWS": "arn:aws:iam::111122223333:user/x"}),
            &format!(
                "A21, near statement `segments-s3-access`: its principal is `arn:aws:iam::111122223333:user/x`, not `{user}`"
            ),
        ),
    ] {
        assert_eq!(
            told(&ask(&[ours_with("acme", name, value)], WHOLE)),
            format!("not granted {wanted}")
        );
    }
    let prefix = ours_with("acme", "Resource", json!("arn:aws:s3:::acme/images/*"));
    let key = Asked::One("arn:aws:s3:::acme/labels/1.json");
    assert!(told(&ask(&[prefix], key)).starts_with("not granted A03, near"));
}

#[test]
fn statements_about_others_are_no_near_miss() {
    let role = json!({"Sid": "x", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/pipeline"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme/*"});
    assert_eq!(told(&ask(&[role], WHOLE)), "not granted A01");
    assert_eq!(told(&ask(&[], WHOLE)), "not granted A01");
    assert_eq!(told(&evaluate(None, &question(WHOLE))), "not granted A01");
}

#[test]
fn the_nearer_of_two_misses_is_named() {
    let mut two = ours_with("acme", "Resource", json!("arn:aws:s3:::acme"));
    two["Sid"] = json!("two");
    two["Action"] = json!("s3:ListBucket");
    let one = ours_with("acme", "Resource", json!("arn:aws:s3:::acme"));
    assert!(
        told(&ask(&[two, one], WHOLE))
            .starts_with("not granted A02, near statement `segments-s3-access`")
    );
}

#[test]
fn a_certain_denial_decides_over_every_grant_and_every_doubt() {
    for (members, wanted) in [
        (json!({}), "denied A49 by statement `deny`"),
        (
            json!({"Principal": {"AWS": "931508227573"}}),
            "denied A49 by statement `deny`",
        ),
        (
            json!({"Principal": {"AWS": USER}, "Action": "s3:GetObject"}),
            "denied A49 by statement `deny`",
        ),
        (
            json!({"Resource": ["arn:aws:s3:::acme", "arn:aws:s3:::acme/*"]}),
            "denied A49 by statement `deny`",
        ),
        (
            json!({"NotResource": "arn:aws:s3:::other/*"}),
            "denied A49 by statement `deny`",
        ),
        (
            json!({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
            "denied A49 by statement `deny`",
        ),
        (
            json!({"NotPrincipal": {"AWS": "111122223333"}}),
            "denied A09 by statement `deny`",
        ),
    ] {
        let doubt = deny(
            &json!({"Sid": "doubt", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}),
        );
        let evaluation = ask(&[doubt, ours("acme"), deny(&members)], WHOLE);
        assert_eq!(told(&evaluation), wanted, "{members}");
        assert_eq!(evaluation.unsure[0].suspected, Some("A05"));
    }
    let Outcome::Denied { why, .. } = ask(&[deny(&json!({}))], WHOLE).outcome else {
        panic!("it is denied");
    };
    assert_eq!(
        why,
        "it names everyone; it includes `s3:GetObject`; it is about everything asked for"
    );
}

/// The first is the Deny of <https://repost.aws/knowledge-center/s3-bucket-policy-for-config-rule>.
#[test]
fn denials_that_are_about_something_else_change_nothing() {
    for members in [
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}),
        json!({"Action": ["s3:PutObject", "s3:Delete*"]}),
        json!({"Principal": {"AWS": "111122223333"}}),
        json!({"Resource": "arn:aws:s3:::acme"}),
        json!({"NotResource": ["arn:aws:s3:::acme", "arn:aws:s3:::acme/*"]}),
        json!({"NotPrincipal": {"AWS": [USER, "arn:aws:iam::931508227573:root", "111122223333"]}}),
    ] {
        let evaluation = ask(&[deny(&members), ours("acme")], WHOLE);
        assert_eq!(
            told(&evaluation),
            "allowed by statement `segments-s3-access` as Itself",
            "{members}"
        );
        assert!(evaluation.unsure.is_empty());
    }
}
