//! IAM deny policies: which of their rules take reading objects from a service account.
//!
//! Pure. <https://cloud.google.com/iam/docs/deny-overview> and
//! <https://cloud.google.com/iam/docs/reference/rest/v2/policies>.

use serde_json::Value;

use super::condition::Tri;
use super::policy::same_member;

/// A rule that concerns us, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenyRule {
    /// The policy that it stands in.
    pub policy: String,
    /// Whether it denies us.
    pub denies: Tri,
    /// Why.
    pub why: String,
}

/// The rules of a deny policy that deny `permission`, such as `storage.objects.get`, to the service account `email`, or
/// may.
#[must_use]
pub fn deny_rules(policy: &Value, email: &str, permission: &str) -> Vec<DenyRule> {
    let name = policy
        .get("displayName")
        .or_else(|| policy.get("name"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    policy
        .get("rules")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|rule| rule.get("denyRule"))
        .filter_map(|rule| {
            let (denies, why) = denies(rule, email, permission);
            (denies != Tri::No).then(|| DenyRule {
                policy: name.to_owned(),
                denies,
                why,
            })
        })
        .collect()
}

fn denies(rule: &Value, email: &str, wanted: &str) -> (Tri, String) {
    let permission = covers(rule, "deniedPermissions", wanted)
        .and(covers(rule, "exceptionPermissions", wanted).not());
    if permission == Tri::No {
        return (Tri::No, String::new());
    }
    let (mut named, mut why) = (Tri::No, String::new());
    for principal in texts(rule, "deniedPrincipals") {
        let is = is_us(principal, email);
        if is != Tri::No && named != Tri::Yes {
            why = format!("it denies `{wanted}` to `{principal}`");
        }
        named = named.or(is);
    }
    let excepted = texts(rule, "exceptionPrincipals")
        .map(|principal| is_us(principal, email))
        .fold(Tri::No, Tri::or);
    let condition = rule
        .get("denialCondition")
        .and_then(|condition| condition.get("expression"))
        .and_then(Value::as_str)
        .filter(|expression| !expression.is_empty());
    // Only tags can stand in it, and they are not read here. What cannot be evaluated denies:
    // https://cloud.google.com/iam/docs/deny-overview#denial-conditions
    let holds = match condition {
        None => Tri::Yes,
        Some(expression) => {
            why = format!("{why}, on the condition `{expression}`");
            Tri::Maybe
        }
    };
    (permission.and(named).and(excepted.not()).and(holds), why)
}

fn covers(rule: &Value, list: &str, wanted: &str) -> Tri {
    Tri::from(texts(rule, list).any(|denied| covers_permission(denied, wanted)))
}

/// `SERVICE/RESOURCE.ACTION`, where resource and action may be `*`:
/// <https://cloud.google.com/iam/docs/deny-permissions-support#permission-groups>.
fn covers_permission(denied: &str, wanted: &str) -> bool {
    let Some((wanted_resource, wanted_action)) = wanted
        .strip_prefix("storage.")
        .and_then(|rest| rest.split_once('.'))
    else {
        return false;
    };
    let Some((service, rest)) = denied.split_once('/') else {
        return false;
    };
    let Some((resource, action)) = rest.split_once('.') else {
        return false;
    };
    service == "storage.googleapis.com"
        && (resource == "*" || resource == wanted_resource)
        && (action == "*" || action == wanted_action)
}

/// <https://cloud.google.com/iam/docs/principal-identifiers#v2>
fn is_us(principal: &str, email: &str) -> Tri {
    // Those who are signed in elsewhere, and those who were deleted.
    const NEVER: [&str; 4] = [
        "principalSet://iam.googleapis.com/locations/global/workforcePools/",
        "principalSet://iam.googleapis.com/projects/",
        "principal://",
        "deleted:",
    ];
    const ACCOUNTS: &str = "principal://iam.googleapis.com/projects/-/serviceAccounts/";
    let own = format!("{ACCOUNTS}{email}");
    let by_number = principal.strip_prefix(ACCOUNTS).is_some_and(|account| {
        !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit())
    });
    if principal == "principalSet://goog/public:all" {
        Tri::Yes
    } else if email.is_empty() {
        // Nobody in particular belongs to nothing.
        Tri::No
    } else if same_member(principal, &own) {
        Tri::Yes
    } else if by_number || same_member(principal, &format!("principal://goog/subject/{email}")) {
        // A service account has a number too, which is not known here; and what a Google Account with its address is, is
        // not documented.
        Tri::Maybe
    } else if NEVER.iter().any(|kind| principal.starts_with(kind)) {
        Tri::No
    } else {
        // A group, a customer, or all service accounts of a project: who belongs to it is not known here. What is of no
        // known kind may be anything.
        Tri::Maybe
    }
}

