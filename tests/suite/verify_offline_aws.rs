//! `aws verify` on documents that were handed in: no network, no credentials.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{BUCKET, PHOTO, Ran, check, checks, policy, program, published, ran, with};

/// A directory with files in it, and nothing else: every way out leads nowhere.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn file(&self, name: &str, text: impl std::fmt::Display) -> String {
        let path: PathBuf = self.0.path().join(name);
        std::fs::write(&path, text.to_string()).expect("a file is written");
        path.display().to_string()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(
            self.0.path(),
            &[&["aws", "verify", "--bucket", BUCKET], arguments].concat(),
        );
        // Whoever asks the network all the same hangs or fails: nothing listens on the port of this proxy.
        command
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .env("HTTP_PROXY", "http://127.0.0.1:9")
            .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments))
    }

    fn run_json(&self, arguments: &[&str], status: i32) -> Value {
        self.run(&[arguments, &["--json"]].concat())
            .exits(status)
            .without_complaint()
            .document()
    }
}

fn rules() -> Value {
    json!({ "CORSRules": [
        { "AllowedMethods": ["GET"], "AllowedOrigins": ["https://*.segments.ai"], "AllowedHeaders": ["*"] }
    ] })
}

#[test]
fn good_documents_pass_and_no_more_is_said_than_was_seen() {
    let desk = Desk::new();
    let printed = json!({ "Policy": policy(&[published()]).to_string() });
    let arguments = [
        "--policy",
        &desk.file("policy.json", printed),
        "--cors",
        &desk.file("cors.json", rules()),
        "--object",
        PHOTO,
    ];
    let document = desk.run_json(&arguments, 0);
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["proof"], "evaluated");
    for id in [
        "aws.access.configured",
        "aws.policy.evaluated",
        "aws.access.evaluated",
        "aws.cors.configured",
    ] {
        assert_eq!(check(&document, id)["status"], "pass", "{id}");
    }
    for id in ["aws.access.configured", "aws.cors.configured"] {
        assert_eq!(check(&document, id)["level"], "rendered", "{id}");
    }
    for id in [
        "aws.identity",
        "aws.target",
        "aws.cors.preflight",
        "aws.object.read",
        "aws.segments.read",
    ] {
        assert!(checks(&document, id).is_empty(), "{id}");
    }
    let left = document["not_checked"].to_string();
    for what in [
        "what S3 answers to a browser",
        "who you are",
        "Segments.ai's own permission",
    ] {
        assert!(left.contains(what), "{left}");
    }
    let said = desk.run(&arguments).exits(0).without_complaint().stdout;
    for claim in ["read back", "(observed)", "You can read"] {
        assert!(!said.contains(claim), "it claims `{claim}`:\n{said}");
    }
    assert!(said.contains("Only documents were looked at"), "{said}");
}

#[test]
fn a_denial_in_the_policy_is_found_offline() {
    let desk = Desk::new();
    let denial = with(
        published(),
        &json!({ "Sid": "Lock", "Effect": "Deny", "Principal": "*" }),
    );
    let file = desk.file("policy.json", policy(&[published(), denial]));
    let document = desk.run_json(&["--policy", &file], 4);
    let found = check(&document, "aws.policy.evaluated");
    assert_eq!(
        (&found["status"], &found["cause"]),
        (&json!("fail"), &json!("A49"))
    );
    assert!(document["not_checked"].to_string().contains("--cors FILE"));
}

#[test]
fn cors_rules_alone_decide_and_the_policy_is_named_as_not_handed_in() {
    let desk = Desk::new();
    let xml = "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod>\
               <AllowedOrigin>https://app.example</AllowedOrigin></CORSRule></CORSConfiguration>";
    let document = desk.run_json(&["--cors", &desk.file("cors.xml", xml)], 4);
    assert_eq!(check(&document, "aws.cors.configured")["cause"], "A39");
    assert!(checks(&document, "aws.policy.evaluated").is_empty());
    assert!(
        document["not_checked"]
            .to_string()
            .contains("--policy FILE")
    );

    let document = desk.run_json(&["--cors", &desk.file("cors.json", rules())], 0);
    assert_eq!(document["proof"], "rendered");
}

#[test]
fn what_cannot_be_known_from_a_document_is_not_told_as_known() {
    let desk = Desk::new();
    let public = with(published(), &json!({ "Sid": "All", "Principal": "*" }));
    let file = desk.file("policy.json", policy(&[published(), public]));
    let document = desk.run_json(&["--policy", &file], 6);
    assert_eq!(
        check(&document, "aws.access.evaluated")["status"],
        "unknown"
    );
    assert_eq!(document["verdict"], "undetermined");
}

#[test]
fn a_file_that_is_something_else_is_refused_with_its_name_and_place() {
    let desk = Desk::new();
    for (flag, text, said) in [
        ("--policy", "{\n \"Statement\": [,]}", "line 2, column"),
        ("--policy", "{\"CORSRules\": []}", "no member `Statement`"),
        ("--policy", "", "it is empty"),
        ("--cors", "<Error/>", "`Error`"),
        (
            "--cors",
            "{\"Statement\": []}",
            "not a list of S3 CORS rules",
        ),
    ] {
        let file = desk.file("mailed-in", text);
        let ran = desk
            .run(&[flag, &file])
            .exits(2)
            .complains("mailed-in")
            .complains(said);
        assert_eq!(ran.stdout, "");
        let document = desk.run(&[flag, &file, "--json"]).exits(2).document();
        assert_eq!(document["error"]["code"], "usage");
    }
    desk.run(&["--policy", "no-such-file"])
        .exits(1)
        .complains("could not read `no-such-file`");
}

#[test]
fn flags_that_exclude_each_other_are_refused() {
    let desk = Desk::new();
    let file = desk.file("policy.json", policy(&[published()]));
    desk.run(&["--policy", &file, "--as", "segments"]).exits(2);
    desk.run(&["--account", "111122223333"]).exits(2);
    desk.run(&["--as", "segments", "--account", "12"])
        .exits(2)
        .complains("twelve digits");
}
