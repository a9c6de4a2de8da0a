//! Assignments as customers have them, and what they amount to.

use serde_json::{Value, json};

use super::super::condition::Sample;
use super::super::generate::{
    ACCOUNT, APP, GROUP, NOW, OTHER, SUBSCRIPTION, ask, assigned, container, denied, in_container,
    on_reading, reader, under, with, word,
};
use super::super::{Grant, READ_BLOB, Tri};
use super::{cause, words};
use crate::catalogue::Cause;

const A: Option<Sample<'static>> = Some(Sample {
    container: "a",
    path: "x.jpg",
});
const B: Option<Sample<'static>> = Some(Sample {
    container: "b",
    path: "x.jpg",
});

#[test]
fn the_published_role_on_the_account_or_above_is_enough() {
    for (scope, by) in [
        (ACCOUNT, "on the storage account"),
        (
            SUBSCRIPTION,
            "inherited from /subscriptions/11111111-2222-3333-4444-555555555555",
        ),
        ("/", "inherited from /"),
    ] {
        let evaluation = ask(&[reader(scope)], &[], None);
        let granted = Grant::Granted { by: by.to_owned() };
        assert_eq!(evaluation.read, granted);
        assert_eq!(evaluation.sign, granted);
        assert!(!evaluation.settling);
    }
}

/// Alice and Bob of
/// <https://learn.microsoft.com/azure/role-based-access-control/role-definitions#data-actions-example>.
#[test]
fn an_owner_may_not_read_and_a_data_contributor_may() {
    let alice = ask(&[assigned("owner", SUBSCRIPTION)], &[], None);
    assert_eq!(cause(&alice.read), Some(Cause::Z05));
    assert_eq!(word(&alice.sign), "granted");
    let bob = ask(&[assigned("contributor", ACCOUNT)], &[], None);
    assert_eq!((word(&bob.read), word(&bob.sign)), ("granted", "granted"));
}

#[test]
fn roles_are_judged_by_their_actions() {
    for (role, read, sign) in [
        ("reader", "not granted", "not granted"),
        ("all-but-read", "not granted", "granted"),
        ("data", "granted", "not granted"),
        ("conditional", "undetermined", "undetermined"),
        ("odd", "undetermined", "undetermined"),
        ("not-read", "undetermined", "undetermined"),
    ] {
        assert_eq!(
            words(&[assigned(role, ACCOUNT)], &[]),
            (read, sign),
            "{role}"
        );
    }
    // What one role leaves out, another one grants.
    let two = [assigned("all-but-read", ACCOUNT), assigned("data", ACCOUNT)];
    assert_eq!(words(&two, &[]), ("granted", "granted"));
    // What could not be read does not matter beside what grants.
    let beside = [assigned("not-read", ACCOUNT), reader(ACCOUNT)];
    assert_eq!(words(&beside, &[]), ("granted", "granted"));
}

#[test]
fn a_container_is_a_part_and_gives_no_key_to_sign_with() {
    let there = [reader(&container("a"))];
    let whole = ask(&there, &[], None);
    assert_eq!(
        whole.read,
        Grant::Partly {
            cause: Cause::Z04,
            parts: vec!["the container `a`".to_owned()]
        }
    );
    assert_eq!(cause(&whole.sign), Some(Cause::Z04));
    assert_eq!(word(&ask(&there, &[], A).read), "granted");
    assert_eq!(cause(&ask(&there, &[], B).read), Some(Cause::Z04));
    let below = [reader(&format!("{ACCOUNT}/blobServices/default"))];
    assert_eq!(words(&below, &[]), ("undetermined", "undetermined"));
    let queue = [reader(&format!("{ACCOUNT}/queueServices/default/queues/q"))];
    let queue = ask(&queue, &[], None);
    assert_eq!(cause(&queue.read), Some(Cause::Z10));
}

#[test]
fn nothing_is_told_with_the_nearest_cause() {
    let theirs = with(&reader(ACCOUNT), "principalId", json!(OTHER));
    for (assignments, expected, part) in [
        (vec![], Cause::Z10, "no role"),
        (
            vec![theirs.clone()],
            Cause::Z03,
            "is assigned to aaaaaaaa-0000-0000-0000-000000000002, which is not its object ID",
        ),
        (
            vec![theirs.clone(), assigned("reader", ACCOUNT)],
            Cause::Z05,
            "its role Reader (on the storage account)",
        ),
        (
            vec![reader("/subscriptions/other")],
            Cause::Z10,
            "assigned elsewhere",
        ),
        (
            vec![
                theirs,
                assigned("owner", ACCOUNT),
                under(&reader(ACCOUNT), "ActionMatches{'*/write'}"),
            ],
            Cause::Z06,
            "does not admit it",
        ),
    ] {
        let Grant::NotGranted { cause, why } = ask(&assignments, &[], None).read else {
            panic!("{assignments:?}");
        };
        assert_eq!(cause, expected, "{why}");
        assert!(why.contains(part), "{why}");
    }
}

