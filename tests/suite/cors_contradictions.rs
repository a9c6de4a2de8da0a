//! What answers a browser against what is stored: where the two contradict each other, that is said, with both sides;
//! where they agree, it is not.

use segments_connect::sandbox::aws::CorsRule;
use segments_connect::sandbox::azure::{ACCOUNT, CorsRule as AzureRule};
use segments_connect::sandbox::{Fault, FaultKind, On, Sandbox};
use serde_json::{Value, json};

use crate::gcp_support::{GcpStage, entry};
use crate::support::azure::AzureStage;
use crate::support::{BUCKET, Stage, check, checks, cors_rule};

const PAGE: &str = "https://app.segments.ai";

/// Every preflight is answered by something in between.
fn between(sandbox: &Sandbox, kind: FaultKind) {
    sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(On::operation("OPTIONS", 1), kind)
    });
}

/// Every object comes from something in between, without what a page needs.
fn copied(sandbox: &Sandbox, operation: &str) {
    sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(
            On::operation(operation, 1),
            FaultKind::Answered {
                status: 200,
                headers: vec![],
            },
        )
    });
}

/// A cache that admits every page and `range`.
fn admitting() -> FaultKind {
    FaultKind::Answered {
        status: 200,
        headers: vec![
            ("access-control-allow-origin", "*".to_owned()),
            ("access-control-allow-methods", "GET".to_owned()),
            ("access-control-allow-headers", "range".to_owned()),
        ],
    }
}

fn refusing(code: &str) -> FaultKind {
    FaultKind::Status {
        status: 403,
        code: code.to_owned(),
        message: "no".to_owned(),
    }
}

/// Asserts status and cause, and gives the words.
#[track_caller]
fn told(document: &Value, id: &str, status: &str, cause: &Value) -> String {
    let found = check(document, id);
    assert_eq!(
        (&found["status"], &found["cause"]),
        (&json!(status), cause),
        "{found:#}"
    );
    if status == "warn" || status == "fail" {
        assert!(found["fix"].is_string(), "{found:#}");
    }
    found["detail"].as_str().unwrap_or_default().to_owned()
}

fn aws(rules: Option<&[CorsRule]>) -> Stage {
    let stage = Stage::connected();
    if let Some(rules) = rules {
        stage.bucket(|bucket| bucket.cors = (!rules.is_empty()).then(|| rules.to_vec()));
    }
    stage
}

const AWS: [&str; 4] = ["aws", "verify", "--bucket", BUCKET];
const AZURE: [&str; 4] = ["azure", "verify", "--storage-account", ACCOUNT];

#[test]
fn s3_that_refuses_what_a_stored_rule_admits_is_a50() {
    let stage = aws(None);
    between(&stage.sandbox, refusing("AccessForbidden"));
    let (ran, document) = stage.run_json(&AWS);
    ran.exits(4);
    assert_eq!(check(&document, "aws.cors.configured")["status"], "pass");
    let words = told(&document, "aws.cors.preflight", "fail", &json!("A50"));
    assert!(words.contains("HTTP 403 AccessForbidden"), "{words}");
    assert!(words.contains("admits it as it is stored"), "{words}");
    let evidence = &check(&document, "aws.cors.preflight")["evidence"];
    assert_eq!(evidence["status"], 403);
    assert_eq!(evidence["stored"]["admitted"], true);
    told(&document, "aws.cors.range", "warn", &json!("A50"));
    told(&document, "aws.cors.foreign", "pass", &Value::Null);
}

#[test]
fn s3_that_admits_what_no_stored_rule_admits_is_a50_and_blocks_nobody_yet() {
    let stage = aws(Some(&[cors_rule(
        "https://app.segments.ai/",
        &["GET"],
        &["*"],
    )]));
    between(&stage.sandbox, admitting());
    let (_, document) = stage.run_json(&AWS);
    told(&document, "aws.cors.configured", "fail", &json!("A39"));
    let words = told(&document, "aws.cors.preflight", "warn", &json!("A50"));
    assert!(words.contains("ends with a slash"), "{words}");
    told(&document, "aws.cors.range", "warn", &json!("A50"));
    told(&document, "aws.cors.foreign", "warn", &json!("A50"));
}

#[test]
fn s3_that_answers_as_stored_is_not_a50() {
    for rules in [
        vec![],
        vec![cors_rule("https://*.segments.ai", &["GET"], &["*"])],
        vec![cors_rule(PAGE, &["GET"], &[])],
        vec![cors_rule("*", &["GET"], &["*"])],
    ] {
        let (_, document) = aws(Some(&rules)).run_json(&AWS);
        for id in ["aws.cors.preflight", "aws.cors.range", "aws.cors.foreign"] {
            let found = check(&document, id);
            assert_ne!(found["cause"], "A50", "{rules:?}: {found:#}");
            assert_eq!(
                found["evidence"]["stored"]["admitted"],
                json!(found["evidence"]["status"] == 200),
                "{rules:?}: {found:#}"
            );
        }
    }
}

