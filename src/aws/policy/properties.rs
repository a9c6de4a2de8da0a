//! What holds for every policy: of merging, of removing, and of evaluating.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::generate::{
    LINK, any_json, condition, foreign_policy, foreign_statement, ours, ours_with, policy,
    question, rendered, statements, values,
};
use super::statement::Effect;
use super::variables::Variables;
use super::{
    Asked, Circumstances, Outcome, Tri, Version, contains_ours, evaluate, kept, merge, remove,
};
use crate::json;

const WHOLE: Asked<'static> = Asked::Every("arn:aws:s3:::acme/*");
const KEY: Asked<'static> = Asked::One("arn:aws:s3:::acme/public/a1");

/// Everything of a policy but its statements, with the order of its members.
fn others(policy: &Value) -> Vec<(String, String)> {
    let members = policy.as_object().expect("an object");
    members
        .iter()
        .map(|(name, value)| match name.as_str() {
            "Statement" => (name.clone(), String::new()),
            _ => (name.clone(), json::compact(value)),
        })
        .collect()
}

fn texts(values: &[Value]) -> Vec<String> {
    values.iter().map(json::compact).collect()
}

/// A foreign policy with ours put in at some place, in some spelling or under some Sid.
fn policy_with_ours() -> impl Strategy<Value = (Value, Value)> {
    let spelling = prop_oneof![
        Just(ours("acme")),
        Just(ours_with("acme", "Sid", json!("other"))),
        Just(ours_with("acme", "Action", json!("S3:getobject"))),
    ];
    (foreign_policy(), spelling, any::<prop::sample::Index>()).prop_map(|(foreign, ours, index)| {
        let mut list = statements(&foreign);
        list.insert(index.index(list.len() + 1), ours);
        let mut with = foreign.clone();
        with["Statement"] = Value::Array(list);
        (foreign, with)
    })
}

fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed { .. } => "allowed",
        Outcome::GrantedToAccount { .. } => "account",
        Outcome::PartlyAllowed { .. } => "partly allowed",
        Outcome::Denied { .. } => "denied",
        Outcome::PartlyDenied { .. } => "partly denied",
        Outcome::NotGranted { .. } => "not granted",
        Outcome::Undetermined { .. } => "undetermined",
    }
}

