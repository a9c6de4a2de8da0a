//! The contract with scripts: the JSON document, the exit statuses, and the words that the README lists.

use std::collections::BTreeSet;

use segments_connect::catalogue;
use segments_connect::error::ErrorCode;
use segments_connect::exit::ExitStatus;
use segments_connect::sandbox::aws::{Encryption, KmsKey, Payer};
use segments_connect::sandbox::{Fault, FaultKind, On};
use serde_json::{Value, json};

use crate::support::{BUCKET, PHOTO, Stage, cors_rule, policy, published, with};

/// The members of the document, all always there.
const MEMBERS: [&str; 10] = [
    "schema",
    "command",
    "target",
    "changes",
    "checks",
    "verdict",
    "proof",
    "not_checked",
    "next_steps",
    "error",
];
/// What was added to them since, and `documents`, which only `render` has.
const ADDED: [&str; 4] = ["backup", "documents", "explanation", "text"];
const TARGET: [&str; 9] = [
    "cloud",
    "bucket",
    "region",
    "account",
    "project",
    "storage_account",
    "subscription",
    "resource_group",
    "tenant",
];
const LEVELS: [&str; 6] = [
    "rendered",
    "configured",
    "evaluated",
    "preflight",
    "own-read",
    "segments-read",
];
const CHECKS: [&str; 14] = [
    "identity",
    "target",
    "access.configured",
    "access.evaluated",
    "policy.evaluated",
    "cors.configured",
    "cors.preflight",
    "cors.range",
    "cors.foreign",
    "object.read",
    "object.link",
    "object.protection",
    "network",
    "segments.read",
];

