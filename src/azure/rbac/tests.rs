//! Whether the published role is assigned already, which assignments are ours, and what ours is called.

use serde_json::json;

use super::generate::{
    ACCOUNT, APP, GROUP, OTHER, SUBSCRIPTION, assigned, container, in_container, reader, under,
    with, word,
};
use super::*;
use crate::catalogue::Cause;

mod denied;
mod granted;
mod listed;

/// What the answers are to reading and to signing, for all blobs.
fn words(assignments: &[Value], denials: &[Value]) -> (&'static str, &'static str) {
    let evaluation = generate::ask(assignments, denials, None);
    (word(&evaluation.read), word(&evaluation.sign))
}

fn cause(grant: &Grant) -> Option<Cause> {
    match grant {
        Grant::Partly { cause, .. } | Grant::NotGranted { cause, .. } => Some(*cause),
        Grant::Granted { .. } | Grant::Denied { .. } | Grant::Undetermined { .. } => None,
    }
}

#[test]
fn the_name_of_our_assignment_is_always_the_same() {
    let name = assignment_name(ACCOUNT, APP);
    assert_eq!(name, "3f2fbc49-9f5f-54a5-9f25-29d39b40f6c3");
    assert_eq!(
        assignment_name(&ACCOUNT.to_uppercase(), &APP.to_uppercase()),
        name
    );
    assert_eq!(assignment_name(&format!("{ACCOUNT}/"), APP), name);
    assert_ne!(assignment_name(ACCOUNT, OTHER), name);
    assert_ne!(assignment_name(&format!("{ACCOUNT}2"), APP), name);
}

#[test]
fn an_equal_assignment_is_there_under_any_name_and_from_above() {
    let conditional = |scope: &str| under(&reader(scope), &in_container("a"));
    let cased = with(
        &with(
            &reader(&ACCOUNT.to_uppercase()),
            "principalId",
            json!(APP.to_uppercase()),
        ),
        "roleDefinitionId",
        json!(
            "/providers/Microsoft.Authorization/roleDefinitions/2A2B9908-6EA1-4AE2-8E65-A410DF84E7D1"
        ),
    );
    for (assignments, expected, removable) in [
        (vec![], "no", 0),
        (vec![reader(ACCOUNT)], "here", 1),
        (vec![cased], "here", 1),
        (vec![reader(SUBSCRIPTION)], "above", 0),
        (vec![reader("/")], "above", 0),
        (vec![reader(SUBSCRIPTION), reader(ACCOUNT)], "here", 1),
        (vec![conditional(ACCOUNT)], "conditional", 0),
        (vec![conditional(ACCOUNT), reader(SUBSCRIPTION)], "above", 0),
        (vec![conditional(SUBSCRIPTION)], "no", 0),
        (
            vec![with(&reader(ACCOUNT), "condition", json!(7))],
            "conditional",
            0,
        ),
        (
            vec![with(&reader(ACCOUNT), "condition", json!(""))],
            "here",
            1,
        ),
        (vec![reader(&container("a"))], "no", 0),
        (vec![assigned("contributor", ACCOUNT)], "no", 0),
        (
            vec![with(&reader(ACCOUNT), "principalId", json!(OTHER))],
            "no",
            0,
        ),
        (
            vec![with(
                &with(&reader(ACCOUNT), "principalId", json!(GROUP)),
                "principalType",
                json!("Group"),
            )],
            "no",
            0,
        ),
        (vec![json!({ "id": "x", "properties": {} })], "no", 0),
    ] {
        let found = match held(&assignments, APP, ACCOUNT) {
            Held::No => "no",
            Held::Yes {
                inherited: None, ..
            } => "here",
            Held::Yes {
                inherited: Some(_), ..
            } => "above",
            Held::WithCondition { .. } => "conditional",
        };
        assert_eq!(found, expected, "{assignments:?}");
        assert_eq!(
            ours(&assignments, APP, ACCOUNT).len(),
            removable,
            "{assignments:?}"
        );
    }
}