#[test]
fn the_rule_that_looks_right_and_loses_is_told_with_the_one_that_answers() {
    let stage = aws(Some(&[
        cors_rule("https://app.segments.ai/", &["GET"], &["*"]),
        cors_rule(PAGE, &["GET"], &["*"]),
    ]));
    let (ran, document) = stage.run_json(&AWS);
    ran.exits(0);
    for id in ["aws.cors.configured", "aws.cors.preflight"] {
        let words = told(&document, id, "pass", &Value::Null);
        assert!(
            words.contains("rule 1 does not: `https://app.segments.ai/`"),
            "{words}"
        );
    }
    let answers = &check(&document, "aws.cors.configured")["evidence"]["answers"];
    assert_eq!(answers["preflight"]["rule"], 1);
    assert_eq!(answers["foreign"]["admitted"], false);
}

#[test]
fn rules_that_may_not_be_read_contradict_nothing() {
    let stage = aws(None);
    stage.deny(&["s3:GetBucketCORS"]);
    between(&stage.sandbox, refusing("AccessForbidden"));
    let (_, document) = stage.run_json(&AWS);
    told(&document, "aws.cors.preflight", "fail", &json!("A39"));
}

fn gcp(origin: &str, headers: &[&str]) -> GcpStage {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| bucket.settings.cors = vec![entry(origin, "GET", headers)]);
    stage
}

