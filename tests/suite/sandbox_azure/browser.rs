//! What a browser meets at the blob endpoint: preflights and actual requests with an origin.

use segments_connect::sandbox::azure::{BOTH, CorsRule};

use super::*;

const ORIGIN: &str = "https://app.segments.ai";

fn rules(sandbox: &Sandbox, rules: &[CorsRule]) {
    account(sandbox, |account| {
        account.blob_service.cors = rules.to_vec();
    });
}

async fn preflight(sandbox: &Sandbox, origin: &str, headers: &str) -> Reply {
    let mut request = client()
        .request(Method::OPTIONS, blob_url(sandbox, "any/thing"))
        .header("origin", origin)
        .header("access-control-request-method", "GET");
    if !headers.is_empty() {
        request = request.header("access-control-request-headers", headers);
    }
    reply(request).await
}

#[tokio::test]
async fn the_published_rule_admits_the_page_and_nobody_else() {
    let sandbox = acme();
    let refused = (403, "CorsPreflightFailure".to_owned());
    assert_eq!(
        preflight(&sandbox, ORIGIN, "").await.storage(),
        refused,
        "no rules"
    );
    rules(&sandbox, &[CorsRule::new(ORIGIN, "GET")]);
    let admitted = preflight(&sandbox, ORIGIN, "").await;
    assert_eq!((admitted.status, admitted.text.as_str()), (200, ""));
    assert_eq!(admitted.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(admitted.header("access-control-allow-methods"), Some("GET"));
    assert_eq!(admitted.header("access-control-max-age"), Some("3600"));
    assert_eq!(
        preflight(&sandbox, ORIGIN, "range").await.storage(),
        refused
    );
    assert_eq!(
        preflight(&sandbox, "https://cors-probe.invalid", "")
            .await
            .storage(),
        refused
    );
    assert_eq!(sandbox.log()[0].operation, "OPTIONS");
    assert_eq!(sandbox.log()[0].bucket.as_deref(), Some(ACCOUNT));
}

#[tokio::test]
async fn an_earlier_rule_for_the_same_origin_shadows_a_later_one() {
    let sandbox = acme();
    let mut later = CorsRule::new(ORIGIN, "GET");
    later.allowed_headers = vec!["*".to_owned()];
    rules(&sandbox, &[CorsRule::new("*", "GET"), later.clone()]);
    assert_eq!(preflight(&sandbox, ORIGIN, "").await.status, 200);
    assert_eq!(preflight(&sandbox, ORIGIN, "range").await.status, 403);
    rules(&sandbox, &[later, CorsRule::new("*", "GET")]);
    assert_eq!(preflight(&sandbox, ORIGIN, "range").await.status, 200);
}

#[tokio::test]
async fn a_preflight_needs_its_headers_and_the_network() {
    let sandbox = acme();
    rules(&sandbox, &[CorsRule::new(ORIGIN, "GET")]);
    let bare = client().request(Method::OPTIONS, cat(&sandbox));
    let missing = (400, "InvalidHeaderValue".to_owned());
    assert_eq!(reply(bare).await.storage(), missing);
    let half = client()
        .request(Method::OPTIONS, cat(&sandbox))
        .header("origin", ORIGIN);
    assert_eq!(reply(half).await.storage(), missing);
    account(&sandbox, |account| account.network.deny_by_default = true);
    assert_eq!(
        preflight(&sandbox, ORIGIN, "").await.storage(),
        (403, "AuthorizationFailure".to_owned())
    );
}

#[tokio::test]
async fn premium_general_purpose_accounts_have_no_cors() {
    let sandbox = acme();
    rules(&sandbox, &[CorsRule::new(ORIGIN, "GET")]);
    account(&sandbox, |account| {
        "Premium_LRS".clone_into(&mut account.sku);
    });
    assert_eq!(preflight(&sandbox, ORIGIN, "").await.status, 403);
    let given =
        reply(as_bearer(&sandbox, BOTH, Method::GET, &cat(&sandbox)).header("origin", ORIGIN))
            .await;
    assert_eq!(
        (given.status, given.header("access-control-allow-origin")),
        (200, None)
    );
}

#[tokio::test]
async fn an_actual_answer_names_the_origin_that_a_rule_admits() {
    let sandbox = acme();
    let mut rule = CorsRule::new(ORIGIN, "GET");
    rule.exposed_headers = vec!["x-ms-blob-*".to_owned(), "ETag".to_owned()];
    rules(&sandbox, &[rule]);
    let ask = |origin: Option<&'static str>| {
        let request = as_bearer(&sandbox, BOTH, Method::GET, &cat(&sandbox));
        match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        }
    };
    let given = reply(ask(Some(ORIGIN))).await;
    assert_eq!(given.status, 200);
    assert_eq!(given.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(
        given.header("access-control-allow-credentials"),
        Some("true")
    );
    assert_eq!(
        given.header("access-control-expose-headers"),
        Some("x-ms-blob-type,ETag")
    );
    assert_eq!(given.header("vary"), Some("Origin"));
    for origin in [None, Some("https://other.example")] {
        let given = reply(ask(origin)).await;
        assert_eq!(
            (given.status, given.text.as_str()),
            (200, "a cat"),
            "the object comes all the same"
        );
        assert_eq!(given.header("access-control-allow-origin"), None);
        assert_eq!(given.header("vary"), Some("Origin"));
    }
    // An error is an actual answer too.
    let url = blob_url(&sandbox, "photos/none.png");
    let missing =
        reply(as_bearer(&sandbox, BOTH, Method::GET, &url).header("origin", ORIGIN)).await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.header("access-control-allow-origin"), Some(ORIGIN));
    rules(&sandbox, &[CorsRule::new("*", "GET")]);
    let given = reply(ask(None)).await;
    assert_eq!(given.header("access-control-allow-origin"), Some("*"));
    assert_eq!(given.header("vary"), None);
}
