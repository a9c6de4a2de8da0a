//! Buckets on Google Cloud as they come to support, each broken in one way or in several: the cause that leads the
//! report, and the exit status.

use segments_connect::sandbox::gcp::{
    AllowedPolicyMembers, Binding, Condition, DenyPolicy, DenyRule, Folder, KeyState, ORGANIZATION,
    PROJECT, Perimeter, Policy, Stage as Launch,
};
use serde_json::Value;
use time::OffsetDateTime;

use crate::gcp_support::{GcpStage, PHOTO, ROLE, entry, member, published_entry};

/// A bucket that was connected, and what became of it.
struct Story {
    /// What happened.
    name: &'static str,
    /// How it is broken.
    broken: fn(&GcpStage),
    /// The cause that leads; nothing where nothing is wrong.
    leads: &'static str,
    /// The exit status.
    status: i32,
}

const STORIES: &[Story] = &[
    Story {
        name: "nobody ran connect: there is no binding",
        broken: unbound,
        leads: "G01",
        status: 4,
    },
    Story {
        name: "the binding is for the account of another customer",
        broken: |stage| {
            rename(
                stage,
                "serviceAccount:acme-eu@segmentsai-prod.iam.gserviceaccount.com",
            );
        },
        leads: "G01",
        status: 4,
    },
    Story {
        name: "somebody granted listing instead of reading",
        broken: |stage| {
            unbound(stage);
            grant(stage, "roles/storage.legacyBucketReader");
        },
        leads: "G04",
        status: 4,
    },
    Story {
        name: "public access prevention ended what `allUsers` had granted",
        broken: |stage| {
            unbound(stage);
            stage.bucket(|bucket| {
                bucket
                    .policy
                    .grant("roles/storage.objectViewer", "allUsers");
                bucket.set_public_access_prevention(true);
            });
        },
        leads: "G01",
        status: 4,
    },
    Story {
        name: "the custom role was deleted in a clean-up",
        broken: |stage| stage.change_role(|role| role.deleted = Some(OffsetDateTime::now_utc())),
        leads: "G02",
        status: 4,
    },
    Story {
        name: "the custom role was deleted, and a clean-up of the binding left another binding of it",
        broken: |stage| {
            stage.world(|world| {
                world
                    .project_mut(PROJECT)
                    .expect("the project")
                    .roles
                    .clear();
            });
        },
        leads: "G02",
        status: 4,
    },
    Story {
        name: "security disabled the custom role",
        broken: |stage| stage.change_role(|role| role.stage = Launch::Disabled),
        leads: "G03",
        status: 4,
    },
    Story {
        name: "somebody edited the role in the console",
        broken: |stage| {
            stage.change_role(|role| {
                role.included_permissions = vec!["storage.buckets.get".to_owned()];
            });
        },
        leads: "G04",
        status: 4,
    },
    Story {
        name: "Segments.ai's account was deleted and made again",
        broken: |stage| rename(stage, &format!("deleted:{}?uid=117", member())),
        leads: "G05",
        status: 4,
    },
    Story {
        name: "the grant was for the pilot, and the pilot is over",
        broken: |stage| {
            conditional(stage, "request.time < timestamp(\"2024-07-01T00:00:00Z\")");
        },
        leads: "G06",
        status: 4,
    },
    Story {
        name: "the grant covers another prefix than the images that are labelled",
        broken: |stage| {
            conditional(
                stage,
                "resource.name.startsWith(\"projects/_/buckets/acme-images/objects/pilot/\")",
            );
        },
        leads: "G06",
        status: 4,
    },
    Story {
        name: "the condition names another bucket, as it was copied from there",
        broken: |stage| {
            conditional(
                stage,
                "resource.name.startsWith(\"projects/_/buckets/acme-videos/\")",
            );
        },
        leads: "G06",
        status: 4,
    },
    Story {
        name: "the grant is on a managed folder, and the images are in another one",
        broken: |stage| {
            unbound(stage);
            let mut policy = Policy::default();
            policy.grant("roles/storage.objectViewer", &member());
            stage.bucket(|bucket| bucket.managed_folders.insert("pilot/".to_owned(), policy));
        },
        leads: "G07",
        status: 4,
    },
    Story {
        name: "the organisation restricted domains after the grant was made",
        broken: |stage| {
            stage.world(|world| {
                let project = world.project_mut(PROJECT).expect("the project");
                project.allowed_policy_members = Some(AllowedPolicyMembers::default());
            });
        },
        leads: "G09",
        status: 0,
    },
    Story {
        name: "a deny policy of the project covers everybody outside",
        broken: |stage| {
            deny(
                stage,
                &format!("projects/{PROJECT}"),
                "storage.googleapis.com/objects.*",
            );
        },
        leads: "G10",
        status: 4,
    },
    Story {
        name: "a deny policy excepts the customer's own people, and who they are is not to be seen",
        broken: |stage| {
            let everybody = "storage.googleapis.com/objects.get";
            deny(stage, &format!("projects/{PROJECT}"), everybody);
            stage.world(|world| {
                let people = "principalSet://goog/cloudIdentityCustomerId/C01acme00";
                let rule = &mut world.deny_policies[0].rules[0];
                rule.exception_principals.push(people.to_owned());
            });
        },
        leads: "G10",
        status: 6,
    },
    Story {
        name: "the organisation denies reading objects to everybody it does not except",
        broken: |stage| {
            deny(
                stage,
                &format!("organizations/{ORGANIZATION}"),
                "storage.googleapis.com/objects.get",
            );
        },
        leads: "G10",
        status: 4,
    },
    Story {
        name: "the project was moved into a folder with a deny policy",
        broken: |stage| {
            stage.world(|world| {
                let folder = Folder {
                    organization: ORGANIZATION,
                    ..Folder::default()
                };
                world.folders.insert(7, folder);
                world.project_mut(PROJECT).expect("the project").folder = Some(7);
                // As whoever administers the folder has it.
                let organization = world.organizations.get_mut(&ORGANIZATION);
                organization
                    .expect("the organisation")
                    .policy
                    .grant("roles/iam.denyReviewer", "user:owner@acme.example");
            });
            deny(stage, "folders/7", "storage.googleapis.com/objects.get");
        },
        leads: "G10",
        status: 4,
    },
    Story {
        name: "a perimeter of VPC Service Controls was drawn around the project",
        broken: |stage| {
            stage.world(|world| {
                let project = world.project_mut(PROJECT).expect("the project");
                project.perimeter = Some(Perimeter::default());
            });
        },
        leads: "G11",
        status: 4,
    },
    Story {
        name: "the bucket admits the office's network alone",
        broken: |stage| stage.bucket(|bucket| bucket.set_ip_filter(&["127.0.0.0/8", "::1/128"])),
        leads: "G12",
        status: 4,
    },
    Story {
        name: "the bucket is shared as Requester Pays",
        broken: |stage| stage.bucket(|bucket| bucket.set_requester_pays(true)),
        leads: "G13",
        status: 4,
    },
    Story {
        name: "the key in Cloud KMS was disabled at its rotation",
        broken: |stage| encrypted(stage, KeyState::Disabled),
        leads: "G14",
        status: 4,
    },
    Story {
        name: "the key in Cloud KMS was destroyed",
        broken: |stage| encrypted(stage, KeyState::Destroyed),
        leads: "G14",
        status: 4,
    },
    Story {
        name: "the uploader brought a key of its own",
        broken: |stage| photo(stage, |photo| photo.customer_supplied_key = true),
        leads: "G15",
        status: 4,
    },
    Story {
        name: "the images were deleted by a lifecycle rule, and can be restored",
        broken: |stage| {
            photo(stage, |photo| {
                photo.soft_deleted = Some(OffsetDateTime::now_utc());
            });
        },
        leads: "G20",
        status: 4,
    },
    Story {
        name: "the URL has a space where the object has a plus",
        broken: |stage| {
            stage.bucket(|bucket| {
                bucket.objects.clear();
                bucket.add_object("photos/0001+.jpg", "a photo");
            });
        },
        leads: "G20",
        status: 4,
    },
    Story {
        name: "nobody configured CORS",
        broken: |stage| stage.bucket(|bucket| bucket.settings.cors.clear()),
        leads: "G22",
        status: 4,
    },
    Story {
        name: "the origin has a slash at its end, as it was copied from the browser",
        broken: |stage| {
            cors(stage, &[("https://app.segments.ai/", "GET", &["*"])]);
        },
        leads: "G22",
        status: 4,
    },
    Story {
        name: "the entry allows uploading alone",
        broken: |stage| cors(stage, &[("https://*.segments.ai", "PUT", &["*"])]),
        leads: "G22",
        status: 4,
    },
    Story {
        name: "an older entry for every site comes first and lists one header",
        broken: |stage| {
            stage.bucket(|bucket| {
                bucket.settings.cors =
                    vec![entry("*", "GET", &["Content-Type"]), published_entry()];
            });
        },
        leads: "G23",
        status: 0,
    },
    Story {
        name: "Google does not match the wildcard",
        broken: |stage| stage.world(|world| world.subdomain_origins_match = false),
        leads: "G24",
        status: 4,
    },
    Story {
        name: "the bucket is one of Rapid storage",
        broken: |stage| {
            stage.bucket(|bucket| "zone".clone_into(&mut bucket.settings.location_type));
        },
        leads: "G28",
        status: 4,
    },
    Story {
        name: "everything at once: no grant, no CORS, and the reader is to pay",
        broken: |stage| {
            unbound(stage);
            stage.bucket(|bucket| {
                bucket.settings.cors.clear();
                bucket.set_requester_pays(true);
            });
        },
        leads: "G01",
        status: 4,
    },
    Story {
        name: "nothing is wrong: archive class, public access prevention, and a strange label",
        broken: |stage| {
            photo(stage, |photo| {
                "ARCHIVE".clone_into(&mut photo.storage_class);
            });
            stage.bucket(|bucket| bucket.set_public_access_prevention(true));
        },
        leads: "",
        status: 0,
    },
];

