//! Checking the very URL that does not work, on Google Cloud: with and without credentials.

use segments_connect::sandbox::gcp::{BUCKET, OWNER, SEGMENTS};
use serde_json::Value;

use crate::gcp_support::{GcpStage, PHOTO};
use crate::support::{Ran, checks, ran};

const URL: &str = "https://storage.googleapis.com/acme-images/photos/0001.jpg";

/// `gcp verify URL` by somebody who is not signed in.
fn outside(stage: &GcpStage, url: &str, more: &[&str]) -> (Ran, Value) {
    let words = [&["gcp", "verify", url, "--json"], more].concat();
    let mut command = stage.command(&words);
    command
        .env_remove("GOOGLE_APPLICATION_CREDENTIALS")
        .env("GCE_METADATA_HOST", "127.0.0.1:1");
    told(ran(&mut command))
}

/// The same as the owner.
fn as_owner(stage: &GcpStage, url: &str, more: &[&str]) -> (Ran, Value) {
    let words = [&["gcp", "verify", url, "--json"], more].concat();
    told(ran(&mut stage.command_as(OWNER, &words)))
}

fn told(ran: Ran) -> (Ran, Value) {
    let document = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    (ran, document)
}

fn first<'a>(document: &'a Value, id: &str) -> &'a Value {
    checks(document, id)[0]
}

#[test]
fn without_credentials_what_anybody_can_see_is_told() {
    let stage = GcpStage::connected();
    for url in [
        URL,
        "gs://acme-images/photos/0001.jpg",
        "https://acme-images.storage.googleapis.com/photos/0001.jpg",
    ] {
        stage.sandbox.clear_log();
        let (ran, document) = outside(&stage, url, &[]);
        ran.exits(6);
        assert_eq!(document["verdict"], "undetermined", "{document:#}");
        assert_eq!(
            first(&document, "gcp.url")["status"],
            "pass",
            "{document:#}"
        );
        let identity = first(&document, "gcp.identity");
        assert_eq!(identity["status"], "skipped");
        assert!(
            identity["detail"].to_string().contains("not signed in"),
            "{identity:#}"
        );
        assert_eq!(first(&document, "gcp.target")["status"], "pass");
        let forms = checks(&document, "gcp.cors.preflight");
        assert_eq!(forms.len(), 2);
        assert!(forms.iter().all(|form| form["status"] == "pass"));
        // A refusal says nothing of Segments.ai, and nothing of whether the object is there.
        let read = first(&document, "gcp.object.read");
        assert_eq!(read["status"], "unknown", "{read:#}");
        assert_eq!(
            first(&document, "gcp.access.configured")["status"],
            "unknown"
        );
        assert_eq!(stage.writes(), Vec::<String>::new());
    }
}

#[test]
fn without_credentials_a_browser_that_is_blocked_is_found() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| bucket.settings.cors.clear());
    let (ran, document) = outside(&stage, URL, &[]);
    ran.exits(4);
    let forms = checks(&document, "gcp.cors.preflight");
    assert!(
        forms.iter().all(|form| form["status"] == "fail"),
        "{document:#}"
    );
}

#[test]
fn without_credentials_a_bucket_that_does_not_exist_and_an_object_for_everybody_are_told() {
    let stage = GcpStage::connected();
    let (ran, document) = outside(&stage, "gs://acme-imagse/photos/0001.jpg", &[]);
    ran.exits(4);
    assert_eq!(
        first(&document, "gcp.target")["status"],
        "fail",
        "{document:#}"
    );

    stage.bucket(|bucket| {
        let everyone = "allUsers";
        bucket.policy.grant("roles/storage.objectViewer", everyone);
    });
    let (_, document) = outside(&stage, URL, &[]);
    assert_eq!(first(&document, "gcp.object.read")["status"], "pass");
    let exposed = checks(&document, "gcp.exposure");
    let anonymous = exposed
        .iter()
        .find(|check| check["subject"] == "anonymous")
        .expect("the check");
    assert_eq!(anonymous["status"], "warn");
    // Everybody may list, so everybody is told that an object is missing.
    let (ran, document) = outside(&stage, "gs://acme-images/photos/none.jpg", &[]);
    ran.exits(4);
    assert_eq!(first(&document, "gcp.object.read")["cause"], "G20");
}

#[test]
fn the_owner_gets_every_check_for_the_url() {
    let stage = GcpStage::connected();
    let (ran, document) = as_owner(&stage, URL, &["--service-account", SEGMENTS]);
    ran.exits(0).without_complaint();
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["target"]["bucket"], BUCKET);
    assert_eq!(first(&document, "gcp.object.read")["subject"], PHOTO);
    // For whom it is granted cannot be said without a name.
    let (ran, document) = as_owner(&stage, URL, &[]);
    ran.exits(6);
    let configured = first(&document, "gcp.access.configured");
    assert!(
        configured["detail"]
            .to_string()
            .contains("--service-account"),
        "{configured:#}"
    );
}

#[test]
fn a_url_that_no_page_can_load_is_told_by_its_form() {
    let stage = GcpStage::connected();
    for (url, cause) in [
        (
            "https://storage.cloud.google.com/acme-images/photos/0001.jpg",
            "G25",
        ),
        (
            "https://storage.googleapis.com/storage/v1/b/acme-images/o/photos%2F0001.jpg?alt=media",
            "G25",
        ),
    ] {
        let (ran, document) = as_owner(&stage, url, &["--service-account", SEGMENTS]);
        ran.exits(4);
        let told = first(&document, "gcp.url");
        assert_eq!(
            (&told["status"], &told["cause"]),
            (&"fail".into(), &cause.into()),
            "{told:#}"
        );
        assert_eq!(first(&document, "gcp.object.read")["subject"], PHOTO);
    }
}

#[test]
fn a_link_that_is_over_is_told_and_its_signature_is_not() {
    let stage = GcpStage::connected();
    let secret = "0badc0de".repeat(64);
    let url = format!(
        "{URL}?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=acme%40segmentsai-prod.iam.gserviceaccount.com%2F20240101%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20240101T000000Z&X-Goog-Expires=3600&X-Goog-SignedHeaders=host&X-Goog-Signature={secret}"
    );
    let (ran, document) = outside(&stage, &url, &[]);
    let ran = ran.exits(4);
    let told = first(&document, "gcp.url");
    assert_eq!(told["cause"], "G39", "{told:#}");
    let link = first(&document, "gcp.object.link");
    assert_eq!(link["cause"], "G39", "{link:#}");
    assert!(!ran.stdout.contains(&secret) && !ran.stderr.contains(&secret));
}

#[test]
fn urls_of_another_cloud_or_bucket_are_usage_errors() {
    let stage = GcpStage::connected();
    for words in [
        &["s3://acme-images/photos/0001.jpg"][..],
        &[URL, "gs://acme-videos/1.mp4"],
        &[URL, "--bucket", "acme-videos"],
        &["not a url"],
    ] {
        let words = [&["gcp", "verify"], words].concat();
        ran(&mut stage.command_as(OWNER, &words)).exits(2);
    }
}
