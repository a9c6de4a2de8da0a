use proptest::prelude::*;
use serde_json::json;

use super::*;

const ID: &str = "segments_object_reader";

fn present(role: Role) -> CustomRole {
    CustomRole::Present(role)
}

fn published() -> Role {
    Role::published()
}

fn theirs() -> Role {
    Role {
        title: "Reads everything".to_owned(),
        permissions: vec![
            "storage.objects.get".to_owned(),
            "storage.objects.list".to_owned(),
        ],
        ..published()
    }
}

#[test]
fn an_absent_role_is_made_as_published() {
    let after = merge(&CustomRole::Absent, ID).expect("made");
    assert_eq!(after, present(published()));
    assert_eq!(calls(&CustomRole::Absent, &after), [RoleCall::Create]);
}

#[test]
fn a_right_role_is_left_alone_whoever_made_it() {
    for role in [
        published(),
        Role {
            title: "Somebody's own".to_owned(),
            stage: String::new(),
            ..published()
        },
        Role {
            stage: "BETA".to_owned(),
            ..published()
        },
    ] {
        let current = present(role);
        assert_eq!(merge(&current, ID), Ok(current.clone()));
        assert_eq!(calls(&current, &current), []);
    }
}

#[test]
fn a_deleted_role_is_brought_back_and_then_mended_where_it_is_ours() {
    let deleted = present(Role {
        deleted: true,
        ..published()
    });
    let after = merge(&deleted, ID).expect("brought back");
    assert_eq!(after, present(published()));
    assert_eq!(calls(&deleted, &after), [RoleCall::Undelete]);

    let emptied = present(Role {
        deleted: true,
        permissions: vec!["storage.objects.list".to_owned()],
        ..published()
    });
    let after = merge(&emptied, ID).expect("brought back and mended");
    assert_eq!(after, present(published()));
    assert_eq!(
        calls(&emptied, &after),
        [RoleCall::Undelete, RoleCall::Update]
    );
}

#[test]
fn a_disabled_role_of_ours_is_enabled() {
    let disabled = present(Role {
        stage: DISABLED.to_owned(),
        ..published()
    });
    let after = merge(&disabled, ID).expect("enabled");
    assert_eq!(after, present(published()));
    assert_eq!(calls(&disabled, &after), [RoleCall::Update]);
}

#[test]
fn somebody_elses_role_is_refused_with_a_way_out() {
    for role in [
        theirs(),
        Role {
            deleted: true,
            ..theirs()
        },
        Role {
            stage: DISABLED.to_owned(),
            title: "Somebody's own".to_owned(),
            ..published()
        },
        Role {
            deleted: true,
            title: "Somebody's own".to_owned(),
            ..published()
        },
    ] {
        let refusal = merge(&present(role.clone()), ID).expect_err("refused");
        assert!(refusal.reason.contains("somebody else's"), "{refusal:?}");
        assert!(refusal.hints[0].contains("--role-id"));
        let (found, _) = *refusal.difference.expect("both are shown");
        assert_eq!(found, role.describe());
    }
}

#[test]
fn only_our_own_role_is_deleted() {
    assert_eq!(
        calls(&present(published()), &remove(&present(published()))),
        [RoleCall::Delete]
    );
    for kept in [
        CustomRole::Absent,
        present(theirs()),
        present(Role {
            title: "Somebody's own".to_owned(),
            ..published()
        }),
        present(Role {
            deleted: true,
            ..published()
        }),
    ] {
        assert_eq!(remove(&kept), kept);
    }
}

#[test]
fn what_a_role_grants_needs_it_to_be_there_and_enabled() {
    assert!(published().is_effective());
    assert!(theirs().is_effective());
    for role in [
        Role {
            deleted: true,
            ..published()
        },
        Role {
            stage: DISABLED.to_owned(),
            ..published()
        },
        Role {
            permissions: vec!["storage.objects.list".to_owned()],
            ..published()
        },
    ] {
        assert!(!role.is_effective(), "{role:?}");
    }
}

fn any_role() -> impl Strategy<Value = CustomRole> {
    let titles = prop::sample::select(vec![published().title, "Somebody's own".to_owned()]);
    let stages = prop::sample::select(vec!["GA", "", "BETA", DISABLED, "DEPRECATED"]);
    let permissions = prop::sample::subsequence(
        vec![
            "storage.objects.get".to_owned(),
            "storage.objects.list".to_owned(),
            "storage.objects.create".to_owned(),
        ],
        0..3,
    );
    (titles, stages, permissions, any::<bool>(), any::<bool>()).prop_map(
        |(title, stage, permissions, deleted, extra)| {
            let mut others = Map::new();
            if extra {
                others.insert("etagHint".to_owned(), json!("x"));
            }
            present(Role {
                title,
                description: "theirs".to_owned(),
                stage: stage.to_owned(),
                permissions,
                deleted,
                others,
            })
        },
    )
}

proptest! {
    #[test]
    fn merging_is_idempotent_deterministic_and_ends_with_a_role_that_works(current in any_role()) {
        if let Ok(merged) = merge(&current, ID) {
            prop_assert_eq!(merge(&current, ID), Ok(merged.clone()));
            prop_assert_eq!(merge(&merged, ID), Ok(merged.clone()));
            let CustomRole::Present(role) = &merged else { panic!("absent") };
            prop_assert!(role.is_effective() && role.grants_exactly());
        }
    }

    #[test]
    fn what_is_not_ours_never_gains_or_loses_a_right(current in any_role()) {
        let CustomRole::Present(before) = &current else { panic!("absent") };
        let Ok(CustomRole::Present(after)) = merge(&current, ID) else { return Ok(()) };
        prop_assert_eq!(&after.title, &before.title);
        prop_assert_eq!(&after.description, &before.description);
        prop_assert_eq!(&after.others, &before.others);
        if !before.is_ours() {
            prop_assert_eq!(&after.permissions, &before.permissions);
            prop_assert_eq!(&after.stage, &before.stage);
            prop_assert_eq!(after.deleted, before.deleted);
        }
    }

    #[test]
    fn removing_is_idempotent_and_takes_only_ours(current in any_role()) {
        let left = remove(&current);
        prop_assert_eq!(remove(&left), left.clone());
        let CustomRole::Present(before) = &current else { panic!("absent") };
        if !before.is_ours() {
            prop_assert_eq!(left, current);
        }
    }
}