fn texts<'a>(rule: &'a Value, list: &str) -> impl Iterator<Item = &'a str> {
    rule.get(list)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PERMISSION: &str = "storage.googleapis.com/objects.get";
    const EMAIL: &str = "acme@segments-prod.iam.gserviceaccount.com";

    fn of(rule: &Value) -> Tri {
        deny_rules(
            &json!({"name": "p", "rules": [{"denyRule": rule}]}),
            EMAIL,
            "storage.objects.get",
        )
        .first()
        .map_or(Tri::No, |rule| rule.denies)
    }

    #[test]
    fn principals_permissions_exceptions_and_conditions_decide() {
        let us = format!("principal://iam.googleapis.com/projects/-/serviceAccounts/{EMAIL}");
        let all = "principalSet://goog/public:all";
        let group = "principalSet://goog/group/all@acme.example";
        for (rule, expected) in [
            (
                json!({"deniedPrincipals": [all], "deniedPermissions": [PERMISSION]}),
                Tri::Yes,
            ),
            (
                json!({"deniedPrincipals": [us], "deniedPermissions": ["storage.googleapis.com/*.*"]}),
                Tri::Yes,
            ),
            (
                json!({"deniedPrincipals": [us], "deniedPermissions": ["storage.googleapis.com/objects.*"]}),
                Tri::Yes,
            ),
            (
                json!({"deniedPrincipals": [us], "deniedPermissions": ["storage.googleapis.com/objects.delete"]}),
                Tri::No,
            ),
            (
                json!({"deniedPrincipals": [all], "deniedPermissions": [PERMISSION], "exceptionPrincipals": [us]}),
                Tri::No,
            ),
            (
                json!({"deniedPrincipals": [all], "deniedPermissions": [PERMISSION], "exceptionPrincipals": [group]}),
                Tri::Maybe,
            ),
            (
                json!({"deniedPrincipals": [group], "deniedPermissions": [PERMISSION]}),
                Tri::Maybe,
            ),
            (
                json!({"deniedPrincipals": ["principal://goog/subject/ana@acme.example"], "deniedPermissions": [PERMISSION]}),
                Tri::No,
            ),
            (
                json!({"deniedPrincipals": [all], "deniedPermissions": ["storage.googleapis.com/*.*"], "exceptionPermissions": [PERMISSION]}),
                Tri::No,
            ),
            (
                json!({"deniedPrincipals": [all], "deniedPermissions": [PERMISSION], "denialCondition": {"expression": "resource.matchTag('1/e', 'p')"}}),
                Tri::Maybe,
            ),
            (
                json!({"deniedPrincipals": ["principal://iam.googleapis.com/projects/-/serviceAccounts/108023456789012345678"], "deniedPermissions": [PERMISSION]}),
                Tri::Maybe,
            ),
            (
                json!({"deniedPrincipals": [format!("principal://goog/subject/{EMAIL}")], "deniedPermissions": [PERMISSION]}),
                Tri::Maybe,
            ),
            (
                json!({"deniedPrincipals": ["principal://iam.googleapis.com/projects/-/serviceAccounts/other@p.iam.gserviceaccount.com"], "deniedPermissions": [PERMISSION]}),
                Tri::No,
            ),
            (json!({}), Tri::No),
        ] {
            assert_eq!(of(&rule), expected, "{rule}");
        }
    }

    #[test]
    fn the_policy_and_the_principal_are_named() {
        let policy = json!({"displayName": "no reading", "rules": [{"denyRule": {
            "deniedPrincipals": ["principalSet://goog/public:all"], "deniedPermissions": [PERMISSION],
        }}]});
        let rules = deny_rules(&policy, EMAIL, "storage.objects.get");
        assert_eq!(rules[0].policy, "no reading");
        assert!(
            rules[0].why.contains("principalSet://goog/public:all"),
            "{rules:?}"
        );
    }
}
