//! What a run says to people. Pure: a report goes in, a text comes out.

use std::fmt::Write;
use std::path::Path;

use super::diff;
use super::paint::Paint;
use super::wrap::{Width, paragraph};
use serde_json::Value;

use crate::catalogue::Cause;
use crate::error::Failure;
use crate::finding::{CheckResult, Level, Status, Verdict};
use crate::plan::{Action, Change};
use crate::redact::escape_control;
use crate::report::{ChangeReport, ChangeResult, Report, Target};
use crate::resource::Subject;

/// What stands under a check.
const INDENT: &str = "           ";

/// The plan: whom, what, each document's difference, and what stays.
#[must_use]
pub fn plan(report: &Report, paint: Paint) -> String {
    let mut text = String::new();
    if let Some(target) = &report.target {
        text.push_str(&heading(target, paint));
    }
    for entry in &report.changes {
        text.push('\n');
        text.push_str(&change(&entry.change, paint));
    }
    let planned = report
        .changes
        .iter()
        .filter(|entry| entry.change.writes())
        .count();
    let left = report
        .changes
        .iter()
        .filter(|entry| entry.change.hand_off.is_some())
        .count();
    let refused = report
        .changes
        .iter()
        .any(|entry| entry.change.refusal.is_some());
    if !refused {
        text.push('\n');
        let _ = match planned {
            0 if left > 0 => writeln!(text, "Nothing that you may change."),
            0 => writeln!(text, "Nothing to change."),
            1 => writeln!(text, "1 change; nothing is written yet."),
            count => writeln!(text, "{count} changes; nothing is written yet."),
        };
    }
    text
}

/// Where the documents were saved.
#[must_use]
pub fn saved(path: &Path, paint: Paint) -> String {
    format!(
        "{} the documents as they were are in {}\n",
        paint.dim("saved:"),
        escape_control(&path.display().to_string())
    )
}

/// What became of one change.
#[must_use]
pub fn applied(entry: &ChangeReport, paint: Paint) -> String {
    let title = entry.change.subject.title;
    if let Some(hand_off) = &entry.change.hand_off {
        return format!(
            "{} {title}: {}\n",
            paint.yellow("left to somebody else:"),
            escape_control(&hand_off.reason)
        );
    }
    match (entry.result, entry.change.action) {
        (ChangeResult::Written, Action::Remove) => format!("{} {title}\n", paint.green("removed:")),
        (ChangeResult::Written, _) => format!("{} {title}\n", paint.green("written:")),
        (ChangeResult::Unchanged, _) => {
            format!("unchanged: {title}: someone else did it meanwhile\n")
        }
        (result, _) => format!("{} {title}\n", paint.red(&format!("{}:", result.as_str()))),
    }
}

/// The documents that `render` prints: one alone as it is, several with a heading each.
#[must_use]
pub fn documents(report: &Report) -> String {
    let mut text = String::new();
    let documents = report.documents.as_deref().unwrap_or_default();
    for document in documents {
        if documents.len() > 1 {
            let _ = writeln!(text, "# {} ({})", document.title, document.id);
        }
        let _ = writeln!(text, "{:#}", document.body);
        if documents.len() > 1 {
            text.push('\n');
        }
    }
    text
}

