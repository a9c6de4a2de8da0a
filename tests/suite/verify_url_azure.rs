//! Checking the very URL that does not work, on Azure: with and without credentials.

use segments_connect::sandbox::azure::{
    ACCOUNT, BOTH, CONTAINER, Container, GUEST, NetworkRules, PublicAccess, StorageAccount,
};
use serde_json::Value;
use time::Duration;

use crate::sandbox_azure::{Link, key};
use crate::support::azure::AzureStage;
use crate::support::{Ran, check, checks, program, ran};

const URL: &str = "https://acmeimages.blob.core.windows.net/photos/cat.png";

/// `azure verify URL` by somebody who is not signed in: no tool is on the path, and nothing in the environment.
fn outside(stage: &AzureStage, url: &str, more: &[&str]) -> (Ran, Value) {
    let words = [&["azure", "verify", url, "--json"], more].concat();
    let mut command = program(stage.home(), &words);
    let endpoint = stage.sandbox.endpoint();
    command
        .env("PATH", stage.home())
        .env("SEGMENTS_CONNECT_AZURE_ARM_ENDPOINT", &endpoint)
        .env("SEGMENTS_CONNECT_AZURE_GRAPH_ENDPOINT", &endpoint);
    let ran = ran(&mut command);
    let document = ran.document();
    (ran, document)
}

/// The same as whoever may do everything.
fn signed_in(stage: &AzureStage, url: &str, more: &[&str]) -> (Ran, Value) {
    stage.json_as(BOTH, &[&["azure", "verify", url], more].concat())
}

fn container(account: &mut StorageAccount) -> &mut Container {
    account
        .containers
        .get_mut(CONTAINER)
        .expect("the container")
}

fn said(check: &Value) -> (&str, Option<&str>) {
    (
        check["status"].as_str().expect("a status"),
        check["cause"].as_str(),
    )
}

#[test]
fn without_credentials_what_anybody_can_see_is_told() {
    let stage = AzureStage::connected();
    let (ran, document) = outside(&stage, URL, &[]);
    ran.exits(6);
    assert_eq!(document["verdict"], "undetermined", "{document:#}");
    assert_eq!(document["command"], "azure verify");
    assert_eq!(said(check(&document, "azure.url")), ("pass", None));
    let identity = check(&document, "azure.identity");
    assert_eq!(said(identity), ("skipped", None));
    assert!(
        identity["detail"]
            .to_string()
            .contains("you are not signed in"),
        "{identity:#}"
    );
    assert_eq!(said(check(&document, "azure.target")), ("pass", None));
    let preflight = check(&document, "azure.cors.preflight");
    assert_eq!(said(preflight), ("pass", None));
    assert!(preflight["subject"].to_string().contains("photos/cat.png"));
    assert_eq!(said(check(&document, "azure.cors.foreign")), ("pass", None));
    // A refusal says nothing of Segments.ai, and nothing of whether the blob is there.
    let read = check(&document, "azure.object.read");
    assert_eq!(said(read), ("unknown", None), "{read:#}");
    assert_eq!(read["subject"], "photos/cat.png");
    for id in [
        "azure.access.configured",
        "azure.access.evaluated",
        "azure.cors.configured",
    ] {
        assert_eq!(said(check(&document, id)), ("unknown", None), "{id}");
    }
    // What signing in would add is named.
    let left = document["not_checked"].to_string();
    assert!(
        left.contains("its firewall") && left.contains("not signed in"),
        "{left}"
    );
    // Only what anybody can ask was asked.
    for request in stage.sandbox.log() {
        assert!(
            request.operation == "OPTIONS" || request.operation == "GetBlob",
            "{}",
            request.operation
        );
    }
}

#[test]
fn the_command_for_any_cloud_finds_the_way_too() {
    let stage = AzureStage::connected();
    let (ran, document) = stage.json_as(BOTH, &["verify", URL]);
    ran.exits(0);
    assert_eq!(document["command"], "verify");
    assert_eq!(said(check(&document, "azure.url")), ("pass", None));
    assert_eq!(
        check(&document, "azure.object.read")["subject"],
        "photos/cat.png"
    );
}

