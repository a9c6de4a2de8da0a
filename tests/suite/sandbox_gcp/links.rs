//! V4 signed links, made by the library that the product uses: good ones, expired ones, and those that somebody touched.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use google_cloud_auth::credentials::service_account;
use google_cloud_auth::signer::Signer;
use google_cloud_storage::builder::storage::SignedUrlBuilder;
use google_cloud_storage::signed_url::UrlStyle;
use segments_connect::sandbox::Sandbox;
use segments_connect::sandbox::gcp::{DEPLOYER, OWNER, SEGMENTS};

use super::{RESOURCE, Seen, connect, see, stranger, with, world};

const NAME: &str = "photos/one cat.png";

fn signer(sandbox: &Sandbox, email: &str) -> Signer {
    service_account::Builder::new(sandbox.application_credentials(email))
        .build_signer()
        .unwrap()
}

fn link() -> SignedUrlBuilder {
    SignedUrlBuilder::for_object(RESOURCE, NAME).with_expiration(Duration::from_hours(24))
}

/// A link to the sandbox itself.
async fn local(sandbox: &Sandbox, email: &str) -> String {
    link()
        .with_endpoint(sandbox.endpoint())
        .sign_with(&signer(sandbox, email))
        .await
        .unwrap()
}

async fn open(url: &str) -> Seen {
    see(stranger().get(url)).await
}

/// Opens a link of production at the sandbox: the same path and query, the host that it names.
async fn open_here(sandbox: &Sandbox, url: &str) -> Seen {
    let url = url::Url::parse(url).unwrap();
    let here = format!(
        "{}{}?{}",
        sandbox.endpoint(),
        url.path(),
        url.query().unwrap()
    );
    see(stranger().get(here).header("host", url.host_str().unwrap())).await
}

#[tokio::test]
async fn a_link_opens_in_every_style() {
    let sandbox = with(connect);
    let seen = open(&local(&sandbox, SEGMENTS).await).await;
    assert_eq!(
        (seen.status, seen.body.as_str()),
        (200, "a photo of one cat")
    );
    for style in [UrlStyle::PathStyle, UrlStyle::VirtualHostedStyle] {
        let url = link()
            .with_url_style(style)
            .sign_with(&signer(&sandbox, SEGMENTS))
            .await
            .unwrap();
        let seen = open_here(&sandbox, &url).await;
        assert_eq!(seen.status, 200, "{seen:?}");
    }
    let log = sandbox.log();
    for one in &log {
        assert_eq!(one.caller.as_deref(), Some(SEGMENTS));
        assert!(
            one.target.ends_with("X-Goog-Signature=REDACTED"),
            "{}",
            one.target
        );
    }
}

#[tokio::test]
async fn a_link_is_as_good_as_its_signers_rights_when_it_is_used() {
    let sandbox = with(connect);
    let url = local(&sandbox, SEGMENTS).await;
    assert_eq!(open(&url).await.status, 200);
    world(&sandbox, |world| {
        let bucket = world.buckets.get_mut("acme-images").unwrap();
        bucket
            .policy
            .bindings
            .retain(|binding| binding.role != super::ROLE);
    });
    let seen = open(&url).await;
    assert_eq!((seen.status, seen.element("Code")), (403, "AccessDenied"));
    assert!(seen.element("Details").starts_with(SEGMENTS), "{seen:?}");
    assert_eq!(open(&local(&sandbox, DEPLOYER).await).await.status, 200);
    world(&sandbox, |world| {
        world.persons.get_mut(DEPLOYER).unwrap().disabled = true;
    });
    assert_eq!(open(&local(&sandbox, DEPLOYER).await).await.status, 403);
}

#[tokio::test]
async fn a_link_ends() {
    let sandbox = with(connect);
    let url = local(&sandbox, SEGMENTS).await;
    world(&sandbox, |world| {
        world.clock_offset = time::Duration::hours(23);
    });
    assert_eq!(open(&url).await.status, 200);
    world(&sandbox, |world| {
        world.clock_offset = time::Duration::hours(25);
    });
    let seen = open(&url).await;
    assert_eq!((seen.status, seen.element("Code")), (400, "ExpiredToken"));
    world(&sandbox, |world| {
        world.clock_offset = -time::Duration::hours(1);
    });
    let seen = open(&url).await;
    assert_eq!(
        (seen.status, seen.element("Code")),
        (400, "InvalidArgument"),
        "from the future"
    );
    world(&sandbox, |world| world.clock_offset = time::Duration::ZERO);
    for (seconds, expected) in [(604_800, 200), (604_801, 400), (0, 400)] {
        let url = link()
            .with_expiration(Duration::from_secs(seconds))
            .with_endpoint(sandbox.endpoint())
            .sign_with(&signer(&sandbox, SEGMENTS))
            .await
            .unwrap();
        assert_eq!(open(&url).await.status, expected, "{seconds}");
    }
}

