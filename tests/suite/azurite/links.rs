//! Links with an `Origin`: signed with the account's key, and with a user delegation key by the program's own hand.

use std::time::Duration;

use segments_connect::azure::blobs::read_delegation_key;
use segments_connect::azure::sas;
use segments_connect::azure::target::BlobName;
use segments_connect::probe::{Exchange, Prober, admits};
use time::OffsetDateTime;
use url::Url;

use super::rules::{IN_FORCE, rendered};
use super::server::{plain, with_tokens};
use super::{ACCOUNT, BLOB, CONTAINER, CONTENT, PAGE, Service, VERSION, moment, signed};

/// What a link says.
pub(super) struct Link {
    /// Until when, from now.
    pub(super) expiry: time::Duration,
    /// What it permits.
    pub(super) permission: &'static str,
}

impl Link {
    /// One that reads for a day, as Segments.ai's do.
    pub(super) fn good() -> Self {
        Self {
            expiry: time::Duration::hours(24),
            permission: "r",
        }
    }
}

/// A service SAS for the blob, signed with the account's key.
///
/// See <https://learn.microsoft.com/rest/api/storageservices/create-service-sas#version-2020-12-06-and-later>.
pub(super) fn service_link(service: &Service, link: &Link) -> Url {
    let expiry = moment(link.expiry);
    let fields = [
        link.permission,
        "",
        &expiry,
        &format!("/blob/{ACCOUNT}/{CONTAINER}/{BLOB}"),
        "",
        "",
        "https,http",
        VERSION,
        "b",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
    ];
    let mut url = service.blob();
    url.query_pairs_mut()
        .append_pair("sv", VERSION)
        .append_pair("sr", "b")
        .append_pair("sp", link.permission)
        .append_pair("se", &expiry)
        .append_pair("spr", "https,http")
        .append_pair("sig", &signed(&fields.join("\n")));
    url
}

/// The same link with one part of its query changed.
fn tampered(link: &Url, name: &str, value: &str) -> Url {
    let pairs: Vec<(String, String)> = link
        .query_pairs()
        .map(|(known, old)| {
            let new = if known == name {
                value.to_owned()
            } else {
                old.into_owned()
            };
            (known.into_owned(), new)
        })
        .collect();
    let mut url = link.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    assert_ne!(&url, link, "there is no {name} to change");
    url
}

async fn load(url: &Url, origin: &str) -> Exchange {
    let prober = Prober::new(Duration::from_secs(30));
    prober
        .fetch(url, None, Some(origin), None)
        .await
        .expect("an answer")
}

#[tokio::test]
#[ignore = "needs Azurite; tests/run installs it and runs this"]
async fn links_are_shown_to_the_pages_that_the_rule_admits() {
    let service = &plain().service;
    let link = service_link(service, &Link::good());
    let turn = IN_FORCE.lock().await;
    service.put_rules(&rendered()).await;

    let shown = load(&link, PAGE).await;
    assert_eq!(
        (shown.status, admits(&shown, PAGE)),
        (200, true),
        "{shown:?}"
    );
    assert_eq!(shown.vary.as_deref(), Some("Origin"));
    let hidden = load(&link, "https://www.partner.example").await;
    assert_eq!((hidden.status, hidden.allow_origin), (200, None));

    service.put_rules(&[]).await;
    let hidden = load(&link, PAGE).await;
    assert_eq!((hidden.status, hidden.allow_origin), (200, None));
    drop(turn);
}

#[tokio::test]
#[ignore = "needs Azurite; tests/run installs it and runs this"]
async fn links_that_are_old_or_changed_are_refused() {
    let service = &plain().service;
    let good = service_link(service, &Link::good());
    let old = service_link(
        service,
        &Link {
            expiry: -time::Duration::minutes(1),
            ..Link::good()
        },
    );
    let unreadable = service_link(
        service,
        &Link {
            permission: "w",
            ..Link::good()
        },
    );
    let longer = tampered(&good, "se", &moment(time::Duration::hours(25)));
    let wider = tampered(&good, "sp", "rw");
    let forged = tampered(&good, "sig", &signed("something else"));
    let mut other = good.clone();
    other.set_path(&format!("/{ACCOUNT}/{CONTAINER}/other.png"));
    assert_eq!(load(&good, PAGE).await.status, 200);
    for (what, link) in [
        ("expired", old),
        ("without the permission to read", unreadable),
        ("with a later end", longer),
        ("with more permissions", wider),
        ("with another signature", forged),
        ("for another blob", other),
    ] {
        let refused = load(&link, PAGE).await;
        assert_eq!(refused.status, 403, "{what}: {refused:?}");
        assert!(!refused.url.contains("something"), "{what}");
    }
}

/// A user delegation key for `bearer`, whom Azurite believes.
async fn key(service: &Service, bearer: &str) -> sas::DelegationKey {
    let answer = service
        .client
        .post(service.at("?restype=service&comp=userdelegationkey"))
        .bearer_auth(bearer)
        .header("x-ms-version", VERSION)
        .body(format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><KeyInfo><Start>{}</Start><Expiry>{}</Expiry></KeyInfo>",
            moment(-time::Duration::minutes(10)),
            moment(time::Duration::days(1))
        ))
        .send()
        .await
        .expect("an answer");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    assert!(status.is_success(), "{status}: {text}");
    read_delegation_key(&text).expect("a key")
}

#[tokio::test]
#[ignore = "needs Azurite; tests/run installs it and runs this"]
async fn the_programs_own_links_are_signed_as_azurite_expects() {
    let service = &with_tokens().service;
    let mut world = segments_connect::sandbox::azure::World::acme();
    let principal = world.install_segments(segments_connect::sandbox::azure::TENANT);
    let key = key(
        service,
        &world.token(&principal, "https://storage.azure.com"),
    )
    .await;
    let name = BlobName {
        container: CONTAINER.to_owned(),
        blob: BLOB.to_owned(),
    };
    let signed_at = |when: OffsetDateTime| {
        sas::link(
            &service.endpoint,
            ACCOUNT,
            &name,
            &key,
            when,
            sas::TRIAL_LIFE,
        )
        .expect("a key in base 64")
    };
    let load = async |link: Url| {
        let answer = service
            .client
            .get(link)
            .header("origin", PAGE)
            .send()
            .await
            .expect("an answer");
        (
            answer.status().as_u16(),
            answer.text().await.expect("a body"),
        )
    };
    let now = OffsetDateTime::now_utc();
    let good = signed_at(now);
    assert_eq!(load(good.clone()).await, (200, CONTENT.to_owned()));
    for (what, link) in [
        ("expired", signed_at(now - time::Duration::hours(2))),
        ("not yet", signed_at(now + time::Duration::hours(2))),
        ("with more permissions", tampered(&good, "sp", "rw")),
        (
            "of somebody else",
            tampered(&good, "skoid", "0b1ec700-0000-4000-8000-00000000a0a1"),
        ),
        (
            "with another signature",
            tampered(&good, "sig", &signed("something else")),
        ),
    ] {
        let (status, text) = load(link).await;
        assert_eq!(status, 403, "{what}: {text}");
    }
}