#[test]
fn a_refusal_without_credentials_proves_no_more_than_it_says() {
    let open = |level| {
        let stage = AzureStage::connected();
        stage.account(|account| {
            account.allow_blob_public_access = true;
            container(account).public_access = level;
        });
        stage
    };
    let missing = "https://acmeimages.blob.core.windows.net/photos/none.png";
    for (stage, url, expected, words) in [
        (
            AzureStage::connected(),
            URL,
            ("unknown", None),
            "PublicAccessNotPermitted",
        ),
        (
            open(PublicAccess::None),
            URL,
            ("unknown", None),
            "Azure does not say which",
        ),
        (
            open(PublicAccess::Blob),
            URL,
            ("pass", None),
            "anybody can read it",
        ),
        (
            open(PublicAccess::Blob),
            missing,
            ("fail", Some("Z31")),
            "BlobNotFound",
        ),
    ] {
        let (_, document) = outside(&stage, url, &[]);
        let read = check(&document, "azure.object.read");
        assert_eq!(said(read), expected, "{read:#}");
        assert!(read["detail"].to_string().contains(words), "{read:#}");
    }
    let stage = AzureStage::connected();
    stage.account(|account| {
        account.network = NetworkRules {
            deny_by_default: true,
            ip_rules: Vec::new(),
        };
    });
    let (ran, document) = outside(&stage, URL, &[]);
    ran.exits(6);
    // That this machine is kept out does not mean that the labellers are.
    for id in ["azure.object.read", "azure.cors.preflight"] {
        assert_eq!(said(check(&document, id)).0, "unknown", "{document:#}");
    }
    assert_eq!(said(check(&document, "azure.target")), ("pass", None));
}

#[test]
fn whether_anybody_can_read_is_told_by_what_the_service_answers() {
    let anonymous = |document: &Value| {
        let exposed = checks(document, "azure.exposure");
        let found = exposed
            .into_iter()
            .find(|one| one["subject"] == "anonymous");
        found.expect("the check")["status"].clone()
    };
    let stage = AzureStage::connected();
    assert_eq!(anonymous(&outside(&stage, URL, &[]).1), "pass");
    stage.account(|account| account.allow_blob_public_access = true);
    assert_eq!(anonymous(&outside(&stage, URL, &[]).1), "unknown");
    stage.account(|account| {
        container(account).public_access = PublicAccess::Container;
    });
    assert_eq!(anonymous(&outside(&stage, URL, &[]).1), "warn");
}

#[test]
fn without_credentials_a_browser_that_is_blocked_is_found() {
    let stage = AzureStage::connected();
    stage.account(|account| account.blob_service.cors.clear());
    let (ran, document) = outside(&stage, URL, &[]);
    ran.exits(4);
    assert_eq!(
        said(check(&document, "azure.cors.preflight")),
        ("fail", Some("Z24"))
    );
    assert_eq!(document["leads"]["id"], "azure.cors.preflight");
}

#[test]
fn an_account_that_does_not_answer_is_not_told_as_one_that_is_there() {
    let stage = AzureStage::connected();
    let (ran, document) = outside(
        &stage,
        "https://acmeimagse.blob.core.windows.net/photos/cat.png",
        &[],
    );
    ran.exits(6);
    let target = check(&document, "azure.target");
    assert_eq!(said(target), ("unknown", None), "{target:#}");
}

#[test]
fn the_owner_gets_every_check_for_the_url() {
    let stage = AzureStage::connected();
    let (ran, document) = signed_in(&stage, URL, &[]);
    ran.exits(0).without_complaint();
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["target"]["storage_account"], ACCOUNT);
    assert_eq!(said(check(&document, "azure.url")), ("pass", None));
    for id in [
        "azure.object.read",
        "azure.object.link",
        "azure.object.protection",
    ] {
        let one = check(&document, id);
        assert_eq!(
            (one["subject"].as_str(), said(one)),
            (Some("photos/cat.png"), ("pass", None))
        );
    }
    // Several, each once.
    let second = "https://acmeimages.blob.core.windows.net/photos/2024/one%20dog.png";
    let (ran, document) = signed_in(&stage, URL, &[second, URL]);
    ran.exits(0);
    let read: Vec<_> = checks(&document, "azure.object.read")
        .into_iter()
        .map(|one| one["subject"].clone())
        .collect();
    assert_eq!(read, ["photos/cat.png", "photos/2024/one dog.png"]);
}

#[test]
fn whoever_may_not_see_the_account_is_told_what_anybody_is() {
    let stage = AzureStage::connected();
    let (ran, document) = stage.json_as(GUEST, &["azure", "verify", URL]);
    ran.exits(6);
    assert_eq!(
        said(check(&document, "azure.cors.preflight")),
        ("pass", None)
    );
    let target = check(&document, "azure.target");
    assert!(
        target["detail"].to_string().contains("may not see"),
        "{target:#}"
    );
}

