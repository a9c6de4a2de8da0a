//! Whether a principal may do one thing at one place: role assignments, inherited ones included, less deny assignments.
//!
//! This module decides; it changes nothing.
//! See <https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource>.

use std::collections::BTreeSet;

use super::access::{DenyAssignment, EVERYONE, Permission, RoleAssignment};
use super::condition;
use super::world::{ManagementGroup, World};

/// The two kinds of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plane {
    Control,
    Data,
}

/// Something that somebody wants to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// The object ID of the principal.
    pub principal: &'a str,
    pub action: &'a str,
    pub plane: Plane,
    /// The scope at which it is to be done.
    pub scope: &'a str,
    /// The blob that is to be read, for conditions that name one.
    pub blob: Option<condition::Blob<'a>>,
}

/// What comes of a wish.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Decision<'a> {
    Allowed,
    /// No role gives it.
    NotAllowed,
    /// A role gives it, and a deny assignment takes it away.
    Denied(&'a DenyAssignment),
}

/// Decides.
pub(crate) fn decide<'a>(world: &'a World, wish: &Wish<'_>) -> Decision<'a> {
    let who = world.with_groups(wish.principal);
    let given = world
        .role_assignments
        .iter()
        .filter(|assignment| assignment.propagation.is_over())
        .filter(|assignment| who.contains(&assignment.principal.to_ascii_lowercase()))
        .filter(|assignment| covers(world, &assignment.scope, wish.scope))
        .any(|assignment| gives(world, assignment, wish));
    if !given {
        return Decision::NotAllowed;
    }
    world
        .deny_assignments
        .iter()
        .find(|deny| denies(world, deny, &who, wish))
        .map_or(Decision::Allowed, Decision::Denied)
}

/// The roles that somebody has at a scope, as the list of their own permissions shows them.
pub(crate) fn permissions<'a>(
    world: &'a World,
    principal: &str,
    scope: &str,
) -> Vec<&'a Permission> {
    let who = world.with_groups(principal);
    world
        .role_assignments
        .iter()
        .filter(|assignment| assignment.propagation.is_over())
        .filter(|assignment| who.contains(&assignment.principal.to_ascii_lowercase()))
        .filter(|assignment| covers(world, &assignment.scope, scope))
        .filter_map(|assignment| world.role(&assignment.role))
        .flat_map(|role| &role.permissions)
        .collect()
}

/// Whether somebody has any role at a scope, above it or below it: that is who sees a subscription.
pub(crate) fn sees(world: &World, principal: &str, scope: &str) -> bool {
    let who = world.with_groups(principal);
    world.role_assignments.iter().any(|assignment| {
        assignment.propagation.is_over()
            && who.contains(&assignment.principal.to_ascii_lowercase())
            && (covers(world, &assignment.scope, scope) || covers(world, scope, &assignment.scope))
    })
}

/// Whether something at `above` holds for `target` too: it is the same scope, or one that contains it.
pub(crate) fn covers(world: &World, above: &str, target: &str) -> bool {
    let above = above.trim_end_matches('/');
    let target = target.trim_end_matches('/');
    if above.is_empty() || is_at_or_below(target, above) {
        return true;
    }
    groups_above(world, target)
        .iter()
        .any(|name| ManagementGroup::scope(name).eq_ignore_ascii_case(above))
}

/// Whether two scopes are the same. Resource IDs do not mind case.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/')
        .eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// Whether a pattern of a role matches an action.