/// The checks, the verdict in the words of what was observed, and what was not checked.
#[must_use]
pub fn checks(report: &Report, paint: Paint, quiet: bool, width: Width) -> String {
    let Some(verdict) = report.verdict else {
        return String::new();
    };
    let mut text = String::new();
    if !quiet {
        // After a plan that was shown, the target stands above it already.
        if report.changes.is_empty()
            && let Some(target) = &report.target
        {
            text.push_str(&heading(target, paint));
        }
        text.push('\n');
    }
    let shown =
        |check: &&CheckResult| !quiet || matches!(check.status, Status::Fail | Status::Unknown);
    let column = report
        .checks
        .iter()
        .map(|check| check.id.len())
        .max()
        .unwrap_or_default();
    // For people the report leads with what blocks, then the rest by harm.
    let mut ordered: Vec<&CheckResult> = report.checks.iter().collect();
    ordered.sort_by_key(|check| check.harm());
    let mut above = None;
    for check in ordered.into_iter().filter(shown) {
        text.push_str(&one_check(check, column, paint, width));
        text.push_str(&fix(check, above, width));
        above = check.fix.as_deref().or(above);
    }
    text.push('\n');
    text.push_str(&paragraph(
        &conclusion(report, verdict, paint),
        width,
        "",
        "",
    ));
    // What could not be checked stands among the checks above, with its reason; here is what no check looks at.
    let mentioned: Vec<String> = report.checks.iter().map(CheckResult::name).collect();
    let mut rest = report
        .not_checked
        .iter()
        .filter(|item| !mentioned.contains(&item.what))
        .peekable();
    if !quiet && rest.peek().is_some() {
        let _ = writeln!(
            text,
            "\n{}",
            paint.bold("Out of reach of any check from here")
        );
        for item in rest {
            let line = format!(
                "{}: {}",
                escape_control(&item.what),
                escape_control(&item.why)
            );
            text.push_str(&paragraph(&line, width, "  ", "    "));
        }
    }
    text
}

/// Where the report was written that can be handed over.
#[must_use]
pub fn handed_over(path: &Path, paint: Paint) -> String {
    format!(
        "{} what was read and found is in {}; `segments-connect explain --report FILE` looks at it again, anywhere\n",
        paint.dim("report:"),
        escape_control(&path.display().to_string())
    )
}

/// When a report was recorded, and where evaluating it again says something else.
#[must_use]
pub fn recorded(report: &Report, paint: Paint) -> String {
    let Some(("recorded", recorded)) = &report.extra else {
        return String::new();
    };
    let text = |value: &Value| value.as_str().map(escape_control).unwrap_or_default();
    let mut lines = format!(
        "{} {} by {}; what documents decide was decided again, here and now\n",
        paint.dim("recorded:"),
        text(&recorded["written"]),
        text(&recorded["program"])
    );
    let differences = recorded["differences"].as_array();
    for difference in differences.into_iter().flatten() {
        let _ = writeln!(
            lines,
            "{} {} was `{}` when it was recorded, and is `{}` now: another version, or a changed report",
            paint.yellow("differs:"),
            text(&difference["id"]),
            text(&difference["recorded"]["status"]),
            text(&difference["evaluated"]["status"])
        );
    }
    lines
}

/// What is left to people.
#[must_use]
pub fn next_steps(report: &Report, paint: Paint, width: Width) -> String {
    if report.next_steps.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", paint.bold("Next steps"));
    for (index, step) in report.next_steps.iter().enumerate() {
        let mut lines = step.lines();
        let first = escape_control(lines.next().unwrap_or_default());
        let number = format!("  {}. ", index + 1);
        text.push_str(&paragraph(&first, width, &number, "     "));
        // What is to be copied.
        for line in lines {
            let _ = writeln!(text, "     {}", escape_control(line));
        }
    }
    text
}

/// Why the run stopped.
#[must_use]
pub fn failure(failure: &Failure, paint: Paint, width: Width) -> String {
    let mut text = paragraph(
        &escape_control(&failure.message),
        width,
        &format!("{} ", paint.red("error:")),
        "  ",
    );
    for cause in &failure.causes {
        text.push_str(&paragraph(
            &escape_control(cause),
            width,
            "  caused by: ",
            "    ",
        ));
    }
    if !failure.missing.is_empty() {
        let _ = writeln!(
            text,
            "  missing: {}",
            escape_control(&failure.missing.join(", "))
        );
    }
    for (index, hint) in failure.hints.iter().enumerate() {
        if index == 0 {
            text.push('\n');
        }
        text.push_str(&paragraph(
            &escape_control(hint),
            width,
            &format!("{} ", paint.bold("hint:")),
            "  ",
        ));
    }
    text
}

