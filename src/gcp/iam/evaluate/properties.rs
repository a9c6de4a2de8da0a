//! What holds for every evaluation: a denial never widens, a grant never narrows, and any JSON has an answer.

use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::datetime;

use super::*;
use crate::gcp::iam::deny::deny_rules;
use crate::gcp::iam::levels::Level;

const EMAIL: &str = "acme@segments-prod.iam.gserviceaccount.com";
const MEMBER: &str = "serviceAccount:acme@segments-prod.iam.gserviceaccount.com";

fn roles(name: &str) -> RoleState {
    match name {
        "roles/storage.objectViewer" | "projects/p/roles/r" => RoleState::Enabled {
            permissions: vec!["storage.objects.get".to_owned()],
        },
        "roles/storage.legacyBucketReader" => RoleState::Enabled {
            permissions: Vec::new(),
        },
        "disabled" => RoleState::Disabled,
        "unread" => RoleState::Unread("you may not".to_owned()),
        _ => RoleState::Missing,
    }
}

fn binding() -> impl Strategy<Value = Value> {
    let role = prop::sample::select(vec![
        "roles/storage.objectViewer",
        "projects/p/roles/r",
        "roles/storage.legacyBucketReader",
        "disabled",
        "unread",
        "gone",
    ]);
    let member = prop::sample::select(vec![
        MEMBER,
        "allUsers",
        "allAuthenticatedUsers",
        "group:all@acme.example",
        "user:ana@acme.example",
        "projectViewer:acme-vision",
        "deleted:serviceAccount:acme@segments-prod.iam.gserviceaccount.com?uid=1",
    ]);
    let condition = prop::option::weighted(
        0.4,
        prop::sample::select(vec![
            "true",
            "false",
            r#"resource.name.startsWith("projects/_/buckets/acme-images/objects/photos/")"#,
            r#"resource.matchTag("1/env", "prod")"#,
            r#"request.time < timestamp("2027-01-01T00:00:00Z")"#,
            "what?",
        ]),
    );
    (role, prop::collection::vec(member, 0..3), condition).prop_map(|(role, members, condition)| {
        let mut binding = json!({"role": role, "members": members});
        if let Some(expression) = condition {
            binding["condition"] = json!({"title": "t", "expression": expression});
        }
        binding
    })
}

fn policy() -> impl Strategy<Value = Value> {
    prop::collection::vec(binding(), 0..4).prop_map(|bindings| json!({"bindings": bindings}))
}

fn denial() -> impl Strategy<Value = Value> {
    let principal = || {
        prop::collection::vec(
            prop::sample::select(vec![
                "principalSet://goog/public:all",
                "principal://iam.googleapis.com/projects/-/serviceAccounts/acme@segments-prod.iam.gserviceaccount.com",
                "principalSet://goog/group/all@acme.example",
                "principal://goog/subject/ana@acme.example",
            ]),
            0..3,
        )
    };
    let permission = prop::collection::vec(
        prop::sample::select(vec![
            "storage.googleapis.com/objects.get",
            "storage.googleapis.com/objects.*",
            "storage.googleapis.com/objects.list",
        ]),
        0..3,
    );
    (principal(), principal(), permission, any::<bool>()).prop_map(
        |(denied, excepted, permissions, tagged)| {
            let mut rule = json!({
                "deniedPrincipals": denied,
                "exceptionPrincipals": excepted,
                "deniedPermissions": permissions,
            });
            if tagged {
                rule["denialCondition"] = json!({"expression": "resource.matchTag('1/e', 'p')"});
            }
            json!({"name": "p", "rules": [{"denyRule": rule}]})
        },
    )
}

/// Any JSON, not too deep.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!(MEMBER)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name = prop_oneof![
            prop::sample::select(vec![
                "bindings",
                "role",
                "members",
                "condition",
                "expression",
                "rules",
                "denyRule",
                "deniedPrincipals",
                "deniedPermissions",
            ])
            .prop_map(str::to_owned),
            "[a-z]{1,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// How wide an answer is: a certain no, anything between, a certain yes.
fn width(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Denied { .. } | Outcome::NotGranted { .. } => 0,
        Outcome::Partly { .. } | Outcome::Undetermined { .. } => 1,
        Outcome::Allowed { .. } => 2,
    }
}

