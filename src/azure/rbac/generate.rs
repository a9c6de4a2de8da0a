//! Assignments, roles and denials for tests: as Azure Resource Manager tells them, and generated ones of every odd shape.
//!
//! Test code only.

use proptest::prelude::*;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

use super::condition::Sample;
use super::{Evaluation, Grant, Groups, Question, evaluate};
use crate::azure::templates::READER_ID;

pub(super) const SUBSCRIPTION: &str = "/subscriptions/11111111-2222-3333-4444-555555555555";
pub(super) const ACCOUNT: &str = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/labels/providers/Microsoft.Storage/storageAccounts/acme";
pub(super) const APP: &str = "aaaaaaaa-0000-0000-0000-000000000001";
pub(super) const OTHER: &str = "aaaaaaaa-0000-0000-0000-000000000002";
pub(super) const GROUP: &str = "aaaaaaaa-0000-0000-0000-000000000003";
pub(super) const EVERYONE: &str = "00000000-0000-0000-0000-000000000000";
pub(super) const NOW: OffsetDateTime = datetime!(2026-11-25 12:00 UTC);

/// Roles that are not the published one, by the end of their ID: what they are called, and their permissions.
const ROLES: [(&str, &str, &str); 7] = [
    ("owner", "Owner", r#"[{"actions":["*"],"notActions":[]}]"#),
    (
        "reader",
        "Reader",
        r#"[{"actions":["*/read"],"notActions":[],"dataActions":[]}]"#,
    ),
    (
        "contributor",
        "Storage Blob Data Contributor",
        r#"[{"actions":["Microsoft.Storage/storageAccounts/blobServices/containers/read","Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action"],"dataActions":["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read","Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"]}]"#,
    ),
    (
        "all-but-read",
        "Custom",
        r#"[{"actions":["*"],"dataActions":["Microsoft.Storage/*"],"notDataActions":["microsoft.storage/STORAGEACCOUNTS/blobServices/containers/blobs/read"]}]"#,
    ),
    ("data", "Data", r#"[{"dataActions":["*/blobs/*"]}]"#),
    (
        "conditional",
        "Conditional",
        r#"[{"actions":["*"],"dataActions":["*"],"condition":"@Request[x] BoolEquals true"}]"#,
    ),
    ("odd", "Odd", r#""everything""#),
];

/// The definition of a role, as it was read; none of a role that was not.
pub(super) fn definition(id: &str) -> Option<Value> {
    let (_, name, permissions) = ROLES.iter().find(|(end, _, _)| id.ends_with(end))?;
    let permissions: Value = serde_json::from_str(permissions).expect("JSON");
    Some(json!({ "id": id, "properties": { "roleName": name, "permissions": permissions } }))
}

/// An assignment of a role to the app.
pub(super) fn assigned(role: &str, scope: &str) -> Value {
    let role = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}");
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/1"),
        "name": "1",
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": role, "principalId": APP, "principalType": "ServicePrincipal", "scope": scope,
            "condition": null, "conditionVersion": null, "createdOn": "2026-01-01T00:00:00.0000000Z",
        },
    })
}

/// An assignment of the published role.
pub(super) fn reader(scope: &str) -> Value {
    assigned(READER_ID, scope)
}

pub(super) fn container(name: &str) -> String {
    format!("{ACCOUNT}/blobServices/default/containers/{name}")
}

/// A deny assignment for everyone.
pub(super) fn denied(actions: &[&str], data_actions: &[&str], scope: &str) -> Value {
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/denyAssignments/1"),
        "properties": {
            "denyAssignmentName": "lock", "scope": scope, "doNotApplyToChildScopes": false,
            "permissions": [{ "actions": actions, "notActions": [], "dataActions": data_actions, "notDataActions": [] }],
            "principals": [{ "id": EVERYONE, "type": "SystemDefined" }], "excludePrincipals": [],
        },
    })
}

/// An entry with one of its properties changed.
pub(super) fn with(entry: &Value, property: &str, value: Value) -> Value {
    let mut entry = entry.clone();
    entry["properties"][property] = value;
    entry
}

/// An entry with a condition.
pub(super) fn under(entry: &Value, condition: &str) -> Value {
    with(
        &with(entry, "condition", json!(condition)),
        "conditionVersion",
        json!("2.0"),
    )
}

/// A condition on reading alone.
pub(super) fn on_reading(expression: &str) -> String {
    format!(
        "((!(ActionMatches{{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR ({expression}))"
    )
}

/// A condition on reading in one container.
pub(super) fn in_container(name: &str) -> String {
    on_reading(&format!(
        "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals '{name}'"
    ))
}

