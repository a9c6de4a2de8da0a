//! What is told beside the checks: what no run can see, and what is left to people.

use super::place::Place;
use super::view::{Standpoint, View};
use crate::finding::{NotChecked, Verdict};
use crate::redact::shell_quote;
use crate::report::Report;
use crate::settings::Action;

/// What no check of this program can see, and why.
pub fn out_of_reach() -> Vec<NotChecked> {
    [
        (
            "resource control policies of your organisation",
            "only the organisation's management account can read them",
        ),
        (
            "Segments.ai's own side (its identity policy and its organisation)",
            "no customer can read it",
        ),
        (
            "the networks of the labellers",
            "this machine is in another network",
        ),
    ]
    .into_iter()
    .map(|(what, why)| NotChecked {
        what: what.to_owned(),
        why: why.to_owned(),
    })
    .collect()
}

/// What is left to people. `key` is an object that was tested with.
pub fn next_steps(view: &View, key: Option<&str>, action: Action, report: &Report) -> Vec<String> {
    let place = &view.place;
    match action {
        Action::Plan { .. } if report.changes.iter().any(|entry| entry.change.writes()) => {
            vec![format!("Make the changes:\n{}", place.command("connect"))]
        }
        Action::Connect | Action::Verify => {
            let mut steps = Vec::new();
            let failed = report.verdict == Some(Verdict::Fail);
            match view.from {
                Standpoint::Owner if failed => steps.push(format!(
                    "Mend what is in the way, then check again:\n{}",
                    place.command("verify")
                )),
                Standpoint::Outside => steps.push(signed_in(place, key)),
                Standpoint::Segments if report.verdict != Some(Verdict::Pass) => {
                    steps.push(of_the_owner(place, key));
                }
                Standpoint::Owner | Standpoint::Segments => {}
                Standpoint::Documents => steps.push(format!(
                    "Only documents were looked at. Check the bucket itself, signed in as its owner:\n{}",
                    for_key(place, key)
                )),
            }
            match view.from {
                Standpoint::Owner => steps.push(registered_form(place, key)),
                // Whether there is such a file is not known.
                Standpoint::Outside | Standpoint::Segments => {
                    steps.push(registered_form(place, None));
                }
                Standpoint::Documents => {}
            }
            steps
        }
        Action::Plan { .. } | Action::Disconnect => Vec::new(),
    }
}

fn registered_form(place: &Place, key: Option<&str>) -> String {
    match key {
        Some(key) => format!(
            "Register your files with Segments.ai under URLs of this form; this one is a file of yours:\n{}",
            place.registered_url(key)
        ),
        None => format!(
            "Register your files with Segments.ai under URLs of this form:\nhttps://{}.s3.{}.amazonaws.com/<key>",
            place.bucket,
            place.region.as_deref().unwrap_or("<region>")
        ),
    }
}

/// What signing in adds to what anybody can see.
fn signed_in(place: &Place, key: Option<&str>) -> String {
    format!(
        "Sign in as the bucket's owner and check again. That adds what nobody else can see: whether the bucket policy lets Segments.ai read, which statement is in the way, the stored CORS rules, Block Public Access, whether the object exists, how it is encrypted, who owns it and who pays:\n{}",
        for_key(place, key)
    )
}

fn of_the_owner(place: &Place, key: Option<&str>) -> String {
    format!(
        "S3 tells Segments.ai no more than this. Let the bucket's owner find the statement or setting:\n{}",
        for_key(place, key)
    )
}

fn for_key(place: &Place, key: Option<&str>) -> String {
    match key {
        Some(key) => format!("{} --object {}", place.command("verify"), shell_quote(key)),
        None => place.command("verify"),
    }
}