fn heading(target: &Target, paint: Paint) -> String {
    let rows = [
        ("Bucket", &target.bucket),
        ("Storage account", &target.storage_account),
        ("Region", &target.region),
        ("Account", &target.account),
        ("Project", &target.project),
        ("Subscription", &target.subscription),
        ("Resource group", &target.resource_group),
        ("Tenant", &target.tenant),
        ("You are", &target.caller),
    ];
    let rows = rows
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let width = rows
        .clone()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for (name, value) in rows {
        let _ = writeln!(
            text,
            "{}  {}",
            paint.bold(&format!("{name:<width$}")),
            escape_control(value)
        );
    }
    text
}

fn change(change: &Change, paint: Paint) -> String {
    let Subject {
        title,
        entry,
        scope,
        ..
    } = change.subject;
    let mut text = String::new();
    let what = match (&change.refusal, change.action) {
        (Some(_), _) => paint.red("refused"),
        (None, _) if change.hand_off.is_some() => paint.yellow("left to somebody else"),
        (None, Action::Keep) => "stays as it is".to_owned(),
        (None, Action::Create) => paint.green("create"),
        (None, Action::Update) => paint.yellow("update"),
        (None, Action::Remove) => paint.yellow("remove"),
    };
    let _ = writeln!(
        text,
        "{}: {what}  {}",
        paint.bold(title),
        paint.dim(&format!("({})", scope.in_words()))
    );
    if let Some(refusal) = &change.refusal {
        let _ = writeln!(text, "    {}", escape_control(&refusal.reason));
        if let Some((found, wanted)) = refusal.difference.as_deref() {
            text.push_str("    found (-) and wanted (+):\n");
            text.push_str(&diff::documents(Some(found), Some(wanted), paint));
        }
    } else {
        text.push_str(&diff::documents(
            change.before.as_ref(),
            change.after.as_ref(),
            paint,
        ));
    }
    if change.kept > 0 {
        let _ = writeln!(text, "    {}", kept(change.kept, entry));
    }
    if let Some(hand_off) = &change.hand_off {
        let _ = writeln!(text, "    {}", escape_control(&hand_off.reason));
    }
    for note in &change.notes {
        let _ = writeln!(text, "    note: {}", escape_control(note));
    }
    text
}

fn kept(count: usize, entry: &str) -> String {
    if count == 1 {
        format!("1 other {entry} stays as it is")
    } else {
        let several = match entry.strip_suffix('y') {
            Some(front) => format!("{front}ies"),
            None => format!("{entry}s"),
        };
        format!("{count} other {several} stay as they are")
    }
}

fn one_check(check: &CheckResult, column: usize, paint: Paint, width: Width) -> String {
    let status = match check.status {
        Status::Pass => paint.green("pass   "),
        Status::Warn => paint.yellow("warn   "),
        Status::Fail => paint.red("FAIL   "),
        Status::Unknown => paint.yellow("unknown"),
        Status::Skipped => paint.dim("skipped"),
    };
    let cause = check
        .cause
        .map_or_else(String::new, |cause| format!("[{}] ", cause.code()));
    let subject = match &check.subject {
        // The URL of a preflight says nothing that the reader does not know; which object was read does.
        Some(subject) if !subject.contains("://") => format!("`{}`: ", escape_control(subject)),
        Some(_) | None => String::new(),
    };
    let detail = escape_control(&check.detail);
    paragraph(
        &format!("{cause}{subject}{detail}"),
        width,
        &format!("{status}  {:<column$}  ", check.id),
        INDENT,
    )
}

/// How it is mended, which is not said twice where the mend told last is the same.
fn fix(check: &CheckResult, above: Option<&str>, width: Width) -> String {
    let mut text = String::new();
    let Some(fix) = check.fix.as_deref() else {
        return text;
    };
    if above == Some(fix) {
        return format!("{INDENT}fix: as above\n");
    }
    for (index, line) in fix.lines().enumerate() {
        let label = if index == 0 { "fix:" } else { "    " };
        text.push_str(&paragraph(
            &escape_control(line),
            width,
            &format!("{INDENT}{label} "),
            &format!("{INDENT}     "),
        ));
    }
    text
}