fn unbound(stage: &GcpStage) {
    stage.bucket(|bucket| {
        bucket
            .policy
            .bindings
            .retain(|binding| binding.role != ROLE);
    });
}

fn grant(stage: &GcpStage, role: &str) {
    stage.bucket(|bucket| bucket.policy.grant(role, &member()));
}

/// Names somebody else in the binding.
fn rename(stage: &GcpStage, named: &str) {
    unbound(stage);
    stage.bucket(|bucket| bucket.policy.grant(ROLE, named));
}

/// The binding on a condition.
fn conditional(stage: &GcpStage, expression: &str) {
    unbound(stage);
    stage.bucket(|bucket| {
        bucket.policy.bindings.push(Binding {
            role: ROLE.to_owned(),
            members: vec![member()],
            condition: Some(Condition {
                title: "pilot".to_owned(),
                expression: expression.to_owned(),
                ..Condition::default()
            }),
        });
    });
}

fn deny(stage: &GcpStage, attachment: &str, permission: &str) {
    stage.world(|world| {
        world.deny_policies.push(DenyPolicy {
            attachment: attachment.to_owned(),
            id: "outsiders".to_owned(),
            display_name: "outsiders".to_owned(),
            rules: vec![DenyRule {
                denied_principals: vec!["principalSet://goog/public:all".to_owned()],
                exception_principals: vec![
                    "principal://goog/subject/owner@acme.example".to_owned(),
                ],
                denied_permissions: vec![permission.to_owned()],
                ..DenyRule::default()
            }],
        });
    });
}