#[test]
fn a_url_that_no_page_can_load_is_told_by_its_form() {
    let stage = AzureStage::connected();
    for (url, status, cause) in [
        (
            "https://acmeimages.dfs.core.windows.net/photos/cat.png",
            "fail",
            "Z29",
        ),
        (
            "https://acmeimages.z6.web.core.windows.net/cat.png",
            "fail",
            "Z29",
        ),
        (
            "https://acmeimages.privatelink.blob.core.windows.net/photos/cat.png",
            "fail",
            "Z29",
        ),
        (
            "https://acmeimages-secondary.blob.core.windows.net/photos/cat.png",
            "warn",
            "Z29",
        ),
        (
            "https://acmeimages.blob.core.windows.net/photos/one%2520dog.png",
            "warn",
            "Z31",
        ),
        (
            "https://acmeimages.blob.core.windows.net/photos/one+dog.png",
            "warn",
            "Z31",
        ),
    ] {
        let (_, document) = outside(&stage, url, &[]);
        assert_eq!(
            said(check(&document, "azure.url")),
            (status, Some(cause)),
            "{url}"
        );
        assert_eq!(
            said(check(&document, "azure.cors.preflight")),
            ("pass", None),
            "{url}"
        );
    }
}

/// A link that somebody signed, by what it says.
fn signed(stage: &AzureStage, link: &Link) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let key = runtime.block_on(key(&stage.sandbox, BOTH));
    format!("{URL}?{}", link.sign(&key))
}

#[test]
fn a_signed_link_is_fetched_as_a_page_would_and_its_signature_is_not_told() {
    let broken = |link: &str| link.replace("sig=", "sig=AAAA");
    let plain = |link: &str| link.to_owned();
    let link = Link::default;
    for (link, change, url, fetched) in [
        (
            link(),
            plain as fn(&str) -> String,
            ("pass", None),
            ("pass", None),
        ),
        (link(), broken, ("pass", None), ("fail", Some("Z45"))),
        (
            Link {
                expiry: -Duration::hours(1),
                ..link()
            },
            plain,
            ("fail", Some("Z45")),
            ("fail", Some("Z45")),
        ),
        (
            Link {
                start: Some(Duration::hours(1)),
                ..link()
            },
            plain,
            ("fail", Some("Z45")),
            ("fail", Some("Z45")),
        ),
        (
            Link {
                permissions: "w",
                ..link()
            },
            plain,
            ("fail", Some("Z45")),
            ("fail", Some("Z45")),
        ),
        (
            Link {
                addresses: "203.0.113.7",
                ..link()
            },
            plain,
            ("warn", Some("Z45")),
            ("unknown", Some("Z45")),
        ),
        (
            Link {
                resource: "c",
                ..link()
            },
            plain,
            ("pass", None),
            ("pass", None),
        ),
    ] {
        let stage = AzureStage::connected();
        let given = change(&signed(&stage, &link));
        let (ran, document) = outside(&stage, &given, &[]);
        assert_eq!(
            said(check(&document, "azure.url")),
            url,
            "{link:?}: {document:#}"
        );
        let one = check(&document, "azure.object.link");
        assert_eq!(said(one), fetched, "{link:?}: {one:#}");
        // Whoever signed it, it proves nothing of Segments.ai.
        assert_ne!(document["proof"], "segments-read");
        let signature = given
            .split("sig=")
            .nth(1)
            .and_then(|rest| rest.split('&').next());
        let signature = signature.expect("a signature");
        assert!(!ran.stdout.contains(signature) && !ran.stderr.contains(signature));
    }
}

#[test]
fn a_signed_link_that_a_page_may_not_use_is_told_as_such() {
    let stage = AzureStage::connected();
    stage.account(|account| account.blob_service.cors.clear());
    let link = signed(&stage, &Link::default());
    let (ran, document) = outside(&stage, &link, &[]);
    ran.exits(4);
    assert_eq!(
        said(check(&document, "azure.object.link")),
        ("fail", Some("Z24"))
    );
}

#[test]
fn a_link_for_https_alone_is_of_no_use_without_it() {
    let stage = AzureStage::connected();
    let link = signed(&stage, &Link::default()).replace("https://", "http://");
    let (ran, document) = outside(&stage, &link, &[]);
    ran.exits(4);
    let url = check(&document, "azure.url");
    assert_eq!(said(url), ("fail", Some("Z45")));
    assert!(url["detail"].to_string().contains("`spr`"), "{url:#}");
}

#[test]
fn urls_of_another_cloud_or_account_are_usage_errors() {
    let stage = AzureStage::connected();
    for words in [
        &["s3://acme-images/photos/0001.jpg"][..],
        &[URL, "https://other.blob.core.windows.net/photos/1.jpg"],
        &[URL, "--storage-account", "other"],
        &[
            "https://acmeimages.blob.core.usgovcloudapi.net/photos/cat.png",
            "--json",
        ],
        &["https://acmeimages.azureedge.net/photos/cat.png"],
        &["not a url"],
        &[URL, "--cors", "/dev/null"],
    ] {
        let words = [&["azure", "verify"], words].concat();
        let ran = ran(&mut stage.command(&words));
        let national = words[2].contains("usgov");
        assert_eq!(
            ran.status,
            Some(if national { 1 } else { 2 }),
            "{words:?}: {}",
            ran.stderr
        );
    }
    assert_eq!(stage.sandbox.log(), []);
}
