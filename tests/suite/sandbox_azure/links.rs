//! Links as Segments.ai makes them: a token, a delegation key, a signature made by hand, and a GET without credentials.

use segments_connect::sandbox::azure::{BOTH, CorsRule, READER, SasPolicy, TENANT};
use time::{Duration, OffsetDateTime};

use super::signing::{
    Link, access_token, app_signs_in, ask_for_key, detail, fetch, key, key_info, key_with,
};
use super::*;

#[tokio::test]
async fn the_whole_way_of_segments_works_once_it_is_connected() {
    let sandbox = acme();
    let app = world(&sandbox, |world| world.install_segments(TENANT));
    let signed_in = app_signs_in(&sandbox, TENANT).await;
    let bearer = access_token(&signed_in).unwrap();
    let body = key_info(-Duration::minutes(5), Duration::days(1));
    let refused = ask_for_key(&sandbox, &bearer, &body).await;
    assert_eq!(
        refused.storage(),
        (403, "AuthorizationPermissionMismatch".to_owned()),
        "no role yet"
    );
    world(&sandbox, |world| {
        world.assign(&app, "Storage Blob Data Reader", &account_path());
        world.account_mut(ACCOUNT).unwrap().blob_service.cors =
            vec![CorsRule::new("https://app.segments.ai", "GET")];
    });
    let key = key_with(&sandbox, &bearer).await;
    let query = Link::default().sign(&key);
    let request = client()
        .get(format!("{}?{query}", cat(&sandbox)))
        .header("origin", "https://app.segments.ai");
    let given = reply(request).await;
    assert_eq!(
        (given.status, given.text.as_str()),
        (200, "a cat"),
        "{}",
        given.text
    );
    assert_eq!(
        given.header("access-control-allow-origin"),
        Some("https://app.segments.ai")
    );
    let log = sandbox.log();
    let last = log.last().unwrap();
    assert_eq!(last.caller.as_deref(), Some(app.as_str()));
    assert!(last.target.contains("sig=REDACTED"), "{}", last.target);
    assert!(!format!("{log:?}").contains(&bearer));
    // Whoever loses the role loses the links that were made with it.
    world(&sandbox, |world| {
        world
            .role_assignments
            .retain(|found| found.principal != app);
    });
    assert_eq!(
        fetch(&sandbox, &query).await.storage(),
        (403, "AuthorizationPermissionMismatch".to_owned())
    );
}

#[tokio::test]
async fn every_version_of_the_signature_is_understood() {
    let sandbox = acme();
    let key = key(&sandbox, BOTH).await;
    for version in [
        "2018-11-09",
        "2020-02-10",
        "2020-12-06",
        "2022-11-02",
        "2024-11-04",
        "2025-07-05",
        "2026-04-06",
        "2026-10-06",
    ] {
        let link = Link {
            version,
            ..Link::default()
        };
        assert_eq!(
            fetch(&sandbox, &link.sign(&key)).await.status,
            200,
            "{version}"
        );
    }
    let odd = Link {
        version: "2024-11-05",
        ..Link::default()
    };
    let refused = fetch(&sandbox, &odd.sign(&key)).await;
    assert_eq!(refused.storage(), (403, "AuthenticationFailed".to_owned()));
}

#[tokio::test]
async fn tampered_links_are_refused() {
    let sandbox = acme();
    let key = key(&sandbox, BOTH).await;
    let query = Link::default().sign(&key);
    let failed = (403, "AuthenticationFailed".to_owned());
    for (from, to) in [
        ("sp=r", "sp=rw"),
        ("sr=b", "sr=c"),
        ("spr=https", "spr=https%2Chttp"),
        ("sks=b", "sks=q"),
        ("skoid=0b1ec700", "skoid=0b1ec701"),
    ] {
        assert!(query.contains(from), "{query}");
        let refused = fetch(&sandbox, &query.replace(from, to)).await;
        assert_eq!(refused.storage(), failed, "{to}");
        assert!(
            detail(&refused).starts_with("Signature did not match. String to sign used was "),
            "{}",
            refused.text
        );
    }
    for (name, expected) in [
        ("se", "se is mandatory. Cannot be empty"),
        ("ske", "ske is mandatory. Cannot be empty"),
    ] {
        let less: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.starts_with(&format!("{name}=")))
            .collect();
        let refused = fetch(&sandbox, &less.join("&")).await;
        assert_eq!(
            (refused.storage(), detail(&refused).as_str()),
            (failed.clone(), expected)
        );
    }
    let other = blob_url(&sandbox, &format!("{CONTAINER}/2024/one%20dog.png?{query}"));
    assert_eq!(
        reply(client().get(other)).await.storage(),
        failed,
        "another blob"
    );
}

