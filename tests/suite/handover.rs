//! `verify --report FILE` and `explain --report FILE`: what a customer hands over, looked at again on another machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use segments_connect::sandbox::azure::{
    ACCOUNT, CONTAINER, DenyAssignment, Permission, RESOURCE_GROUP, SUBSCRIPTION, TENANT,
};

use crate::gcp_support::GcpStage;
use crate::support::azure::{AzureStage, scope};
use crate::support::{BUCKET, Ran, Stage, check, policy, program, published, ran, with};

/// A directory to put reports into.
fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("acme.json");
    (directory, file)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the report is there")
}

fn report(path: &Path) -> Value {
    serde_json::from_str(&text(path)).expect("JSON")
}

/// Looks at a report on a machine that has nothing: no credentials, and a network that leads nowhere.
fn explain(home: &Path, file: &Path, more: &[&str]) -> Ran {
    let file = file.display().to_string();
    let mut command: Command = program(
        home,
        &[&["explain", "--report", file.as_str()], more].concat(),
    );
    command
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    ran(&mut command)
}

fn denied() -> Stage {
    let stage = Stage::connected();
    let deny = with(
        published(),
        &json!({
            "Sid": "only-our-network", "Effect": "Deny", "Principal": "*",
            "Condition": { "StringNotEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } }
        }),
    );
    stage.store_policy(&policy(&[published(), deny]));
    stage
}

fn verify(stage: &Stage, file: &Path, more: &[&str]) -> Ran {
    let file = file.display().to_string();
    let arguments = ["aws", "verify", "--bucket", BUCKET, "--report", &file];
    stage.run(&[&arguments, more].concat())
}

#[test]
fn a_report_says_elsewhere_what_the_run_said() {
    for (stage, status) in [(denied(), 4), (Stage::connected(), 0)] {
        let (directory, file) = place();
        let run = verify(&stage, &file, &["--json"]).exits(status).document();
        assert_eq!(run["report"], json!(file.display().to_string()));
        let again = explain(directory.path(), &file, &["--json"])
            .exits(status)
            .without_complaint()
            .document();
        assert_eq!(again["verdict"], run["verdict"]);
        assert_eq!(again["leads"], run["leads"]);
        assert_eq!(again["proof"], run["proof"]);
        assert_eq!(again["recorded"]["differences"], json!([]));
        assert_eq!(again["target"]["bucket"], BUCKET);
        // What the run could not see, it could not see; what it saw is not told as unseen.
        for entry in again["not_checked"].as_array().expect("a list") {
            let then = run["not_checked"].as_array().expect("a list");
            let what = |entry: &Value| entry["what"].clone();
            assert!(then.iter().any(|then| what(then) == what(entry)), "{entry}");
        }
        let evaluated = check(&again, "aws.policy.evaluated");
        assert_eq!(
            evaluated["status"],
            check(&run, "aws.policy.evaluated")["status"]
        );
        let live = check(&again, "aws.cors.preflight");
        let told = live["detail"].as_str().expect("words");
        assert!(told.starts_with("recorded at 20"), "{told}");
        let people = explain(directory.path(), &file, &[]).exits(status);
        assert!(people.stdout.contains("decided again"), "{}", people.stdout);
    }
}

#[test]
fn a_report_on_google_cloud_is_looked_at_again() {
    let stage = GcpStage::fresh();
    let (directory, file) = place();
    let name = file.display().to_string();
    let (ran, run) = stage.gcp_json("verify", &["--report", &name]);
    let status = ran.status.expect("it ends by itself");
    let again = explain(directory.path(), &file, &["--json"])
        .exits(status)
        .document();
    assert_eq!(again["verdict"], run["verdict"], "{again:#}");
    assert_eq!(again["leads"]["cause"], run["leads"]["cause"]);
}

/// Accounts on Azure, each with something else in the way, and one with nothing.
fn azure_stages() -> Vec<(AzureStage, Option<&'static str>)> {
    let with = |change: fn(&AzureStage)| {
        let stage = AzureStage::connected();
        change(&stage);
        stage
    };
    vec![
        (AzureStage::connected(), None),
        (AzureStage::fresh(), Some("Z01")),
        (
            with(|stage| {
                stage.world(|world| {
                    let app = world.segments(TENANT).map(|app| app.id.clone());
                    world
                        .role_assignments
                        .retain(|one| Some(&one.principal) != app.as_ref());
                });
            }),
            Some("Z10"),
        ),
        (
            with(|stage| {
                stage.world(|world| {
                    let all = Permission::data_actions(&["*"]);
                    world
                        .deny_assignments
                        .push(DenyAssignment::everyone("stack", &scope(), all));
                });
            }),
            Some("Z08"),
        ),
        (
            with(|stage| stage.account(|account| account.blob_service.cors.clear())),
            Some("Z24"),
        ),
        (
            with(|stage| stage.account(|account| account.network.deny_by_default = true)),
            Some("Z11"),
        ),
        (
            with(|stage| {
                stage.world(|world| {
                let app = world.segments(TENANT).map(|app| app.id.clone());
                    let all = world.role_assignments.iter_mut();
                    for one in all.filter(|one| Some(&one.principal) == app.as_ref()) {
                    one.condition = Some("((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'photos'))".to_owned());
                }
            });
            }),
            Some("Z06"),
        ),
    ]
}

#[test]
fn a_report_on_azure_is_looked_at_again() {
    for (stage, cause) in azure_stages() {
        let (directory, file) = place();
        let name = file.display().to_string();
        let words = [
            "azure",
            "verify",
            "--storage-account",
            ACCOUNT,
            "--report",
            &name,
        ];
        let (ran, run) = stage.json(&words);
        let status = ran.status.expect("it ends by itself");
        let again = explain(directory.path(), &file, &["--json"])
            .exits(status)
            .document();
        assert_eq!(again["verdict"], run["verdict"], "{cause:?}: {again:#}");
        assert_eq!(again["leads"]["cause"], run["leads"]["cause"], "{again:#}");
        assert_eq!(again["recorded"]["differences"], json!([]));
        if let Some(cause) = cause {
            let told = again["checks"].as_array().expect("checks");
            assert!(
                told.iter().any(|check| check["cause"] == cause),
                "{cause}: {again:#}"
            );
        } else {
            assert_eq!(again["verdict"], "pass");
        }
        let written = text(&file).replace("sig=REDACTED", "");
        for secret in ["eyJ", "sig=", "a cat"] {
            assert!(!written.contains(secret), "`{secret}` is in the report");
        }
    }
}

#[test]
fn names_on_azure_are_hashed_and_the_verdict_stays() {
    for (stage, cause) in azure_stages() {
        let (directory, file) = place();
        let name = file.display().to_string();
        let words = [
            "azure",
            "verify",
            "--storage-account",
            ACCOUNT,
            "--report",
            &name,
            "--redact-names",
        ];
        let (ran, run) = stage.json(&words);
        let status = ran.status.expect("it ends by itself");
        assert_eq!(run["error"], Value::Null, "{run:#}");
        let written = text(&file);
        let app = stage.app().unwrap_or_else(|| "none".to_owned());
        for name in [
            ACCOUNT,
            CONTAINER,
            RESOURCE_GROUP,
            SUBSCRIPTION,
            TENANT,
            "cat.png",
            "bea@acme.example",
            app.as_str(),
        ] {
            assert!(!written.contains(name), "`{name}` is in {written}");
        }
        // Segments.ai's own names are published, and stay.
        assert!(cause == Some("Z01") || written.contains("d47021c7-05d1-44c3-a594-93c2c30c68fc"));
        let again = explain(directory.path(), &file, &["--json"])
            .exits(status)
            .document();
        assert_eq!(again["verdict"], run["verdict"], "{cause:?}: {again:#}");
        assert_eq!(
            again["leads"]["id"], run["leads"]["id"],
            "{cause:?}: {again:#}"
        );
    }
}

#[test]
fn a_changed_report_is_found_out() {
    let (directory, file) = place();
    verify(&denied(), &file, &[]).exits(4);
    let mut changed = report(&file);
    for check in changed["run"]["checks"].as_array_mut().expect("checks") {
        check["status"] = json!("pass");
    }
    std::fs::write(&file, changed.to_string()).expect("a file");
    let again = explain(directory.path(), &file, &["--json"])
        .exits(4)
        .document();
    assert_eq!(
        again["recorded"]["differences"][0]["id"],
        "aws.policy.evaluated"
    );
    explain(directory.path(), &file, &[])
        .exits(4)
        .says("differs: aws.policy.evaluated");
}

#[test]
fn names_are_hashed_and_the_verdict_stays() {
    let (directory, file) = place();
    verify(&denied(), &file, &["--redact-names"]).exits(4);
    let written = text(&file);
    for name in [BUCKET, "photos", "0001.jpg", "111122223333"] {
        assert!(!written.contains(name), "`{name}` is in {written}");
    }
    assert!(written.contains("segmentsai-prod-user"), "{written}");
    let again = explain(directory.path(), &file, &["--json"])
        .exits(4)
        .document();
    assert_eq!(again["leads"]["id"], "aws.policy.evaluated");
    assert_eq!(again["recorded"]["names_hashed"], true);
}

#[test]
fn no_secret_is_in_a_report_and_nobody_else_may_read_it() {
    let (_directory, file) = place();
    let stage = Stage::connected();
    let mut command = stage.command(&["aws", "verify", "--bucket", BUCKET, "--report"]);
    command.arg(&file);
    let secrets: Vec<String> = command
        .get_envs()
        .filter(|(name, _)| {
            let name = name.to_string_lossy();
            name.contains("SECRET") || name.contains("TOKEN")
        })
        .filter_map(|(_, value)| Some(value?.to_string_lossy().into_owned()))
        .collect();
    assert!(!secrets.is_empty(), "the story has a secret to look for");
    ran(&mut command).exits(0);
    let written = text(&file);
    for secret in &secrets {
        assert!(!written.contains(secret.as_str()));
    }
    // The photo's contents, and no signature of a link.
    assert!(!written.contains("a photo"));
    assert!(
        !written.to_lowercase().contains("x-amz-signature=0"),
        "{written}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
}

#[test]
fn what_is_no_report_is_kept_and_refused_before_anything_is_sent() {
    let (directory, file) = place();
    std::fs::write(&file, "my notes").expect("a file");
    let stage = Stage::connected();
    verify(&stage, &file, &[])
        .exits(2)
        .complains("no report of this program");
    assert_eq!(text(&file), "my notes");
    verify(&stage, &directory.path().join("no/r.json"), &[])
        .exits(2)
        .complains("there is no directory");
    assert_eq!(stage.sandbox.log(), []);
    explain(directory.path(), &file, &[])
        .exits(1)
        .complains("line 1");
    explain(directory.path(), &directory.path().join("none.json"), &[]).exits(1);
    std::fs::write(&file, json!({ "schema": "segments-connect/report/v1", "cloud": "aws", "inputs": { "bucket": 5 } }).to_string())
        .expect("a file");
    explain(directory.path(), &file, &[])
        .exits(1)
        .complains("does not hold what was read");
}

#[test]
fn a_report_is_for_verify_alone() {
    let (_directory, file) = place();
    let stage = Stage::connected();
    let file = file.display().to_string();
    for action in ["plan", "connect", "disconnect", "render"] {
        stage
            .run(&[
                "aws", action, "--bucket", BUCKET, "--yes", "--report", &file,
            ])
            .exits(2)
            .complains("`--report` is for `verify`");
    }
    stage.run(&["explain"]).exits(2);
    stage.run(&["explain", "A39", "--report", &file]).exits(2);
    assert_eq!(stage.sandbox.log(), []);
}
