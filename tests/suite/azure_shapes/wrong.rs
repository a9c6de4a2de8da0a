//! Requests that are wrong in one way each: whoever judges by Microsoft's descriptions has to see every one of them.

use segments_connect::sandbox::azure::{ACCOUNT, RESOURCE_GROUP, SUBSCRIPTION};
use serde_json::{Value, json};

use super::python;
use crate::watched::tools;

#[test]
#[ignore = "needs the descriptions of azure-mgmt-storage and others, which tests/run installs"]
fn every_wrong_request_is_seen() {
    let tools = tools();
    let root = &[tools.to_str().expect("a path")];
    let all = [wrong_places(), wrong_bodies(), wrong_for_graph()].concat();
    let requests: Vec<&Value> = all.iter().map(|(_, request)| request).collect();
    let judged = python("described.py", root, &json!({ "requests": requests }));
    let problems = judged["problems"].as_array().expect("problems");
    let what: Vec<&str> = all.iter().map(|(what, _)| *what).collect();
    assert_eq!(
        problems.len(),
        all.len(),
        "one problem for each of {what:?}: {judged:#}"
    );
}

type Wrong = Vec<(&'static str, Value)>;

fn account() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}"
    )
}

fn service() -> String {
    format!("{}/blobServices/default?api-version=2026-09-01", account())
}

fn wrong(method: &str, target: &str, body: &Value) -> Value {
    json!({
        "method": method, "target": target, "content_type": "application/json", "body": body.to_string(),
    })
}

fn wrong_places() -> Wrong {
    let (account, service) = (account(), service());
    let get = |target: &str| wrong("GET", target, &Value::Null);
    vec![
        (
            "path",
            get(&format!(
                "{account}/blobService/default?api-version=2026-09-01"
            )),
        ),
        ("method", wrong("POST", &service, &json!({}))),
        ("version", get(&service.replace("2026", "2027"))),
        (
            "no version",
            get(&format!("{account}/blobServices/default")),
        ),
        ("query", get(&format!("{service}&$filter=x"))),
    ]
}

fn wrong_bodies() -> Wrong {
    let put = |body: &Value| wrong("PUT", &service(), body);
    let with_rule =
        |rule: &Value| put(&json!({ "properties": { "cors": { "corsRules": [rule] } } }));
    let rule = json!({ "allowedOrigins": ["*"], "allowedMethods": ["GET"], "allowedHeaders": [], "exposedHeaders": [] });
    let mut age_in_text = rule.clone();
    age_in_text["maxAgeInSeconds"] = json!("3600");
    let mut unknown_method = rule.clone();
    unknown_method["maxAgeInSeconds"] = json!(3600);
    unknown_method["allowedMethods"] = json!(["FETCH"]);
    let restore = json!({ "enabled": true, "days": 6, "minRestoreTime": "2026-01-01T00:00:00Z" });
    let assignment = format!(
        "{}/providers/Microsoft.Authorization/roleAssignments/x?api-version=2022-04-01",
        account()
    );
    vec![
        (
            "unknown member",
            put(&json!({ "properties": { "corsRules": [] } })),
        ),
        ("missing member", with_rule(&rule)),
        ("type", with_rule(&age_in_text)),
        ("value", with_rule(&unknown_method)),
        (
            "member of the service's own",
            put(&json!({ "properties": { "restorePolicy": restore } })),
        ),
        (
            "no principal",
            wrong(
                "PUT",
                &assignment,
                &json!({ "properties": { "roleDefinitionId": "x" } }),
            ),
        ),
    ]
}

fn wrong_for_graph() -> Wrong {
    let all = "/v1.0/servicePrincipals";
    vec![
        (
            "path",
            wrong("GET", "/v1.0/servicePrincipal(appId='x')", &Value::Null),
        ),
        (
            "member",
            wrong("POST", all, &json!({ "applicationId": "x" })),
        ),
        ("no app", wrong("POST", all, &json!({}))),
        (
            "selection",
            wrong(
                "GET",
                &format!("{all}(appId='x')?$select=identifier"),
                &Value::Null,
            ),
        ),
    ]
}
