//! The contract with scripts: the JSON document, the exit statuses, and the words that the README lists.

pub(crate) mod document;

use std::collections::BTreeSet;

use segments_connect::catalogue;
use segments_connect::error::ErrorCode;
use segments_connect::exit::ExitStatus;
use segments_connect::sandbox::aws::{Encryption, KmsKey, Payer};
use segments_connect::sandbox::{Fault, FaultKind, On};
use serde_json::{Value, json};

use document::faults;

use crate::support::{BUCKET, PHOTO, Stage, cors_rule, policy, published, with};

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
            && cell.starts_with(['A', 'G', 'Z'])
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
    for code in ["A01", "a39", "A49", "g24", "G28", "Z01", "z24", "Z34"] {
        stage
            .run(&["explain", code])
            .exits(0)
            .says(&code.to_uppercase())
            .without_complaint();
    }
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn explain_tells_scripts_what_it_tells_people() {
    let stage = Stage::fresh();
    let page = stage.run(&["explain", "A39"]).exits(0).stdout;
    let (ran, document) = stage.run_json(&["explain", "A39"]);
    ran.exits(0);
    let told = &document["explanation"];
    assert_eq!(told["found"]["by"], "verify", "{told:#}");
    assert_eq!(told["found"]["checks"][1], "aws.cors.preflight", "{told:#}");
    for command in [&told["commands"][0], &told["check_again"]] {
        let command = command.as_str().expect("a command");
        assert!(page.lines().any(|line| line.trim() == command), "{page}");
    }
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in [&told["about"], &told["found"]["how"], &told["afterwards"]] {
        let text = text.as_str().expect("words");
        assert!(words(&page).contains(&words(text)), "{text}\n{page}");
    }

    let line = stage.run(&["explain", "A06", "--quiet"]).exits(0).stdout;
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.contains("not a cause"), "{line}");
    let (_, document) = stage.run_json(&["explain", "A06"]);
    assert_eq!(document["explanation"]["about"], Value::Null);
    assert_eq!(document["explanation"]["commands"], json!([]));

    let (_, document) = stage.run_json(&["explain", "A23"]);
    assert_eq!(document["explanation"]["found"]["by"], "nothing");
    let (_, document) = stage.run_json(&["explain", "A44"]);
    assert_eq!(document["explanation"]["found"]["by"], "plan");
}
