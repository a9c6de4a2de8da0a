//! Lists in pages: so many entries each, and the address of the next one.
//!
//! See <https://learn.microsoft.com/rest/api/azure/#paging>.

use serde_json::{Value, json};

use super::{Visit, ok};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::world::World;

/// Answers with the page that was asked for.
pub(super) fn page(
    world: &World,
    visit: &Visit<'_>,
    entries: Vec<Value>,
) -> Result<Answer, Problem> {
    // Tokens are opaque to clients, so what becomes of a wrong one is this place's own affair.
    let start = match visit.call.parameter("$skiptoken") {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .ok()
            .filter(|start| *start <= entries.len())
            .ok_or_else(|| {
                Problem::new(
                    400,
                    "InvalidSkipToken",
                    format!("The skip token '{token}' is invalid."),
                )
            })?,
    };
    let end = start.saturating_add(world.page_size.max(1));
    let more = entries.len() > end;
    let entries: Vec<Value> = entries
        .into_iter()
        .skip(start)
        .take(world.page_size.max(1))
        .collect();
    let mut body = json!({ "value": entries });
    if more {
        body["nextLink"] = json!(next_link(world, visit, end));
    }
    Ok(ok(&body))
}

/// The same address with another token. Whatever else stood in the query still holds for the next page.
fn next_link(world: &World, visit: &Visit<'_>, start: usize) -> String {
    let kept = visit
        .request
        .query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !name.eq_ignore_ascii_case("$skiptoken") && !name.eq_ignore_ascii_case("%24skiptoken")
        })
        .collect::<Vec<_>>()
        .join("&");
    format!(
        "{}{}?{kept}&%24skiptoken={start}",
        world.endpoint, visit.request.path
    )
}
