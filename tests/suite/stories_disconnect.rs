//! The other actions that show or undo: disconnect, plan, render.

use std::process::Command;

use segments_connect::sandbox::aws::PublicAccessBlock;
use segments_connect::sandbox::{Moment, On};
use serde_json::{Value, json};

use crate::support::{
    BUCKET, PATIENCE, PROGRAM, Stage, change, cors_rule, policy, published, published_rule, ran,
    with,
};

const DISCONNECT: [&str; 5] = ["aws", "disconnect", "--bucket", BUCKET, "--yes"];
const PLAN: [&str; 4] = ["aws", "plan", "--bucket", BUCKET];

fn partners() -> Value {
    with(
        published(),
        &json!({ "Sid": "Partner", "Principal": { "AWS": "arn:aws:iam::444455556666:user/partner" } }),
    )
}

#[test]
fn documents_that_held_nothing_but_ours_go() {
    let stage = Stage::connected();
    let (ran, document) = stage.run_json(&DISCONNECT);
    ran.exits(0).without_complaint();
    assert_eq!((stage.policy(), stage.cors()), (None, None));
    assert_eq!(stage.writes(), ["DeleteBucketPolicy", "DeleteBucketCors"]);
    for id in ["aws.bucket-policy", "aws.cors"] {
        assert_eq!(change(&document, id), ("remove", "written"));
    }
    assert_eq!(document["verdict"], Value::Null);
    assert_eq!(document["changes"][0]["after"], Value::Null);
}

#[test]
fn what_is_not_ours_stays_as_it_was() {
    let stage = Stage::fresh();
    let renamed = with(
        published(),
        &json!({ "Sid": "somebody named it", "Action": "s3:GetObject" }),
    );
    let mut before = policy(&[
        partners(),
        renamed,
        with(partners(), &json!({ "Sid": "Second" })),
    ]);
    before["Id"] = json!("kept");
    stage.store_policy(&before);
    let foreign = [
        cors_rule("https://a.example", &["PUT"], &["x"]),
        cors_rule("https://b.example", &["GET"], &[]),
    ];
    stage.bucket(|bucket| {
        let mut ours = published_rule();
        ours.id = Some("named".to_owned());
        bucket.cors = Some(vec![foreign[0].clone(), ours, foreign[1].clone()]);
    });
    let (ran, document) = stage.run_json(&DISCONNECT);
    ran.exits(0).without_complaint();
    let mut after = policy(&[partners(), with(partners(), &json!({ "Sid": "Second" }))]);
    after["Id"] = json!("kept");
    assert_eq!(stage.policy(), Some(after));
    assert_eq!(stage.cors(), Some(foreign.to_vec()));
    for change in document["changes"].as_array().expect("changes") {
        assert_eq!(change["kept"], 2, "{change:#}");
        assert_eq!(change["action"], "update", "{change:#}");
    }
}

#[test]
fn connecting_and_disconnecting_leaves_everything_as_it_was() {
    let stage = Stage::new();
    let before = (stage.policy(), stage.cors());
    stage.run(&["aws", "--bucket", BUCKET, "--yes"]).exits(0);
    assert_ne!((stage.policy(), stage.cors()), before);
    stage.run(&DISCONNECT).exits(0);
    assert_eq!((stage.policy(), stage.cors()), before);
}

#[test]
fn where_nothing_is_ours_there_is_nothing_to_do() {
    for stage in [Stage::fresh(), Stage::new()] {
        let before = (stage.policy(), stage.cors());
        stage
            .run(&DISCONNECT)
            .exits(0)
            .says("Nothing to change.")
            .without_complaint();
        let (ran, document) = stage.run_json(&DISCONNECT);
        ran.exits(0);
        for id in ["aws.bucket-policy", "aws.cors"] {
            assert_eq!(change(&document, id), ("keep", "unchanged"));
        }
        assert_eq!((stage.policy(), stage.cors()), before);
        assert_eq!(stage.writes(), [""; 0]);
    }
}

#[test]
fn broader_grants_of_others_stay_and_are_told() {
    let stage = Stage::connected();
    let broader = with(
        published(),
        &json!({ "Sid": "Everything for the account", "Principal": { "AWS": "931508227573" }, "Action": "s3:Get*" }),
    );
    let wide = cors_rule("*", &["GET"], &[]);
    stage.store_policy(&policy(&[published(), broader.clone()]));
    stage.bucket(|bucket| bucket.cors = Some(vec![wide.clone(), published_rule()]));
    let ran = stage.run(&DISCONNECT).exits(0);
    ran.says("`Everything for the account` still grants Segments.ai")
        .says("admits `https://app.segments.ai` through `*`");
    assert_eq!(stage.policy(), Some(policy(&[broader])));
    assert_eq!(stage.cors(), Some(vec![wide]));
}