struct World<'a> {
    bucket: &'a Value,
    folder: &'a Value,
    project: &'a Value,
    above: &'a Value,
    denials: &'a [Value],
    object: Option<&'a str>,
}

fn outcome_of(world: &World<'_>) -> Outcome {
    let folders = [Level {
        name: "photos/",
        policy: Ok(world.folder),
    }];
    let above = [Level {
        name: "the folder `1`",
        policy: Ok(world.above),
    }];
    let policies = Policies {
        bucket: world.bucket,
        managed_folders: Ok(&folders),
        project: Ok(world.project),
        project_id: "acme-vision",
        ancestors: Ok(&above),
        public: Tri::Maybe,
    };
    let denied: Vec<DenyRule> = world
        .denials
        .iter()
        .flat_map(|policy| deny_rules(policy, EMAIL, "storage.objects.get"))
        .collect();
    let asked = Asked {
        bucket: "acme-images",
        object: world.object,
        now: datetime!(2026-11-25 12:00 UTC),
        permission: "storage.objects.get",
    };
    evaluate(&policies, MEMBER, &roles, &denied, &asked).outcome
}

fn object() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![None, Some("photos/1.jpg"), Some("scans/1.jpg")])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_denial_never_widens(bucket in policy(), folder in policy(), project in policy(), above in policy(),
        denials in prop::collection::vec(denial(), 0..2), more in denial(), object in object()) {
        let mut world = World { bucket: &bucket, folder: &folder, project: &project, above: &above, denials: &denials, object };
        let before = outcome_of(&world);
        let all: Vec<Value> = denials.iter().cloned().chain([more]).collect();
        world.denials = &all;
        let after = outcome_of(&world);
        prop_assert!(width(&after) <= width(&before), "{before:?} became {after:?}");
    }

    #[test]
    fn a_maybe_never_hides_a_certain_no(bucket in policy(), folder in policy(), project in policy(), above in policy(),
        denials in prop::collection::vec(denial(), 0..3), object in object()) {
        let certain = json!({"name": "p", "rules": [{"denyRule": {
            "deniedPrincipals": ["principalSet://goog/public:all"],
            "deniedPermissions": ["storage.googleapis.com/objects.get"],
        }}]});
        let all: Vec<Value> = denials.into_iter().chain([certain]).collect();
        let world = World { bucket: &bucket, folder: &folder, project: &project, above: &above, denials: &all, object };
        let outcome = outcome_of(&world);
        prop_assert!(matches!(outcome, Outcome::Denied { .. }), "{outcome:?}");
    }

    #[test]
    fn a_grant_never_narrows(bucket in policy(), folder in policy(), project in policy(), above in policy(),
        denials in prop::collection::vec(denial(), 0..2), more in binding(), level in 0..4_usize, object in object()) {
        let before = outcome_of(&World { bucket: &bucket, folder: &folder, project: &project, above: &above, denials: &denials, object });
        let mut levels = [bucket, folder, project, above];
        levels[level]["bindings"].as_array_mut().expect("bindings").push(more);
        let [bucket, folder, project, above] = &levels;
        let after = outcome_of(&World { bucket, folder, project, above, denials: &denials, object });
        prop_assert!(width(&after) >= width(&before), "{before:?} became {after:?}");
    }

    #[test]
    fn a_level_that_cannot_be_read_is_never_a_certain_no(bucket in policy(), object in object()) {
        let policies = Policies {
            ancestors: Err("you may not"),
            ..Policies::of_bucket(&bucket, "acme-vision", Tri::Maybe)
        };
        let asked = Asked { bucket: "acme-images", object, now: datetime!(2026-11-25 12:00 UTC), permission: "storage.objects.get" };
        prop_assert!(width(&evaluate(&policies, MEMBER, &roles, &[], &asked).outcome) >= 1);
    }

    #[test]
    fn any_json_has_an_answer(bucket in anything(), folder in anything(), project in anything(), above in anything(),
        denial in anything(), object in object()) {
        let denials = [denial];
        outcome_of(&World { bucket: &bucket, folder: &folder, project: &project, above: &above, denials: &denials, object });
    }
}
