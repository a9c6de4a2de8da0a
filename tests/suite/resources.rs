//! One contract for every document that the program writes, in every cloud: reading, merging, writing, reading back,
//! converging, removing, and a colleague who is faster.
//!
//! What differs between the clouds stands in one table; what is asserted is the same for all eight.

use std::collections::BTreeSet;
use std::path::Path;

use segments_connect::sandbox::azure::{ACCOUNT, CorsRule as AzureRule, SEGMENTS_APP_ID, TENANT};
use segments_connect::sandbox::gcp::{PARTNER, PROJECT, Role};
use segments_connect::sandbox::{On, Sandbox, State};
use segments_connect::sandbox_story::{Part, aws, azure, gcp};
use serde_json::{Value, json};

use crate::support::{BUCKET, change, cors_rule, policy, program, ran};

/// A cloud with what its story begins with, and a program that is pointed at it.
struct Scene {
    part: Box<dyn Part>,
    sandbox: Sandbox,
    home: tempfile::TempDir,
}

/// What a run said.
struct Said {
    status: Option<i32>,
    document: Value,
}

impl Scene {
    fn new(cloud: &str) -> Self {
        let part: Box<dyn Part> = match cloud {
            "aws" => Box::new(aws::Aws),
            "gcp" => Box::new(gcp::Gcp),
            _ => Box::new(azure::Azure),
        };
        Self {
            sandbox: Sandbox::start(part.options()).expect("the local cloud starts"),
            home: tempfile::tempdir().expect("a temporary directory"),
            part,
        }
    }

    fn run(&self, action: &str, more: &[&str]) -> Said {
        let home: &Path = self.home.path();
        let mut arguments = vec![self.part.cloud(), action, "--json", "--wait", "0"];
        for (flag, value) in self.part.target() {
            arguments.extend([*flag, *value]);
        }
        arguments.extend(more);
        let environment = self
            .part
            .environment(&self.sandbox, home)
            .expect("an environment");
        let ran = ran(program(home, &arguments).envs(environment));
        let document = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| {
            panic!("{arguments:?}: {error}\n{}\n{}", ran.stdout, ran.stderr)
        });
        Said {
            status: ran.status,
            document,
        }
    }

    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        self.sandbox.with_state(look)
    }
}

