//! At a terminal: what is asked, how it is answered, and what must never reach the screen.

#![cfg(unix)]

use std::process::Command;

use expectrl::{Eof, Expect, Session};
use segments_connect::sandbox::aws::CorsRule;
use segments_connect::sandbox::{Moment, On};
use serde_json::{Value, json};

use crate::support::terminal::{Terminal, cursor_is_shown};
use crate::support::{
    BUCKET, PATIENCE, Stage, change, cors_rule, policy, program, published, published_rule, ran,
    with,
};

/// Whether something is coloured.
fn is_coloured(text: &str) -> bool {
    text.split("\u{1b}[").skip(1).any(|rest| {
        let end = rest.find(|letter: char| !(letter.is_ascii_digit() || letter == ';'));
        end.is_some_and(|end| rest[end..].starts_with('m'))
    })
}

/// What is left of a screen for somebody who reads it.
fn without_escapes(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        let end = part.find(|letter: char| letter.is_ascii_alphabetic());
        plain + end.map_or("", |end| &part[end + 1..])
    })
}

const QUESTION: &str = "Make these 2 changes? They reach this bucket only.";

#[test]
fn a_change_is_shown_and_asked_for_and_made_when_it_is_wanted() {
    let stage = Stage::fresh();
    let mut terminal = Terminal::of(stage.command(&["aws", "--bucket", BUCKET]));
    terminal.shows("2 changes; nothing is written yet.");
    terminal.shows(QUESTION);
    assert_eq!(stage.writes(), [""; 0]);
    terminal.types("y");
    let (status, screen) = terminal.ends();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains("written:"), "{screen}");
    assert!(cursor_is_shown(&screen), "{screen:?}");
    assert_eq!(stage.policy(), Some(policy(&[published()])));
    assert_eq!(stage.cors(), Some(vec![published_rule()]));
}

#[test]
fn no_is_the_default_and_writes_nothing() {
    for answer in ["n", "\r"] {
        let stage = Stage::fresh();
        let mut terminal = Terminal::of(stage.command(&["aws", "connect", "--bucket", BUCKET]));
        terminal.shows(QUESTION);
        terminal.types(answer);
        let (status, screen) = terminal.ends();
        assert_eq!(status, 130, "{answer:?}: {screen}");
        assert!(
            screen.contains("nothing was written"),
            "{answer:?}: {screen}"
        );
        assert!(cursor_is_shown(&screen), "{answer:?}: {screen:?}");
        assert_eq!((stage.policy(), stage.cors()), (None, None), "{answer:?}");
        assert_eq!(stage.writes(), [""; 0], "{answer:?}");
        assert!(!stage.backups().exists(), "{answer:?}");
    }
}

#[test]
fn a_removal_is_asked_for_too() {
    let stage = Stage::connected();
    let mut terminal = Terminal::of(stage.command(&["aws", "disconnect", "--bucket", BUCKET]));
    terminal.shows("Make these 2 removals? They reach this bucket only.");
    terminal.types("n");
    assert_eq!(terminal.ends().0, 130);
    assert_eq!(stage.policy(), Some(policy(&[published()])));

    let mut terminal = Terminal::of(stage.command(&["aws", "disconnect", "--bucket", BUCKET]));
    terminal.shows("Make these 2 removals?");
    terminal.types("y");
    assert_eq!(terminal.ends().0, 0);
    assert_eq!((stage.policy(), stage.cors()), (None, None));
}

#[test]
fn ctrl_c_at_the_question_cancels_and_gives_the_cursor_back() {
    let stage = Stage::fresh();
    let mut terminal = Terminal::of(stage.command(&["aws", "connect", "--bucket", BUCKET]));
    terminal.shows(QUESTION);
    terminal.presses_control_c();
    let (status, screen) = terminal.ends();
    assert_eq!(status, 130, "{screen}");
    assert!(cursor_is_shown(&screen), "{screen:?}");
    assert_eq!((stage.policy(), stage.cors()), (None, None));
    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn a_bucket_that_was_left_out_is_asked_for() {
    let stage = Stage::connected();
    let mut terminal = Terminal::of(stage.command(&["aws", "verify"]));
    terminal.shows("Bucket (--bucket)");
    assert_eq!(stage.sandbox.log(), []);
    terminal.types("Not_A_Bucket\r");
    terminal.shows("upper-case");
    terminal.types(&"\u{7f}".repeat("Not_A_Bucket".len()));
    terminal.types("s3://acme-images\r");
    let (status, screen) = terminal.ends();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains("Nothing found wrong."), "{screen}");
}