#[tokio::test]
async fn a_link_that_somebody_touched_does_not_open() {
    let sandbox = with(connect);
    let url = local(&sandbox, SEGMENTS).await;
    let signature = url.rsplit('=').next().unwrap();
    let flipped = if signature.starts_with('0') { "1" } else { "0" };
    for (from, to, code) in [
        ("one%20cat.png", "two.png", "SignatureDoesNotMatch"),
        (
            "X-Goog-Expires=86400",
            "X-Goog-Expires=86401",
            "SignatureDoesNotMatch",
        ),
        (
            "X-Goog-Algorithm",
            "response-content-type=text%2Fhtml&X-Goog-Algorithm",
            "SignatureDoesNotMatch",
        ),
        (
            &format!("Signature={}", &signature[..1]),
            &format!("Signature={flipped}"),
            "SignatureDoesNotMatch",
        ),
        (
            "acme%40segmentsai-prod",
            "deployer%40acme-vision",
            "SignatureDoesNotMatch",
        ),
        (
            "acme%40segmentsai-prod",
            "nobody%40segmentsai-prod",
            "AccessDenied",
        ),
        ("auto%2Fstorage", "auto%2Fs3", "InvalidArgument"),
        (
            "X-Goog-SignedHeaders=host",
            "X-Goog-SignedHeaders=range",
            "InvalidArgument",
        ),
        ("&X-Goog-SignedHeaders=host", "", "InvalidArgument"),
    ] {
        let touched = url.replacen(from, to, 1);
        assert_ne!(touched, url, "{from}");
        let seen = open(&touched).await;
        assert_eq!(seen.element("Code"), code, "{from}: {seen:?}");
    }
    let seen = see(stranger().get(&url).header("host", "other.example")).await;
    assert_eq!(seen.element("Code"), "SignatureDoesNotMatch");
    let seen = see(stranger()
        .get(&url)
        .header("x-goog-user-project", "acme-vision"))
    .await;
    assert_eq!(seen.element("Code"), "InvalidArgument", "not signed");
    let head = see(stranger().head(&url)).await;
    assert_eq!(head.status, 403, "signed for GET");
    let other = url.replacen("GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256", 1);
    assert_eq!(open(&other).await.status, 501, "said loudly");
}

#[tokio::test]
async fn a_signed_header_belongs_to_the_link() {
    let sandbox = with(connect);
    let url = link()
        .with_endpoint(sandbox.endpoint())
        .with_header("x-goog-user-project", "segmentsai-prod")
        .sign_with(&signer(&sandbox, SEGMENTS))
        .await
        .unwrap();
    world(&sandbox, |world| {
        let segments = world.project_mut("segmentsai-prod").unwrap();
        let member = format!("serviceAccount:{SEGMENTS}");
        segments
            .policy
            .grant("roles/serviceusage.serviceUsageConsumer", &member);
    });
    assert_eq!(open(&url).await.element("Code"), "SignatureDoesNotMatch");
    let with_header = stranger()
        .get(&url)
        .header("x-goog-user-project", "  segmentsai-prod ");
    assert_eq!(see(with_header).await.status, 200);
}

#[tokio::test]
async fn somebody_without_a_key_signs_through_the_credentials_api() {
    let sandbox = with(connect);
    let path = format!("/v1/projects/-/serviceAccounts/{DEPLOYER}:signBlob");
    let body = serde_json::json!({ "payload": "bWVzc2FnZQ==" });
    let sign = async |email: &str| {
        super::call(
            &sandbox,
            reqwest::Method::POST,
            &path,
            email,
            Some(body.clone()),
        )
        .await
    };
    let (status, answer) = sign(OWNER).await;
    assert_eq!(
        status, 403,
        "an owner may not act for it by that alone: {answer}"
    );
    world(&sandbox, |world| {
        let project = world.project_mut("acme-vision").unwrap();
        project.policy.grant(
            "roles/iam.serviceAccountTokenCreator",
            "user:owner@acme.example",
        );
    });
    let (status, answer) = sign(OWNER).await;
    assert_eq!(status, 200);
    assert!(
        answer["signedBlob"].as_str().unwrap().len() > 300,
        "{answer}"
    );
    let other = signer(&sandbox, DEPLOYER).sign("message").await.unwrap();
    assert_eq!(
        answer["signedBlob"],
        STANDARD.encode(other),
        "there is one key"
    );
}