fn outcome(policy: &Value, asked: Asked<'static>) -> &'static str {
    kind(&evaluate(Some(policy), &question(asked)).outcome)
}

fn works(kind: &str) -> bool {
    ["allowed", "account"].contains(&kind)
}

proptest! {
    #[test]
    fn merging_adds_ours_and_changes_nothing_else(foreign in foreign_policy()) {
        let rendered = rendered("acme");
        let Ok(merged) = merge(Some(&foreign), &rendered, "acme") else {
            return Ok(());
        };
        let mut expected = statements(&foreign);
        let count = expected.len();
        expected.push(ours("acme"));
        prop_assert_eq!(texts(&statements(&merged)), texts(&expected));
        prop_assert_eq!(others(&merged), others(&foreign));
        prop_assert!(merged["Statement"].is_array());
        prop_assert!(contains_ours(Some(&merged), &rendered));
        prop_assert_eq!(kept(Some(&foreign), Some(&merged), &rendered), count);
    }

    #[test]
    fn merging_again_changes_nothing(foreign in foreign_policy()) {
        let rendered = rendered("acme");
        if let Ok(merged) = merge(Some(&foreign), &rendered, "acme") {
            let again = merge(Some(&merged), &rendered, "acme").expect("it was taken before");
            prop_assert_eq!(json::compact(&again), json::compact(&merged));
        }
    }

    #[test]
    fn a_policy_that_has_ours_is_left_as_it_is((foreign, with) in policy_with_ours()) {
        let rendered = rendered("acme");
        let merged = merge(Some(&with), &rendered, "acme").expect("there is nothing to write");
        prop_assert_eq!(json::compact(&merged), json::compact(&with));
        prop_assert_eq!(kept(Some(&with), Some(&merged), &rendered), statements(&foreign).len());
    }

    #[test]
    fn merging_is_deterministic_and_total(current in any_json()) {
        let rendered = rendered("acme");
        let once = merge(Some(&current), &rendered, "acme");
        prop_assert_eq!(&once, &merge(Some(&current), &rendered, "acme"));
        let _ = remove(Some(&current), &rendered, "acme");
        let _ = super::version_note(Some(&current));
        let _ = super::still_granting(Some(&current), &rendered);
        let _ = kept(Some(&current), once.as_ref().ok(), &rendered);
    }

    #[test]
    fn removing_takes_ours_and_only_ours((foreign, with) in policy_with_ours()) {
        let rendered = rendered("acme");
        let Ok(left) = remove(Some(&with), &rendered, "acme") else {
            return Ok(());
        };
        match left {
            None => prop_assert!(statements(&foreign).is_empty()),
            Some(left) => {
                prop_assert_eq!(texts(&statements(&left)), texts(&statements(&foreign)));
                prop_assert_eq!(others(&left), others(&with));
                prop_assert!(!contains_ours(Some(&left), &rendered));
                prop_assert_eq!(remove(Some(&left), &rendered, "acme"), Ok(Some(left)));
            }
        }
    }

    #[test]
    fn removing_undoes_merging(foreign in foreign_policy()) {
        let rendered = rendered("acme");
        let Ok(merged) = merge(Some(&foreign), &rendered, "acme") else {
            return Ok(());
        };
        match remove(Some(&merged), &rendered, "acme").expect("what is left was there before") {
            None => prop_assert!(statements(&foreign).is_empty()),
            Some(left) => {
                prop_assert_eq!(texts(&statements(&left)), texts(&statements(&foreign)));
                prop_assert_eq!(others(&left), others(&foreign));
            }
        }
    }

    #[test]
    fn a_merged_policy_always_grants_something_or_denies_it(foreign in foreign_policy()) {
        if let Ok(merged) = merge(Some(&foreign), &rendered("acme"), "acme") {
            prop_assert!(!["not granted", "partly allowed"].contains(&outcome(&merged, WHOLE)));
        }
    }

    #[test]
    fn policies_survive_being_written_and_read(policy in any_json()) {
        let text = json::compact(&policy);
        let back = json::parse(&text).map_err(|problem| TestCaseError::fail(problem.to_string()))?;
        prop_assert_eq!(json::compact(&back), text);
    }

    #[test]
    fn evaluating_is_total(policy in any_json(), asked in prop::sample::select(vec![WHOLE, KEY])) {
        let _ = evaluate(Some(&policy), &question(asked));
    }

    #[test]
    fn one_more_denial_never_opens_anything(
        foreign in foreign_policy(),
        more in foreign_statement(),
        asked in prop::sample::select(vec![WHOLE, KEY]),
    ) {
        let before = outcome(&foreign, asked);
        let mut denial = more;
        denial["Effect"] = json!("Deny");
        let mut with = foreign.clone();
        let mut list = statements(&foreign);
        list.push(denial);
        with["Statement"] = Value::Array(list);
        let after = outcome(&with, asked);
        prop_assert!(works(before) || !works(after), "{before} became {after}");
        prop_assert!(before != "denied" || after == "denied", "{before} became {after}");
        prop_assert!(before != "not granted" || ["not granted", "denied"].contains(&after), "{before} became {after}");
    }

    #[test]
    fn one_more_grant_never_closes_anything(
        foreign in foreign_policy(),
        more in foreign_statement(),
        asked in prop::sample::select(vec![WHOLE, KEY]),
    ) {
        let before = outcome(&foreign, asked);
        let mut grant = more;
        grant["Effect"] = json!("Allow");
        let mut with = foreign.clone();
        let mut list = statements(&foreign);
        list.push(grant);
        with["Statement"] = Value::Array(list);
        let after = outcome(&with, asked);
        prop_assert!(!works(before) || works(after), "{before} became {after}");
        prop_assert!(!works(after) || before != "denied", "{before} became {after}");
    }

    #[test]
    fn the_order_of_statements_does_not_matter(foreign in foreign_policy(), asked in prop::sample::select(vec![WHOLE, KEY])) {
        let mut turned = foreign.clone();
        let mut list = statements(&foreign);
        list.reverse();
        turned["Statement"] = Value::Array(list);
        prop_assert_eq!(outcome(&foreign, asked), outcome(&turned, asked));
    }

    #[test]
    fn doubt_never_hides_a_certain_denial(foreign in foreign_policy()) {
        let denial = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"});
        let mut list = statements(&foreign);
        list.push(denial);
        let mut with = foreign;
        with["Statement"] = Value::Array(list);
        prop_assert_eq!(outcome(&with, WHOLE), "denied");
        prop_assert_eq!(outcome(&with, KEY), "denied");
    }
}

fn certain(kind: &str) -> bool {
    ["allowed", "account", "denied", "not granted"].contains(&kind)
}

/// Whether a condition holds for a link.
fn holds(condition: &Value, circumstances: &Circumstances) -> Tri {
    let variables = Variables {
        version: Version::Of2012,
        circumstances,
    };
    super::condition::judge(Some(condition), Effect::Unclear, &variables).0
}

proptest! {
    #[test]
    fn to_know_more_turns_no_answer_around(
        foreign in foreign_policy(),
        team in prop::sample::select(vec!["vision", "x", ""]),
        asked in prop::sample::select(vec![WHOLE, KEY]),
    ) {
        let before = outcome(&foreign, asked);
        let read = LINK.clone().with_tags([("team", team)]);
        let with_tags = super::Question { circumstances: &read, ..question(asked) };
        let after = kind(&evaluate(Some(&foreign), &with_tags).outcome);
        prop_assert!(!certain(before) || before == after, "{} became {}", before, after);
    }

    #[test]
    fn negated_operators_say_the_opposite(
        pair in prop::sample::select(vec![
            ("StringEquals", "StringNotEquals"), ("StringLike", "StringNotLike"), ("ArnLike", "ArnNotLike"),
            ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"), ("NumericEquals", "NumericNotEquals"),
            ("DateEquals", "DateNotEquals"), ("IpAddress", "NotIpAddress"),
        ]),
        key in prop::sample::select(vec![
            "aws:PrincipalArn", "aws:username", "aws:userid", "s3:authType", "aws:SourceIp", "s3:signatureAge",
            "aws:SourceVpce", "aws:CurrentTime", "aws:Referer",
        ]),
        values in values(),
    ) {
        let plain = holds(&json!({pair.0: {key: values}}), &LINK);
        let negated = holds(&json!({pair.1: {key: values}}), &LINK);
        let opposite = match plain {
            Tri::Yes => Tri::No,
            Tri::No => Tri::Yes,
            Tri::Maybe => Tri::Maybe,
        };
        prop_assert_eq!(negated, opposite, "{} on {}: {}", pair.0, key, values);
    }

    #[test]
    fn one_more_part_of_a_condition_never_widens_it(one in condition(), other in condition()) {
        let mut both = one.clone();
        for (operator, keys) in other.as_object().into_iter().flatten() {
            if both.get(operator).is_some() {
                return Ok(());
            }
            both[operator] = keys.clone();
        }
        prop_assert_eq!(holds(&both, &LINK), holds(&one, &LINK).and(holds(&other, &LINK)));
    }

    #[test]
    fn an_exempted_statement_certainly_does_not_hold(statement in foreign_statement()) {
        let Some(raw) = statement.as_object() else {
            return Ok(());
        };
        let Some(mended) = super::exempt(raw, super::generate::USER) else {
            return Ok(());
        };
        if mended["Condition"]["StringNotEquals"].as_object().is_some_and(|keys| {
            keys.values().any(|value| {
                let texts = value.as_array().is_none_or(|all| all.iter().all(Value::is_string));
                !texts
            })
        }) {
            return Ok(());
        }
        prop_assert_eq!(holds(&mended["Condition"], &LINK), Tri::No, "{}", mended);
    }

    #[test]
    fn being_public_is_total_and_no_denial_changes_it(policy in any_json(), foreign in foreign_policy(), more in foreign_statement()) {
        let _ = super::is_public(Some(&policy));
        let before = super::is_public(Some(&foreign)).answer;
        let mut list = statements(&foreign);
        let mut denial = more.clone();
        denial["Effect"] = json!("Deny");
        list.push(denial);
        let mut with = foreign.clone();
        with["Statement"] = Value::Array(list.clone());
        prop_assert_eq!(super::is_public(Some(&with)).answer, before);
        let mut grant = more;
        grant["Effect"] = json!("Allow");
        list.push(grant);
        with["Statement"] = Value::Array(list);
        prop_assert!(before != Tri::Yes || super::is_public(Some(&with)).answer == Tri::Yes);
    }
}

/// As deep as the reader of JSON goes.
#[test]
fn depth_does_no_harm() {
    let deep = |inner: &str| format!("{}{inner}{}", "[".repeat(100), "]".repeat(100));
    let nested = json::parse(&deep("1")).expect("it is JSON");
    for name in [
        "Condition",
        "Principal",
        "Action",
        "Resource",
        "Effect",
        "Sid",
    ] {
        let with = policy(&[ours_with("acme", name, nested.clone())]);
        let found = outcome(&with, WHOLE);
        assert!(
            found == "undetermined" || (found == "allowed" && name == "Sid"),
            "{name}: {found}"
        );
        let _ = super::is_public(Some(&with));
    }
    let condition = json!({"StringEquals": {"aws:username": nested}});
    assert_eq!(holds(&condition, &LINK), Tri::Maybe);
}

/// A statement without doubt: an effect, whether it is `NotResource`, and patterns under `acme/`.
fn plain_statement() -> impl Strategy<Value = (bool, bool, Vec<String>)> {
    (
        any::<bool>(),
        prop::bool::weighted(0.3),
        prop::collection::vec("[xy*?]{0,3}", 1..3),
    )
}

/// Every key over three letters of at most five characters.
fn keys() -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..5 {
        last = last
            .iter()
            .flat_map(|key| ["x", "y", "z"].map(|next| format!("{key}{next}")))
            .collect();
        all.extend(last.clone());
    }
    all
}

