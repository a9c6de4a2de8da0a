//! Denials as customers have them, and what they take away.

use serde_json::json;

use super::super::Grant;
use super::super::condition::Sample;
use super::super::generate::{
    ACCOUNT, APP, EVERYONE, GROUP, OTHER, SUBSCRIPTION, ask, assigned, container, denied,
    in_container, reader, with, word,
};
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

/// The properties of <https://learn.microsoft.com/azure/role-based-access-control/deny-assignments#deny-assignment-properties>.
#[test]
fn denials_are_judged_by_each_of_their_properties() {
    let lock = denied(&[], &["*"], ACCOUNT);
    let group = json!([{ "id": GROUP, "type": "Group" }]);
    let app = json!([{ "id": APP, "type": "ServicePrincipal" }]);
    for (property, value, expected) in [
        ("description", json!("for everyone"), "denied"),
        ("scope", json!(SUBSCRIPTION), "denied"),
        ("scope", json!("/subscriptions/other"), "granted"),
        ("scope", json!(null), "undetermined"),
        ("principals", app.clone(), "denied"),
        (
            "principals",
            json!([{ "id": APP.to_uppercase() }]),
            "denied",
        ),
        ("principals", group.clone(), "undetermined"),
        ("principals", json!([{ "id": OTHER }]), "undetermined"),
        (
            "principals",
            json!([{ "id": OTHER, "type": "User" }]),
            "granted",
        ),
        ("principals", json!([]), "granted"),
        ("principals", json!(7), "undetermined"),
        ("excludePrincipals", app, "granted"),
        ("excludePrincipals", group, "undetermined"),
        (
            "excludePrincipals",
            json!([{ "id": OTHER, "type": "ServicePrincipal" }]),
            "denied",
        ),
        ("doNotApplyToChildScopes", json!(true), "undetermined"),
        ("doNotApplyToChildScopes", json!("true"), "undetermined"),
        ("permissions", json!([]), "granted"),
        ("permissions", json!({}), "undetermined"),
        ("permissions", json!([{ "actions": ["*"] }]), "granted"),
        (
            "permissions",
            json!([{ "dataActions": ["*"], "notDataActions": ["*/blobs/read"] }]),
            "granted",
        ),
        (
            "permissions",
            json!([{ "dataActions": ["Microsoft.Storage/*"], "notDataActions": ["*/blobs/write"] }]),
            "denied",
        ),
        (
            "permissions",
            json!([{ "dataActions": "*" }]),
            "undetermined",
        ),
        ("denyAssignmentEffect", json!("Enforced"), "denied"),
        ("denyAssignmentEffect", json!("Audit"), "undetermined"),
        ("condition", json!(in_container("a")), "partly"),
        (
            "condition",
            json!("ActionMatches{'*/blobs/write'}"),
            "granted",
        ),
        ("condition", json!("odd"), "undetermined"),
    ] {
        let denial = with(&lock, property, value.clone());
        assert_eq!(
            words(&[reader(ACCOUNT)], &[denial]).0,
            expected,
            "{property} {value}"
        );
    }
    let above = with(
        &with(&lock, "scope", json!(SUBSCRIPTION)),
        "doNotApplyToChildScopes",
        json!(true),
    );
    assert_eq!(words(&[reader(ACCOUNT)], &[above]).0, "granted");
    assert_eq!(
        words(&[reader(ACCOUNT)], &[json!({ "properties": 1 })]).0,
        "undetermined"
    );
}

#[test]
fn a_group_that_an_assignment_tells_of_is_one_that_the_app_is_in() {
    let member = with(
        &with(&assigned("reader", ACCOUNT), "principalId", json!(GROUP)),
        "principalType",
        json!("Group"),
    );
    let group = json!([{ "id": GROUP, "type": "Group" }]);
    let lock = denied(&[], &["*"], ACCOUNT);
    let to_group = with(&lock, "principals", group.clone());
    let but_group = with(&lock, "excludePrincipals", group);
    let assignments = [reader(ACCOUNT), member];
    assert_eq!(words(&assignments, &[to_group]).0, "denied");
    assert_eq!(words(&assignments, &[but_group]).0, "granted");
}

/// A deployment stack that denies writing and deleting excludes `*/read` and denies the other actions:
/// <https://learn.microsoft.com/azure/azure-resource-manager/bicep/deployment-stacks#protect-managed-resources>.
#[test]
fn a_denial_of_all_but_reading_forbids_to_sign_and_not_to_read() {
    let mut stack = denied(&["*"], &[], ACCOUNT);
    stack["properties"]["permissions"][0]["notActions"] =
        json!(["*/read", "Microsoft.Authorization/locks/delete"]);
    let evaluation = ask(&[reader(ACCOUNT)], &[stack], None);
    assert_eq!(word(&evaluation.read), "granted");
    assert_eq!(
        evaluation.sign,
        Grant::Denied {
            by: "lock".to_owned()
        }
    );
}

#[test]
fn a_denial_of_a_part_leaves_the_rest() {
    let part = [denied(&["*"], &["*"], &container("a"))];
    let whole = ask(&[reader(ACCOUNT)], &part, None);
    assert_eq!(cause(&whole.read), Some(Cause::Z08));
    assert_eq!(word(&whole.sign), "granted");
    assert_eq!(word(&ask(&[reader(ACCOUNT)], &part, A).read), "denied");
    assert_eq!(word(&ask(&[reader(ACCOUNT)], &part, B).read), "granted");
    // All that is granted is denied.
    let only = [reader(&container("a"))];
    assert_eq!(word(&ask(&only, &part, None).read), "denied");
    let two = [reader(&container("a")), reader(&container("b"))];
    let Grant::Partly { parts, .. } = ask(&two, &part, None).read else {
        panic!("the other container is left");
    };
    assert_eq!(
        parts,
        [
            "the container `b`",
            "but not the container `a`, which the deny assignment `lock` forbids"
        ]
    );
}

#[test]
fn doubt_about_a_denial_matters_only_where_something_is_granted() {
    let doubtful = with(
        &denied(&["*"], &["*"], ACCOUNT),
        "condition",
        json!("not a condition"),
    );
    assert_eq!(
        words(&[], std::slice::from_ref(&doubtful)),
        ("not granted", "not granted")
    );
    assert_eq!(
        words(&[reader(ACCOUNT)], std::slice::from_ref(&doubtful)),
        ("undetermined", "undetermined")
    );
    assert_eq!(
        words(
            &[reader(ACCOUNT)],
            &[doubtful, denied(&["*"], &["*"], SUBSCRIPTION)]
        ),
        ("denied", "denied")
    );
}

#[test]
fn everyone_is_named_by_a_number() {
    let lock = denied(&["*"], &["*"], ACCOUNT);
    assert_eq!(lock["properties"]["principals"][0]["id"], EVERYONE);
    assert_eq!(words(&[reader(ACCOUNT)], &[lock]), ("denied", "denied"));
}
