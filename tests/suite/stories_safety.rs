//! What happens before the first write: the backup, the right to write, and whose bucket it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use segments_connect::sandbox::aws::{ANA_KEY, PARTNER_ACCOUNT, PublicAccessBlock};
use segments_connect::sandbox::{Moment, On};
use serde_json::{Value, json};

use crate::support::{
    BUCKET, PATIENCE, Stage, change, cors_rule, policy, published, published_rule, ran, with,
};

const CONNECT: [&str; 5] = ["aws", "connect", "--bucket", BUCKET, "--yes"];

fn partners() -> Value {
    with(
        published(),
        &json!({ "Sid": "Partner", "Principal": { "AWS": "arn:aws:iam::444455556666:user/partner" } }),
    )
}

fn backups(stage: &Stage) -> Vec<PathBuf> {
    let entries = fs::read_dir(stage.backups())
        .map(Iterator::collect::<Vec<_>>)
        .unwrap_or_default();
    entries
        .into_iter()
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

#[test]
fn the_documents_are_saved_for_the_owner_alone_before_the_first_write() {
    let stage = Stage::fresh();
    stage.store_policy(&policy(&[partners()]));
    stage.bucket(|bucket| bucket.cors = Some(vec![cors_rule("https://a.example", &["PUT"], &[])]));
    let hold = stage
        .sandbox
        .hold(On::operation("PutBucketPolicy", 1), Moment::BeforeEffect);
    let running = stage.start(&CONNECT);
    assert!(hold.wait(PATIENCE), "the write never came");

    let saved = backups(&stage);
    assert_eq!(saved.len(), 1, "{saved:?}");
    let mode = |path: &std::path::Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&saved[0]), 0o600);
    assert_eq!(mode(&stage.backups()), 0o700);
    let document: Value =
        serde_json::from_slice(&fs::read(&saved[0]).expect("readable")).expect("JSON");
    assert_eq!(
        document["documents"]["aws.bucket-policy"],
        policy(&[partners()])
    );
    let rules = json!([{ "AllowedMethods": ["PUT"], "AllowedOrigins": ["https://a.example"] }]);
    assert_eq!(document["documents"]["aws.cors"], rules);
    assert_eq!(document["target"]["bucket"], BUCKET);
    assert_eq!(document["target"]["account"], "111122223333");

    hold.release();
    let path = saved[0].display().to_string();
    running.end().exits(0).complains(&path);
    assert_eq!(stage.policy(), Some(policy(&[partners(), published()])));
}

#[test]
fn scripts_are_told_where_the_documents_were_saved() {
    let stage = Stage::fresh();
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(0).without_complaint();
    assert_eq!(
        document["backup"],
        json!(backups(&stage)[0].display().to_string())
    );
    let saved: Value =
        serde_json::from_slice(&fs::read(&backups(&stage)[0]).expect("readable")).expect("JSON");
    let absent = json!({ "aws.bucket-policy": null, "aws.cors": null });
    assert_eq!(
        saved["documents"], absent,
        "what was not there is saved as such"
    );
}

#[test]
fn nothing_is_written_where_nothing_can_be_saved() {
    let stage = Stage::fresh();
    let file = stage.home().join("a file");
    fs::write(&file, "and no directory").expect("writable");
    let mut command = stage.command(&CONNECT);
    command.env("XDG_STATE_HOME", &file);
    let told = ran(&mut command).exits(1);
    told.complains("error: could not save the documents as they are, so nothing was written")
        .complains("--no-backup");
    assert_eq!((stage.policy(), stage.cors()), (None, None));
    assert_eq!(stage.writes(), [""; 0]);

    let mut command = stage.command(&["aws", "connect", "--bucket", BUCKET, "--yes", "--json"]);
    let told = ran(command.env("XDG_STATE_HOME", &file))
        .exits(1)
        .without_complaint();
    let document: Value = serde_json::from_str(&told.stdout).expect("one JSON document");
    assert_eq!(document["error"]["code"], "backup-failed");
    assert_eq!(change(&document, "aws.bucket-policy").1, "skipped");

    let mut command =
        stage.command(&["aws", "connect", "--bucket", BUCKET, "--yes", "--no-backup"]);
    ran(command.env("XDG_STATE_HOME", &file)).exits(0);
    assert_eq!(stage.policy(), Some(policy(&[published()])));
    assert_eq!(stage.cors(), Some(vec![published_rule()]));
}

