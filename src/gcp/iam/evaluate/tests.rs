use time::macros::datetime;

use super::*;

const MEMBER: &str = "serviceAccount:acme@segments-prod.iam.gserviceaccount.com";
const ROLE: &str = "projects/acme-vision/roles/segments_object_reader";

fn roles(name: &str) -> RoleState {
    match name {
        ROLE | "roles/storage.objectViewer" => RoleState::Enabled { grants: true },
        "roles/storage.legacyBucketReader" => RoleState::Enabled { grants: false },
        "deleted" => RoleState::Deleted,
        "disabled" => RoleState::Disabled,
        "unread" => RoleState::Unread("you may not read it".to_owned()),
        _ => RoleState::Missing,
    }
}

fn on(object: Option<&str>, bindings: &Value, denied: &[DenyRule]) -> Outcome {
    let asked = Asked {
        bucket: "acme-images",
        object,
        now: datetime!(2026-11-25 12:00 UTC),
    };
    evaluate(
        &json!({"bindings": bindings}),
        MEMBER,
        &roles,
        denied,
        &asked,
    )
    .outcome
}

fn of(bindings: &Value) -> Outcome {
    on(None, bindings, &[])
}

fn cause(bindings: &Value) -> &'static str {
    match of(bindings) {
        Outcome::NotGranted { cause, .. } => cause,
        other => panic!("{bindings}: {other:?}"),
    }
}

#[test]
fn the_unconditional_binding_allows() {
    assert_eq!(
        of(&json!([{"role": ROLE, "members": ["user:a@b.example", MEMBER]}])),
        Outcome::Allowed {
            by: vec![format!("the binding of `{ROLE}`")],
            until: None,
            public: false,
        }
    );
}

#[test]
fn everyone_is_the_account_too() {
    let Outcome::Allowed { public: true, .. } =
        of(&json!([{"role": "roles/storage.objectViewer", "members": ["allUsers"]}]))
    else {
        panic!("not public");
    };
}

#[test]
fn what_grants_nothing_is_told_by_its_cause() {
    for (bindings, expected) in [
        (json!([]), "G01"),
        (
            json!([{"role": ROLE, "members": ["user:ana@acme.example"]}]),
            "G01",
        ),
        (
            json!([{"role": ROLE, "members": ["projectViewer:acme-vision"]}]),
            "G01",
        ),
        (json!([{"role": "deleted", "members": [MEMBER]}]), "G02"),
        (json!([{"role": "nowhere", "members": [MEMBER]}]), "G02"),
        (json!([{"role": "disabled", "members": [MEMBER]}]), "G03"),
        (
            json!([{"role": "roles/storage.legacyBucketReader", "members": [MEMBER]}]),
            "G04",
        ),
        (
            json!([{"role": ROLE, "members": [format!("deleted:{MEMBER}?uid=1")]}]),
            "G05",
        ),
        (
            json!([{"role": ROLE, "members": [MEMBER], "condition": {"expression": "false"}}]),
            "G06",
        ),
        (
            json!([{"role": "disabled", "members": ["group:all@acme.example"]}]),
            "G01",
        ),
    ] {
        assert_eq!(cause(&bindings), expected, "{bindings}");
    }
}

#[test]
fn a_condition_allows_for_a_time_or_a_part() {
    let until = json!([{"role": ROLE, "members": [MEMBER],
        "condition": {"expression": "request.time < timestamp(\"2027-01-01T00:00:00Z\")"}}]);
    let Outcome::Allowed { until: Some(_), .. } = of(&until) else {
        panic!("{:?}", of(&until));
    };
    let part = json!([{"role": ROLE, "members": [MEMBER], "condition": {"title": "photos",
        "expression": "resource.name.startsWith(\"projects/_/buckets/acme-images/objects/photos/\")"}}]);
    let Outcome::Partly { parts } = of(&part) else {
        panic!("{:?}", of(&part));
    };
    assert!(parts[0].contains("photos/"), "{parts:?}");
    assert!(matches!(
        on(Some("photos/1.jpg"), &part, &[]),
        Outcome::Allowed { .. }
    ));
    assert!(matches!(
        on(Some("scans/1.jpg"), &part, &[]),
        Outcome::NotGranted { cause: "G06", .. }
    ));
}

#[test]
fn what_is_not_known_is_undetermined_and_named() {
    for (bindings, part) in [
        (
            json!([{"role": ROLE, "members": ["group:all@acme.example"]}]),
            "group:all@acme.example",
        ),
        (
            json!([{"role": "unread", "members": [MEMBER]}]),
            "may not read",
        ),
        (
            json!([{"role": ROLE, "members": [MEMBER], "condition": {"expression": "resource.matchTag('a', 'b')"}}]),
            "resource.matchTag",
        ),
    ] {
        let Outcome::Undetermined { reasons } = of(&bindings) else {
            panic!("{bindings}: {:?}", of(&bindings));
        };
        assert!(reasons[0].contains(part), "{reasons:?}");
    }
}

#[test]
fn a_certain_grant_outweighs_what_is_not_known() {
    let bindings = json!([
        {"role": "unread", "members": [MEMBER]},
        {"role": ROLE, "members": [MEMBER]},
    ]);
    assert!(matches!(of(&bindings), Outcome::Allowed { .. }));
}

#[test]
fn a_deny_outweighs_every_grant() {
    let granted = json!([{"role": ROLE, "members": [MEMBER]}]);
    let rule = |denies| DenyRule {
        policy: "lock".to_owned(),
        denies,
        why: "it denies".to_owned(),
    };
    assert!(matches!(
        on(None, &granted, &[rule(Tri::Yes)]),
        Outcome::Denied { .. }
    ));
    assert!(matches!(
        on(None, &granted, &[rule(Tri::Maybe)]),
        Outcome::Undetermined { .. }
    ));
    assert!(matches!(
        on(None, &json!([]), &[rule(Tri::Maybe)]),
        Outcome::NotGranted { cause: "G01", .. }
    ));
}

#[test]
fn only_the_roles_that_matter_are_asked_for() {
    let policy = json!({"bindings": [
        {"role": "roles/storage.admin", "members": ["user:ana@acme.example"]},
        {"role": "b", "members": [MEMBER]}, {"role": "a", "members": ["group:x@y.example"]},
        {"role": "b", "members": ["allUsers"]},
    ]});
    assert_eq!(roles_for(&policy, MEMBER), ["a", "b"]);
}