fn members(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .map(|object| object.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

fn one_of(value: &Value, words: &[&str]) -> bool {
    value.as_str().is_some_and(|word| words.contains(&word))
}

fn texts(value: &Value) -> bool {
    value.as_array().is_some_and(|list| {
        list.iter()
            .all(|text| text.as_str().is_some_and(|text| !text.is_empty()))
    })
}

/// Everything that is wrong with a document.
#[expect(
    clippy::too_many_lines,
    reason = "one line for each promise of the contract"
)]
fn faults(document: &Value, status: i32) -> Vec<String> {
    let mut faults = Vec::new();
    let mut want = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    let found = members(document);
    for member in MEMBERS {
        want(found.contains(member), format!("no `{member}`"));
    }
    for member in found {
        want(
            MEMBERS.contains(&member) || ADDED.contains(&member),
            format!("`{member}` is not documented"),
        );
    }
    want(
        document["schema"] == "segments-connect/v1",
        "schema".to_owned(),
    );
    want(document["command"].is_string(), "command".to_owned());
    let target = &document["target"];
    want(
        target.is_null() || target["cloud"] == "aws",
        format!("target {target}"),
    );
    want(
        members(target).iter().all(|member| TARGET.contains(member)),
        format!("target {target}"),
    );
    want(
        target
            .as_object()
            .is_none_or(|target| target.values().all(Value::is_string)),
        format!("target {target}"),
    );

    for change in document["changes"].as_array().unwrap_or(&Vec::new()) {
        let is = |name: &str, words: &[&str]| one_of(&change[name], words);
        want(
            is("id", &["aws.bucket-policy", "aws.cors"]),
            format!("id of {change}"),
        );
        want(is("scope", &["bucket"]), format!("scope of {change}"));
        want(
            is("action", &["keep", "create", "update", "remove"]),
            format!("action of {change}"),
        );
        let results = [
            "planned",
            "unchanged",
            "written",
            "uncertain",
            "stale",
            "refused",
            "failed",
            "skipped",
        ];
        want(is("result", &results), format!("result of {change}"));
        for member in ["before", "after"] {
            let document = change.get(member);
            want(
                document.is_some_and(|document| !document.is_string()),
                format!("{member} of {change}"),
            );
        }
        want(change["kept"].is_u64(), format!("kept of {change}"));
    }
    let mut seen = BTreeSet::new();
    for check in document["checks"].as_array().unwrap_or(&Vec::new()) {
        let id = check["id"].as_str().unwrap_or_default();
        want(
            id.strip_prefix("aws.")
                .is_some_and(|id| CHECKS.contains(&id)),
            format!("id of {check}"),
        );
        want(
            seen.insert((id.to_owned(), check["subject"].to_string())),
            format!("twice: {check}"),
        );
        for member in [
            "id", "subject", "level", "status", "cause", "detail", "fix", "evidence",
        ] {
            want(
                check.get(member).is_some(),
                format!("no {member} in {check}"),
            );
        }
        want(
            check["subject"].is_null() || check["subject"].is_string(),
            format!("subject of {check}"),
        );
        let without_level = matches!(id, "aws.identity" | "aws.target" | "aws.network");
        let level = if without_level {
            check["level"].is_null()
        } else {
            one_of(&check["level"], &LEVELS)
        };
        want(level, format!("level of {check}"));
        want(
            one_of(
                &check["status"],
                &["pass", "warn", "fail", "unknown", "skipped"],
            ),
            format!("status of {check}"),
        );
        want(
            check["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            format!("detail of {check}"),
        );
        let cause = check["cause"].as_str();
        want(
            cause.is_none_or(|code| catalogue::Cause::find(code).is_some()),
            format!("cause of {check}"),
        );
        want(
            check["fix"].is_null() || check["fix"].is_string(),
            format!("fix of {check}"),
        );
        if check["status"] == "fail" {
            want(
                cause.is_some() && check["fix"].is_string(),
                format!("a failure without cause or fix: {check}"),
            );
        }
        want(
            check["evidence"].is_null() || check["evidence"].is_object(),
            format!("evidence of {check}"),
        );
    }
    for name in ["changes", "checks", "not_checked"] {
        want(document[name].is_array(), name.to_owned());
    }
    let verdict = &document["verdict"];
    want(
        verdict.is_null() || one_of(verdict, &["pass", "fail", "undetermined"]),
        format!("verdict {verdict}"),
    );
    let proof = &document["proof"];
    want(
        proof.is_null() || one_of(proof, &LEVELS),
        format!("proof {proof}"),
    );
    want(
        document["checks"] == json!([]) || *proof == proven(document),
        format!("proof {proof}"),
    );
    for item in document["not_checked"].as_array().unwrap_or(&Vec::new()) {
        want(
            item["what"].is_string() && item["why"].is_string(),
            format!("not_checked {item}"),
        );
        want(members(item).len() == 2, format!("not_checked {item}"));
    }
    want(texts(&document["next_steps"]), "next_steps".to_owned());
    let error = &document["error"];
    if !error.is_null() {
        want(
            ErrorCode::ALL
                .iter()
                .any(|code| error["code"] == code.as_str()),
            format!("code of {error}"),
        );
        want(
            error["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty()),
            format!("message of {error}"),
        );
        want(texts(&error["hints"]), format!("hints of {error}"));
    }
    let known = ExitStatus::ALL
        .iter()
        .any(|(known, _)| i32::from(known.code()) == status);
    want(known, format!("exit status {status}"));
    want(
        error.is_null() || status != 0,
        "an error, and exit status 0".to_owned(),
    );
    faults
}

/// The highest level at which something passed; that a foreign origin is refused proves nothing.
fn proven(document: &Value) -> Value {
    let checks = document["checks"].as_array().into_iter().flatten();
    let passed =
        checks.filter(|check| check["status"] == "pass" && check["id"] != "aws.cors.foreign");
    let levels =
        passed.filter_map(|check| LEVELS.iter().position(|level| check["level"] == *level));
    levels
        .max()
        .map_or(Value::Null, |level| json!(LEVELS[level]))
}

type Scene = (&'static str, fn() -> Stage);

/// Clouds in which the commands end in as many ways as possible.
const SCENES: [Scene; 12] = [
    ("fresh", Stage::fresh),
    ("used by others", Stage::new),
    ("connected", Stage::connected),
    ("refused", || {
        let stage = Stage::fresh();
        stage.store_policy(&policy(&[with(published(), &json!({ "Action": "s3:*" }))]));
        stage
    }),
    ("several things wrong", || {
        let stage = Stage::connected();
        let key = KmsKey::aws_managed(
            "111122223333",
            "eu-west-1",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
        );
        stage.sandbox.with_state(|state| state.aws.keys.push(key));
        stage.bucket(|bucket| {
            bucket.policy = None;
            bucket.cors = Some(vec![cors_rule("https://*.segments.ai", &["GET"], &[])]);
            bucket.payer = Payer::Requester;
            bucket.add_object(PHOTO, "a photo").encryption = Encryption::Kms(None);
        });
        stage
    }),
    ("a condition that cannot be decided", || {
        let stage = Stage::connected();
        let condition = json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } });
        let deny = with(
            published(),
            &json!({ "Sid": "Deny", "Effect": "Deny", "Principal": "*", "Condition": condition }),
        );
        stage.store_policy(&policy(&[published(), deny]));
        stage
    }),
    ("empty", || {
        let stage = Stage::connected();
        stage.bucket(|bucket| bucket.objects.clear());
        stage
    }),
    ("nothing may be read", || {
        let stage = Stage::fresh();
        stage.deny(&["s3:Get*", "s3:List*"]);
        stage
    }),
    ("nothing may be written", || {
        let stage = Stage::fresh();
        stage.deny(&["s3:Put*", "s3:Delete*"]);
        stage
    }),
    ("the rules may not be written", || {
        let stage = Stage::fresh();
        stage.deny(&["s3:PutBucketCORS"]);
        stage
    }),
    ("no bucket", || {
        let stage = Stage::fresh();
        stage.sandbox.with_state(|state| state.aws.buckets.clear());
        stage
    }),
    ("no answer", || {
        let stage = Stage::fresh();
        let kind = FaultKind::Status {
            status: 403,
            code: "InvalidAccessKeyId".to_owned(),
            message: "no".to_owned(),
        };
        stage.sandbox.inject(Fault {
            times: usize::MAX,
            ..Fault::before(On::Request(1), kind)
        });
        stage
    }),
];