fn photo(stage: &GcpStage, act: impl FnOnce(&mut segments_connect::sandbox::gcp::Object)) {
    stage.bucket(|bucket| act(bucket.objects.get_mut(PHOTO).expect("the photo")));
}

fn encrypted(stage: &GcpStage, key_state: KeyState) {
    let key = "projects/acme-vision/locations/europe/keyRings/r/cryptoKeys/k";
    stage.world(|world| world.kms_keys.insert(key.to_owned(), key_state));
    photo(stage, |photo| photo.kms_key = Some(key.to_owned()));
}

fn cors(stage: &GcpStage, entries: &[(&str, &str, &[&str])]) {
    let entries = entries
        .iter()
        .map(|(origin, method, headers)| entry(origin, method, headers))
        .collect();
    stage.bucket(|bucket| bucket.settings.cors = entries);
}

/// The cause of the first result that is as bad as any.
fn leading(document: &Value) -> String {
    let checks = document["checks"].as_array().expect("checks");
    ["fail", "unknown", "warn"]
        .iter()
        .find_map(|status| {
            checks
                .iter()
                .find(|check| check["status"] == *status && check["cause"].is_string())
        })
        .and_then(|check| check["cause"].as_str())
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn every_story_is_led_by_its_cause() {
    let mut wrong = Vec::new();
    for story in STORIES {
        let stage = GcpStage::connected();
        (story.broken)(&stage);
        let (ran, document) = stage.gcp_json("verify", &["--object", PHOTO, "--project", PROJECT]);
        let told = (leading(&document), ran.status);
        if told != (story.leads.to_owned(), Some(story.status)) {
            wrong.push(format!(
                "{}: {told:?}\n{:#}",
                story.name, document["checks"]
            ));
        }
        assert_eq!(stage.writes(), Vec::<String>::new(), "{}", story.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_blocking_cause_that_a_check_can_find_has_a_story() {
    assert!(STORIES.len() >= 20);
    for code in [
        "G01", "G02", "G03", "G04", "G05", "G06", "G07", "G10", "G11", "G12", "G13", "G14", "G15",
        "G20", "G22", "G24", "G28",
    ] {
        assert!(STORIES.iter().any(|story| story.leads == code), "{code}");
    }
}