/// What a document is called, and what of it is other people's.
struct Row {
    id: &'static str,
    cloud: &'static str,
    /// What others have in the document, or beside it.
    foreign: fn(&State) -> Value,
    /// Whether ours is in it.
    ours: fn(&State) -> bool,
    /// The request before which a colleague is faster than this run.
    overtaken_at: (&'static str, usize),
    /// What the colleague does. `foreign` shows it.
    colleague: fn(&mut State),
    /// What becomes of our write then.
    result: &'static str,
}

const ROWS: [Row; 8] = [
    Row {
        id: "aws.bucket-policy",
        cloud: "aws",
        foreign: |state| statements(state, false),
        ours: |state| statements(state, true) != json!([]),
        // There is no precondition: it is read again right before it is written.
        overtaken_at: ("GetBucketPolicy", 2),
        colleague: |state| {
            let theirs = json!({
                "Sid": "TheirsToo", "Effect": "Allow", "Action": "s3:GetObject",
                "Principal": { "AWS": "arn:aws:iam::444455556666:user/partner" },
                "Resource": format!("arn:aws:s3:::{BUCKET}/theirs/*"),
            });
            let bucket = state.aws.buckets.get_mut(BUCKET).expect("the bucket");
            bucket.policy = Some(policy(&[theirs]).to_string());
        },
        result: "stale",
    },
    Row {
        id: "aws.cors",
        cloud: "aws",
        foreign: |state| {
            let rules = state
                .aws
                .bucket(BUCKET)
                .and_then(|bucket| bucket.cors.clone());
            let origins = rules
                .unwrap_or_default()
                .into_iter()
                .map(|rule| rule.allowed_origins);
            origins.filter(|origins| !names_segments(origins)).collect()
        },
        ours: |state| {
            let rules = state
                .aws
                .bucket(BUCKET)
                .and_then(|bucket| bucket.cors.clone());
            rules
                .unwrap_or_default()
                .iter()
                .any(|rule| names_segments(&rule.allowed_origins))
        },
        overtaken_at: ("GetBucketCors", 2),
        colleague: |state| {
            let bucket = state.aws.buckets.get_mut(BUCKET).expect("the bucket");
            bucket.cors = Some(vec![cors_rule("https://theirs.example", &["GET"], &[])]);
        },
        result: "stale",
    },
    Row {
        id: "gcp.custom-role",
        cloud: "gcp",
        foreign: |state| {
            let (_, project) = state.gcp.project(PROJECT).expect("the project");
            let others = project
                .roles
                .iter()
                .filter(|(id, role)| *id != ROLE || role.title != TITLE);
            others.map(|(id, role)| json!([id, role.title])).collect()
        },
        ours: |state| {
            let (_, project) = state.gcp.project(PROJECT).expect("the project");
            let role = project.roles.get(ROLE);
            role.is_some_and(|role| role.title == TITLE && role.deleted.is_none())
        },
        overtaken_at: ("CreateRole", 1),
        colleague: |state| {
            let project = state.gcp.project_mut(PROJECT).expect("the project");
            project.roles.insert(
                ROLE.to_owned(),
                Role::new("Theirs", &["storage.objects.list"]),
            );
        },
        result: "stale",
    },
    Row {
        id: "gcp.bucket-iam",
        cloud: "gcp",
        foreign: |state| json!(bindings(state, false)),
        ours: |state| !bindings(state, true).is_empty(),
        overtaken_at: ("SetIamPolicy", 1),
        colleague: |state| {
            let bucket = state.gcp.buckets.get_mut(BUCKET).expect("the bucket");
            bucket.policy.grant(
                "roles/storage.objectViewer",
                &format!("serviceAccount:{PARTNER}"),
            );
            bucket.policy.revision += 1;
        },
        result: "stale",
    },
    Row {
        id: "gcp.cors",
        cloud: "gcp",
        foreign: |state| {
            let bucket = state.gcp.bucket(BUCKET).expect("the bucket");
            let origins = bucket.settings.cors.iter().map(|entry| &entry.origin);
            origins
                .filter(|origins| !names_segments(origins))
                .cloned()
                .collect()
        },
        ours: |state| {
            let bucket = state.gcp.bucket(BUCKET).expect("the bucket");
            bucket
                .settings
                .cors
                .iter()
                .any(|entry| names_segments(&entry.origin))
        },
        overtaken_at: ("UpdateBucket", 1),
        colleague: |state| {
            let bucket = state.gcp.buckets.get_mut(BUCKET).expect("the bucket");
            bucket.settings.cors.clear();
            bucket.settings.metageneration += 1;
        },
        result: "stale",
    },
    Row {
        id: "azure.service-principal",
        cloud: "azure",
        foreign: |state| {
            let others = state.azure.service_principals.iter();
            let others = others.filter(|principal| principal.app_id != SEGMENTS_APP_ID);
            others
                .map(|principal| principal.display_name.clone())
                .collect()
        },
        ours: |state| state.azure.segments(TENANT).is_some(),
        // It is made under a name of its own, so a colleague's change cannot be lost, and need not stop it.
        overtaken_at: ("CreateServicePrincipal", 1),
        colleague: |state| {
            let other = state.azure.service_principals[0].clone();
            let other = segments_connect::sandbox::azure::ServicePrincipal {
                id: "0b1ec700-0000-4000-8000-00000000beef".to_owned(),
                app_id: "0b1ec700-0000-4000-8000-00000000bee0".to_owned(),
                display_name: "theirs".to_owned(),
                ..other
            };
            state.azure.service_principals.push(other);
        },
        result: "written",
    },
    Row {
        id: "azure.role-assignment",
        cloud: "azure",
        foreign: |state| {
            let segments = state
                .azure
                .segments(TENANT)
                .map(|principal| principal.id.clone());
            let all = state.azure.role_assignments.iter();
            let others = all.filter(|one| Some(&one.principal) != segments.as_ref());
            others
                .map(|one| json!([one.principal, one.scope]))
                .collect()
        },
        ours: |state| {
            let segments = state
                .azure
                .segments(TENANT)
                .map(|principal| principal.id.clone());
            let mut all = state.azure.role_assignments.iter();
            segments.is_some_and(|id| all.any(|one| one.principal == id))
        },
        overtaken_at: ("PutRoleAssignment", 1),
        colleague: |state| {
            let scope = state.azure.account(ACCOUNT).expect("the account").scope();
            let reader = segments_connect::sandbox::azure::READER;
            state
                .azure
                .assign(reader, "Storage Blob Data Reader", &scope);
        },
        result: "written",
    },
    Row {
        id: "azure.cors",
        cloud: "azure",
        foreign: |state| {
            let service = &state
                .azure
                .account(ACCOUNT)
                .expect("the account")
                .blob_service;
            let origins = service.cors.iter().map(|rule| &rule.allowed_origins);
            let origins: Vec<_> = origins.filter(|origins| !names_segments(origins)).collect();
            json!({ "rules": origins, "others": service.properties })
        },
        ours: |state| {
            let service = &state
                .azure
                .account(ACCOUNT)
                .expect("the account")
                .blob_service;
            service
                .cors
                .iter()
                .any(|rule| names_segments(&rule.allowed_origins))
        },
        overtaken_at: ("GetBlobServices", 2),
        colleague: |state| {
            let account = state.azure.account_mut(ACCOUNT).expect("the account");
            account
                .blob_service
                .cors
                .push(AzureRule::new("https://theirs.example", "GET"));
        },
        result: "stale",
    },
];

const ROLE: &str = "segments_object_reader";
const TITLE: &str = "Segments.ai object reader";

fn names_segments(origins: &[String]) -> bool {
    origins.iter().any(|origin| origin.ends_with("segments.ai"))
}

fn statements(state: &State, ours: bool) -> Value {
    let stored = state
        .aws
        .bucket(BUCKET)
        .and_then(|bucket| bucket.policy.clone());
    let stored: Value = serde_json::from_str(&stored.unwrap_or_default()).unwrap_or_default();
    let all = stored["Statement"].as_array().cloned().unwrap_or_default();
    let is_ours = |statement: &Value| statement["Sid"] == "segments-s3-access";
    all.into_iter()
        .filter(|statement| is_ours(statement) == ours)
        .collect()
}

fn bindings(state: &State, ours: bool) -> Vec<String> {
    let bucket = state.gcp.bucket(BUCKET).expect("the bucket");
    let bindings = bucket.policy.bindings.iter();
    let bindings = bindings.filter(|binding| binding.role.ends_with(ROLE) == ours);
    // A policy is a set: the service gives its bindings in an order of its own.
    let bindings: BTreeSet<String> = bindings.map(|binding| format!("{binding:?}")).collect();
    bindings.into_iter().collect()
}

/// What takes everything away again, also what stays unless it is asked for.
fn removal(cloud: &str) -> &'static [&'static str] {
    match cloud {
        "gcp" => &["--yes", "--delete-role"],
        "azure" => &["--yes", "--delete-service-principal"],
        _ => &["--yes"],
    }
}

