//! The app, its role, and what takes away from it.

use segments_connect::sandbox::azure::{
    BOTH, CONTAINER, CONTRIBUTOR, Delay, PIPELINE, Permission, READER_ROLE, RoleDefinition,
    SEGMENTS_TENANT, STORAGE_ACCOUNT_CONTRIBUTOR, STORAGE_BLOB_DATA_READER, STORAGE_BLOB_DELEGATOR,
    SUBSCRIPTION, TENANT,
};

use super::{
    READ, assign, broken, container, cors, deny, disable, in_container, on_condition, uninstall,
};
use crate::corpus_azure::{Met, Story};
use crate::support::azure::{group, scope};

/// The app.
pub fn apps() -> Vec<Story> {
    vec![
        broken(
            "nobody ran connect: no app, no role, no rule",
            Met::NoToken,
            &["Z01", "Z24"],
            |stage| {
                uninstall(stage);
                cors(stage, &[]);
            },
        ),
        broken(
            "the app was installed in the tenant of a subsidiary, to which the subscription does not belong",
            Met::NoToken,
            &["Z01"],
            |stage| {
                uninstall(stage);
                stage.world(|world| world.install_segments(SEGMENTS_TENANT));
            },
        ),
        broken(
            "security disabled the app until somebody explains it",
            Met::NoToken,
            &["Z02"],
            disable,
        ),
    ]
}

/// Nobody, or somebody else, has the role.
pub fn holders() -> Vec<Story> {
    vec![
        broken(
            "installed the app and forgot its role",
            Met::NoKey(403),
            &["Z10"],
            |stage| assign(stage, &[]),
        ),
        broken(
            "the subscription moved to another tenant and back, and lost every assignment",
            Met::NoKey(403),
            &["Z10"],
            |stage| {
                assign(stage, &[]);
                stage.world(|world| {
                    let us = BOTH;
                    world.role_assignments.retain(|one| one.principal == us);
                });
            },
        ),
        broken(
            "assigned the role on the neighbouring account",
            Met::NoKey(403),
            &["Z10"],
            |stage| {
                let other = stage.world(|world| {
                    let other = world.add_account("acmevideos", SUBSCRIPTION, "acme-data");
                    other.scope()
                });
                assign(stage, &[(STORAGE_BLOB_DATA_READER, &other)]);
            },
        ),
        broken(
            "assigned the role to the object ID of an app registration",
            Met::NoKey(403),
            &["Z03", "Z10"],
            |stage| {
                assign(stage, &[]);
                stage.world(|world| {
                    let registration = "a44f0000-0000-4000-8000-0000000000aa";
                    let one = world.assign(registration, STORAGE_BLOB_DATA_READER, &scope());
                    "ServicePrincipal".clone_into(&mut one.principal_type);
                });
            },
        ),
        broken(
            "assigned the role to the pipeline, which stood first in the list",
            Met::NoKey(403),
            &["Z03", "Z10"],
            |stage| {
                assign(stage, &[]);
                stage.world(|world| {
                    world.assign(PIPELINE, STORAGE_BLOB_DATA_READER, &scope());
                });
            },
        ),
        broken(
            "removed the app and installed it again: the role is left with the one that is gone",
            Met::NoKey(403),
            &["Z03", "Z10"],
            |stage| {
                stage.world(|world| {
                    let old = world.segments(TENANT).expect("the app").id.clone();
                    world.service_principals.retain(|one| one.id != old);
                    world.install_segments(TENANT);
                    for one in &mut world.role_assignments {
                        if one.principal == old {
                            "Unknown".clone_into(&mut one.principal_type);
                        }
                    }
                });
            },
        ),
    ]
}

/// Another role, or less of it.
pub fn roles() -> Vec<Story> {
    vec![
        broken(
            "assigned Reader, as it sounds like reading",
            Met::NoKey(403),
            &["Z05"],
            |stage| assign(stage, &[(READER_ROLE, &group())]),
        ),
        broken(
            "assigned Contributor, as more is surely enough",
            Met::Refused(403),
            &["Z05"],
            |stage| assign(stage, &[(CONTRIBUTOR, &scope())]),
        ),
        broken(
            "assigned Storage Account Contributor",
            Met::Refused(403),
            &["Z05"],
            |stage| assign(stage, &[(STORAGE_ACCOUNT_CONTRIBUTOR, &scope())]),
        ),
        broken(
            "assigned Storage Blob Delegator alone: links are signed, and open nothing",
            Met::Refused(403),
            &["Z05"],
            |stage| assign(stage, &[(STORAGE_BLOB_DELEGATOR, &scope())]),
        ),
        broken(
            "made a role of the right to read blobs alone: nothing signs",
            Met::NoKey(403),
            &["Z05"],
            |stage| {
                stage.world(|world| {
                    world.role_definitions.push(RoleDefinition::custom(
                        "c0570000-0000-4000-8000-0000000000c1",
                        "Blobs for Segments.ai",
                        Permission::data_actions(&[READ]),
                        &scope(),
                    ));
                });
                assign(stage, &[("Blobs for Segments.ai", &scope())]);
            },
        ),
        broken(
            "assigned the role on the one container, to be careful",
            Met::NoKey(403),
            &["Z04"],
            |stage| assign(stage, &[(STORAGE_BLOB_DATA_READER, &container(CONTAINER))]),
        ),
        Story {
            exit: 0,
            ..broken(
                "assigned the role this minute, and Azure does not heed it yet",
                Met::NoKey(403),
                &["Z07"],
                |stage| {
                    stage.world(|world| {
                        let now = world.now();
                        let one = world.role_assignments.last_mut().expect("the assignment");
                        one.created_on = now;
                        one.propagation = Delay::UntilSettled;
                    });
                },
            )
        },
    ]
}

/// The role, and what takes away from it.
pub fn conditions_and_denials() -> Vec<Story> {
    vec![
        broken(
            "the condition admits the container of the pilot alone",
            Met::Refused(403),
            &["Z06"],
            |stage| on_condition(stage, &in_container("pilot")),
        ),
        Story {
            exit: 0,
            ..broken(
                "the condition admits this container alone",
                Met::Shown,
                &["Z06"],
                |stage| on_condition(stage, &in_container(CONTAINER)),
            )
        },
        broken(
            "the condition admits a folder, and the blob is beside it",
            Met::Refused(403),
            &["Z06"],
            |stage| {
                on_condition(
                    stage,
                    "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path] StringLike '2024/*'",
                );
            },
        ),
        broken(
            "a deployment stack denies reading blobs to everybody that it does not except",
            Met::Refused(403),
            &["Z08"],
            |stage| deny(stage, Permission::data_actions(&["Microsoft.Storage/*"])),
        ),
        broken(
            "a managed application denies giving keys away",
            Met::NoKey(403),
            &["Z08"],
            |stage| {
                deny(
                    stage,
                    Permission::actions(&["*/generateUserDelegationKey/action"]),
                );
            },
        ),
    ]
}
