//! Next to the causes on Google Cloud.

use segments_connect::sandbox::gcp::{
    Binding, Condition, DenyPolicy, DenyRule, KeyState, PROJECT, Policy, Stage as Launch,
};

use super::Near;
use crate::gcp_support::{GcpStage, PHOTO, ROLE, entry, member, published_entry};

const NEAR: &[Near<GcpStage>] = &[
    Near {
        what: "the binding also names an account of another customer's that was deleted",
        of: &["G01", "G05"],
        act: |stage| {
            let gone =
                "deleted:serviceAccount:acme-eu@segmentsai-prod.iam.gserviceaccount.com?uid=117";
            stage.bucket(|bucket| bucket.policy.grant(ROLE, gone));
        },
    },
    Near {
        what: "the role is in beta, and holds another permission besides",
        of: &["G02", "G03", "G04"],
        act: |stage| {
            stage.change_role(|role| {
                role.stage = Launch::Beta;
                role.included_permissions
                    .push("storage.buckets.get".to_owned());
            });
        },
    },
    Near {
        what: "a grant on a condition stands beside the one without",
        of: &["G06"],
        act: |stage| {
            stage.bucket(|bucket| {
                bucket.policy.bindings.push(Binding {
                    role: "roles/storage.objectViewer".to_owned(),
                    members: vec![member()],
                    condition: Some(Condition {
                        title: "pilot".to_owned(),
                        expression: "request.time < timestamp(\"2024-07-01T00:00:00Z\")".to_owned(),
                        ..Condition::default()
                    }),
                });
            });
        },
    },
    Near {
        what: "a managed folder has a grant of its own beside the bucket's",
        of: &["G07"],
        act: |stage| {
            let mut policy = Policy::default();
            policy.grant("roles/storage.objectViewer", &member());
            stage.bucket(|bucket| bucket.managed_folders.insert("pilot/".to_owned(), policy));
        },
    },
    Near {
        what: "a deny policy excepts Segments.ai's service account",
        of: &["G10"],
        act: |stage| {
            stage.world(|world| {
                let account = member();
                let account = account.trim_start_matches("serviceAccount:");
                world.deny_policies.push(DenyPolicy {
                    attachment: format!("projects/{PROJECT}"),
                    id: "outsiders".to_owned(),
                    display_name: "outsiders".to_owned(),
                    rules: vec![DenyRule {
                        denied_principals: vec!["principalSet://goog/public:all".to_owned()],
                        exception_principals: vec![
                            "principal://goog/subject/owner@acme.example".to_owned(),
                            format!(
                                "principal://iam.googleapis.com/projects/-/serviceAccounts/{account}"
                            ),
                        ],
                        denied_permissions: vec!["storage.googleapis.com/objects.get".to_owned()],
                        ..DenyRule::default()
                    }],
                });
            });
        },
    },
    Near {
        what: "the owner pays, the bucket is in two regions, and neither a filter nor a policy of the organisation is set",
        of: &["G09", "G11", "G12", "G13", "G26", "G28"],
        act: |stage| {
            stage.bucket(|bucket| {
                bucket.set_requester_pays(false);
                "dual-region".clone_into(&mut bucket.settings.location_type);
            });
        },
    },
    Near {
        what: "the key in Cloud KMS is enabled, and the photo's neighbour was deleted",
        of: &["G14", "G15", "G20"],
        act: |stage| {
            let key = "projects/acme-vision/locations/europe/keyRings/r/cryptoKeys/k";
            stage.world(|world| world.kms_keys.insert(key.to_owned(), KeyState::Enabled));
            stage.bucket(|bucket| {
                let photo = bucket.objects.get_mut(PHOTO).expect("the photo");
                photo.kms_key = Some(key.to_owned());
                let mut gone = photo.clone();
                gone.soft_deleted = Some(time::OffsetDateTime::now_utc());
                bucket.objects.insert("photos/gone.jpg".to_owned(), gone);
            });
        },
    },
    Near {
        what: "an entry for the company's own site comes first and lists one header",
        of: &["G22", "G23", "G24", "G29"],
        act: |stage| {
            stage.bucket(|bucket| {
                bucket.settings.cors = vec![
                    entry("https://www.acme.example", "GET", &["Content-Type"]),
                    published_entry(),
                ];
            });
        },
    },
];

#[test]
fn what_is_near_a_cause_on_google_cloud_is_not_told_as_it() {
    let mut wrong = Vec::new();
    for near in NEAR {
        let stage = GcpStage::connected();
        (near.act)(&stage);
        let words = ["--object", PHOTO, "--project", PROJECT];
        let (ran, document) = stage.gcp_json("verify", &words);
        wrong.extend(super::wrong(near.what, near.of, &ran, &document));
    }
    // No policy of the organisation, and the role is made in the bucket's own project.
    let stage = GcpStage::fresh();
    let (ran, document) = stage.connect(&["--project", PROJECT]);
    let of = &["G08", "G27"];
    wrong.extend(super::wrong("connecting", of, &ran, &document));
    assert!(stage.role().is_some());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