#[test]
fn off_a_terminal_nothing_is_sent_without_yes() {
    for arguments in [
        &["aws", "--bucket", BUCKET][..],
        &["aws", "connect", "--bucket", BUCKET],
        &["aws", "disconnect", "--bucket", BUCKET],
    ] {
        let stage = Stage::connected();
        stage.run(arguments).exits(2).complains("--yes");
        let (ran, document) = stage.run_json(arguments);
        ran.exits(2).without_complaint();
        assert_eq!(
            document["error"]["code"], "confirmation-required",
            "{arguments:?}"
        );
        assert_eq!(stage.sandbox.log(), [], "{arguments:?}");
        assert_eq!(backups(&stage), Vec::<PathBuf>::new(), "{arguments:?}");
    }
}

#[test]
fn both_documents_that_may_not_be_read_are_named_at_once() {
    for arguments in [
        &CONNECT[..],
        &["aws", "plan", "--bucket", BUCKET],
        &["aws", "disconnect", "--bucket", BUCKET, "--yes"],
    ] {
        let stage = Stage::fresh();
        stage.deny(&["s3:GetBucketPolicy", "s3:GetBucketCORS"]);
        let ran = stage.run(arguments).exits(8);
        let ran = ran.complains("missing: s3:GetBucketPolicy, s3:GetBucketCORS");
        // The full list, whatever was observed.
        ran.complains("s3:GetBucketPolicyStatus")
            .complains("operator-permissions");
        let (ran, document) = stage.run_json(arguments);
        ran.exits(8).without_complaint();
        assert_eq!(document["error"]["code"], "not-permitted");
        let missing = json!(["s3:GetBucketPolicy", "s3:GetBucketCORS"]);
        assert_eq!(
            document["error"]["missing_permissions"], missing,
            "{arguments:?}"
        );
        assert_eq!(stage.writes(), [""; 0], "{arguments:?}");
        assert_eq!(
            (stage.policy(), stage.cors()),
            (None, None),
            "{arguments:?}"
        );
    }
}

#[test]
fn one_document_that_may_not_be_read_stops_both() {
    let stage = Stage::fresh();
    stage.deny(&["s3:GetBucketCORS"]);
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(8);
    assert_eq!(change(&document, "aws.bucket-policy").1, "skipped");
    assert_eq!(
        document["error"]["missing_permissions"],
        json!(["s3:GetBucketCORS"])
    );
    assert_eq!((stage.policy(), stage.cors()), (None, None));
}

#[test]
fn a_policy_that_may_not_be_written_leaves_everything_as_it_was() {
    let stage = Stage::fresh();
    stage.deny(&["s3:PutBucketPolicy"]);
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(8).without_complaint();
    assert_eq!(document["error"]["code"], "not-permitted");
    assert_eq!(
        document["error"]["missing_permissions"],
        json!(["s3:PutBucketPolicy"])
    );
    assert_eq!(change(&document, "aws.bucket-policy").1, "failed");
    assert_eq!(change(&document, "aws.cors").1, "skipped");
    assert_eq!((stage.policy(), stage.cors()), (None, None));
    assert_eq!(
        stage.writes(),
        ["PutBucketPolicy"],
        "a refusal is not asked for again"
    );
    let list = document["error"]["hints"].to_string();
    for permission in [
        "s3:PutBucketPolicy",
        "s3:PutBucketCORS",
        "s3:GetBucketPolicy",
        "s3:GetBucketCORS",
    ] {
        assert!(list.contains(permission), "{list}");
    }
}

