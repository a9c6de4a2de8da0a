//! Actions, and what a role's definition says of them.

use serde_json::Value;

use super::Tri;
use super::shape::Permission;

/// Whether an action is of the control plane or of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Azure Resource Manager's.
    Control,
    /// The data's own.
    Data,
}

/// An action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// Its name.
    pub name: &'static str,
    /// Of what it is.
    pub kind: Kind,
    /// What it does, as an infinitive without its `to`.
    pub words: &'static str,
}

impl Action {
    /// Whether a role that is assigned on one container can grant it there: blobs and containers are below that scope, and
    /// the account and its keys are not.
    #[must_use]
    pub fn is_below_a_container(self) -> bool {
        const CONTAINERS: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/";
        match self.kind {
            Kind::Data => true,
            Kind::Control => self.name.starts_with(CONTAINERS),
        }
    }
}

/// Reading a blob.
pub const READ_BLOB: Action = Action {
    name: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    kind: Kind::Data,
    words: "read blobs",
};
/// Getting a key to sign links with: at the account or above, since a container has none
/// (<https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key>).
pub const SIGN_LINKS: Action = Action {
    name: "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
    kind: Kind::Control,
    words: "sign links",
};

/// What the published role is made of, which is the same in every tenant:
/// <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage#storage-blob-data-reader>.
#[must_use]
pub fn published(action: Action) -> Tri {
    const LIST_CONTAINERS: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/read";
    let names: &[&str] = match action.kind {
        Kind::Control => &[LIST_CONTAINERS, SIGN_LINKS.name],
        Kind::Data => &[READ_BLOB.name],
    };
    names
        .iter()
        .any(|name| name.eq_ignore_ascii_case(action.name))
        .into()
}

/// Whether a pattern matches an action: without case, `*` for any run of characters.
#[must_use]
pub fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| action.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

/// Whether a role grants an action; `Maybe` where its definition is of a shape that is not known.
#[must_use]
pub fn grants(definition: &Value, action: Action) -> Tri {
    definition
        .get("properties")
        .and_then(|properties| properties.get("permissions"))
        .and_then(Value::as_array)
        .map_or(Tri::Maybe, |permissions| any_names(permissions, action))
}

/// Whether what Azure Resource Manager tells of the caller's own rights allows an action of the control plane.
///
/// See <https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource>. A right under a condition, as
/// that of a Role Based Access Control Administrator, may or may not be there.
#[must_use]
pub fn allows(permissions: &[Value], action: &'static str) -> Tri {
    let action = Action {
        name: action,
        kind: Kind::Control,
        words: action,
    };
    any_names(permissions, action)
}