#[test]
fn ctrl_c_at_the_question_for_the_bucket_cancels() {
    let stage = Stage::fresh();
    let mut terminal = Terminal::of(stage.command(&["aws"]));
    terminal.shows("Bucket (--bucket)");
    terminal.presses_control_c();
    let (status, screen) = terminal.ends();
    assert_eq!(status, 130, "{screen}");
    assert!(cursor_is_shown(&screen), "{screen:?}");
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn with_no_input_a_terminal_is_asked_nothing() {
    let stage = Stage::fresh();
    for (arguments, flag) in [
        (
            &["aws", "connect", "--bucket", BUCKET, "--no-input"][..],
            "--yes",
        ),
        (&["aws", "plan", "--no-input"], "--bucket"),
    ] {
        let (status, screen) = Terminal::of(stage.command(arguments)).ends();
        assert_eq!(status, 2, "{screen}");
        assert!(screen.contains(flag), "{screen}");
    }
    let mut command = stage.command(&["aws", "connect", "--bucket", BUCKET]);
    command.env("SEGMENTS_CONNECT_NO_INPUT", "1");
    assert_eq!(Terminal::of(command).ends().0, 2);
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn with_yes_a_terminal_is_asked_nothing() {
    let stage = Stage::fresh();
    let (status, screen) = Terminal::of(stage.command(&["aws", "--bucket", BUCKET, "-y"])).ends();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains("Make these"), "{screen}");
    assert_eq!(stage.policy(), Some(policy(&[published()])));
}

/// The program in a terminal whose standard output goes to a file.
fn piped(stage: &Stage, arguments: &[&str]) -> (Command, std::path::PathBuf) {
    let file = stage.home().join("out");
    let mut all = vec![
        "-c",
        "exec \"$@\" > \"$HOME/out\"",
        "sh",
        crate::support::PROGRAM,
    ];
    all.extend(arguments);
    let mut command = Command::new("sh");
    command
        .args(all)
        .env_clear()
        .envs(
            stage
                .sandbox
                .environment(segments_connect::sandbox::aws::ANA_KEY),
        )
        .env("HOME", stage.home())
        .env("XDG_STATE_HOME", stage.home())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    (command, file)
}

#[test]
fn with_json_the_question_is_on_standard_error_and_the_document_alone() {
    let stage = Stage::fresh();
    let (command, file) = piped(&stage, &["aws", "connect", "--bucket", BUCKET, "--json"]);
    let mut terminal = Terminal::of(command);
    terminal.shows("2 changes; nothing is written yet.");
    terminal.shows(QUESTION);
    terminal.types("y");
    let (status, screen) = terminal.ends();
    assert_eq!(status, 0, "{screen}");
    let out = std::fs::read_to_string(file).expect("the document");
    let document: Value =
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
    assert_eq!(change(&document, "aws.cors"), ("create", "written"));
    assert_eq!(stage.cors(), Some(vec![published_rule()]));
}

#[test]
fn with_json_no_gives_one_document_too() {
    let stage = Stage::fresh();
    let (command, file) = piped(&stage, &["aws", "connect", "--bucket", BUCKET, "--json"]);
    let mut terminal = Terminal::of(command);
    terminal.shows(QUESTION);
    terminal.types("n");
    assert_eq!(terminal.ends().0, 130);
    let out = std::fs::read_to_string(file).expect("the document");
    let document: Value =
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
    assert_eq!(document["error"]["code"], "declined");
    assert_eq!(change(&document, "aws.bucket-policy").1, "skipped");
    assert_eq!((stage.policy(), stage.cors()), (None, None));
}

#[test]
fn what_is_going_on_is_shown_at_a_terminal_only() {
    let stage = Stage::connected();
    let hold = stage
        .sandbox
        .hold(On::operation("GetCallerIdentity", 1), Moment::BeforeEffect);
    let mut terminal = Terminal::of(stage.command(&["aws", "verify", "--bucket", BUCKET]));
    terminal.shows("Signing in");
    hold.release();
    let (status, screen) = terminal.ends();
    assert_eq!(status, 0, "{screen}");
    assert!(cursor_is_shown(&screen), "{screen:?}");

    let hold = stage
        .sandbox
        .hold(On::operation("GetCallerIdentity", 1), Moment::BeforeEffect);
    let running = stage.start(&["aws", "verify", "--bucket", BUCKET]);
    assert!(hold.wait(PATIENCE), "the request never came");
    hold.release();
    let told = running.end().exits(0).without_complaint();
    assert!(!told.stdout.contains('\u{1b}'), "{:?}", told.stdout);
}

#[test]
fn quiet_shows_what_is_wrong_alone() {
    let stage = Stage::connected();
    let (status, screen) =
        Terminal::of(stage.command(&["aws", "verify", "--bucket", BUCKET, "-q"])).ends();
    assert_eq!(status, 0);
    assert!(
        !screen.contains("Signing in") && !screen.contains("aws.target"),
        "{screen}"
    );
    stage.bucket(|bucket| bucket.cors = None);
    let told = stage
        .run(&["aws", "verify", "--bucket", BUCKET, "-q"])
        .exits(4);
    assert!(!told.stdout.contains("aws.target"), "{}", told.stdout);
    told.says("aws.cors.preflight");
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    for (flags, variable, coloured) in [
        (&[][..], None, true),
        (&["--color", "never"], None, false),
        (&[], Some(("NO_COLOR", "1")), false),
        (&[], Some(("TERM", "dumb")), false),
        (&[], Some(("SEGMENTS_CONNECT_COLOR", "never")), false),
        (&["--color", "always"], Some(("NO_COLOR", "1")), true),
    ] {
        let stage = Stage::fresh();
        let mut arguments = vec!["aws", "plan", "--bucket", BUCKET];
        arguments.extend(flags);
        let mut terminal = stage.command(&arguments);
        terminal.env("TERM", "xterm-256color");
        terminal.envs(variable);
        terminal.stdin(std::process::Stdio::inherit());
        let mut session = Session::spawn(terminal).expect("a terminal");
        session.set_expect_timeout(Some(PATIENCE));
        let screen = session.expect(Eof).expect("the end");
        let screen = String::from_utf8_lossy(screen.as_bytes()).into_owned();
        assert!(
            screen.contains("bucket policy"),
            "{flags:?} {variable:?}: {screen}"
        );
        assert_eq!(
            is_coloured(&screen),
            coloured,
            "{flags:?} {variable:?}: {screen:?}"
        );
    }
    for (flag, coloured) in [("auto", false), ("never", false), ("always", true)] {
        let stage = Stage::fresh();
        let told = stage
            .run(&["aws", "plan", "--bucket", BUCKET, "--color", flag])
            .exits(0);
        assert_eq!(
            is_coloured(&told.stdout),
            coloured,
            "{flag}: {:?}",
            told.stdout
        );
        let (told, _) = stage.run_json(&["aws", "plan", "--bucket", BUCKET, "--color", flag]);
        assert!(!told.stdout.contains('\u{1b}'), "{flag}: {:?}", told.stdout);
    }
    let home = tempfile::tempdir().expect("a temporary directory");
    for flag in ["auto", "always"] {
        let told = ran(&mut program(
            home.path(),
            &["explain", "A39", "--color", flag],
        ))
        .exits(0);
        assert_eq!(
            is_coloured(&told.stdout),
            flag == "always",
            "{:?}",
            told.stdout
        );
    }
}

/// What a cloud may hold to draw on somebody's screen: escapes, C1 controls, and what turns text around.
const HOSTILE: &str = "x\u{1b}[31m\u{9b}2J\u{7}\u{7f}\u{202e}gpj\u{2066}\u{200b}y";

fn assert_harmless(what: &str, text: &str) {
    let acts = |letter: &char| {
        (letter.is_control() && *letter != '\n')
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let found: Vec<char> = text.chars().filter(acts).collect();
    assert!(found.is_empty(), "{what} shows {found:?}:\n{text:?}");
}

#[test]
fn what_a_cloud_returns_cannot_draw_on_the_screen() {
    let stage = Stage::connected();
    let deny = json!({
        "Sid": HOSTILE, "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{BUCKET}/{HOSTILE}/*"),
    });
    let also = with(
        published(),
        &json!({ "Sid": HOSTILE, "Action": ["s3:GetObject", "s3:GetObjectTagging"] }),
    );
    let rule = CorsRule {
        // XML cannot carry the first 32 control characters.
        id: Some("x\u{9b}31m\u{85}\u{202e}gpj\u{2066}\u{200b}y".to_owned()),
        ..cors_rule("https://*.segments.ai/", &["GET"], &["*"])
    };
    stage.store_policy(&policy(&[deny, also]));
    stage.bucket(|bucket| {
        bucket.cors = Some(vec![rule]);
        bucket.objects.clear();
        bucket.add_object(&format!("photos/{HOSTILE}.jpg"), "a photo");
    });
    let key = format!("gone/{HOSTILE}");
    let before = stage.policy();
    for arguments in [
        &["aws", "plan", "--bucket", BUCKET][..],
        &["aws", "plan", "--bucket", BUCKET, "-v"],
        &["aws", "verify", "--bucket", BUCKET],
        &["aws", "verify", "--bucket", BUCKET, "-q"],
        &["aws", "verify", "--bucket", BUCKET, "-v", "--object", &key],
        &["aws", "connect", "--bucket", BUCKET, "--yes", "--wait", "0"],
        &["aws", "disconnect", "--bucket", BUCKET, "--yes"],
        &["aws", "plan", "--bucket", HOSTILE],
        &["aws", "plan", "--bucket", BUCKET, "--region", HOSTILE],
        &["aws", "plan", "--bucket", BUCKET, "--wait", HOSTILE],
        &["aws", "render", "--bucket", BUCKET, "--document", HOSTILE],
        &["explain", HOSTILE],
    ] {
        let told = stage.run(arguments);
        assert!(
            !told.stdout.is_empty() || !told.stderr.is_empty(),
            "{arguments:?}"
        );
        assert_harmless(&format!("{arguments:?}"), &told.stdout);
        assert_harmless(&format!("{arguments:?}"), &told.stderr);
        let (told, _) = stage.run_json(arguments);
        assert_harmless(&format!("{arguments:?} --json"), &told.stdout);
    }
    assert_eq!(stage.policy(), before, "and it is stored as it was");
}

#[test]
fn scripts_get_the_very_characters() {
    let stage = Stage::connected();
    let named = with(
        published(),
        &json!({ "Sid": HOSTILE, "Principal": { "AWS": "444455556666" } }),
    );
    stage.store_policy(&policy(&[named, published()]));
    let (ran, document) = stage.run_json(&["aws", "plan", "--bucket", BUCKET]);
    ran.exits(0);
    assert_eq!(
        document["changes"][0]["before"]["Statement"][0]["Sid"],
        HOSTILE
    );
}

#[test]
fn hostile_names_are_shown_where_they_explain_something() {
    let stage = Stage::connected();
    let deny = json!({
        "Sid": HOSTILE, "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-images/*",
    });
    stage.store_policy(&policy(&[published(), deny]));
    let told = stage.run(&["aws", "verify", "--bucket", BUCKET]).exits(4);
    told.says("x\\x1b[31m").says("\\u{202e}gpj");
}

#[test]
fn what_is_said_is_as_wide_as_the_terminal_and_commands_are_whole() {
    let stage = Stage::fresh();
    // This terminal is 80 columns wide.
    let verify = stage.command(&["aws", "verify", "--bucket", BUCKET]);
    let (status, screen) = Terminal::of(verify).ends();
    assert_eq!(status, 4, "{screen}");
    let plain = without_escapes(&screen);
    // A carriage return begins a line anew, and a spinner is written over.
    let lines: Vec<&str> = plain
        .lines()
        .filter_map(|line| line.trim_end().rsplit('\r').next())
        .collect();
    for line in &lines {
        let copied = line.contains("segments-connect ") || line.contains("http");
        assert!(copied || line.chars().count() <= 80, "{line:?}");
    }
    let command = format!("fix: segments-connect aws connect --bucket {BUCKET}");
    assert!(lines.iter().any(|line| line.trim() == command), "{plain}");
    assert!(lines.iter().any(|line| line.trim() == "fix: as above"));
    let hangs = |line: &&str| line.starts_with(&" ".repeat(11)) && !line.contains("fix:");
    assert!(lines.iter().any(hangs), "{plain}");
    // Off a terminal every finding is one line, to be searched for.
    let piped = stage.run(&["aws", "verify", "--bucket", BUCKET]).exits(4);
    let link = piped
        .stdout
        .lines()
        .find(|line| line.contains("aws.object.link"));
    assert!(
        link.is_some_and(|line| line.ends_with("from the page")),
        "{}",
        piped.stdout
    );
}
