//! Putting our member into a bucket's IAM policy, and taking it out again.
//!
//! Everything else in the document is moved about as it is: other members, conditional bindings, audit settings, and
//! what this program does not know.

use serde_json::{Map, Value, json};

use super::policy::{
    MAX_PRINCIPALS, Ours, bindings, condition_of, members_of, role_of, same_member,
};
use crate::error::Refusal;

/// The policy with our member in the unconditional binding of our role. Equal to `current` where it is there.
///
/// # Errors
/// When the document is none that can be added to, or would name more principals than Google accepts.
pub fn merge(current: &Value, ours: Ours<'_>) -> Result<Value, Refusal> {
    check(current)?;
    if bindings(current)
        .iter()
        .any(|binding| is_the_binding(binding, ours.role) && names(binding, ours.member))
    {
        return Ok(current.clone());
    }
    let mut merged = current.clone();
    let members = object(&mut merged)?;
    let list = members.entry("bindings").or_insert_with(|| json!([]));
    let Value::Array(list) = list else {
        return Err(odd("`bindings` is no list"));
    };
    let place = list.iter_mut().find(|binding| {
        is_the_binding(binding, ours.role) && binding.get("members").is_none_or(Value::is_array)
    });
    match place.and_then(Value::as_object_mut) {
        Some(binding) => {
            if let Some(named) = binding
                .entry("members")
                .or_insert_with(|| json!([]))
                .as_array_mut()
            {
                named.push(json!(ours.member));
            }
        }
        None => list.push(json!({ "role": ours.role, "members": [ours.member] })),
    }
    let principals: usize = bindings(&merged)
        .iter()
        .map(|binding| members_of(binding).count())
        .sum();
    if principals > MAX_PRINCIPALS {
        return Err(Refusal::new(format!(
            "it would name {principals} principals, and Google accepts {MAX_PRINCIPALS}"
        ))
        .hint("put members that have the same role into a group, and run again"));
    }
    Ok(merged)
}

/// The policy without our member in any unconditional binding of our role, and without such a binding where it was
/// the last one.
///
/// # Errors
/// When the document is none that can be edited.
pub fn remove(current: &Value, ours: Ours<'_>) -> Result<Value, Refusal> {
    check(current)?;
    let mut left = current.clone();
    if let Some(Value::Array(list)) = object(&mut left)?.get_mut("bindings") {
        list.retain_mut(|binding| {
            if !is_the_binding(binding, ours.role) || !names(binding, ours.member) {
                return true;
            }
            let Some(Value::Array(named)) = binding.get_mut("members") else {
                return true;
            };
            named.retain(|member| {
                !member
                    .as_str()
                    .is_some_and(|member| same_member(member, ours.member))
            });
            !named.is_empty()
        });
    }
    Ok(left)
}

/// How many bindings of others are the same, in the same order, in `before` and in `after`: those of other roles or
/// with a condition, and those of our role that have another member.
#[must_use]
pub fn kept(before: &Value, after: &Value, ours: Ours<'_>) -> usize {
    let foreign = |policy: &Value| -> Vec<Value> {
        bindings(policy)
            .iter()
            .filter_map(|binding| without_us(binding, ours))
            .collect()
    };
    let after = foreign(after);
    let mut rest = after.iter();
    foreign(before)
        .iter()
        .filter(|binding| rest.any(|other| other == *binding))
        .count()
}

/// A binding as it is without us; none where nothing is left of it.
pub(super) fn without_us(binding: &Value, ours: Ours<'_>) -> Option<Value> {
    if !is_the_binding(binding, ours.role) || !names(binding, ours.member) {
        return Some(binding.clone());
    }
    let mut binding = binding.clone();
    let named = binding.get_mut("members")?.as_array_mut()?;
    named.retain(|member| {
        !member
            .as_str()
            .is_some_and(|member| same_member(member, ours.member))
    });
    (!named.is_empty()).then_some(binding)
}

/// The bindings that name our member still, one line each, for a reader who has just taken ours out.
#[must_use]
pub fn still_granting(policy: &Value, ours: Ours<'_>) -> Vec<String> {
    bindings(policy)
        .iter()
        .filter(|binding| names(binding, ours.member))
        .map(|binding| {
            format!(
                "{} still names `{}`; it is not ours, and stays",
                super::binding_name(binding),
                ours.member
            )
        })
        .collect()
}

