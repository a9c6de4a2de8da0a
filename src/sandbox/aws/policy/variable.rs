//! Policy variables: `${aws:username}`, with or without a default, and the three that stand for characters.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.

use super::keys::{Keys, Lookup};
use super::pattern::{Symbol, symbols};

/// The version of the policy language that has variables; before, they are plain text.
pub const WITH_VARIABLES: &str = "2012-10-17";

/// A text of a policy in which every variable has its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expanded {
    Symbols(Vec<Symbol>),
    /// A variable has no value: nothing is equal to the text, or like it.
    Nothing,
    /// This place cannot tell; what it would need to know.
    Unknown(String),
}

/// Whether a text has variables in this version of the language.
pub fn has_variables(text: &str, version: &str) -> bool {
    version == WITH_VARIABLES && text.contains("${")
}

/// Fills the variables in. `*` and `?` are wildcards in the text itself where `wild`, and never in a value.
pub fn expand(text: &str, version: &str, keys: &Keys, wild: bool) -> Expanded {
    let plain = |text: &str| {
        if wild {
            symbols(text)
        } else {
            text.chars().map(Symbol::Only).collect()
        }
    };
    if version != WITH_VARIABLES {
        return Expanded::Symbols(plain(text));
    }
    let unknown = || Expanded::Unknown(format!("the policy variable in {text}"));
    let mut expanded = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.extend(plain(before));
        let Some((variable, after)) = read(after) else {
            return unknown();
        };
        rest = after;
        match value(&variable, keys) {
            Value::Of(value) => expanded.extend(value.chars().map(Symbol::Only)),
            Value::Null => return Expanded::Nothing,
            Value::Unknown => return unknown(),
        }
    }
    expanded.extend(plain(rest));
    Expanded::Symbols(expanded)
}

/// A variable: its name, and its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Variable<'a> {
    name: &'a str,
    default: Option<&'a str>,
}

/// Reads what follows `${`, up to its closing brace, and gives the rest.
fn read(text: &str) -> Option<(Variable<'_>, &str)> {
    let plain = text.split_once('}');
    if let Some((name, after)) = text.split_once(", '")
        && plain.is_none_or(|(inside, _)| name.len() < inside.len())
    {
        let (default, rest) = after.split_once("'}")?;
        let default = Some(default);
        return Some((Variable { name, default }, rest));
    }
    let (name, rest) = plain?;
    let default = None;
    Some((Variable { name, default }, rest))
}

enum Value<'a> {
    Of(&'a str),
    Null,
    Unknown,
}

fn value<'a>(variable: &Variable<'a>, keys: &'a Keys) -> Value<'a> {
    if matches!(variable.name, "*" | "?" | "$") {
        return Value::Of(variable.name);
    }
    match keys.find(variable.name) {
        Lookup::Absent => variable.default.map_or(Value::Null, Value::Of),
        // Only keys with one value can be variables, and whether an empty text is a value is not documented.
        Lookup::Present([one]) if !one.is_empty() => Value::Of(one),
        Lookup::Present(_) | Lookup::Unknown => Value::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::aws::policy::keys::Service;
    use crate::sandbox::aws::policy::pattern::fits;

    fn matches(pattern: &str, text: &str) -> Option<bool> {
        let mut keys = Keys::of(Service::S3);
        keys.put("aws:username", "ana*");
        keys.leave_untold("aws:UserAgent");
        match expand(pattern, WITH_VARIABLES, &keys, true) {
            Expanded::Symbols(symbols) => Some(fits(&symbols, text)),
            Expanded::Nothing => Some(false),
            Expanded::Unknown(_) => None,
        }
    }

    #[test]
    fn variables_are_filled_in_as_documented() {
        for (pattern, text, expected) in [
            ("home/${aws:username}/*", "home/ana*/cat.png", Some(true)),
            ("home/${AWS:UserName}/*", "home/ana*/cat.png", Some(true)),
            // A wildcard in a value is none.
            ("home/${aws:username}/*", "home/anabel/cat.png", Some(false)),
            ("${*}", "*", Some(true)),
            ("${*}", "a", Some(false)),
            ("${?}${$}", "?$", Some(true)),
            ("$100", "$100", Some(true)),
            (
                "b-${aws:PrincipalTag/team, 'company-wide'}",
                "b-company-wide",
                Some(true),
            ),
            (
                "${aws:username, 'x'}-${aws:PrincipalTag/team, 'y}'}",
                "ana*-y}",
                Some(true),
            ),
            // Without a value nothing is like it.
            ("${aws:PrincipalTag/team}", "", Some(false)),
            ("${aws:UserAgent}", "x", None),
            ("${aws:nonsense}", "x", None),
            ("${aws:username", "x", None),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern}");
        }
    }

    #[test]
    fn the_older_version_has_no_variables() {
        let keys = Keys::of(Service::S3);
        let Expanded::Symbols(found) = expand("${aws:username}*", "2008-10-17", &keys, true) else {
            panic!("plain text");
        };
        assert!(fits(&found, "${aws:username}/x"));
    }
}
