//! Lists that somebody made: groups of which it is not known whether the app is in them, and entries of others.

use serde_json::{Value, json};

use super::super::generate::{
    ACCOUNT, APP, GROUP, NOW, OTHER, SUBSCRIPTION, assigned, container, definition, denied, reader,
    with, word,
};
use super::*;

fn ask(assignments: &[Value], denials: &[Value], groups: Groups) -> (&'static str, &'static str) {
    let evaluation = evaluate(&Question {
        principal: APP,
        account: ACCOUNT,
        assignments,
        definition: &definition,
        groups,
        denials,
        sample: None,
        now: NOW,
    });
    (word(&evaluation.read), word(&evaluation.sign))
}

fn to(entry: &Value, principal: &str, kind: &str) -> Value {
    let entry = with(entry, "principalId", json!(principal));
    with(&entry, "principalType", json!(kind))
}

#[test]
fn a_group_that_the_app_need_not_be_in_grants_it_nothing_for_certain() {
    let group = |entry: &Value| to(entry, GROUP, "Group");
    let may = "undetermined";
    for (assignments, its_own, not_known) in [
        (
            vec![group(&reader(ACCOUNT))],
            ("granted", "granted"),
            (may, may),
        ),
        (
            vec![group(&reader(SUBSCRIPTION))],
            ("granted", "granted"),
            (may, may),
        ),
        (
            vec![group(&reader(&container("a")))],
            ("partly", "not granted"),
            (may, "not granted"),
        ),
        // What a role has no right to, no membership gives.
        (
            vec![group(&assigned("data", ACCOUNT))],
            ("granted", "not granted"),
            (may, "not granted"),
        ),
        // What is granted to the app itself is so, whatever groups there are.
        (
            vec![group(&reader(ACCOUNT)), reader(ACCOUNT)],
            ("granted", "granted"),
            ("granted", "granted"),
        ),
        (
            vec![to(&reader(ACCOUNT), GROUP, "ForeignGroup")],
            ("granted", "granted"),
            (may, may),
        ),
    ] {
        assert_eq!(
            ask(&assignments, &[], Groups::ItsOwn),
            its_own,
            "{assignments:?}"
        );
        assert_eq!(
            ask(&assignments, &[], Groups::NotKnown),
            not_known,
            "{assignments:?}"
        );
    }
}

#[test]
fn a_denial_for_a_group_that_the_app_need_not_be_in_is_possible() {
    let of_the_group = json!([{ "id": GROUP, "type": "Group" }]);
    let lock = with(&denied(&[], &["*"], ACCOUNT), "principals", of_the_group);
    let assignments = [
        reader(ACCOUNT),
        to(&assigned("data", ACCOUNT), GROUP, "Group"),
    ];
    let denials = [lock];
    assert_eq!(ask(&assignments, &denials, Groups::ItsOwn).0, "denied");
    assert_eq!(
        ask(&assignments, &denials, Groups::NotKnown).0,
        "undetermined"
    );
}

#[test]
fn what_is_certainly_for_somebody_else_is_left_out_and_nothing_more() {
    let list = [
        reader(ACCOUNT),
        to(&reader(ACCOUNT), &APP.to_uppercase(), "ServicePrincipal"),
        to(&reader(ACCOUNT), GROUP, "Group"),
        to(&reader(ACCOUNT), OTHER, "Unknown"),
        with(&reader(ACCOUNT), "principalType", json!(null)),
        json!({ "odd": true }),
    ];
    let others =
        ["ServicePrincipal", "User", "Device"].map(|kind| to(&reader(ACCOUNT), OTHER, kind));
    let all = [list.as_slice(), others.as_slice()].concat();
    assert_eq!(not_of_others(&all, APP), list);
    assert_eq!(holders(&others, ACCOUNT), [OTHER]);
    assert_eq!(
        holders(&[to(&reader(SUBSCRIPTION), OTHER, "Unknown")], ACCOUNT),
        [""; 0]
    );
}
