use time::macros::datetime;

use super::*;

mod documented;

const MEMBER: &str = "serviceAccount:acme@segments-prod.iam.gserviceaccount.com";
const ROLE: &str = "projects/acme-vision/roles/segments_object_reader";

fn roles(name: &str) -> RoleState {
    match name {
        ROLE | "roles/storage.objectViewer" => RoleState::Enabled {
            permissions: vec!["storage.objects.get".to_owned()],
        },
        "roles/storage.legacyBucketReader" => RoleState::Enabled {
            permissions: vec!["storage.objects.list".to_owned()],
        },
        "deleted" => RoleState::Deleted,
        "disabled" => RoleState::Disabled,
        "unread" => RoleState::Unread("you may not read it".to_owned()),
        _ => RoleState::Missing,
    }
}

fn asked(object: Option<&str>) -> Asked<'_> {
    Asked {
        bucket: "acme-images",
        object,
        now: datetime!(2026-11-25 12:00 UTC),
        permission: "storage.objects.get",
    }
}

fn on(object: Option<&str>, bindings: &Value, denied: &[DenyRule]) -> Outcome {
    let policies = Policies {
        bucket: &json!({"bindings": bindings}),
        managed_folders: Ok(&[]),
        project: Ok(&json!({})),
        project_id: "acme-vision",
        ancestors: Ok(&[]),
        public: Tri::Yes,
    };
    evaluate(&policies, MEMBER, &roles, denied, &asked(object)).outcome
}

/// With a policy of the project besides, or without one that could be read.
fn with_project(bindings: &Value, project: Option<&Value>, public: Tri) -> Evaluation {
    let above = project.map(|bindings| json!({"bindings": bindings}));
    let policies = Policies {
        bucket: &json!({"bindings": bindings}),
        managed_folders: Ok(&[]),
        project: above.as_ref().ok_or("you may not read it"),
        project_id: "acme-vision",
        ancestors: Ok(&[]),
        public,
    };
    evaluate(&policies, MEMBER, &roles, &[], &asked(None))
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
    let Outcome::Partly {
        parts,
        cause: "G06",
    } = of(&part)
    else {
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
        let Outcome::Undetermined { reasons, .. } = of(&bindings) else {
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
fn a_role_that_is_not_known_does_not_hide_a_condition_that_does_not_hold() {
    let bindings =
        json!([{"role": "unread", "members": [MEMBER], "condition": {"expression": "false"}}]);
    assert_eq!(cause(&bindings), "G06");
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
    let above = json!({"bindings": [
        {"role": "c", "members": [MEMBER]}, {"role": "d", "members": ["user:ana@acme.example"]},
    ]});
    let policies = Policies {
        bucket: &policy,
        managed_folders: Ok(&[]),
        project: Ok(&above),
        project_id: "acme-vision",
        ancestors: Ok(&[]),
        public: Tri::Yes,
    };
    assert_eq!(roles_for(&policies, MEMBER, &asked(None)), ["a", "b", "c"]);
}

#[test]
fn a_grant_on_the_project_reaches_the_bucket_and_is_told_as_such() {
    let above = json!([{"role": "roles/storage.objectViewer", "members": [MEMBER]}]);
    assert_eq!(
        with_project(&json!([]), Some(&above), Tri::Yes).outcome,
        Outcome::Allowed {
            by: vec!["the binding of `roles/storage.objectViewer` in the IAM policy of the project `acme-vision`".to_owned()],
            until: None,
            public: false,
        }
    );
    let conditional =
        json!([{"role": ROLE, "members": [MEMBER], "condition": {"expression": "false"}}]);
    assert!(matches!(
        with_project(&json!([]), Some(&conditional), Tri::Yes).outcome,
        Outcome::NotGranted { cause: "G06", .. }
    ));
}

#[test]
fn a_project_that_could_not_be_read_leaves_a_missing_grant_undetermined() {
    for (bindings, expected) in [
        (json!([]), None),
        (
            json!([{"role": "deleted", "members": [MEMBER]}]),
            Some("G02"),
        ),
        (
            json!([{"role": "roles/storage.legacyObjectReader", "members": ["projectViewer:acme-vision"]}]),
            None,
        ),
    ] {
        let Outcome::Undetermined { reasons, near } =
            with_project(&bindings, None, Tri::Yes).outcome
        else {
            panic!("{bindings} is decided");
        };
        assert_eq!(near, expected, "{bindings}");
        assert!(
            reasons
                .last()
                .is_some_and(|reason| reason.contains("you may not read it")),
            "{reasons:?}"
        );
    }
    // What the bucket grants holds whatever stands above.
    let granted = json!([{"role": ROLE, "members": [MEMBER]}]);
    assert!(matches!(
        with_project(&granted, None, Tri::Yes).outcome,
        Outcome::Allowed { .. }
    ));
}

#[test]
fn the_projects_basic_roles_count_where_the_bucket_names_them() {
    let bucket = |project: &str| json!([{"role": "roles/storage.objectViewer", "members": [format!("projectViewer:{project}")]}]);
    let viewer = json!([{"role": "roles/viewer", "members": [MEMBER]}]);
    let grouped = json!([{"role": "roles/viewer", "members": ["group:all@acme.example"]}]);
    let conditional =
        json!([{"role": "roles/viewer", "members": [MEMBER], "condition": {"expression": "true"}}]);
    let other = json!([{"role": "roles/editor", "members": [MEMBER]}]);
    for (project, above, expected) in [
        ("acme-vision", viewer.clone(), Tri::Yes),
        ("acme-vision", grouped, Tri::Maybe),
        ("acme-vision", conditional, Tri::Maybe),
        ("acme-vision", other, Tri::No),
        // Who belongs to another project is not known.
        ("elsewhere", viewer, Tri::Maybe),
    ] {
        let outcome = with_project(&bucket(project), Some(&above), Tri::Yes).outcome;
        let answer = match &outcome {
            Outcome::Allowed { public: false, .. } => Tri::Yes,
            Outcome::Undetermined { .. } => Tri::Maybe,
            Outcome::NotGranted { .. } => Tri::No,
            other => panic!("{other:?}"),
        };
        assert_eq!(answer, expected, "{project} {above}: {outcome:?}");
    }
}

#[test]
fn a_grant_to_everyone_counts_as_far_as_public_access_is_not_prevented() {
    let everyone = json!([{"role": ROLE, "members": ["allUsers"]}]);
    let and_a_group = json!([{"role": ROLE, "members": ["group:all@acme.example", "allUsers"]}]);
    let none = json!([]);
    let outcome = |bindings, public| with_project(bindings, Some(&none), public);
    assert!(matches!(
        outcome(&everyone, Tri::Yes).outcome,
        Outcome::Allowed { public: true, .. }
    ));
    let prevented = outcome(&everyone, Tri::No);
    assert!(matches!(
        prevented.outcome,
        Outcome::NotGranted { cause: "G01", .. }
    ));
    assert!(prevented.trace[0].why.contains("public access prevention"));
    let Outcome::Undetermined { reasons, .. } = outcome(&everyone, Tri::Maybe).outcome else {
        panic!("decided without knowing");
    };
    assert!(reasons[0].contains("public access"), "{reasons:?}");
    // The group may hold the account all the same.
    assert!(matches!(
        outcome(&and_a_group, Tri::No).outcome,
        Outcome::Undetermined { .. }
    ));
}
