//! What holds for every IAM policy: nothing of others is lost, changed or reordered.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::merge::without_us;
use super::policy::bindings;
use super::{Ours, kept, merge, remove};

const OURS: Ours<'static> = Ours {
    role: "projects/acme-vision/roles/segments_object_reader",
    member: "serviceAccount:acme@segments-prod.iam.gserviceaccount.com",
};

fn member() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => prop::sample::select(vec![
            "user:ana@acme.example", "group:all@acme.example", "allUsers", "projectViewer:acme-vision",
            "deleted:serviceAccount:acme@segments-prod.iam.gserviceaccount.com?uid=1",
            "serviceAccount:other@segments-prod.iam.gserviceaccount.com",
        ]).prop_map(Value::from),
        1 => Just(json!(OURS.member)),
        1 => Just(json!(OURS.member.replace("acme@", "ACME@"))),
    ]
}

fn condition() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(json!({"title": "June", "expression": "request.time < timestamp(\"2027-06-01T00:00:00Z\")"}))),
        1 => Just(Some(json!({"expression": "true", "language": "unheard of"}))),
        1 => Just(Some(Value::Null)),
    ]
}

fn binding() -> impl Strategy<Value = Value> {
    let roles = prop::sample::select(vec![
        OURS.role,
        "roles/storage.admin",
        "projects/other/roles/segments_object_reader",
    ]);
    (
        roles,
        prop::collection::vec(member(), 0..4),
        condition(),
        prop::option::weighted(0.2, "[a-z]{3}"),
    )
        .prop_map(|(role, members, condition, extra)| {
            let mut binding = json!({"role": role, "members": members});
            if let Some(condition) = condition {
                binding["condition"] = condition;
            }
            if let Some(extra) = extra {
                binding["bindingId"] = json!(extra);
            }
            binding
        })
}

fn policy() -> impl Strategy<Value = Value> {
    (
        prop::option::weighted(0.9, prop::collection::vec(binding(), 0..6)),
        prop::option::of(Just(
            json!([{"service": "allServices", "auditLogConfigs": []}]),
        )),
        prop::option::of("[a-z]{2}"),
        prop::sample::select(vec![1, 3]),
    )
        .prop_map(|(bindings, audit, extra, version)| {
            let mut policy = json!({"version": version});
            if let Some(bindings) = bindings {
                policy["bindings"] = json!(bindings);
            }
            if let Some(audit) = audit {
                policy["auditConfigs"] = audit;
            }
            if let Some(extra) = extra {
                policy["rules"] = json!(extra);
            }
            policy
        })
}

fn foreign(policy: &Value) -> Vec<Value> {
    bindings(policy)
        .iter()
        .filter_map(|binding| without_us(binding, OURS))
        .collect()
}

/// The same document without its bindings.
fn around(policy: &Value) -> Value {
    let mut policy = policy.clone();
    policy
        .as_object_mut()
        .expect("an object")
        .remove("bindings");
    policy
}

/// A binding that has no member at all is nobody's; Google does not store such.
fn without_empty(bindings: Vec<Value>) -> Vec<Value> {
    bindings
        .into_iter()
        .filter(|binding| binding["members"] != json!([]))
        .collect()
}

proptest! {
    #[test]
    fn merging_is_idempotent_and_deterministic(current in policy()) {
        let merged = merge(&current, OURS).expect("small");
        prop_assert_eq!(merge(&current, OURS).expect("small"), merged.clone());
        prop_assert_eq!(merge(&merged, OURS).expect("small"), merged);
    }

    #[test]
    fn merging_adds_one_member_and_nothing_else(current in policy()) {
        let merged = merge(&current, OURS).expect("small");
        prop_assert_eq!(around(&merged), around(&current));
        prop_assert_eq!(without_empty(foreign(&merged)), without_empty(foreign(&current)));
        let count = |policy: &Value| bindings(policy).iter().map(|binding| binding["members"].as_array().map_or(0, Vec::len)).sum::<usize>();
        prop_assert!(count(&merged) <= count(&current) + 1);
    }

    #[test]
    fn merging_converges_though_others_add_bindings_meanwhile(before in policy(), later in prop::collection::vec(binding(), 0..3)) {
        let mut moved = merge(&before, OURS).expect("small");
        moved["bindings"].as_array_mut().expect("bindings").extend(later);
        prop_assert_eq!(merge(&moved, OURS).expect("small"), moved);
    }

    #[test]
    fn removing_takes_ours_and_only_ours(current in policy()) {
        let left = remove(&current, OURS).expect("a policy");
        prop_assert_eq!(around(&left), around(&current));
        prop_assert_eq!(bindings(&left).to_vec(), foreign(&current));
        prop_assert_eq!(remove(&left, OURS).expect("a policy"), left.clone());
        prop_assert_eq!(kept(&current, &left, OURS), bindings(&left).len());
    }

    #[test]
    fn removing_undoes_merging(current in policy()) {
        let foreign = remove(&current, OURS).expect("a policy");
        let merged = merge(&foreign, OURS).expect("small");
        let left = remove(&merged, OURS).expect("a policy");
        prop_assert_eq!(without_empty(bindings(&left).to_vec()), without_empty(bindings(&foreign).to_vec()));
    }
}