#[test]
fn a_statement_of_ours_that_somebody_changed_is_not_ours_to_remove() {
    let stage = Stage::connected();
    let changed = policy(&[with(
        published(),
        &json!({ "Action": ["s3:GetObject", "s3:ListBucket"] }),
    )]);
    stage.store_policy(&changed);
    stage.run(&DISCONNECT).exits(0);
    assert_eq!(stage.policy(), Some(changed));
    assert_eq!(stage.cors(), None);
}

#[test]
fn a_removal_that_someone_else_overtook_is_stale() {
    let stage = Stage::connected();
    stage
        .sandbox
        .on_request(On::operation("GetBucketPolicy", 2), |state| {
            if let Some(bucket) = state.aws.buckets.get_mut(BUCKET) {
                bucket.policy = Some(policy(&[published(), partners()]).to_string());
            }
        });
    let (ran, document) = stage.run_json(&DISCONNECT);
    ran.exits(7);
    assert_eq!(change(&document, "aws.bucket-policy").1, "stale");
    assert_eq!(
        stage.policy(),
        Some(policy(&[published(), partners()])),
        "not deleted with the partner's statement"
    );
    assert_eq!(stage.cors(), Some(vec![published_rule()]));
}

#[test]
fn what_disconnect_removes_is_saved_first() {
    let stage = Stage::connected();
    let hold = stage
        .sandbox
        .hold(On::operation("DeleteBucketPolicy", 1), Moment::BeforeEffect);
    let running = stage.start(&DISCONNECT);
    assert!(hold.wait(PATIENCE), "the removal never came");
    let saved = std::fs::read_dir(stage.backups())
        .expect("a directory")
        .next()
        .expect("a file")
        .expect("readable");
    let saved: Value =
        serde_json::from_slice(&std::fs::read(saved.path()).expect("readable")).expect("JSON");
    assert_eq!(
        saved["documents"]["aws.bucket-policy"],
        policy(&[published()])
    );
    hold.release();
    running.end().exits(0).says("removed: bucket policy");
}

#[test]
fn a_plan_writes_nothing_and_says_what_would_change() {
    for (stage, changes) in [
        (Stage::fresh(), true),
        (Stage::new(), true),
        (Stage::connected(), false),
    ] {
        let before = (stage.policy(), stage.cors());
        let plain = stage.run(&PLAN).exits(0).without_complaint();
        let (ran, document) = stage.run_json(&PLAN);
        ran.exits(0).without_complaint();
        for id in ["aws.bucket-policy", "aws.cors"] {
            let (action, result) = change(&document, id);
            assert_eq!(result, if changes { "planned" } else { "unchanged" });
            assert_eq!(action == "keep", !changes);
        }
        assert_eq!(
            plain.stdout.contains("nothing is written yet"),
            changes,
            "{}",
            plain.stdout
        );
        assert_eq!(
            plain.stdout.contains("Nothing to change."),
            !changes,
            "{}",
            plain.stdout
        );
        let mut told = PLAN.to_vec();
        told.push("--exit-code");
        stage.run(&told).exits(if changes { 3 } else { 0 });
        stage.run_json(&told).0.exits(if changes { 3 } else { 0 });
        assert_eq!((stage.policy(), stage.cors()), before);
        assert_eq!(stage.writes(), [""; 0]);
        assert!(!stage.backups().exists(), "a plan saves nothing");
        assert_eq!(document["checks"], json!([]));
        assert_eq!(document["verdict"], Value::Null);
    }
}

#[test]
fn a_plan_tells_a_refusal_before_anybody_tries() {
    let stage = Stage::fresh();
    let public = policy(&[with(
        published(),
        &json!({ "Sid": "Public", "Principal": "*" }),
    )]);
    stage.store_policy(&public);
    stage.bucket(|bucket| bucket.public_access_block = Some(PublicAccessBlock::ALL));
    for arguments in [
        &PLAN[..],
        &["aws", "plan", "--bucket", BUCKET, "--exit-code"],
    ] {
        stage.run(arguments).exits(7).complains("BlockPublicPolicy");
        let (ran, document) = stage.run_json(arguments);
        ran.exits(7);
        assert_eq!(change(&document, "aws.bucket-policy").1, "refused");
        assert_eq!(change(&document, "aws.cors").1, "planned");
        assert_eq!(document["error"]["code"], "refused");
    }
    assert_eq!(stage.policy(), Some(public));
    assert_eq!(stage.writes(), [""; 0]);
}

