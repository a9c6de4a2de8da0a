use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::generate::{
    ACCOUNT, APP, NOW, SUBSCRIPTION, any_json, assigned, container, definition, denied,
    in_container, reader, some_assignment, some_denial, under, word,
};
use super::*;
use crate::azure::rbac::Groups;

fn question<'a>(assignments: &'a [Value], denials: &'a [Value]) -> Question<'a> {
    Question {
        principal: APP,
        account: ACCOUNT,
        assignments,
        definition: &definition,
        denials,
        groups: Groups::ItsOwn,
        sample: None,
        now: NOW,
    }
}

/// The answers for every power, in the order in which they are shown.
fn words(assignments: &[Value], denials: &[Value]) -> Vec<&'static str> {
    let question = question(assignments, denials);
    POWERS
        .iter()
        .map(|power| word(&power.held(&question).1))
        .collect()
}

const NONE: &str = "not granted";

#[test]
fn the_published_role_gives_no_power_beyond_reading() {
    for scope in [ACCOUNT, SUBSCRIPTION, "/", &container("a")] {
        assert_eq!(words(&[reader(scope)], &[]), [NONE; 7], "{scope}");
    }
    assert_eq!(words(&[], &[]), [NONE; 7]);
}

/// The roles as documented: <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage>.
#[test]
fn other_roles_give_what_they_are_made_of() {
    let all = "granted";
    for (role, scope, expected) in [
        (
            "contributor",
            ACCOUNT,
            [all, NONE, NONE, NONE, NONE, NONE, NONE],
        ),
        (
            "contributor",
            &container("a"),
            ["partly", NONE, NONE, NONE, NONE, NONE, NONE],
        ),
        ("owner", ACCOUNT, [NONE, NONE, NONE, all, all, all, all]),
        // On a container, nothing of the account can be done.
        (
            "owner",
            &container("a"),
            [NONE, NONE, NONE, "partly", NONE, NONE, NONE],
        ),
        ("reader", SUBSCRIPTION, [NONE; 7]),
        ("data", ACCOUNT, [all, all, all, NONE, NONE, NONE, NONE]),
        ("conditional", ACCOUNT, ["undetermined"; 7]),
        ("odd", ACCOUNT, ["undetermined"; 7]),
        ("owner", "/subscriptions/other", [NONE; 7]),
    ] {
        assert_eq!(
            words(&[assigned(role, scope)], &[]),
            expected,
            "{role} at {scope}"
        );
    }
}

#[test]
fn what_is_denied_is_no_power() {
    let everything = [denied(&["*"], &["*"], SUBSCRIPTION)];
    assert_eq!(
        words(&[assigned("owner", ACCOUNT)], &everything),
        ["denied"; 7]
    );
    let writing = [denied(&[], &["*/blobs/write"], ACCOUNT)];
    // Another action is enough to write, and the role of this test has none.
    assert_eq!(
        words(&[assigned("contributor", ACCOUNT)], &writing)[0],
        "denied"
    );
    assert_eq!(words(&[assigned("data", ACCOUNT)], &writing)[0], "granted");
}

#[test]
fn a_condition_on_reading_alone_leaves_writing_open() {
    let assignment = under(&assigned("contributor", ACCOUNT), &in_container("a"));
    assert_eq!(words(&[assignment], &[])[0], "granted");
}

#[test]
fn reading_that_reaches_other_accounts_is_told_with_its_scope() {
    let account_named = "@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'other'";
    let root = "/".to_owned();
    for (assignments, expected) in [
        (vec![], Breadth::Nothing),
        (vec![reader(ACCOUNT)], Breadth::Account),
        (
            vec![reader(&container("a"))],
            Breadth::Parts(vec!["the container `a`".to_owned()]),
        ),
        (
            vec![
                reader(ACCOUNT),
                reader(SUBSCRIPTION),
                reader("/"),
                reader("/"),
            ],
            Breadth::Wider(vec![root, SUBSCRIPTION.to_owned()]),
        ),
        // A role above that reads no blobs widens nothing.
        (
            vec![reader(ACCOUNT), assigned("reader", SUBSCRIPTION)],
            Breadth::Account,
        ),
    ] {
        assert_eq!(breadth(&question(&assignments, &[])), expected);
    }
    for doubtful in [
        under(&reader(SUBSCRIPTION), account_named),
        under(&reader(SUBSCRIPTION), &in_container("a")),
        assigned("odd", SUBSCRIPTION),
        json!("an assignment"),
    ] {
        let assignments = [reader(ACCOUNT), doubtful];
        let told = breadth(&question(&assignments, &[]));
        assert!(matches!(told, Breadth::Undetermined(_)), "{told:?}");
    }
}

proptest! {
    #[test]
    fn one_more_denial_never_gives_power(
        assignments in prop::collection::vec(some_assignment(), 0..4),
        denials in prop::collection::vec(some_denial(), 0..3),
        more in some_denial(),
    ) {
        let with = [denials.clone(), vec![more]].concat();
        let (before, after) = (question(&assignments, &denials), question(&assignments, &with));
        for power in POWERS {
            let before = power.held(&before).1;
            let after = power.held(&after).1;
            let open = |grant: &Grant| match grant {
                Grant::Granted { .. } => 3,
                Grant::Partly { .. } => 2,
                Grant::Undetermined { .. } => 1,
                Grant::Denied { .. } | Grant::NotGranted { .. } => 0,
            };
            prop_assert!(open(&after) <= open(&before), "{}: {before:?} became {after:?}", power.subject);
        }
    }

    #[test]
    fn one_more_assignment_never_takes_power_away(
        assignments in prop::collection::vec(some_assignment(), 0..4),
        more in some_assignment(),
    ) {
        let with = [assignments.clone(), vec![more]].concat();
        for power in POWERS {
            let before = power.held(&question(&assignments, &[])).1;
            let after = power.held(&question(&with, &[])).1;
            prop_assert!(rank(&before) < 4 || rank(&after) == 4, "{}: {before:?} became {after:?}", power.subject);
            // A doubt beside a part makes it a doubt, and never a no.
            prop_assert!(rank(&before) < 2 || rank(&after) >= 2, "{}: {before:?} became {after:?}", power.subject);
        }
    }

    #[test]
    fn any_json_is_looked_at_without_harm(
        assignments in prop::collection::vec(any_json(), 0..4),
        denials in prop::collection::vec(any_json(), 0..3),
    ) {
        let question = question(&assignments, &denials);
        for power in POWERS {
            let (_, grant, _) = power.held(&question);
            prop_assert!(["undetermined", NONE].contains(&word(&grant)), "{grant:?}");
        }
        let told = breadth(&question);
        prop_assert!(!matches!(told, Breadth::Account | Breadth::Wider(_)), "{told:?}");
    }
}