pub(crate) fn matches(pattern: &str, action: &str) -> bool {
    fn walk(pattern: &[u8], action: &[u8]) -> bool {
        match (pattern.split_first(), action.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => {
                walk(rest, action) || (!action.is_empty() && walk(pattern, &action[1..]))
            }
            (Some((wanted, pattern)), Some((found, action))) => {
                wanted.eq_ignore_ascii_case(found) && walk(pattern, action)
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
    walk(pattern.as_bytes(), action.as_bytes())
}

fn gives(world: &World, assignment: &RoleAssignment, wish: &Wish<'_>) -> bool {
    let Some(role) = world.role(&assignment.role) else {
        return false;
    };
    role.permissions
        .iter()
        .any(|permission| has(permission, wish))
        && assignment
            .condition
            .as_deref()
            .is_none_or(|condition| condition::admits(condition, wish))
}

fn denies(world: &World, deny: &DenyAssignment, who: &BTreeSet<String>, wish: &Wish<'_>) -> bool {
    let names = |principals: &[String]| {
        principals
            .iter()
            .any(|principal| principal == EVERYONE || who.contains(&principal.to_ascii_lowercase()))
    };
    let reaches = if deny.not_below {
        same(&deny.scope, wish.scope)
    } else {
        covers(world, &deny.scope, wish.scope)
    };
    reaches
        && names(&deny.principals)
        && !names(&deny.exclude_principals)
        && has(&deny.permission, wish)
}

/// What `notActions` takes away it takes from its own role alone.
fn has(permission: &Permission, wish: &Wish<'_>) -> bool {
    let (given, less) = match wish.plane {
        Plane::Control => (&permission.actions, &permission.not_actions),
        Plane::Data => (&permission.data_actions, &permission.not_data_actions),
    };
    let any = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, wish.action));
    any(given) && !any(less)
}

fn is_at_or_below(target: &str, above: &str) -> bool {
    target
        .get(..above.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(above))
        && matches!(target.as_bytes().get(above.len()), None | Some(b'/'))
}

/// The names of the management groups above a scope, the nearest first.
fn groups_above(world: &World, scope: &str) -> Vec<String> {
    let parts: Vec<&str> = scope.split('/').collect();
    let mut next = match parts.as_slice() {
        ["", kind, id, ..] if kind.eq_ignore_ascii_case("subscriptions") => world
            .subscription(id)
            .and_then(|subscription| subscription.management_group.clone()),
        ["", kind, _, _, name] if kind.eq_ignore_ascii_case("providers") => parent(world, name),
        _ => None,
    };
    let mut found = Vec::new();
    while let Some(name) = next {
        if found.contains(&name) {
            break;
        }
        next = parent(world, &name);
        found.push(name);
    }
    found
}

fn parent(world: &World, name: &str) -> Option<String> {
    world
        .management_groups
        .iter()
        .find(|group| group.name.eq_ignore_ascii_case(name))
        .and_then(|group| group.parent.clone())
}

#[cfg(test)]
mod tests {
    use super::super::acme::{
        ACCOUNT, BOTH, MANAGEMENT_GROUP, READER, STORAGE_OWNER, SUBSCRIPTION,
    };
    use super::*;

    const READ: &str = "Microsoft.Storage/storageAccounts/read";
    const WRITE: &str = "Microsoft.Storage/storageAccounts/blobServices/write";
    const ASSIGN: &str = "Microsoft.Authorization/roleAssignments/write";
    const READ_BLOB: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

    fn may(world: &World, principal: &str, action: &str, plane: Plane, scope: &str) -> bool {
        let wish = Wish {
            principal,
            action,
            plane,
            scope,
            blob: None,
        };
        decide(world, &wish) == Decision::Allowed
    }

    fn account(world: &World) -> String {
        world.account(ACCOUNT).unwrap().scope()
    }

    #[test]
    fn roles_give_what_their_patterns_say() {
        let world = World::acme();
        let account = account(&world);
        for (who, action, plane, expected) in [
            (STORAGE_OWNER, ASSIGN, Plane::Control, true),
            (STORAGE_OWNER, READ_BLOB, Plane::Data, false),
            (BOTH, READ_BLOB, Plane::Data, true),
            (READER, READ, Plane::Control, true),
            (READER, WRITE, Plane::Control, false),
            (READER, ASSIGN, Plane::Control, false),
        ] {
            assert_eq!(
                may(&world, who, action, plane, &account),
                expected,
                "{who} {action}"
            );
        }
    }

    #[test]
    fn what_one_role_lacks_another_may_give() {
        let mut world = World::acme();
        let account = account(&world);
        world.assign(READER, "Contributor", &account);
        assert!(!may(&world, READER, ASSIGN, Plane::Control, &account));
        world.assign(READER, "User Access Administrator", &account);
        assert!(may(&world, READER, ASSIGN, Plane::Control, &account));
    }

    #[test]
    fn scopes_hold_for_what_is_below_them_and_for_nothing_that_only_begins_alike() {
        let world = World::acme();
        let account = account(&world);
        let group = ManagementGroup::scope(MANAGEMENT_GROUP);
        for above in [
            "/",
            &group,
            &format!("/subscriptions/{SUBSCRIPTION}"),
            &format!("/SUBSCRIPTIONS/{SUBSCRIPTION}/resourcegroups/ACME-DATA/"),
            &account,
        ] {
            assert!(covers(&world, above, &account), "{above}");
        }
        for other in [
            &account[..account.len() - 1],
            &format!("{account}/blobServices/default/containers/photos"),
            "/providers/Microsoft.Management/managementGroups/other",
        ] {
            assert!(!covers(&world, other, &account), "{other}");
        }
    }

    #[test]
    fn groups_in_groups_count() {
        let mut world = World::acme();
        let account = account(&world);
        for (id, member) in [("g-inner", READER), ("g-outer", "g-inner")] {
            world.groups.push(super::super::directory::Group {
                id: id.to_owned(),
                members: BTreeSet::from([member.to_owned()]),
                ..Default::default()
            });
        }
        world.assign("g-outer", "Contributor", &account);
        assert!(may(&world, READER, WRITE, Plane::Control, &account));
    }

    #[test]
    fn a_deny_assignment_wins_except_for_whom_it_excludes() {
        let mut world = World::acme();
        let account = account(&world);
        let mut deny = DenyAssignment::everyone(
            "stack",
            &account[..account.rfind("/providers").unwrap()],
            Permission::actions(&["*/write"]),
        );
        deny.exclude_principals.push(BOTH.to_owned());
        world.deny_assignments.push(deny.clone());
        assert!(!may(&world, STORAGE_OWNER, WRITE, Plane::Control, &account));
        assert!(may(&world, STORAGE_OWNER, READ, Plane::Control, &account));
        assert!(may(&world, BOTH, WRITE, Plane::Control, &account));
        deny.not_below = true;
        world.deny_assignments = vec![deny];
        assert!(may(&world, STORAGE_OWNER, WRITE, Plane::Control, &account));
    }

    #[test]
    fn patterns_match_ignoring_case() {
        for (pattern, action, expected) in [
            ("*", READ, true),
            ("*/read", "MICROSOFT.Storage/storageAccounts/READ", true),
            ("Microsoft.Authorization/*/Write", ASSIGN, true),
            ("Microsoft.Storage/storageAccounts", READ, false),
            ("*/read", WRITE, false),
        ] {
            assert_eq!(matches(pattern, action), expected, "{pattern} {action}");
        }
    }
}
