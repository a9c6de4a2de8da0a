//! What is shown to whoever reviews the bucket: what Segments.ai, and everybody else, can not do.

use serde_json::{Value, json};

use crate::support::{BUCKET, Stage, checks, policy, published};

const VERIFY: [&str; 4] = ["aws", "verify", "--bucket", BUCKET];
const ID: &str = "aws.exposure";

/// Subject, status and cause of each result, where verifying ends well: exposure never blocks.
#[track_caller]
fn exposed(stage: &Stage) -> (Vec<(Option<String>, String, Value)>, Value) {
    let (ran, document) = stage.run_json(&VERIFY);
    ran.exits(0);
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["proof"], "own-read");
    let found = checks(&document, ID)
        .iter()
        .map(|check| {
            (
                check["subject"].as_str().map(str::to_owned),
                check["status"].as_str().unwrap_or_default().to_owned(),
                check["cause"].clone(),
            )
        })
        .collect();
    (found, document)
}

#[test]
fn the_published_statement_lets_segments_read_and_nobody_else_in() {
    let stage = Stage::connected();
    let (found, document) = exposed(&stage);
    let by_policy = (
        Some("anonymous, by the bucket policy".to_owned()),
        "pass".to_owned(),
        Value::Null,
    );
    assert!(
        found.contains(&(None, "pass".to_owned(), Value::Null)),
        "{found:?}"
    );
    assert!(found.contains(&by_policy), "{found:?}");
    let whole = checks(&document, ID)
        .into_iter()
        .find(|check| check["subject"].is_null())
        .expect("one for all that it may not")
        .clone();
    let not = whole["evidence"]["not_granted"].to_string();
    for action in [
        "s3:ListBucket",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:PutBucketPolicy",
        "s3:DeleteBucket",
    ] {
        assert!(not.contains(action), "{not}");
    }
}

#[test]
fn what_is_granted_beyond_reading_is_a_warning_with_its_statement() {
    let stage = Stage::connected();
    let wide = json!({
        "Sid": "Wide", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::931508227573:user/segmentsai-prod-user" },
        "Action": ["s3:ListBucket", "s3:PutObject"],
        "Resource": ["arn:aws:s3:::acme-images", "arn:aws:s3:::acme-images/*"],
    });
    stage.store_policy(&policy(&[published(), wide]));
    let (found, document) = exposed(&stage);
    for action in ["s3:ListBucket", "s3:PutObject"] {
        let warned = (Some(action.to_owned()), "warn".to_owned(), json!("A53"));
        assert!(found.contains(&warned), "{found:?}");
    }
    let said = checks(&document, ID)
        .iter()
        .map(ToString::to_string)
        .collect::<String>();
    assert!(
        said.contains("lets Segments.ai write objects, by statement `Wide`"),
        "{said}"
    );
    assert!(!said.contains("lets Segments.ai delete objects"), "{said}");
}

#[test]
fn a_public_statement_is_told_unless_block_public_access_voids_it() {
    let open = json!({
        "Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-images/*",
    });
    let stage = Stage::connected();
    stage.bucket(|bucket| bucket.public_access_block = None);
    stage.store_policy(&policy(&[published(), open]));
    let (found, document) = exposed(&stage);
    let warned = (
        Some("anonymous, by the bucket policy".to_owned()),
        "warn".to_owned(),
        json!("A54"),
    );
    assert!(found.contains(&warned), "{found:?}");
    let said = checks(&document, ID)
        .iter()
        .map(ToString::to_string)
        .collect::<String>();
    assert!(
        said.contains("everybody may read objects (statement `Open`)"),
        "{said}"
    );
}
