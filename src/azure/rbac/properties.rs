//! What holds for all assignments and all denials.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::condition::Sample;
use super::generate::{
    ACCOUNT, APP, any_json, ask, denied, reader, some_assignment, some_denial, word,
};
use super::{Evaluation, Grant, Held, allows, held, ours, reach};

fn assignments() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(some_assignment(), 0..4)
}

fn denials() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(some_denial(), 0..3)
}

fn some_sample() -> impl Strategy<Value = Option<Sample<'static>>> {
    prop::sample::select(vec![
        None,
        Some(Sample {
            container: "a",
            path: "x.jpg",
        }),
        Some(Sample {
            container: "c",
            path: "x.jpg",
        }),
    ])
}

fn both(evaluation: &Evaluation) -> [&Grant; 2] {
    [&evaluation.read, &evaluation.sign]
}

/// How much is granted.
fn rank(grant: &Grant) -> u8 {
    match grant {
        Grant::Granted { .. } => 3,
        Grant::Partly { .. } => 2,
        Grant::Undetermined { .. } => 1,
        Grant::NotGranted { .. } | Grant::Denied { .. } => 0,
    }
}

proptest! {
    #[test]
    fn one_more_denial_never_widens(
        assignments in assignments(),
        denials in denials(),
        more in some_denial(),
        sample in some_sample(),
    ) {
        let before = ask(&assignments, &denials, sample);
        let after = ask(&assignments, &[denials, vec![more]].concat(), sample);
        for (before, after) in both(&before).into_iter().zip(both(&after)) {
            prop_assert!(rank(after) <= rank(before), "{before:?} became {after:?}");
            prop_assert!(word(before) != "denied" || word(after) == "denied", "{before:?} became {after:?}");
            // What is granted by nothing is not in doubt because of a denial.
            prop_assert!(word(before) != "not granted" || rank(after) == 0, "{before:?} became {after:?}");
        }
    }

    #[test]
    fn one_more_assignment_never_closes(
        assignments in assignments(),
        denials in denials(),
        more in some_assignment(),
        sample in some_sample(),
    ) {
        let before = ask(&assignments, &denials, sample);
        let after = ask(&[assignments, vec![more]].concat(), &denials, sample);
        for (before, after) in both(&before).into_iter().zip(both(&after)) {
            // A group that the assignment tells of may be one that a denial names.
            prop_assert!(word(before) != "granted" || rank(after) > 0 || word(after) == "denied", "{before:?} became {after:?}");
            prop_assert!(word(before) != "partly" || word(after) != "not granted", "{before:?} became {after:?}");
        }
        if denials.is_empty() {
            prop_assert!(rank(&before.read) < 3 || rank(&after.read) == 3);
            prop_assert!(rank(&before.sign) < 3 || rank(&after.sign) == 3);
        }
    }

    #[test]
    fn the_order_does_not_matter(assignments in assignments(), denials in denials(), sample in some_sample()) {
        let turned = |values: &[Value]| values.iter().rev().cloned().collect::<Vec<Value>>();
        let one = ask(&assignments, &denials, sample);
        let other = ask(&turned(&assignments), &turned(&denials), sample);
        prop_assert_eq!(both(&one).map(word), both(&other).map(word));
        prop_assert_eq!(one.settling, other.settling);
        prop_assert_eq!(one, ask(&assignments, &denials, sample));
    }

    #[test]
    fn what_is_said_of_all_blobs_holds_for_each(assignments in assignments(), denials in denials(), blob in "[abc]") {
        let whole = ask(&assignments, &denials, None).read;
        let sample = Sample { container: &blob, path: "x.jpg" };
        let one = ask(&assignments, &denials, Some(sample)).read;
        match whole {
            Grant::Granted { .. } => prop_assert_eq!(word(&one), "granted"),
            Grant::Denied { .. } | Grant::NotGranted { .. } => prop_assert_eq!(rank(&one), 0, "{:?}", one),
            Grant::Partly { .. } | Grant::Undetermined { .. } => {}
        }
        if let Grant::Partly { .. } = whole {
            prop_assert!(word(&one) != "undetermined", "{one:?}");
        }
        prop_assert!(word(&one) != "partly", "{one:?}");
    }

    /// Odd shapes beside it are a doubt, and a certain denial is none.
    #[test]
    fn doubt_never_hides_a_certain_denial(
        assignments in prop::collection::vec(prop_oneof![any_json(), some_assignment()], 0..4),
        denials in prop::collection::vec(prop_oneof![any_json(), some_denial()], 0..3),
        sample in some_sample(),
    ) {
        let with = [denials, vec![denied(&["*"], &["*"], ACCOUNT)]].concat();
        let evaluation = ask(&assignments, &with, sample);
        prop_assert_eq!(both(&evaluation).map(word), ["denied"; 2]);
    }

    #[test]
    fn doubt_about_denials_never_hides_that_nothing_is_granted(denials in prop::collection::vec(any_json(), 0..3), sample in some_sample()) {
        let evaluation = ask(&[], &denials, sample);
        prop_assert_eq!(both(&evaluation).map(rank), [0; 2]);
    }

    #[test]
    fn what_is_odd_is_never_a_yes(
        odd in prop::collection::vec(any_json(), 1..3),
        assignments in assignments(),
        sample in some_sample(),
    ) {
        // Odd denials beside a certain grant: a doubt, or nothing.
        let evaluation = ask(&[reader(ACCOUNT)], &odd, sample);
        for grant in both(&evaluation) {
            prop_assert!(["granted", "undetermined", "denied", "partly"].contains(&word(grant)));
        }
        // Odd assignments grant nothing by themselves.
        let evaluation = ask(&odd, &[], sample);
        for grant in both(&evaluation) {
            prop_assert!(["undetermined", "not granted"].contains(&word(grant)), "{grant:?}");
        }
        let _ = ask(&[odd, assignments].concat(), &[], sample);
    }

    #[test]
    fn every_assignment_and_denial_is_traced_once_for_each_action(assignments in assignments(), denials in denials()) {
        let mut different: Vec<&Value> = Vec::new();
        for assignment in &assignments {
            if !different.contains(&assignment) {
                different.push(assignment);
            }
        }
        let trace = ask(&assignments, &denials, None).trace;
        prop_assert_eq!(trace.len(), 2 * (different.len() + denials.len()));
        prop_assert!(trace.iter().all(|step| !step.why.is_empty()));
    }

    #[test]
    fn any_json_is_looked_at_without_harm(values in prop::collection::vec(any_json(), 0..4), scope in "\\PC{0,40}") {
        let _ = held(&values, APP, ACCOUNT);
        let _ = ours(&values, APP, ACCOUNT);
        let _ = allows(&values, "Microsoft.Authorization/roleAssignments/write");
        let _ = reach(&scope, ACCOUNT);
        let _ = reach(ACCOUNT, &scope);
    }

    #[test]
    fn once_it_is_assigned_it_is_held_and_removing_ours_leaves_the_rest(assignments in assignments()) {
        let mut all = assignments.clone();
        let mut own = reader(ACCOUNT);
        own["id"] = json!("ours");
        all.push(own);
        let is_held = matches!(held(&all, APP, ACCOUNT), Held::Yes { .. });
        prop_assert!(is_held);
        let removed = ours(&all, APP, ACCOUNT);
        prop_assert!(removed.contains(&"ours".to_owned()));
        let left: Vec<Value> = all
            .iter()
            .filter(|one| !removed.iter().any(|id| one["id"] == id.as_str()))
            .cloned()
            .collect();
        prop_assert_eq!(ours(&left, APP, ACCOUNT), Vec::<String>::new());
        // What was held before by somebody's other assignment, still is.
        if let Held::Yes { inherited: Some(_), .. } = held(&assignments, APP, ACCOUNT) {
            let still = matches!(held(&left, APP, ACCOUNT), Held::Yes { inherited: Some(_), .. });
            prop_assert!(still);
        }
    }
}