const COMMANDS: [&[&str]; 12] = [
    &["aws", "plan", "--bucket", BUCKET],
    &["aws", "plan", "--bucket", BUCKET, "--exit-code"],
    &["aws", "verify", "--bucket", BUCKET],
    &[
        "aws", "verify", "--bucket", BUCKET, "--object", PHOTO, "--object", "gone.jpg",
    ],
    &["aws", "connect", "--bucket", BUCKET],
    &["aws", "connect", "--bucket", BUCKET, "--yes", "--wait", "0"],
    &["aws", "disconnect", "--bucket", BUCKET, "--yes"],
    &["aws", "render", "--bucket", BUCKET],
    &["aws", "render", "--bucket", BUCKET, "--document", "cors"],
    &["aws", "render", "--bucket", "Not_A_Bucket"],
    &["explain", "A39"],
    &["aws", "plan", "--bucket", BUCKET, "--timeout", "never"],
];

#[test]
fn every_document_has_every_member_with_its_type_and_its_words() {
    let mut wrong = Vec::new();
    for (scene, stage) in SCENES {
        for arguments in COMMANDS {
            let stage = stage();
            let (ran, document) = stage.run_json(arguments);
            let status = ran.status.unwrap_or(-1);
            wrong.extend(
                faults(&document, status)
                    .into_iter()
                    .map(|fault| format!("{scene}: {arguments:?}: {fault}")),
            );
        }
    }
    wrong.dedup();
    assert!(
        wrong.is_empty(),
        "{} faults:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_command_is_named_as_it_was_given() {
    let stage = Stage::connected();
    for (arguments, command) in [
        (&["aws", "--bucket", BUCKET, "--yes"][..], "aws connect"),
        (&["aws", "--bucket", BUCKET, "plan"], "aws plan"),
        (
            &["aws", "--bucket=plan_", "disconnect", "--yes"],
            "aws disconnect",
        ),
        (&["aws", "render", "--bucket", BUCKET], "aws render"),
        (&["aws", "verify", "--bucket", "Not_A_Bucket"], "aws verify"),
        (&["aws", "--bucket", "plan_"], "aws connect"),
        (
            &["aws", "--bucket", "disconnect", "verify", "--timeout", "0"],
            "aws verify",
        ),
    ] {
        let (_, document) = stage.run_json(arguments);
        assert_eq!(document["command"], command, "{arguments:?}");
    }
}

#[test]
fn only_render_has_documents() {
    for arguments in COMMANDS {
        let (_, document) = Stage::connected().run_json(arguments);
        let renders = arguments.contains(&"render") && document["error"].is_null();
        assert_eq!(
            document.get("documents").is_some(),
            renders,
            "{arguments:?}"
        );
    }
}

/// What the statuses mean, in the first words of it.
const STATUSES: [(u8, &str); 10] = [
    (
        0,
        "done, or nothing to do; for `verify`: nothing found wrong, and every decisive check could be made",
    ),
    (1, "failed; nothing was written"),
    (
        2,
        "usage: a bad flag or value, a value missing off a terminal, a change without `--yes` off a terminal",
    ),
    (3, "`plan --exit-code`: changes are needed"),
    (
        4,
        "verify found that Segments.ai, or the browser, is blocked",
    ),
    (5, "this run wrote something and did not finish"),
    (
        6,
        "verify could not decide: a decisive check could not be made",
    ),
    (7, "refused"),
    (
        8,
        "not signed in, or not permitted, and nothing was written",
    ),
    (130, "declined or cancelled before anything was written"),
];

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README")
}