/// The plainest matcher there is, to compare with.
fn matches(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, first) => first.is_none(),
        (Some('*'), first) => {
            matches(&pattern[1..], text) || (first.is_some() && matches(pattern, &text[1..]))
        }
        (Some(wanted), first) => {
            (first == Some(wanted) || (wanted == '?' && first.is_some()))
                && matches(&pattern[1..], &text[1..])
        }
    }
}

proptest! {
    #[test]
    fn answers_agree_with_trying_every_key(plain in prop::collection::vec(plain_statement(), 0..4)) {
        let list: Vec<Value> = plain
            .iter()
            .map(|(allow, not, patterns)| {
                let resources: Vec<String> =
                    patterns.iter().map(|pattern| format!("arn:aws:s3:::acme/{pattern}")).collect();
                let resource = if *not { "NotResource" } else { "Resource" };
                json!({
                    "Effect": if *allow { "Allow" } else { "Deny" },
                    "Principal": "*", "Action": "s3:*", resource: resources,
                })
            })
            .collect();
        let applies = |key: &str, effect: bool| {
            plain.iter().any(|(allow, not, patterns)| {
                *allow == effect && patterns.iter().any(|pattern| matches(pattern, key)) != *not
            })
        };
        let keys = keys();
        let granted = keys.iter().filter(|key| applies(key, true)).count();
        let denied = keys.iter().filter(|key| applies(key, false)).count();
        let open = keys.iter().filter(|key| applies(key, true) && !applies(key, false)).count();
        let found = outcome(&policy(&list), WHOLE);
        let right = match found {
            "allowed" => open == keys.len(),
            "partly denied" => granted == keys.len() && denied > 0 && open > 0,
            "partly allowed" => granted < keys.len() && open > 0,
            "denied" => open == 0 && denied > 0,
            "not granted" => granted == 0,
            // Only where parts of both forms meet.
            "undetermined" => plain.len() > 1 && plain.iter().any(|(_, not, _)| *not),
            _ => false,
        };
        prop_assert!(right, "{found}: {granted} granted, {denied} denied, {open} of {} open", keys.len());
        for key in keys.iter().filter(|key| key.len() < 4) {
            let name = format!("arn:aws:s3:::acme/{key}");
            let asked = super::Question { resource: Asked::One(&name), ..question(WHOLE) };
            let found = kind(&evaluate(Some(&policy(&list)), &asked).outcome);
            let wanted = match (applies(key, false), applies(key, true)) {
                (true, _) => "denied",
                (false, true) => "allowed",
                (false, false) => "not granted",
            };
            prop_assert_eq!(found, wanted, "{}", key);
        }
    }
}
