//! Broken buckets as customers have them: what was done, what Segments.ai and its page then meet in the local AWS, and
//! the cause that `verify` must lead with.
//!
//! Each story is told twice: by the program, which knows the owner's side, and by a link of Segments.ai's own user that is
//! fetched as a browser would. So a story that is not true fails too. What needs a certificate (names with dots) cannot
//! be told over plain http.

mod stories;

use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::presigning::PresigningConfig;
use segments_connect::sandbox::aws::SEGMENTS_KEY;
use serde_json::Value;

use crate::support::{BUCKET, PHOTO, Stage};

/// A bucket that a customer brought into some state.
struct Story {
    /// What the customer did, in a few words.
    did: &'static str,
    /// Does it, to a bucket that was connected.
    act: fn(&Stage),
    object: &'static str,
    /// What Segments.ai's page meets.
    met: Met,
    /// The cause that leads; none where nothing is wrong.
    lead: Option<&'static str>,
    exit: i32,
}

/// What becomes of a link in Segments.ai's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    /// It shows.
    Shown,
    /// S3 refuses it, with this status.
    Refused(u16),
    /// S3 gives it, and the browser keeps it from the page.
    KeptByBrowser,
    /// The link is given, but a link of this age no longer is.
    GoneAfter(time::Duration),
}

/// The cause of the first result among those of the gravest status.
fn lead(document: &Value) -> Option<String> {
    let checks = document["checks"].as_array().expect("checks");
    ["fail", "unknown", "warn"].iter().find_map(|status| {
        let mut of_status = checks.iter().filter(|check| check["status"] == *status);
        of_status.find_map(|check| check["cause"].as_str().map(str::to_owned))
    })
}

async fn meets(stage: &Stage, story: &Story) -> Met {
    let age = match story.met {
        Met::GoneAfter(age) => age,
        Met::Shown | Met::Refused(_) | Met::KeptByBrowser => time::Duration::ZERO,
    };
    let link = link(stage, story).await;
    let (status, origin) = fetched(&link).await;
    if status != 200 {
        return Met::Refused(status);
    }
    if age > time::Duration::ZERO {
        stage
            .sandbox
            .with_state(|state| state.aws.clock_offset = age);
        let (status, _) = fetched(&link).await;
        stage
            .sandbox
            .with_state(|state| state.aws.clock_offset = time::Duration::ZERO);
        assert_eq!(status, 403, "{}: after {age}", story.did);
        return Met::GoneAfter(age);
    }
    match origin.as_deref() {
        Some("*" | PAGE) => Met::Shown,
        Some(_) | None => Met::KeptByBrowser,
    }
}

const PAGE: &str = "https://app.segments.ai";

/// The status, and the origin that may use the answer.
async fn fetched(link: &str) -> (u16, Option<String>) {
    let browser = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let request = browser
        .get(link)
        .header("origin", PAGE)
        .header("referer", format!("{PAGE}/"));
    let request = request.header("user-agent", "Mozilla/5.0");
    let answer = request.send().await.expect("an answer");
    let origin = answer.headers().get("access-control-allow-origin");
    let origin = origin
        .and_then(|origin| origin.to_str().ok())
        .map(str::to_owned);
    (answer.status().as_u16(), origin)
}

async fn link(stage: &Stage, story: &Story) -> String {
    let region = stage.sandbox.with_state(|state| {
        let bucket = state.aws.bucket(BUCKET).expect("the bucket");
        bucket.region.clone()
    });
    let secret = stage
        .sandbox
        .environment(SEGMENTS_KEY)
        .into_iter()
        .find(|(name, _)| name == "AWS_SECRET_ACCESS_KEY")
        .map(|(_, value)| value)
        .expect("a secret");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .endpoint_url(stage.sandbox.endpoint())
        .credentials_provider(Credentials::new(SEGMENTS_KEY, secret, None, None, "test"))
        .force_path_style(true)
        .retry_config(RetryConfig::disabled());
    let client = aws_sdk_s3::Client::from_conf(config.build());
    let day = PresigningConfig::expires_in(Duration::from_hours(24)).expect("a day");
    let request = client.get_object().bucket(BUCKET).key(story.object);
    request
        .presigned(day)
        .await
        .expect("a link")
        .uri()
        .to_owned()
}

#[test]
fn the_report_leads_with_what_blocks() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let stories = stories::all();
    assert!(stories.len() >= 45, "{} stories", stories.len());
    let mut wrong = Vec::new();
    for story in &stories {
        let stage = Stage::connected();
        (story.act)(&stage);
        let met = runtime.block_on(meets(&stage, story));
        assert_eq!(met, story.met, "{}: the story is not true", story.did);
        let arguments = [
            "aws",
            "verify",
            "--bucket",
            BUCKET,
            "--object",
            story.object,
        ];
        let (ran, document) = stage.run_json(&arguments);
        let found = lead(&document);
        if found.as_deref() != story.lead || ran.status != Some(story.exit) {
            let results: Vec<String> = document["checks"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|check| check["status"] != "pass")
                .map(|check| {
                    format!(
                        "  {} {} {}: {}",
                        check["status"], check["id"], check["cause"], check["detail"]
                    )
                })
                .collect();
            wrong.push(format!(
                "{}: {:?} and {:?} instead of {:?} and {}\n{}",
                story.did,
                found,
                ran.status,
                story.lead,
                story.exit,
                results.join("\n") + &ran.stderr + &document["error"].to_string()
            ));
        }
        assert_eq!(stage.writes(), [""; 0], "{}", story.did);
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        stories.len(),
        wrong.join("\n")
    );
    // Blocked, not to be told, and not broken after all: each is among them.
    for exit in [0, 4, 6] {
        assert!(stories.iter().any(|story| story.exit == exit), "{exit}");
    }
    assert_eq!(stories.first().map(|story| story.object), Some(PHOTO));
}