/// As [`told`], at both forms of the address.
#[track_caller]
fn told_at_both(document: &Value, id: &str, status: &str, cause: &Value) -> String {
    let found = checks(document, id);
    assert_eq!(found.len(), 2, "{document:#}");
    for one in &found {
        assert_eq!(
            (&one["status"], &one["cause"]),
            (&json!(status), cause),
            "{one:#}"
        );
    }
    found[0]["detail"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn google_that_refuses_what_a_stored_entry_admits_is_g29() {
    let stage = gcp(PAGE, &["Range"]);
    between(
        &stage.sandbox,
        FaultKind::Answered {
            status: 200,
            headers: vec![],
        },
    );
    let (ran, document) = stage.gcp_json("verify", &["--literal-origin"]);
    ran.exits(4);
    let words = told_at_both(&document, "gcp.cors.preflight", "fail", &json!("G29"));
    assert!(words.contains("no Access-Control-Allow-Origin"), "{words}");
    assert!(
        words.contains("entry 1 admits it as it is stored"),
        "{words}"
    );
    told_at_both(&document, "gcp.cors.range", "warn", &json!("G29"));
}

#[test]
fn google_that_admits_what_no_stored_entry_admits_is_g29() {
    let stage = gcp("https://app.segments.ai/", &["*"]);
    between(&stage.sandbox, admitting());
    let (_, document) = stage.gcp_json("verify", &[]);
    let words = told_at_both(&document, "gcp.cors.preflight", "warn", &json!("G29"));
    assert!(words.contains("ends with a slash"), "{words}");
    told_at_both(&document, "gcp.cors.foreign", "warn", &json!("G29"));
}

#[test]
fn google_that_answers_as_stored_or_beyond_its_documents_is_not_g29() {
    // A wildcard is not documented, so an answer without it contradicts nothing.
    let stage = gcp("https://*.segments.ai", &["*"]);
    between(
        &stage.sandbox,
        FaultKind::Answered {
            status: 200,
            headers: vec![],
        },
    );
    let (_, document) = stage.gcp_json("verify", &[]);
    told_at_both(&document, "gcp.cors.preflight", "fail", &json!("G24"));
    told_at_both(&document, "gcp.cors.range", "warn", &json!("G23"));
    for (origin, headers) in [
        (PAGE, &["*"][..]),
        ("*", &["Content-Type"]),
        ("https://a.example", &["*"]),
    ] {
        let (_, document) = gcp(origin, headers).gcp_json("verify", &["--literal-origin"]);
        for id in ["gcp.cors.preflight", "gcp.cors.range", "gcp.cors.foreign"] {
            for found in checks(&document, id) {
                assert_ne!(found["cause"], "G29", "{origin} {headers:?}: {found:#}");
            }
        }
    }
}

fn azure(rules: Option<Vec<AzureRule>>) -> AzureStage {
    let stage = AzureStage::connected();
    if let Some(rules) = rules {
        stage.account(|account| account.blob_service.cors = rules);
    }
    stage
}

fn azure_rule(origin: &str, headers: &[&str]) -> AzureRule {
    AzureRule {
        allowed_origins: vec![origin.to_owned()],
        allowed_headers: headers.iter().map(|header| (*header).to_owned()).collect(),
        ..crate::support::azure::published_rule()
    }
}

#[test]
fn azure_that_refuses_what_a_stored_rule_admits_is_z35() {
    let stage = azure(Some(vec![azure_rule(PAGE, &["range"])]));
    between(&stage.sandbox, refusing("CorsPreflightFailure"));
    let (ran, document) = stage.json(&AZURE);
    ran.exits(4);
    let words = told(&document, "azure.cors.preflight", "fail", &json!("Z35"));
    assert!(words.contains("HTTP 403 CorsPreflightFailure"), "{words}");
    assert!(
        words.contains("rule 1 admits it as it is stored"),
        "{words}"
    );
    told(&document, "azure.cors.range", "warn", &json!("Z35"));
}

#[test]
fn azure_that_admits_what_no_stored_rule_admits_is_z35() {
    let stage = azure(Some(vec![azure_rule("http://app.segments.ai", &[])]));
    between(&stage.sandbox, admitting());
    let (_, document) = stage.json(&AZURE);
    let words = told(&document, "azure.cors.preflight", "warn", &json!("Z35"));
    assert!(words.contains("scheme is `http:`"), "{words}");
    told(&document, "azure.cors.foreign", "warn", &json!("Z35"));
}

#[test]
fn azure_that_answers_as_stored_is_not_z35() {
    for rules in [
        vec![],
        vec![azure_rule(PAGE, &[])],
        // The first rule for origin and method decides, whatever the second allows.
        vec![azure_rule("*", &["x-a"]), azure_rule(PAGE, &["range"])],
    ] {
        let (_, document) = azure(Some(rules.clone())).json(&AZURE);
        for id in [
            "azure.cors.preflight",
            "azure.cors.range",
            "azure.cors.foreign",
        ] {
            let found = check(&document, id);
            assert_ne!(found["cause"], "Z35", "{rules:?}: {found:#}");
        }
    }
}

#[test]
fn a_link_whose_answer_contradicts_the_stored_rules_has_the_cause_of_the_contradiction() {
    let stage = aws(None);
    copied(&stage.sandbox, "GetObject");
    let (ran, document) = stage.run_json(&AWS);
    ran.exits(4);
    let words = told(&document, "aws.object.link", "fail", &json!("A50"));
    assert!(
        words.contains("the browser hides it from the page, although rule 1 admits it"),
        "{words}"
    );
    told(&document, "aws.cors.preflight", "pass", &Value::Null);

    let stage = gcp(PAGE, &["*"]);
    copied(&stage.sandbox, "GetObject");
    let (ran, document) = stage.verify_with_key(&["--literal-origin"]);
    ran.exits(4);
    let words = told(&document, "gcp.object.link", "fail", &json!("G29"));
    assert!(words.contains("although entry 1 admits it"), "{words}");

    let stage = azure(None);
    copied(&stage.sandbox, "GetBlob");
    let (ran, document) = stage.json(&AZURE);
    ran.exits(4);
    let words = told(&document, "azure.object.link", "fail", &json!("Z35"));
    assert!(words.contains("although rule 1 admits it"), "{words}");
}

#[test]
fn a_link_that_no_stored_rule_serves_has_the_cause_that_its_preflight_has() {
    let stage = aws(Some(&[]));
    let (_, document) = stage.run_json(&AWS);
    for id in ["aws.cors.preflight", "aws.object.link"] {
        told(&document, id, "fail", &json!("A39"));
    }
    let (_, document) = gcp("https://app.segments.ai/", &["*"]).verify_with_key(&[]);
    told_at_both(&document, "gcp.cors.preflight", "fail", &json!("G22"));
    told(&document, "gcp.object.link", "fail", &json!("G22"));
    // Google does not match the wildcard that alone admits the page.
    let stage = gcp("https://*.segments.ai", &["*"]);
    stage.world(|world| world.subdomain_origins_match = false);
    let (_, document) = stage.verify_with_key(&[]);
    told_at_both(&document, "gcp.cors.preflight", "fail", &json!("G24"));
    told(&document, "gcp.object.link", "fail", &json!("G24"));
    let (_, document) = azure(Some(vec![])).json(&AZURE);
    for id in ["azure.cors.preflight", "azure.object.link"] {
        told(&document, id, "fail", &json!("Z24"));
    }
}
