//! Failing on request, in the words of the service that is asked; a colleague between two requests; what is logged.

use std::time::Duration;

use segments_connect::sandbox::azure::{BOTH, CorsRule, SEGMENTS_APP_ID, STORAGE_OWNER};
use segments_connect::sandbox::{Fault, FaultKind, Moment, On, round_trips};
use serde_json::json;

use super::*;

const VERSION: &str = "api-version=2026-09-01";

fn document_path() -> String {
    format!("{}/blobServices/default?{VERSION}", account_path())
}

/// A request to each service.
async fn everywhere(sandbox: &Sandbox) -> [Reply; 5] {
    let graph = client()
        .get(format!(
            "{}/v1.0/servicePrincipals(appId='{SEGMENTS_APP_ID}')",
            sandbox.endpoint()
        ))
        .bearer_auth(token(sandbox, BOTH, GRAPH));
    let identity = client().get(format!("{}/msi/token", sandbox.endpoint()));
    let entra = client().post(format!("{}/x/oauth2/v2.0/token", sandbox.endpoint()));
    [
        get(sandbox, BOTH, &document_path()).await,
        reply(graph).await,
        reply(identity).await,
        reply(entra).await,
        reply(as_bearer(sandbox, BOTH, Method::GET, &cat(sandbox))).await,
    ]
}

/// What each service says of an error, in its own form: status, code and message.
fn told(replies: &[Reply; 5]) -> [(u16, String, String); 5] {
    let [arm, graph, identity, entra, blob] = replies;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let error = |reply: &Reply| {
        let error = reply.json()["error"].clone();
        (reply.status, word(&error["code"]), word(&error["message"]))
    };
    assert!(graph.json()["error"]["innerError"]["date"].is_string());
    assert_eq!(identity.json()["statusCode"], identity.status);
    [
        error(arm),
        error(graph),
        (
            identity.status,
            String::new(),
            word(&identity.json()["message"]),
        ),
        (
            entra.status,
            word(&entra.json()["error"]),
            word(&entra.json()["error_description"])
                .split(" Trace ID")
                .next()
                .unwrap()
                .to_owned(),
        ),
        (
            blob.status,
            blob.storage().1,
            blob.element("Message")
                .unwrap()
                .lines()
                .next()
                .unwrap()
                .to_owned(),
        ),
    ]
}

#[tokio::test]
async fn an_error_that_was_asked_for_looks_like_one_of_the_service() {
    let sandbox = acme();
    sandbox.inject(Fault {
        on: On::Request(1),
        times: 5,
        moment: Moment::BeforeEffect,
        kind: FaultKind::Status {
            status: 500,
            code: "InternalServerError".to_owned(),
            message: "Sorry & goodbye.".to_owned(),
        },
    });
    let replies = everywhere(&sandbox).await;
    for (at, (status, code, message)) in told(&replies).into_iter().enumerate() {
        assert_eq!(
            (status, message.as_str()),
            (500, "Sorry & goodbye."),
            "{at}"
        );
        assert!(at == 2 || code == "InternalServerError", "{at}");
    }
    for entry in sandbox.log() {
        assert_eq!(entry.error_code.as_deref(), Some("InternalServerError"));
    }
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_ask_again() {
    let sandbox = acme();
    sandbox.inject(Fault {
        on: On::Request(1),
        times: 5,
        moment: Moment::BeforeEffect,
        kind: FaultKind::Throttled {
            retry_after: Duration::from_secs(17),
        },
    });
    let replies = everywhere(&sandbox).await;
    for reply in &replies {
        assert_eq!(reply.header("retry-after"), Some("17"));
    }
    let told = told(&replies).map(|(status, code, _)| (status, code));
    let expected = [
        (429, "TooManyRequests"),
        (429, "TooManyRequests"),
        (429, ""),
        (429, "temporarily_unavailable"),
        (503, "ServerBusy"),
    ];
    assert_eq!(
        told,
        expected.map(|(status, code)| (status, code.to_owned()))
    );
}

#[tokio::test]
async fn a_fault_comes_before_the_effect_or_after_it() {
    for moment in [Moment::BeforeEffect, Moment::AfterEffect] {
        for kind in [
            FaultKind::Reset,
            FaultKind::Truncated,
            FaultKind::Throttled {
                retry_after: Duration::from_secs(1),
            },
        ] {
            let sandbox = acme();
            account(&sandbox, |account| {
                account.blob_service.cors = vec![CorsRule::new("*", "GET")];
            });
            sandbox.inject(Fault {
                on: On::operation("PutBlobServices", 1),
                times: 1,
                moment,
                kind: kind.clone(),
            });
            let sent = client()
                .put(format!("{}{}", sandbox.endpoint(), document_path()))
                .bearer_auth(token(&sandbox, STORAGE_OWNER, ARM))
                .body(json!({ "properties": {} }).to_string())
                .send()
                .await;
            let whole = match sent {
                Ok(answer) => answer.status() == 200 && answer.text().await.is_ok(),
                Err(_) => false,
            };
            assert!(!whole, "{kind:?}");
            let left = account(&sandbox, |account| account.blob_service.cors.len());
            let expected = usize::from(moment == Moment::BeforeEffect);
            assert_eq!(left, expected, "{kind:?} {moment:?}");
        }
    }
}

#[tokio::test]
async fn a_colleague_writes_between_a_read_and_a_write() {
    let sandbox = acme();
    sandbox.on_request(On::operation("PutBlobServices", 1), |state| {
        let account = state.azure.account_mut(ACCOUNT).unwrap();
        account.blob_service.cors = vec![CorsRule::new("https://theirs.example", "GET")];
    });
    let document = get(&sandbox, STORAGE_OWNER, &document_path()).await.json();
    let put = arm(
        &sandbox,
        STORAGE_OWNER,
        Method::PUT,
        &document_path(),
        Some(&document),
    )
    .await;
    assert_eq!(put.status, 200);
    let left = account(&sandbox, |account| account.blob_service.cors.clone());
    assert_eq!(left, [], "there is no precondition: the last writer wins");
}

#[tokio::test]
async fn the_log_counts_round_trips_and_holds_no_secret() {
    let sandbox = acme();
    sandbox.set_latency(Duration::from_millis(20));
    let path = document_path();
    let (one, two) = tokio::join!(
        get(&sandbox, STORAGE_OWNER, &path),
        get(
            &sandbox,
            STORAGE_OWNER,
            "/subscriptions?api-version=2022-12-01"
        ),
    );
    assert_eq!((one.status, two.status), (200, 200));
    assert_eq!(get(&sandbox, STORAGE_OWNER, &path).await.status, 200);
    let log = sandbox.log();
    assert_eq!(round_trips(&log), 2);
    let services: Vec<&str> = log.iter().map(|entry| entry.service.as_str()).collect();
    assert_eq!(services, ["arm", "arm", "arm"]);
    assert!(
        log.iter()
            .all(|entry| entry.caller.as_deref() == Some(STORAGE_OWNER))
    );
    assert!(!format!("{log:?}").contains("eyJ"), "no token");
}
