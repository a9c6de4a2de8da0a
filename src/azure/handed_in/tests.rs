use proptest::prelude::*;

use super::*;
use crate::azure::cors::serves;
use crate::azure::rbac::{Held, held};
use crate::azure::templates::{ORIGIN, READER_ID, cors_rule};

const ACCOUNT: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acmeimages";

fn rules(text: &str) -> Result<Vec<Value>, String> {
    let service = cors(text)?;
    let rules = service
        .properties
        .get("cors")
        .and_then(|cors| cors.get("corsRules"))
        .and_then(Value::as_array);
    Ok(rules.cloned().unwrap_or_default())
}

/// `az storage cors list` joins what the service joins; older versions join it again with blanks, and name a service once.
#[test]
fn what_the_cli_and_the_service_print_of_cors_is_taken() {
    let listed = json!({
        "AllowedHeaders": "", "AllowedMethods": "GET", "AllowedOrigins": ORIGIN, "ExposedHeaders": "",
        "MaxAgeInSeconds": 3600, "Rule": 1, "Service": "blob",
    });
    let older = json!([
        { "Service": "blob", "Rule": 1, "AllowedMethods": "GET, PUT", "AllowedOrigins": "https://a.example, https://b.example", "AllowedHeaders": "x-ms-*", "ExposedHeaders": "", "MaxAgeInSeconds": 0 },
        { "Service": "", "Rule": 2, "AllowedMethods": "GET", "AllowedOrigins": ORIGIN, "AllowedHeaders": "", "ExposedHeaders": "", "MaxAgeInSeconds": 0 },
        { "Service": "queue", "Rule": 1, "AllowedMethods": "GET", "AllowedOrigins": "*", "AllowedHeaders": "", "ExposedHeaders": "", "MaxAgeInSeconds": 0 },
    ]);
    let inner = json!({ "cors": { "corsRules": [cors_rule()] }, "deleteRetentionPolicy": { "enabled": true } });
    let mut flat = inner.clone();
    flat["id"] = json!(format!("{ACCOUNT}/blobServices/default"));
    for (text, count) in [
        (json!([listed]), 1),
        (older.clone(), 2),
        (flat.clone(), 1),
        (json!({ "id": flat["id"], "properties": inner }), 1),
        (json!({ "corsRules": [cors_rule()] }), 1),
        (json!([cors_rule()]), 1),
    ] {
        let rules = rules(&text.to_string()).unwrap();
        assert_eq!(rules.len(), count, "{text}");
        assert_eq!(serves(&rules, ORIGIN), Some(count - 1), "{text}");
    }
    let older = rules(&older.to_string()).unwrap();
    assert_eq!(older[0]["allowedMethods"], json!(["GET", "PUT"]));
    assert_eq!(
        older[0]["allowedOrigins"],
        json!(["https://a.example", "https://b.example"])
    );
    for none in [
        "[]".to_owned(),
        json!({ "id": flat["id"], "cors": null }).to_string(),
        json!({ "id": flat["id"], "properties": {} }).to_string(),
        json!({ "cors": { "corsRules": null } }).to_string(),
    ] {
        assert_eq!(rules(&none), Ok(Vec::new()), "{none}");
    }
    assert_eq!(
        cors(&flat.to_string()).unwrap().id.as_deref(),
        flat["id"].as_str()
    );
}

