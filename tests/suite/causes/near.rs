//! States that are next to a cause and are not it: the check that would tell the cause looks, and stays silent.

mod aws;
mod azure;
mod gcp;

use segments_connect::catalogue::{Cause, Found};
use serde_json::Value;

use crate::support::Ran;

/// A state next to causes.
struct Near<S> {
    /// What is there, in a few words.
    what: &'static str,
    /// The causes that it is next to.
    of: &'static [&'static str],
    /// Brings what was connected there.
    act: fn(&S),
}

/// What is wrong with a run: it has to end well, a check that tells each of these causes has to have looked, and nothing
/// but evidence, which tells what was considered, may name one.
fn wrong(what: &str, of: &[&str], ran: &Ran, document: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    if ran.status != Some(0) {
        wrong.push(format!("{what}: {:?}: {}", ran.status, ran.stderr));
    }
    let checks = document["checks"].as_array().expect("checks");
    let looked = |id: &str| {
        checks.iter().any(|check| {
            check["id"] == id && (check["status"] == "pass" || check["status"] == "warn")
        })
    };
    for code in of {
        let page = Cause::find(code).and_then(Cause::page);
        let seen = match page.map(|page| page.found) {
            Some(Found::Checked { by, .. }) => by.iter().any(|id| looked(id)),
            // The run itself would have been refused.
            Some(Found::Refused { .. }) => {
                let command = document["command"].as_str();
                command.is_some_and(|command| command.ends_with("connect"))
            }
            Some(Found::Never { .. }) | None => false,
        };
        if !seen {
            wrong.push(format!("{what}: nothing looked for {code}"));
        }
        for check in checks {
            let detail = check["detail"].as_str().unwrap_or_default();
            if check["cause"] == *code || detail.contains(&format!("({code})")) {
                wrong.push(format!(
                    "{what}: {code} is told by {}: {detail}",
                    check["id"]
                ));
            }
        }
        let rest = format!("{}{}{}", document["changes"], document["error"], ran.stderr);
        if rest.contains(code) {
            wrong.push(format!("{what}: {code} is named: {rest}"));
        }
    }
    wrong
}