#[test]
fn whose_an_assignment_is_has_to_be_known() {
    let of = |id: &str, kind: Value| {
        with(
            &with(&reader(ACCOUNT), "principalId", json!(id)),
            "principalType",
            kind,
        )
    };
    for (id, kind, expected) in [
        (APP, json!("ServicePrincipal"), "granted"),
        (APP, json!(null), "granted"),
        (GROUP, json!("Group"), "granted"),
        (GROUP, json!("ForeignGroup"), "granted"),
        (OTHER, json!("User"), "not granted"),
        (OTHER, json!("ServicePrincipal"), "not granted"),
        (OTHER, json!("Unknown"), "undetermined"),
        (OTHER, json!(null), "undetermined"),
    ] {
        let evaluation = ask(&[of(id, kind.clone())], &[], None);
        assert_eq!(word(&evaluation.read), expected, "{id} {kind}");
    }
    let Grant::Granted { by } = ask(&[of(GROUP, json!("Group"))], &[], None).read else {
        panic!("through the group");
    };
    assert!(by.ends_with(&format!("through the group {GROUP}")), "{by}");
}

#[test]
fn a_condition_makes_it_a_part_or_a_doubt() {
    let limited = [under(&reader(ACCOUNT), &in_container("a"))];
    let whole = ask(&limited, &[], None);
    assert_eq!(cause(&whole.read), Some(Cause::Z06));
    assert_eq!(word(&whole.read), "partly");
    assert_eq!(word(&whole.sign), "granted");
    assert_eq!(word(&ask(&limited, &[], A).read), "granted");
    assert_eq!(cause(&ask(&limited, &[], B).read), Some(Cause::Z06));
    for (condition, version, part) in [
        (
            json!(on_reading("@Environment[isPrivateLink] BoolEquals true")),
            json!("2.0"),
            "@Environment[isPrivateLink]",
        ),
        (json!("?"), json!("2.0"), "the character"),
        (json!(in_container("a")), json!("3.0"), "version"),
        (json!({}), json!("2.0"), "form"),
    ] {
        let one = with(
            &with(&reader(ACCOUNT), "condition", condition),
            "conditionVersion",
            version,
        );
        let Grant::Undetermined { why } = ask(&[one], &[], None).read else {
            panic!("{part}");
        };
        assert!(why.concat().contains(part), "{why:?}");
    }
    // Both restrict.
    let both = [under(&reader(&container("a")), &in_container("a"))];
    let Grant::Partly { parts, .. } = ask(&both, &[], None).read else {
        panic!("a part of a part");
    };
    assert!(parts[0].starts_with("the container `a`, as far as the condition"));
}

#[test]
fn what_was_assigned_minutes_ago_is_settling() {
    let made = |ago: i64| {
        let text = (NOW - time::Duration::seconds(ago))
            .format(&time::format_description::well_known::Rfc3339)
            .expect("a moment");
        with(&reader(ACCOUNT), "createdOn", json!(text))
    };
    let settling = |assignments: &[Value]| ask(assignments, &[], None).settling;
    assert!(settling(&[made(599)]));
    assert!(settling(&[made(-30)]));
    assert!(!settling(&[made(600)]));
    assert!(!settling(&[with(&made(1), "createdOn", json!("lately"))]));
    assert!(!settling(&[made(1), reader(SUBSCRIPTION)]));
    // Reading was granted long ago, and signing just now.
    assert!(settling(&[made(1), assigned("data", ACCOUNT)]));
    assert!(!settling(&[with(&made(1), "scope", json!(container("a")))]));
}

#[test]
fn the_trace_names_assignment_role_action_and_condition() {
    let condition = in_container("a");
    let assignments = [
        under(&reader(ACCOUNT), &condition),
        assigned("owner", SUBSCRIPTION),
        json!(null),
    ];
    let evaluation = ask(&assignments, &[denied(&[], &["*/write"], ACCOUNT)], None);
    let reading: Vec<_> = evaluation
        .trace
        .iter()
        .filter(|step| step.action == READ_BLOB.name)
        .map(|step| (step.entry.as_str(), step.answer, step.why.as_str()))
        .collect();
    let reader_id = format!("{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/1");
    let owner_id = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/1");
    assert_eq!(
        reading,
        [
            ("lock", Tri::No, "it is about other actions"),
            (
                reader_id.as_str(),
                Tri::Yes,
                format!("a part: as far as the condition on its role Storage Blob Data Reader admits: {condition}").as_str()
            ),
            (
                owner_id.as_str(),
                Tri::No,
                "its role Owner (inherited from /subscriptions/11111111-2222-3333-4444-555555555555) has no right to read blobs"
            ),
            ("", Tri::Maybe, "an assignment is of a form that is not known"),
        ]
    );
    assert_eq!(evaluation.trace.len(), 8);
}