pub(super) fn ask(
    assignments: &[Value],
    denials: &[Value],
    sample: Option<Sample<'_>>,
) -> Evaluation {
    evaluate(&Question {
        principal: APP,
        account: ACCOUNT,
        assignments,
        definition: &definition,
        denials,
        groups: Groups::ItsOwn,
        sample,
        now: NOW,
    })
}

/// The answer in one word.
pub(super) fn word(grant: &Grant) -> &'static str {
    match grant {
        Grant::Granted { .. } => "granted",
        Grant::Partly { .. } => "partly",
        Grant::NotGranted { .. } => "not granted",
        Grant::Denied { .. } => "denied",
        Grant::Undetermined { .. } => "undetermined",
    }
}

pub(super) fn some_scope() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just(ACCOUNT.to_owned()),
        1 => Just(ACCOUNT.to_uppercase()),
        1 => Just(SUBSCRIPTION.to_owned()),
        1 => Just("/".to_owned()),
        1 => Just("/subscriptions/other".to_owned()),
        1 => Just(format!("{ACCOUNT}/blobServices/default")),
        4 => "[ab]".prop_map(|name| container(&name)),
    ]
}

fn some_condition() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        6 => Just(None),
        2 => "[ab]".prop_map(|name| Some(in_container(&name))),
        1 => Just(Some(on_reading("@Environment[isPrivateLink] BoolEquals true"))),
        1 => Just(Some("!(ActionMatches{'*/blobs/write'})".to_owned())),
        1 => Just(Some("ActionMatches{'*/blobs/write'}".to_owned())),
        1 => Just(Some("not a condition".to_owned())),
    ]
}

/// An assignment of some role at some scope, to the app, to a group of its, or to somebody else.
pub(super) fn some_assignment() -> impl Strategy<Value = Value> {
    let role = prop::sample::select(vec![
        READER_ID,
        READER_ID,
        READER_ID,
        "owner",
        "reader",
        "contributor",
        "all-but-read",
        "data",
        "conditional",
        "odd",
        "not-read",
    ]);
    let to = prop::sample::select(vec![
        (APP, "ServicePrincipal"),
        (APP, "ServicePrincipal"),
        (APP, "ServicePrincipal"),
        (GROUP, "Group"),
        (OTHER, "ServicePrincipal"),
        (OTHER, "Unknown"),
    ]);
    (role, some_scope(), some_condition(), to).prop_map(|(role, scope, condition, (id, kind))| {
        let mut assignment = with(&assigned(role, &scope), "principalId", json!(id));
        assignment = with(&assignment, "principalType", json!(kind));
        match condition {
            Some(text) => under(&assignment, &text),
            None => assignment,
        }
    })
}

/// A deny assignment of some actions at some scope.
pub(super) fn some_denial() -> impl Strategy<Value = Value> {
    let actions = prop::sample::select(vec![
        (&["*"][..], &["*"][..]),
        (&[], &["*/blobs/read"]),
        (&["*/generateUserDelegationKey/action"], &[]),
        (&["*/write"], &["*/blobs/write"]),
    ]);
    let principals = prop::sample::select(vec![
        json!([{ "id": EVERYONE, "type": "SystemDefined" }]),
        json!([{ "id": APP, "type": "ServicePrincipal" }]),
        json!([{ "id": OTHER, "type": "ServicePrincipal" }]),
        json!([{ "id": GROUP, "type": "Group" }]),
        json!("all"),
    ]);
    let spared = prop::sample::select(vec![
        json!([]),
        json!([]),
        json!(null),
        json!([{ "id": APP, "type": "ServicePrincipal" }]),
        json!([{ "id": GROUP, "type": "Group" }]),
    ]);
    let parts = (
        actions,
        some_scope(),
        principals,
        spared,
        some_condition(),
        any::<bool>(),
    );
    parts.prop_map(
        |((actions, data), scope, principals, spared, condition, stays)| {
            let mut denial = with(&denied(actions, data, &scope), "principals", principals);
            denial = with(&denial, "excludePrincipals", spared);
            denial = with(&denial, "doNotApplyToChildScopes", json!(stays));
            match condition {
                Some(text) => under(&denial, &text),
                None => denial,
            }
        },
    )
}

/// Any JSON, with the words of assignments in it more often than not.
pub(super) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec![
            APP, GROUP, ACCOUNT, READER_ID, EVERYONE, "*", "Group", "2.0"
        ])
        .prop_map(Value::from),
        "[a-z@'{}()!*/é]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let name = prop_oneof![
            5 => prop::sample::select(vec![
                "id", "properties", "scope", "roleDefinitionId", "principalId", "principalType", "condition",
                "permissions", "dataActions", "actions", "notActions", "principals", "excludePrincipals", "type",
                "doNotApplyToChildScopes", "createdOn",
            ])
            .prop_map(str::to_owned),
            1 => "[a-z]{0,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((name, inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