/// Whether one of these permissions names an action.
#[must_use]
pub fn any_names(permissions: &[Value], action: Action) -> Tri {
    permissions
        .iter()
        .map(|permission| match Permission::read(permission) {
            Some(permission) if permission.names(action) && permission.conditional => Tri::Maybe,
            Some(permission) => Tri::from(permission.names(action)),
            None => Tri::Maybe,
        })
        .fold(Tri::No, Tri::or)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_match_as_documented() {
        // https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
        for (pattern, matching) in [
            ("*", true),
            ("*/read", true),
            ("Microsoft.Storage/*", true),
            (
                "microsoft.storage/storageaccounts/blobservices/containers/blobs/READ",
                true,
            ),
            ("Microsoft.Storage/storageAccounts/*/read", true),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*",
                true,
            ),
            ("Microsoft.Storage/storageAccounts/*/blobs/*/read", false),
            ("Microsoft.Storage/storageAccounts/read", false),
            ("*/write", false),
            ("Microsoft.Compute/*", false),
            ("", false),
        ] {
            assert_eq!(matches(pattern, READ_BLOB.name), matching, "{pattern}");
        }
    }

    /// The table of action strings in
    /// <https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions>.
    #[test]
    fn the_documented_action_strings_grant_what_is_documented() {
        for (pattern, granted, other) in [
            (
                "*/read",
                "Microsoft.Storage/storageAccounts/read",
                "Microsoft.Storage/storageAccounts/write",
            ),
            (
                "Microsoft.Compute/*",
                "Microsoft.Compute/virtualMachines/start/action",
                "Microsoft.Storage/storageAccounts/read",
            ),
            (
                "Microsoft.Network/*/read",
                "Microsoft.Network/virtualNetworks/subnets/read",
                "Microsoft.Network/virtualNetworks/write",
            ),
            (
                "Microsoft.Compute/virtualMachines/*",
                "Microsoft.Compute/virtualMachines/extensions/read",
                "Microsoft.Compute/disks/read",
            ),
            (
                "microsoft.web/sites/restart/Action",
                "Microsoft.Web/sites/restart/action",
                "Microsoft.Web/sites/stop/action",
            ),
        ] {
            assert!(matches(pattern, granted), "{pattern} and {granted}");
            assert!(!matches(pattern, other), "{pattern} and {other}");
        }
    }

    /// The two rows of <https://learn.microsoft.com/azure/role-based-access-control/role-definitions#notactions>.
    #[test]
    fn the_documented_subtraction_leaves_what_is_documented() {
        const DELETE: &str = "Microsoft.CostManagement/exports/delete";
        let exports = json!({ "actions": ["Microsoft.CostManagement/exports/*"] });
        let mut without = exports.clone();
        without["notActions"] = json!([DELETE]);
        for (action, all, less) in [
            (
                "Microsoft.CostManagement/exports/action",
                Tri::Yes,
                Tri::Yes,
            ),
            ("Microsoft.CostManagement/exports/read", Tri::Yes, Tri::Yes),
            ("Microsoft.CostManagement/exports/write", Tri::Yes, Tri::Yes),
            (DELETE, Tri::Yes, Tri::No),
            (
                "Microsoft.CostManagement/exports/run/action",
                Tri::Yes,
                Tri::Yes,
            ),
        ] {
            assert_eq!(
                allows(std::slice::from_ref(&exports), action),
                all,
                "{action}"
            );
            assert_eq!(
                allows(std::slice::from_ref(&without), action),
                less,
                "{action}"
            );
            // A second role grants what the first leaves out: taking off is no denial.
            assert_eq!(
                allows(&[without.clone(), exports.clone()], action),
                Tri::Yes,
                "{action}"
            );
        }
    }

    #[test]
    fn what_a_role_takes_off_is_taken_off_within_itself_alone() {
        let role = |permissions: Value| json!({ "properties": { "permissions": permissions } });
        let whole = json!({ "dataActions": ["*"] });
        let without = json!({ "dataActions": ["*"], "notDataActions": ["*/blobs/read"] });
        assert_eq!(grants(&role(json!([without])), READ_BLOB), Tri::No);
        assert_eq!(grants(&role(json!([without, whole])), READ_BLOB), Tri::Yes);
        // Actions of the control plane say nothing about data, and the other way round.
        assert_eq!(
            grants(&role(json!([{ "actions": ["*"] }])), READ_BLOB),
            Tri::No
        );
        assert_eq!(
            grants(&role(json!([{ "actions": ["*"] }])), SIGN_LINKS),
            Tri::Yes
        );
        assert_eq!(
            grants(&role(json!([{ "dataActions": ["*"] }])), SIGN_LINKS),
            Tri::No
        );
    }

    #[test]
    fn what_is_of_another_shape_is_not_guessed() {
        for odd in [
            json!(null),
            json!({}),
            json!({ "properties": { "permissions": "all" } }),
            json!({ "properties": { "permissions": [7] } }),
            json!({ "properties": { "permissions": [{ "dataActions": "*" }] } }),
            json!({ "properties": { "permissions": [{ "dataActions": [1] }] } }),
        ] {
            assert_eq!(grants(&odd, READ_BLOB), Tri::Maybe, "{odd}");
        }
    }

    #[test]
    fn a_right_under_a_condition_may_or_may_not_be_there() {
        const ASSIGN: &str = "Microsoft.Authorization/roleAssignments/write";
        let all = json!({ "actions": ["*"], "notActions": [] });
        let contributor =
            json!({ "actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"] });
        let limited =
            json!({ "actions": ["*"], "condition": "@Request[...]", "conditionVersion": "2.0" });
        assert_eq!(allows(&[all], ASSIGN), Tri::Yes);
        assert_eq!(allows(std::slice::from_ref(&contributor), ASSIGN), Tri::No);
        assert_eq!(allows(&[contributor, limited], ASSIGN), Tri::Maybe);
        assert_eq!(allows(&[], ASSIGN), Tri::No);
    }
}