#[tokio::test]
async fn links_and_keys_have_their_time() {
    let sandbox = acme();
    let key = key(&sandbox, BOTH).await;
    let failed = (403, "AuthenticationFailed".to_owned());
    for (start, expiry, expected) in [
        (None, -Duration::minutes(1), "Signed expiry time ["),
        (
            Some(-Duration::hours(2)),
            -Duration::hours(1),
            "Signature not valid in the specified time frame: Start [",
        ),
        (
            Some(Duration::hours(1)),
            Duration::hours(2),
            "Signature not valid in the specified time frame: Start [",
        ),
    ] {
        let link = Link {
            start,
            expiry,
            ..Link::default()
        };
        let refused = fetch(&sandbox, &link.sign(&key)).await;
        assert_eq!(refused.storage(), failed);
        assert!(detail(&refused).starts_with(expected), "{}", refused.text);
    }
    // The link would be good for longer than the key that signed it.
    let link = Link {
        expiry: Duration::days(4),
        ..Link::default()
    };
    let query = link.sign(&key);
    assert_eq!(fetch(&sandbox, &query).await.status, 200);
    account(&sandbox, |account| {
        account.delegation_keys_revoked = Some(OffsetDateTime::now_utc());
    });
    let refused = fetch(&sandbox, &query).await;
    assert_eq!(refused.storage(), failed);
    account(&sandbox, |account| account.delegation_keys_revoked = None);
    world(&sandbox, |world| world.clock_offset = Duration::days(3));
    let refused = fetch(&sandbox, &query).await;
    assert_eq!(refused.storage(), failed);
    assert!(
        detail(&refused).starts_with("Signature not valid in the specified key time frame"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn a_link_gives_what_it_permits_and_no_more() {
    let sandbox = acme();
    let key = key(&sandbox, BOTH).await;
    let container = Link {
        resource: "c",
        permissions: "rl",
        ..Link::default()
    };
    let query = container.sign(&key);
    assert_eq!(fetch(&sandbox, &query).await.status, 200);
    let list = blob_url(
        &sandbox,
        &format!("{CONTAINER}?restype=container&comp=list&{query}"),
    );
    assert_eq!(reply(client().get(list)).await.elements("Name").len(), 2);
    let mismatch = (403, "AuthorizationPermissionMismatch".to_owned());
    let writes = Link {
        permissions: "w",
        ..Link::default()
    };
    assert_eq!(
        fetch(&sandbox, &writes.sign(&key)).await.storage(),
        mismatch
    );
    let reads = Link {
        resource: "c",
        ..Link::default()
    };
    let query = reads.sign(&key);
    let list = blob_url(
        &sandbox,
        &format!("{CONTAINER}?restype=container&comp=list&{query}"),
    );
    assert_eq!(reply(client().get(list)).await.storage(), mismatch);
    let typed = Link {
        content_type: "text/plain",
        ..Link::default()
    };
    let given = fetch(&sandbox, &typed.sign(&key)).await;
    assert_eq!(given.header("content-type"), Some("text/plain"));
}

#[tokio::test]
async fn protocols_addresses_and_network_rules_hold_for_links() {
    let sandbox = acme();
    let key = key(&sandbox, BOTH).await;
    let plain = Link::default().sign(&key);
    let here = Link {
        addresses: "127.0.0.1",
        ..Link::default()
    };
    let there = Link {
        addresses: "203.0.113.1-203.0.113.9",
        ..Link::default()
    };
    assert_eq!(fetch(&sandbox, &here.sign(&key)).await.status, 200);
    assert_eq!(
        fetch(&sandbox, &there.sign(&key)).await.storage(),
        (403, "AuthorizationSourceIPMismatch".to_owned())
    );
    world(&sandbox, |world| {
        world.counts_as_https = false;
        world.account_mut(ACCOUNT).unwrap().https_only = false;
    });
    assert_eq!(
        fetch(&sandbox, &plain).await.storage(),
        (403, "AuthorizationProtocolMismatch".to_owned())
    );
    world(&sandbox, |world| world.counts_as_https = true);
    account(&sandbox, |account| account.network.deny_by_default = true);
    assert_eq!(
        fetch(&sandbox, &plain).await.storage(),
        (403, "AuthorizationFailure".to_owned())
    );
}

#[tokio::test]
async fn the_accounts_policy_blocks_links() {
    let sandbox = acme();
    let key = key(&sandbox, BOTH).await;
    let policy = |block, require_user_bound| {
        account(&sandbox, |account| {
            account.sas_policy = Some(SasPolicy {
                expiration_period: "0.12:00:00".to_owned(),
                block,
                require_user_bound,
            });
        });
    };
    let day = Link::default();
    let short = Link {
        start: Some(-Duration::minutes(1)),
        expiry: Duration::hours(11),
        ..Link::default()
    };
    let long = Link {
        start: Some(-Duration::minutes(1)),
        ..Link::default()
    };
    policy(false, false);
    assert_eq!(
        fetch(&sandbox, &day.sign(&key)).await.status,
        200,
        "it is logged"
    );
    policy(true, false);
    let refused = fetch(&sandbox, &day.sign(&key)).await;
    assert_eq!(refused.storage(), (403, "AuthenticationFailed".to_owned()));
    assert_eq!(detail(&refused), "Policy violated by no signed start.");
    assert_eq!(fetch(&sandbox, &long.sign(&key)).await.status, 403);
    assert_eq!(fetch(&sandbox, &short.sign(&key)).await.status, 200);
    policy(true, true);
    assert_eq!(fetch(&sandbox, &short.sign(&key)).await.status, 403);
}

#[tokio::test]
async fn a_link_that_is_bound_to_a_user_needs_that_users_token() {
    let sandbox = acme();
    let key = key(&sandbox, BOTH).await;
    let link = Link {
        version: "2025-07-05",
        user: READER,
        ..Link::default()
    };
    let query = link.sign(&key);
    let failed = (403, "AuthenticationFailed".to_owned());
    assert_eq!(fetch(&sandbox, &query).await.storage(), failed);
    let url = format!("{}?{query}", cat(&sandbox));
    let ask = |who| reply(as_bearer(&sandbox, who, Method::GET, &url));
    assert_eq!(ask(BOTH).await.storage(), failed);
    let given = ask(READER).await;
    assert_eq!(given.status, 200, "the signer may read: {}", given.text);
    account(&sandbox, |account| {
        account.sas_policy = Some(SasPolicy {
            expiration_period: "7.00:00:00".to_owned(),
            block: false,
            require_user_bound: true,
        });
    });
    assert_eq!(ask(READER).await.status, 200);
    assert_eq!(
        fetch(&sandbox, &Link::default().sign(&key)).await.storage(),
        failed
    );
}

#[tokio::test]
async fn links_signed_with_the_accounts_key_are_not_served() {
    let sandbox = acme();
    let query = "sv=2024-11-04&sr=b&sp=r&se=2099-01-01T00%3A00%3A00Z&sig=x";
    assert_eq!(
        fetch(&sandbox, query).await.storage(),
        (501, "NotImplemented".to_owned())
    );
    account(&sandbox, |account| account.allow_shared_key_access = false);
    assert_eq!(
        fetch(&sandbox, query).await.storage(),
        (403, "KeyBasedAuthenticationNotPermitted".to_owned())
    );
}