/// The verdict, never told as more than was observed.
fn conclusion(report: &Report, verdict: Verdict, paint: Paint) -> String {
    let mut fails: Vec<&CheckResult> = report
        .checks
        .iter()
        .filter(|check| check.status == Status::Fail)
        .collect();
    fails.sort_by_key(|check| check.harm());
    match verdict {
        Verdict::Fail => {
            // Several checks may see one cause, each from its side.
            let mut codes: Vec<&str> = Vec::new();
            let mut without = 0;
            for check in &fails {
                match check.cause.map(Cause::code) {
                    Some(code) if !codes.contains(&code) => codes.push(code),
                    Some(_) => {}
                    None => without += 1,
                }
            }
            let count = codes.len() + without;
            let named = match codes.as_slice() {
                [] | [_] if count == 1 => String::new(),
                codes => format!(" ({})", codes.join(", ")),
            };
            let what = if count == 1 {
                "1 thing is".to_owned()
            } else {
                format!("{count} things are")
            };
            let more = match codes.first() {
                Some(code) => format!(" `segments-connect explain {code}` says more."),
                None => String::new(),
            };
            let first = match fails.first() {
                Some(first) if count > 1 => format!(" First: {}.", escape_control(&first.detail)),
                Some(_) | None => String::new(),
            };
            format!(
                "{} {what} in the way{named}.{first}{more}",
                paint.red("Blocked:")
            )
        }
        Verdict::Undetermined => format!(
            "{} nothing was found wrong, but something that decides could not be checked.",
            paint.yellow("Undetermined:")
        ),
        Verdict::Pass => format!(
            "{} {}",
            paint.green("Nothing found wrong."),
            observed(report)
        ),
    }
}

/// What was observed, level by level, in the only words that each level allows.
fn observed(report: &Report) -> String {
    let passed = |level| {
        report
            .checks
            .iter()
            .any(|check| check.level == Some(level) && check.status == Status::Pass)
    };
    let mut sentences: Vec<String> = Vec::new();
    let side = report.target.as_ref().map_or("bucket", |target| {
        if target.storage_account.is_some() {
            "storage account"
        } else {
            "bucket"
        }
    });
    // What holds for a sample does not hold for the bucket, so only results on the whole of it count here.
    let of_all =
        |check: &&CheckResult| check.level == Some(Level::Evaluated) && check.subject.is_none();
    let evaluated: Vec<Status> = report
        .checks
        .iter()
        .filter(of_all)
        .map(|check| check.status)
        .collect();
    if !evaluated.is_empty() && evaluated.iter().all(|status| *status == Status::Pass) {
        sentences.push(format!(
            "Based on the policies that could be read, the {side}'s side allows Segments.ai."
        ));
    } else if evaluated.contains(&Status::Warn) {
        sentences.push(format!(
            "Based on the policies that could be read, the {side}'s side allows Segments.ai with the reservations above."
        ));
    } else if passed(Level::Configured) {
        sentences.push(format!(
            "The {side}'s configuration contains what Segments.ai needs (read back)."
        ));
    }
    if passed(Level::Preflight) {
        sentences.push(
            "The storage service accepts cross-origin GET from https://app.segments.ai (observed)."
                .to_owned(),
        );
    }
    let linked =
        |check: &CheckResult| check.id.ends_with(".object.link") && check.status == Status::Pass;
    if report.checks.iter().any(linked) {
        sentences.push(
            "You can read an object through a link like the ones that Segments.ai makes."
                .to_owned(),
        );
    } else if passed(Level::OwnRead) {
        sentences.push("You can read an object with your own credentials.".to_owned());
    }
    if passed(Level::SegmentsRead) {
        sentences.push("Segments.ai's own credentials read the sampled objects.".to_owned());
    } else {
        sentences.push("This does not test Segments.ai's own permission.".to_owned());
    }
    sentences.join(" ")
}