/// Whether this is the binding of that role that holds for every request.
fn is_the_binding(binding: &Value, role: &str) -> bool {
    role_of(binding) == role && condition_of(binding).is_none()
}

fn names(binding: &Value, member: &str) -> bool {
    members_of(binding).any(|other| same_member(other, member))
}

fn check(policy: &Value) -> Result<(), Refusal> {
    let list = match policy {
        Value::Object(members) => members.get("bindings"),
        _ => return Err(odd("it is no object")),
    };
    match list {
        None => Ok(()),
        Some(Value::Array(list)) if list.iter().all(Value::is_object) => Ok(()),
        Some(_) => Err(odd("`bindings` is no list of bindings")),
    }
}

fn object(policy: &mut Value) -> Result<&mut Map<String, Value>, Refusal> {
    policy.as_object_mut().ok_or_else(|| odd("it is no object"))
}

fn odd(why: &str) -> Refusal {
    Refusal::new(format!(
        "it is no IAM policy that can be added to without the risk of losing a part of it: {why}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Ours<'static> = Ours {
        role: "projects/acme-vision/roles/segments_object_reader",
        member: "serviceAccount:acme@segments-prod.iam.gserviceaccount.com",
    };

    fn policy(bindings: &Value) -> Value {
        json!({"version": 3, "bindings": bindings})
    }

    #[test]
    fn a_new_binding_is_added_last() {
        let other = json!({"role": "roles/storage.admin", "members": ["user:ana@acme.example"]});
        let merged = merge(&policy(&json!([other])), OURS).expect("merged");
        assert_eq!(
            merged,
            policy(&json!([other, {"role": OURS.role, "members": [OURS.member]}]))
        );
        assert_eq!(
            merge(&json!({}), OURS),
            Ok(json!({"bindings": [{"role": OURS.role, "members": [OURS.member]}]}))
        );
    }

    #[test]
    fn the_member_joins_the_unconditional_binding_of_its_role() {
        let conditional = json!({"role": OURS.role, "members": [OURS.member], "condition": {"expression": "false"}});
        let own = json!({"role": OURS.role, "members": ["user:ana@acme.example"]});
        let merged = merge(&policy(&json!([conditional, own])), OURS).expect("merged");
        assert_eq!(
            merged,
            policy(&json!([
                conditional,
                {"role": OURS.role, "members": ["user:ana@acme.example", OURS.member]},
            ]))
        );
    }

    #[test]
    fn a_member_that_is_there_in_other_letters_is_there() {
        let there = policy(
            &json!([{"role": OURS.role, "members": [OURS.member.to_uppercase().replace("SERVICEACCOUNT", "serviceAccount")]}]),
        );
        assert_eq!(merge(&there, OURS), Ok(there.clone()));
    }

    #[test]
    fn removing_takes_the_member_and_an_empty_binding() {
        let shared =
            policy(&json!([{"role": OURS.role, "members": ["user:a@b.example", OURS.member]}]));
        assert_eq!(
            remove(&shared, OURS),
            Ok(policy(
                &json!([{"role": OURS.role, "members": ["user:a@b.example"]}])
            ))
        );
        let alone = policy(&json!([{"role": OURS.role, "members": [OURS.member]}]));
        assert_eq!(remove(&alone, OURS), Ok(policy(&json!([]))));
        let conditional = policy(
            &json!([{"role": OURS.role, "members": [OURS.member], "condition": {"title": "June"}}]),
        );
        assert_eq!(remove(&conditional, OURS), Ok(conditional.clone()));
        assert_eq!(still_granting(&conditional, OURS).len(), 1);
    }

    #[test]
    fn more_principals_than_google_accepts_are_refused() {
        let members: Vec<String> = (0..MAX_PRINCIPALS)
            .map(|number| format!("user:{number}@acme.example"))
            .collect();
        let full = policy(&json!([{"role": "roles/storage.objectViewer", "members": members}]));
        let refusal = merge(&full, OURS).expect_err("full");
        assert!(refusal.reason.contains("1501 principals"), "{refusal:?}");
        assert!(remove(&full, OURS).is_ok());
    }

    #[test]
    fn documents_that_are_no_policy_are_refused() {
        for odd in [
            json!(null),
            json!([]),
            json!({"bindings": {}}),
            json!({"bindings": ["x"]}),
        ] {
            assert!(merge(&odd, OURS).is_err(), "{odd}");
            assert!(remove(&odd, OURS).is_err(), "{odd}");
        }
    }
}