fn rows(cloud: &str) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.cloud == cloud)
}

#[test]
fn the_table_holds_every_document_of_the_contract() {
    for cloud in ["aws", "gcp", "azure"] {
        let plan = Scene::new(cloud).run("plan", &[]);
        let changes = plan.document["changes"]
            .as_array()
            .expect("changes")
            .clone();
        let told: BTreeSet<&str> = changes
            .iter()
            .filter_map(|one| one["id"].as_str())
            .collect();
        assert_eq!(told, rows(cloud).map(|row| row.id).collect::<BTreeSet<_>>());
    }
}

#[test]
fn every_document_is_read_merged_written_read_back_converges_and_is_removed() {
    for cloud in ["aws", "gcp", "azure"] {
        let scene = Scene::new(cloud);
        let foreign: Vec<Value> = rows(cloud)
            .map(|row| scene.state(|state| (row.foreign)(state)))
            .collect();
        let foreign_is_untouched = |when: &str| {
            for (row, before) in rows(cloud).zip(&foreign) {
                let now = scene.state(|state| (row.foreign)(state));
                assert_eq!(&now, before, "{} {when}", row.id);
            }
        };

        let first = scene.run("plan", &[]);
        assert_eq!(first.status, Some(0), "{:#}", first.document);
        for row in rows(cloud) {
            let (action, result) = change(&first.document, row.id);
            assert_ne!(action, "keep", "{}", row.id);
            assert_eq!(result, "planned", "{}", row.id);
            assert!(
                !scene.state(|state| (row.ours)(state)),
                "{} was written by a plan",
                row.id
            );
        }

        let connect = scene.run("connect", &["--yes"]);
        for row in rows(cloud) {
            assert_eq!(
                change(&connect.document, row.id).1,
                "written",
                "{:#}",
                connect.document
            );
            assert!(scene.state(|state| (row.ours)(state)), "{}", row.id);
        }
        foreign_is_untouched("after connecting");

        // Merging again changes nothing, whatever the service made of what was written.
        let again = scene.run("plan", &["--exit-code"]);
        assert_eq!(again.status, Some(0), "{:#}", again.document);
        for row in rows(cloud) {
            assert_eq!(change(&again.document, row.id).0, "keep", "{}", row.id);
        }
        scene.sandbox.clear_log();
        let second = scene.run("connect", &["--yes"]);
        for row in rows(cloud) {
            assert_eq!(
                change(&second.document, row.id).1,
                "unchanged",
                "{}",
                row.id
            );
        }
        let wrote: Vec<String> = scene
            .sandbox
            .log()
            .into_iter()
            .map(|request| request.operation)
            .filter(|operation| {
                ROWS.iter()
                    .any(|row| row.overtaken_at.0 == operation && is_write(operation))
            })
            .collect();
        assert_eq!(wrote, Vec::<String>::new(), "{cloud}");

        let removed = scene.run("disconnect", removal(cloud));
        assert_eq!(removed.status, Some(0), "{:#}", removed.document);
        for row in rows(cloud) {
            assert_eq!(change(&removed.document, row.id).1, "written", "{}", row.id);
            assert!(!scene.state(|state| (row.ours)(state)), "{}", row.id);
        }
        foreign_is_untouched("after disconnecting");
        let gone = scene.run("disconnect", removal(cloud));
        assert_eq!(gone.status, Some(0), "{:#}", gone.document);
        for row in rows(cloud) {
            assert_eq!(change(&gone.document, row.id).1, "unchanged", "{}", row.id);
        }
    }
}