#[test]
fn rules_that_may_not_be_written_after_the_policy_was_leave_the_run_unfinished() {
    let stage = Stage::fresh();
    stage.deny(&["s3:PutBucketCORS"]);
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(5).without_complaint();
    assert_eq!(document["error"]["code"], "partial");
    assert_eq!(
        document["error"]["missing_permissions"],
        json!(["s3:PutBucketCORS"])
    );
    assert_eq!(change(&document, "aws.bucket-policy").1, "written");
    assert_eq!(change(&document, "aws.cors").1, "failed");
    assert_eq!(stage.policy(), Some(policy(&[published()])));
    assert_eq!(stage.cors(), None);
    stage.run(&CONNECT).exits(8).complains("s3:PutBucketCORS");
}

#[test]
fn a_bucket_of_another_account_is_told_as_such_where_that_can_be_seen() {
    let stage = Stage::fresh();
    let lists = json!({
        "Sid": "AnaLists", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:user/ana" },
        "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::acme-images",
    });
    stage.store_policy(&policy(std::slice::from_ref(&lists)));
    stage.bucket(|bucket| {
        bucket.owner = PARTNER_ACCOUNT.to_owned();
        bucket.public_access_block = Some(PublicAccessBlock::default());
    });
    stage
        .run(&CONNECT)
        .exits(8)
        .complains("belongs to another account than yours, 111122223333");
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(8).without_complaint();
    assert_eq!(document["error"]["code"], "wrong-account");
    assert_eq!(stage.policy(), Some(policy(&[lists])));
    assert_eq!(stage.cors(), None);
    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn a_bucket_of_another_account_that_says_nothing_is_suspected() {
    let stage = Stage::fresh();
    stage.bucket(|bucket| bucket.owner = PARTNER_ACCOUNT.to_owned());
    let ran = stage.run(&CONNECT).exits(8);
    ran.complains("the same answer for a bucket of another account")
        .complains("111122223333");
    assert_eq!((stage.policy(), stage.cors()), (None, None));
    assert_eq!(stage.writes(), [""; 0]);
}

/// The actions of those statements of the printed policy whose Sid begins with one of `sids`.
fn printed_actions(stage: &Stage, sids: &[&str]) -> Vec<String> {
    let (_, document) = stage.run_json(&[
        "aws",
        "render",
        "--bucket",
        BUCKET,
        "--document",
        "operator-permissions",
    ]);
    let statements = document["documents"]["aws.operator-permissions"]["Statement"].clone();
    statements
        .as_array()
        .expect("statements")
        .iter()
        .filter(|statement| {
            sids.iter().any(|sid| {
                statement["Sid"]
                    .as_str()
                    .is_some_and(|own| own.starts_with(sid))
            })
        })
        .flat_map(|statement| statement["Action"].as_array().cloned().unwrap_or_default())
        .map(|action| action.as_str().expect("an action").to_owned())
        .collect()
}

#[test]
fn the_permissions_that_are_printed_are_enough_for_each_command() {
    let writes = ["Verify", "Connect"];
    for (arguments, sids) in [
        (&["aws", "plan", "--bucket", BUCKET][..], &["Plan"][..]),
        (&["aws", "verify", "--bucket", BUCKET], &["Verify"]),
        (&["aws", "connect", "--bucket", BUCKET, "--yes"], &writes),
        (
            &["aws", "disconnect", "--bucket", BUCKET, "--yes"],
            &["Plan", "Connect"],
        ),
    ] {
        let stage = if arguments.contains(&"connect") {
            Stage::new()
        } else {
            Stage::connected()
        };
        let actions = printed_actions(&stage, sids);
        assert!(!actions.is_empty(), "{arguments:?}");
        stage.sandbox.with_state(|state| {
            let ana = state.aws.principal_mut(ANA_KEY).expect("ana");
            ana.allowed_actions = actions
                .iter()
                .cloned()
                .chain(["sts:GetCallerIdentity".to_owned()])
                .collect();
        });
        let (ran, document) = stage.run_json(arguments);
        assert_eq!(
            ran.status,
            Some(0),
            "{arguments:?} with {actions:?}: {document:#}"
        );
        let unknown: Vec<_> = document["checks"]
            .as_array()
            .expect("checks")
            .iter()
            .filter(|check| check["status"] == "unknown")
            .collect();
        assert!(unknown.is_empty(), "{arguments:?}: {unknown:#?}");
    }
}
