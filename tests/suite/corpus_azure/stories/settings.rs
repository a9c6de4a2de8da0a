//! The account's settings, its CORS rules, and its blobs.

use segments_connect::sandbox::azure::{AccessTier, CONTAINER, PublicNetworkAccess};
use segments_connect::sandbox::{Fault, FaultKind, On};

use super::{blob, broken, cors, firewall, links, scoped};
use crate::corpus_azure::{Met, Story};
use crate::support::azure::{BLOB, ORIGIN, group};

/// What stands before every blob.
pub fn networks_and_links() -> Vec<Story> {
    vec![
        broken(
            "the firewall admits the office alone, and the one who verifies is in it",
            Met::NoKey(403),
            &["Z11"],
            |stage| firewall(stage, &["127.0.0.0/8"]),
        ),
        broken(
            "the firewall admits a virtual network alone",
            Met::NoKey(403),
            &["Z11"],
            |stage| firewall(stage, &[]),
        ),
        broken(
            "public network access was switched off by a baseline",
            Met::NoKey(403),
            &["Z12"],
            |stage| stage.account(|one| one.public_network_access = PublicNetworkAccess::Disabled),
        ),
        // The perimeter's own rules, which may admit labellers, are not read.
        Story {
            exit: 6,
            ..broken(
                "the account was put behind a network security perimeter",
                Met::NoKey(403),
                &["Z12"],
                |stage| {
                    stage.account(|one| {
                        one.public_network_access = PublicNetworkAccess::SecuredByPerimeter;
                    });
                },
            )
        },
        broken(
            "only private endpoints are left",
            Met::NoKey(403),
            &["Z12"],
            |stage| {
                stage.account(|one| {
                    one.public_network_access = PublicNetworkAccess::Disabled;
                    one.private_endpoints = vec![format!("{}/pe", group())];
                });
            },
        ),
        broken(
            "links may live for a working day",
            Met::Refused(403),
            &["Z14"],
            |stage| links(stage, "0.08:00:00", true, false),
        ),
        Story {
            exit: 6,
            ..broken(
                "links may live for a week, and have to say from when on they are good",
                Met::Refused(403),
                &["Z14"],
                |stage| links(stage, "7.00:00:00", true, false),
            )
        },
        broken(
            "links have to name the one who uses them",
            Met::Refused(403),
            &["Z15"],
            |stage| links(stage, "7.00:00:00", false, true),
        ),
    ]
}

/// One blob.
pub fn blobs() -> Vec<Story> {
    let gone = |name, blob| Story {
        blob,
        ..broken(name, Met::Refused(404), &["Z31"], |_| ())
    };
    vec![
        broken(
            "a lifecycle rule archived the blob",
            Met::Refused(409),
            &["Z18"],
            |stage| blob(stage, |one| one.tier = AccessTier::Archive),
        ),
        broken(
            "the blob was archived, and is on its way back",
            Met::Refused(409),
            &["Z18"],
            |stage| {
                blob(stage, |one| {
                    one.tier = AccessTier::Archive;
                    one.rehydrating_to = Some(AccessTier::Hot);
                });
            },
        ),
        broken(
            "the uploader brought a key of its own",
            Met::Refused(409),
            &["Z19"],
            |stage| {
                blob(stage, |one| {
                    one.customer_key_sha256 = Some("aGFzaA==".to_owned());
                });
            },
        ),
        broken(
            "the encryption scope of the blob was disabled",
            Met::Refused(403),
            &["Z20"],
            |stage| scoped(stage, false),
        ),
        broken(
            "the blob was deleted, and is kept for a month",
            Met::Refused(404),
            &["Z31"],
            |stage| blob(stage, |one| one.soft_deleted = true),
        ),
        gone(
            "the URL has a capital where the blob has none",
            (CONTAINER, "Cat.png"),
        ),
        gone("the URL leaves out the folder", (CONTAINER, "one dog.png")),
        gone("the container was renamed", ("pictures", BLOB)),
    ]
}

/// CORS.
pub fn browsers() -> Vec<Story> {
    let misses = |name, act| broken(name, Met::KeptByBrowser, &["Z25", "Z24"], act);
    vec![
        broken(
            "the rule was set for the queue and file services: the blob service has none",
            Met::KeptByBrowser,
            &["Z24"],
            |stage| cors(stage, &[]),
        ),
        broken(
            "the one rule is for the company's own site",
            Met::KeptByBrowser,
            &["Z24"],
            |stage| cors(stage, &[("https://www.acme.example", "GET")]),
        ),
        broken(
            "the rule is for uploads",
            Met::KeptByBrowser,
            &["Z24"],
            |stage| cors(stage, &[(ORIGIN, "PUT")]),
        ),
        misses(
            "the origin has a slash at its end, as it was copied from the browser",
            |stage| cors(stage, &[("https://app.segments.ai/", "GET")]),
        ),
        misses("the origin has capitals", |stage| {
            cors(stage, &[("https://App.Segments.ai", "GET")]);
        }),
        misses("the origin is plain http", |stage| {
            cors(stage, &[("http://app.segments.ai", "GET")]);
        }),
        misses("the origin is the site and not the app", |stage| {
            cors(stage, &[("https://www.segments.ai", "GET")]);
        }),
        misses("the origin names its port", |stage| {
            cors(stage, &[("https://app.segments.ai:443", "GET")]);
        }),
        broken(
            "the account is a premium one for the disks of machines",
            Met::KeptByBrowser,
            &["Z22"],
            |stage| {
                stage.account(|one| {
                    "Premium_LRS".clone_into(&mut one.sku);
                    one.blob_service.cors.clear();
                });
            },
        ),
        broken(
            "what stands before the account answers preflights as it did before connect",
            Met::Shown,
            &["Z35"],
            |stage| {
                stage.sandbox.inject(Fault {
                    times: usize::MAX,
                    ..Fault::before(
                        On::operation("OPTIONS", 1),
                        FaultKind::Status {
                            status: 403,
                            code: "CorsPreflightFailure".to_owned(),
                            message: "no".to_owned(),
                        },
                    )
                });
            },
        ),
    ]
}