fn is_write(operation: &str) -> bool {
    !operation.starts_with("Get")
}

#[test]
fn a_colleague_who_is_faster_loses_nothing() {
    for row in &ROWS {
        let scene = Scene::new(row.cloud);
        let (operation, nth) = row.overtaken_at;
        let colleague = row.colleague;
        scene
            .sandbox
            .on_request(On::operation(operation, nth), colleague);
        let before = scene.state(|state| (row.foreign)(state));
        let said = scene.run("connect", &["--yes"]);
        assert_eq!(
            change(&said.document, row.id).1,
            row.result,
            "{} {:#}",
            row.id,
            said.document
        );
        // What the colleague made is there as it would be without this run.
        let untouched = Scene::new(row.cloud);
        untouched.state(colleague);
        let wanted = untouched.state(|state| (row.foreign)(state));
        let now = scene.state(|state| (row.foreign)(state));
        assert_ne!(now, before, "{}: the colleague did nothing", row.id);
        assert_eq!(now, wanted, "{}", row.id);
        assert_eq!(
            scene.state(|state| (row.ours)(state)),
            row.result == "written",
            "{}",
            row.id
        );
        if row.result == "stale" {
            assert!(
                matches!(said.status, Some(5 | 7)),
                "{} {:?}",
                row.id,
                said.status
            );
            // Nothing later was written, and running it again continues where that is possible.
            let left = said.document["changes"].as_array().expect("changes");
            let at = left
                .iter()
                .position(|one| one["id"] == row.id)
                .expect("the change");
            assert!(
                left[at + 1..].iter().all(|one| one["result"] != "written"),
                "{left:#?}"
            );
        }
    }
}