/// The program with nothing at all in its environment.
fn alone(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear();
    command
}

#[test]
fn a_document_alone_is_exactly_the_template_for_this_bucket() {
    let template =
        include_str!("../../templates/aws/bucket-policy.json").replace("YOUR_BUCKET_NAME", BUCKET);
    for (document, wanted) in [
        ("bucket-policy", template.as_str()),
        ("cors", include_str!("../../templates/aws/cors.json")),
    ] {
        let told = ran(&mut alone(&[
            "aws",
            "render",
            "--bucket",
            BUCKET,
            "--document",
            document,
        ]))
        .exits(0);
        let told = told.without_complaint();
        let wanted: Value = serde_json::from_str(wanted).expect("the template is JSON");
        let found: Value = serde_json::from_str(&told.stdout).expect("nothing but JSON");
        // As text too, so that the order of members counts.
        assert_eq!(found.to_string(), wanted.to_string(), "{document}");
    }
}

#[test]
fn the_published_documents_are_the_published_ones() {
    let told = ran(&mut alone(&[
        "aws",
        "render",
        "--bucket",
        BUCKET,
        "--document",
        "bucket-policy",
    ]))
    .exits(0);
    let found: Value = serde_json::from_str(&told.stdout).expect("JSON");
    assert_eq!(found, policy(&[published()]));
    let told = ran(&mut alone(&[
        "aws",
        "render",
        "--bucket",
        BUCKET,
        "--document",
        "cors",
    ]))
    .exits(0);
    let found: Value = serde_json::from_str(&told.stdout).expect("JSON");
    let rule = json!([{
        "AllowedHeaders": ["*"], "AllowedMethods": ["GET"],
        "AllowedOrigins": ["https://*.segments.ai"], "ExposeHeaders": [],
    }]);
    assert_eq!(found, rule);
}

#[test]
fn the_operators_permissions_are_a_policy_for_this_bucket() {
    let told = ran(&mut alone(&[
        "aws",
        "render",
        "--bucket",
        BUCKET,
        "--document",
        "operator-permissions",
    ]))
    .exits(0);
    let found: Value = serde_json::from_str(&told.stdout).expect("JSON");
    assert_eq!(found["Version"], "2012-10-17");
    let text = found.to_string();
    for permission in [
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:GetBucketCORS",
        "s3:PutBucketCORS",
    ] {
        assert!(text.contains(permission), "{permission}: {text}");
    }
    assert!(text.contains("arn:aws:s3:::acme-images\""), "{text}");
    assert!(!text.contains("\"s3:*\""), "{text}");
}

#[test]
fn all_documents_stand_under_their_change_ids() {
    let told = ran(&mut alone(&["aws", "render", "--bucket", BUCKET, "--json"]))
        .exits(0)
        .without_complaint();
    let document: Value = serde_json::from_str(&told.stdout).expect("one JSON document");
    assert_eq!(
        document["documents"]["aws.bucket-policy"],
        policy(&[published()])
    );
    assert!(document["documents"]["aws.cors"].is_array());
    assert_eq!(document["proof"], "rendered");
    assert_eq!(document["changes"], json!([]));
    let plain = ran(&mut alone(&["aws", "render", "--bucket", BUCKET])).exits(0);
    plain
        .says("aws.bucket-policy")
        .says("aws.cors")
        .without_complaint();
}

#[test]
fn an_unknown_document_is_a_usage_error() {
    let arguments = [
        "aws",
        "render",
        "--bucket",
        BUCKET,
        "--document",
        "custom-role",
    ];
    let told = ran(&mut alone(&arguments))
        .exits(2)
        .complains("custom-role")
        .complains("`bucket-policy`");
    assert_eq!(told.stdout, "");
    let mut with_json = arguments.to_vec();
    with_json.push("--json");
    let told = ran(&mut alone(&with_json)).exits(2);
    let document: Value = serde_json::from_str(&told.stdout).expect("one JSON document");
    assert_eq!(document["error"]["code"], "usage");
}

#[test]
fn rendering_sends_nothing() {
    let stage = Stage::fresh();
    stage.run(&["aws", "render", "--bucket", BUCKET]).exits(0);
    assert_eq!(stage.sandbox.log(), []);
}