#[test]
fn what_is_no_list_of_rules_is_told_with_its_place() {
    let queue = json!([{ "Service": "queue", "AllowedMethods": "GET", "AllowedOrigins": "*" }]);
    for (text, said) in [
        ("", "empty"),
        ("Service  Rule", "--output json"),
        ("7", "no list"),
        ("{}", "no member `cors`"),
        (r#"{"keys": []}"#, "but `keys`"),
        (r#"{"cors": []}"#, "`cors` is no object"),
        (
            r#"{"cors": {"corsRules": {}}}"#,
            "`cors.corsRules` is no list",
        ),
        (r"[7]", "rule 1 is no object"),
        (r#"[{"origin": "*"}]"#, "but `origin`"),
        (
            r#"[{"Service": 7, "AllowedOrigins": "*"}]"#,
            "`Service` of rule 1",
        ),
        (
            r#"[{"AllowedOrigins": {"a": 1}}]"#,
            "`AllowedOrigins` of rule 1",
        ),
        (r#"{"cors": {}, "cors": {}}"#, "twice"),
        (&queue.to_string(), "--services b"),
    ] {
        let problem = cors(text).expect_err(text);
        assert!(problem.contains(said), "{text}: {problem}");
    }
}

fn listed(more: &Value) -> Value {
    let mut entry = json!({
        "condition": null, "conditionVersion": null, "createdOn": "2026-01-01T00:00:00.000000+00:00",
        "id": format!("{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/a"),
        "name": "a", "principalId": "P", "principalName": APP_ID, "principalType": "ServicePrincipal",
        "resourceGroup": "g", "roleDefinitionName": "Storage Blob Data Reader",
        "roleDefinitionId": format!("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{READER_ID}"),
        "scope": ACCOUNT, "type": "Microsoft.Authorization/roleAssignments",
    });
    for (name, value) in more.as_object().unwrap() {
        entry[name] = value.clone();
    }
    entry
}

#[test]
fn a_list_of_role_assignments_gets_its_level_back() {
    let list = json!([
        listed(&json!({})),
        listed(
            &json!({ "principalName": "ana@acme.example", "principalId": "ana", "principalType": "User" })
        )
    ]);
    let assignments = role_assignments(&list.to_string()).unwrap();
    assert!(matches!(held(&assignments, "p", ACCOUNT), Held::Yes { .. }));
    assert_eq!(app_among(&assignments).as_deref(), Some("p"));
    // Of Azure Resource Manager's own form nothing is changed, and its pages are lists too.
    let page = json!({ "value": assignments, "nextLink": null });
    assert_eq!(role_assignments(&page.to_string()).unwrap(), assignments);
}

#[test]
fn the_app_is_not_guessed() {
    for (more, expected) in [
        (json!({ "principalName": "" }), None),
        (json!({ "principalName": null }), None),
        (
            json!({ "principalName": APP_ID, "principalType": "Group" }),
            None,
        ),
        (json!({ "principalName": APP_ID.to_uppercase() }), Some("p")),
    ] {
        let list = json!([listed(&more)]);
        let assignments = role_assignments(&list.to_string()).unwrap();
        assert_eq!(app_among(&assignments).as_deref(), expected, "{more}");
    }
    let two = json!([listed(&json!({})), listed(&json!({ "principalId": "q" }))]);
    assert_eq!(
        app_among(&role_assignments(&two.to_string()).unwrap()),
        None
    );
}

#[test]
fn classic_administrators_are_passed_over() {
    let classic = json!({
        "id": "NA(classic admins)", "name": "NA(classic admins)", "principalId": null,
        "principalName": "ana@acme.example", "roleDefinitionId": "NA(classic admin role)",
        "roleDefinitionName": "ServiceAdministrator", "scope": "/subscriptions/s",
    });
    assert_eq!(
        role_assignments(&json!([classic]).to_string()),
        Ok(Vec::new())
    );
}

#[test]
fn what_is_no_list_of_assignments_or_roles_is_told_with_its_place() {
    let without = |name: &str| {
        let mut entry = listed(&json!({}));
        entry.as_object_mut().unwrap().remove(name);
        json!([listed(&json!({})), entry]).to_string()
    };
    for (text, said) in [
        ("{}".to_owned(), "no member `value`"),
        (r#"{"value": 7}"#.to_owned(), "`value` is no list"),
        ("null".to_owned(), "no list of role assignments"),
        ("[null]".to_owned(), "role assignment 1 is no object"),
        (
            r#"[{"properties": 7}]"#.to_owned(),
            "`properties` of role assignment 1",
        ),
        (without("scope"), "role assignment 2 has no `scope`"),
        (
            without("principalId"),
            "role assignment 2 has no `principalId`",
        ),
        (
            without("roleDefinitionId"),
            "role assignment 2 has no `roleDefinitionId`",
        ),
        (without("id"), "role assignment 2 has no `id`"),
    ] {
        let problem = role_assignments(&text).expect_err(&text);
        assert!(problem.contains(said), "{text}: {problem}");
    }
    for (text, said) in [
        (r#"[{"id": "x"}]"#, "no `permissions`"),
        (r#"[{"permissions": []}]"#, "no `id`"),
    ] {
        let problem = role_definitions(text).expect_err(text);
        assert!(problem.contains(said), "{text}: {problem}");
    }
}

#[test]
fn roles_are_known_by_the_last_part_of_their_id() {
    let role = json!({
        "assignableScopes": ["/"], "id": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/AB",
        "name": "AB", "permissions": [{ "actions": ["*"] }], "roleName": "Mine", "roleType": "CustomRole",
    });
    for text in [json!([role]).to_string(), role.to_string()] {
        let definitions = role_definitions(&text).unwrap();
        assert_eq!(definitions["ab"]["properties"]["roleName"], "Mine");
    }
}

proptest! {
    #[test]
    fn any_text_has_an_answer(text in ".{0,200}") {
        let _ = (cors(&text), role_assignments(&text), role_definitions(&text));
    }

    #[test]
    fn any_member_may_be_anything(name in "[a-zA-Z]{1,16}", value in "\\PC{0,20}") {
        let list = json!([listed(&json!({ name.clone(): value.clone() }))]).to_string();
        let _ = (role_assignments(&list), role_definitions(&list), cors(&list));
    }
}