/// The cells of each row of the README's tables, without the backticks around a whole cell.
fn rows(readme: &str) -> Vec<Vec<String>> {
    let rows = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| {
        row.split(" | ")
            .map(|cell| cell.trim().to_owned())
            .collect()
    })
    .collect()
}

#[test]
fn the_exit_statuses_are_the_documented_ones() {
    let found: Vec<u8> = ExitStatus::ALL
        .iter()
        .map(|(status, _)| status.code())
        .collect();
    let documented: Vec<u8> = STATUSES.iter().map(|(code, _)| *code).collect();
    assert_eq!(found, documented);
    let readme = readme();
    let listed: Vec<(u8, String)> = rows(&readme)
        .into_iter()
        .filter_map(|row| Some((row.first()?.parse().ok()?, row.get(1)?.clone())))
        .collect();
    assert_eq!(
        listed.iter().map(|(code, _)| *code).collect::<Vec<_>>(),
        documented,
        "in the README"
    );
    for (((code, begins), (_, meaning)), (_, listed)) in
        STATUSES.iter().zip(&ExitStatus::ALL).zip(&listed)
    {
        assert!(meaning.starts_with(begins), "{code}: {meaning}");
        assert_eq!(listed, meaning, "{code} in the README");
    }
}

#[test]
fn every_error_code_is_one_kebab_case_word_and_listed() {
    let readme = readme();
    let listed: Vec<String> = rows(&readme)
        .into_iter()
        .filter_map(|row| {
            Some(
                row.first()?
                    .strip_prefix('`')?
                    .strip_suffix('`')?
                    .to_owned(),
            )
        })
        .collect();
    let mut seen = BTreeSet::new();
    for code in ErrorCode::ALL {
        let word = code.as_str();
        assert!(seen.insert(word), "`{word}` twice");
        let letters = word
            .bytes()
            .all(|letter| letter.is_ascii_lowercase() || letter == b'-');
        let parts = word.split('-').all(|part| !part.is_empty());
        assert!(letters && parts, "`{word}` is not in kebab case");
        assert_eq!(
            listed.iter().filter(|listed| *listed == word).count(),
            1,
            "`{word}` in the README"
        );
    }
    assert_eq!(
        listed.len(),
        ErrorCode::ALL.len(),
        "the README lists others: {listed:?}"
    );
}

#[test]
fn every_cause_code_is_listed_with_its_words_and_explained() {
    let readme = readme();
    let is_code = |cell: &str| {
        cell.len() == 3
            && cell.starts_with('A')
            && cell[1..].bytes().all(|digit| digit.is_ascii_digit())
    };
    let listed: Vec<Vec<String>> = rows(&readme)
        .into_iter()
        .filter(|row| row.first().is_some_and(|cell| is_code(cell)))
        .collect();
    let codes: Vec<&str> = catalogue::all().map(catalogue::Cause::code).collect();
    assert_eq!(
        listed.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(),
        codes,
        "in the README"
    );
    assert_eq!(
        codes.iter().collect::<BTreeSet<_>>().len(),
        codes.len(),
        "a code twice"
    );
    let stage = Stage::fresh();
    for (cause, row) in catalogue::all().zip(&listed) {
        let entry = cause.entry();
        assert_eq!(
            row.last().map(String::as_str),
            Some(entry.title),
            "{} in the README",
            entry.code
        );
        assert!(
            entry.severity.in_words().starts_with(&row[1]),
            "{} in the README: {}",
            entry.code,
            row[1]
        );
        for text in [entry.title, entry.seen_as, entry.remedy] {
            assert!(!text.is_empty(), "{}", entry.code);
        }
        assert!(entry.page.starts_with("https://"), "{}", entry.code);
        assert!(codes.contains(&entry.code));
    }
    for code in ["A01", "a39", "A49"] {
        stage
            .run(&["explain", code])
            .exits(0)
            .says(&code.to_uppercase())
            .without_complaint();
    }
    assert_eq!(stage.sandbox.log(), []);
}
