//! `$filter` on role assignments and deny assignments: the few forms that are documented, and no others.
//!
//! This module reads; it decides nothing.
//! See <https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest> and
//! <https://learn.microsoft.com/rest/api/authorization/deny-assignments/list-for-scope>.

use crate::sandbox::azure::problem::Problem;

/// What a list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// Nothing from below the scope.
    pub at_scope: bool,
    /// Only of this principal itself.
    pub principal: Option<String>,
    /// Of this principal and of the groups that it is in.
    pub assigned_to: Option<String>,
    /// Only of this name.
    pub name: Option<String>,
}

impl Filter {
    /// Reads a filter; `name_property` is what this list calls a name, where it can be asked for one.
    pub fn read(text: Option<&str>, name_property: Option<&str>) -> Result<Self, Problem> {
        let mut filter = Self::default();
        let Some(text) = text else {
            return Ok(filter);
        };
        let unsupported = || {
            Problem::new(
                400,
                "BadRequestFormat",
                format!(
                    "The filter '{text}' is not supported. Supported filters are either 'atScope()' or 'principalId eq '{{value}}' or assignedTo('{{value}}')'."
                ),
            )
        };
        for part in text.split(" and ").map(str::trim) {
            let known = if part.eq_ignore_ascii_case("atScope()") {
                !std::mem::replace(&mut filter.at_scope, true)
            } else if let Some(id) = equal(part, "principalId") {
                filter.principal.replace(id.to_owned()).is_none()
            } else if let Some(id) = part
                .strip_prefix("assignedTo('")
                .and_then(|rest| rest.strip_suffix("')"))
            {
                filter.assigned_to.replace(id.to_owned()).is_none()
            } else if let Some(name) = name_property.and_then(|property| equal(part, property)) {
                filter.name.replace(name.to_owned()).is_none()
            } else {
                false
            };
            if !known {
                return Err(unsupported());
            }
        }
        if filter.principal.is_some() && filter.assigned_to.is_some() {
            return Err(unsupported());
        }
        Ok(filter)
    }
}

/// The value in `property eq 'value'`.
pub(super) fn equal<'a>(text: &'a str, property: &str) -> Option<&'a str> {
    text.strip_prefix(property)?
        .trim_start()
        .strip_prefix("eq")?
        .trim_start()
        .strip_prefix('\'')?
        .strip_suffix('\'')
        .filter(|value| !value.contains('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_filters_are_read() {
        let read = |text| Filter::read(Some(text), None).unwrap();
        assert!(read("atScope()").at_scope);
        assert_eq!(read("principalId eq 'p'").principal.as_deref(), Some("p"));
        let both = read("atScope() and assignedTo('p')");
        assert!(both.at_scope);
        assert_eq!(both.assigned_to.as_deref(), Some("p"));
        assert_eq!(Filter::read(None, None).unwrap(), Filter::default());
        let named = Filter::read(
            Some("denyAssignmentName eq 'x'"),
            Some("denyAssignmentName"),
        );
        assert_eq!(named.unwrap().name.as_deref(), Some("x"));
    }

    #[test]
    fn others_are_refused() {
        for text in [
            "",
            "principalId eq p",
            "principalId ne 'p'",
            "roleDefinitionId eq 'r'",
            "atScope() or principalId eq 'p'",
            "assignedTo('p') and principalId eq 'p'",
            "atScope() and atScope()",
            "denyAssignmentName eq 'x'",
        ] {
            let problem = Filter::read(Some(text), None).unwrap_err();
            assert_eq!(problem.code, "BadRequestFormat", "{text}");
        }
    }
}
