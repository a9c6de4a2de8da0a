//! What stops a run before it can do anything: credentials, the network, the target, and the command line itself.

use std::net::TcpListener;
use std::process::Command;

use segments_connect::error::ErrorCode;
use segments_connect::sandbox::aws::ANA_KEY;
use segments_connect::sandbox::{Fault, FaultKind, On};
use serde_json::Value;

use crate::support::{BUCKET, PHOTO, Ran, Stage, program, ran};

/// A run that cannot succeed.
struct Case {
    name: &'static str,
    /// What goes wrong in the cloud.
    cloud: fn(&Stage),
    /// What is wrong on this machine.
    machine: fn(&Stage, &mut Command),
    flags: &'static [&'static str],
    status: i32,
    code: ErrorCode,
    /// What is said about it.
    says: &'static str,
}

impl Case {
    fn new(name: &'static str, status: i32, code: ErrorCode, says: &'static str) -> Self {
        Self {
            name,
            cloud: |_| {},
            machine: |_, _| {},
            flags: &[],
            status,
            code,
            says,
        }
    }
}

/// Runs each action that needs the cloud, as people do and as scripts do.
fn stops(case: &Case) {
    let stage = Stage::fresh();
    (case.cloud)(&stage);
    for action in ["connect", "plan", "verify", "disconnect"] {
        for json in [false, true] {
            let mut arguments = vec!["aws", action, "--bucket", BUCKET, "--object", PHOTO];
            arguments.extend(
                ["connect", "disconnect"]
                    .contains(&action)
                    .then_some("--yes"),
            );
            arguments.extend(json.then_some("--json"));
            arguments.extend(case.flags);
            let mut command = stage.command(&arguments);
            (case.machine)(&stage, &mut command);
            stopped(
                &format!("{} {action}", case.name),
                &ran(&mut command),
                json,
                case,
            );
        }
        // One action is enough to see that giving up takes its time.
        if !case.flags.is_empty() || case.code == ErrorCode::NoNetwork {
            break;
        }
    }
    assert_eq!(
        (stage.policy(), stage.cors()),
        (None, None),
        "{}",
        case.name
    );
    assert!(
        !stage.backups().exists(),
        "{}: nothing was about to be written",
        case.name
    );
}

fn stopped(name: &str, ran: &Ran, json: bool, case: &Case) {
    let both = format!("stdout:\n{}\nstderr:\n{}", ran.stdout, ran.stderr);
    assert_eq!(ran.status, Some(case.status), "{name}: {both}");
    if json {
        assert_eq!(ran.stderr, "", "{name}");
        let document: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{name}: {error}: {both}"));
        assert_eq!(
            document["error"]["code"],
            case.code.as_str(),
            "{name}: {both}"
        );
        assert!(
            document["error"]["message"]
                .as_str()
                .is_some_and(|message| message.contains(case.says)),
            "{name}: {both}"
        );
        assert!(
            document["error"]["hints"]
                .as_array()
                .is_some_and(|hints| !hints.is_empty()),
            "{name}: {both}"
        );
    } else {
        assert_eq!(ran.stdout, "", "{name}");
        assert!(ran.stderr.starts_with("error: "), "{name}: {both}");
        assert!(ran.stderr.contains(case.says), "{name}: {both}");
        assert!(ran.stderr.contains("\nhint: "), "{name}: {both}");
    }
}

#[test]
fn without_credentials_nobody_is_signed_in() {
    stops(&Case {
        machine: |_, command| {
            command
                .env_remove("AWS_ACCESS_KEY_ID")
                .env_remove("AWS_SECRET_ACCESS_KEY");
        },
        ..Case::new(
            "no credentials",
            8,
            ErrorCode::NotSignedIn,
            "could not find out who you are",
        )
    });
}

#[test]
fn credentials_that_aws_does_not_know_sign_nobody_in() {
    stops(&Case {
        machine: |_, command| {
            command.env("AWS_SECRET_ACCESS_KEY", "wrong");
        },
        ..Case::new(
            "a wrong secret",
            8,
            ErrorCode::NotSignedIn,
            "SignatureDoesNotMatch",
        )
    });
    stops(&Case {
        machine: |_, command| {
            command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7NOBODY1");
        },
        ..Case::new(
            "an unknown key",
            8,
            ErrorCode::NotSignedIn,
            "could not find out who you are",
        )
    });
}

#[test]
fn a_session_that_has_expired_is_told_as_such() {
    stops(&Case {
        cloud: |stage| {
            stage.sandbox.with_state(|state| {
                let ana = state.aws.principal_mut(ANA_KEY).expect("the administrator");
                ana.session_token = Some("a-token-of-this-morning".to_owned());
                ana.expired = true;
            });
        },
        ..Case::new("expired", 8, ErrorCode::CredentialsExpired, "ExpiredToken")
    });
}

#[test]
fn a_clock_that_is_wrong_is_told_as_such() {
    for hours in [-2, 2] {
        let stage = Stage::fresh();
        stage
            .sandbox
            .with_state(|state| state.aws.clock_offset = time::Duration::hours(hours));
        let (ran, document) = stage.run_json(&["aws", "verify", "--bucket", BUCKET]);
        ran.exits(1).without_complaint();
        assert_eq!(
            document["error"]["code"], "clock-skew",
            "{hours}: {document:#}"
        );
        stage
            .run(&["aws", "verify", "--bucket", BUCKET])
            .exits(1)
            .complains("hint: set this machine's clock");
    }
}

#[test]
fn a_bucket_that_does_not_exist_is_not_found() {
    let stage = Stage::fresh();
    for action in ["connect", "plan", "verify", "disconnect"] {
        let arguments = ["aws", action, "--bucket", "acme-videos", "--yes"];
        stage
            .run(&arguments)
            .exits(1)
            .complains("error: could not find the bucket `acme-videos`")
            .complains("hint: ");
        let (ran, document) = stage.run_json(&arguments);
        ran.exits(1).without_complaint();
        assert_eq!(document["error"]["code"], "target-not-found", "{action}");
    }
    assert_eq!(stage.writes(), [""; 0]);
}

fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

#[test]
fn a_service_that_cannot_be_reached_is_no_network() {
    stops(&Case {
        machine: |_, command| {
            command.env(
                "AWS_ENDPOINT_URL",
                format!("http://127.0.0.1:{}", closed_port()),
            );
        },
        ..Case::new("closed port", 1, ErrorCode::NoNetwork, "could not")
    });
}

#[test]
fn a_proxy_that_does_not_answer_is_named() {
    stops(&Case {
        machine: |_, command| {
            command
                .env("AWS_ENDPOINT_URL", "https://aws.invalid")
                .env("HTTPS_PROXY", format!("http://127.0.0.1:{}", closed_port()));
        },
        flags: &["--timeout", "5s"],
        ..Case::new("dead proxy", 1, ErrorCode::Proxy, "could not")
    });
}

#[test]
fn an_endpoint_that_is_not_secure_is_named() {
    stops(&Case {
        machine: |stage, command| {
            command.env(
                "AWS_ENDPOINT_URL",
                stage.sandbox.endpoint().replace("http:", "https:"),
            );
        },
        flags: &["--timeout", "5s"],
        ..Case::new("plain http behind https", 1, ErrorCode::Tls, "could not")
    });
}

#[test]
fn a_service_that_never_answers_runs_out_of_time() {
    stops(&Case {
        cloud: |stage| {
            let stall = Fault {
                times: usize::MAX,
                ..Fault::before(On::Request(1), FaultKind::Stall)
            };
            stage.sandbox.inject(stall);
        },
        flags: &["--timeout", "300ms"],
        ..Case::new("stall", 1, ErrorCode::Timeout, "no answer came in time")
    });
}

#[test]
fn an_answer_that_makes_no_sense_is_told_as_such() {
    stops(&Case {
        cloud: |stage| {
            let garbage = Fault {
                times: usize::MAX,
                ..Fault::before(On::operation("GetCallerIdentity", 1), FaultKind::Garbage)
            };
            stage.sandbox.inject(garbage);
        },
        ..Case::new(
            "garbage",
            1,
            ErrorCode::UnexpectedAnswer,
            "could not find out who you are",
        )
    });
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    for endpoint in [
        "http://10.0.0.1:9",
        "http://localhost.example:9",
        "http://127.0.0.1.example:9",
    ] {
        let stage = Stage::fresh();
        let mut command = stage.command(&["aws", "plan", "--bucket", BUCKET, "--json"]);
        let told = ran(command.env("AWS_ENDPOINT_URL", endpoint))
            .exits(2)
            .without_complaint();
        let document: Value = serde_json::from_str(&told.stdout).expect("one JSON document");
        assert_eq!(document["error"]["code"], "usage", "{endpoint}");
        let mut command = stage.command(&["aws", "plan", "--bucket", BUCKET]);
        ran(command.env("AWS_ENDPOINT_URL", endpoint))
            .exits(2)
            .complains("plain http")
            .complains("hint: use an https");
        assert_eq!(stage.sandbox.log(), [], "{endpoint}");
    }
}

/// A command line that is refused before anything is sent.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &["aws", "plan", "--bucket", BUCKET, "--timeout", "0"],
        "--timeout",
    ),
    (
        &["aws", "plan", "--bucket", BUCKET, "--timeout", "0s"],
        "--timeout",
    ),
    (
        &["aws", "plan", "--bucket", BUCKET, "--timeout", "fast"],
        "--timeout",
    ),
    (
        &["aws", "plan", "--bucket", BUCKET, "--timeout", "30"],
        "--timeout",
    ),
    (
        &["aws", "plan", "--bucket", BUCKET, "--wait", "soon"],
        "--wait",
    ),
    (&["aws", "plan", "--bucket", "Acme_Images"], "Acme_Images"),
    (&["aws", "plan", "--bucket", "ab"], "too short"),
    (&["aws", "plan", "--bucket", ""], "empty"),
    (&["aws", "plan", "--bucket", "acme-images/photos"], "slash"),
    (
        &["aws", "plan", "--bucket", "arn:aws:s3:::acme-images"],
        "ARN",
    ),
    (
        &["aws", "plan", "--bucket", "acme--euw1-az1--x-s3"],
        "directory bucket",
    ),
    (
        &[
            "aws",
            "plan",
            "--bucket",
            "https://acme.s3.cn-north-1.amazonaws.com.cn/k",
        ],
        "partition",
    ),
    (
        &["aws", "plan", "--bucket", "https://example.com/acme"],
        "example.com",
    ),
    (&["aws", "render", "--bucket", "a\"b"], "characters"),
    (
        &["aws", "plan", "--bucket", BUCKET, "--region", "cn-north-1"],
        "cn-north-1",
    ),
    (
        &[
            "aws",
            "plan",
            "--bucket",
            BUCKET,
            "--region",
            "us-gov-west-1",
        ],
        "us-gov-west-1",
    ),
    (
        &["aws", "plan", "--bucket", BUCKET, "--region", "Ireland"],
        "Ireland",
    ),
    (
        &["aws", "verify", "--bucket", BUCKET, "--object", ""],
        "--object",
    ),
    (&["aws", "plan"], "--bucket"),
    (
        &["aws", "plan", "--bucket", BUCKET, "--color", "sometimes"],
        "sometimes",
    ),
    (&["aws", "plan", "--bucket", BUCKET, "-q", "-v"], "--quiet"),
    (&["aws", "plan", "--bucket"], "--bucket"),
    (
        &["aws", "verify", "--bucket", BUCKET, "--exit-code"],
        "--exit-code",
    ),
    (&["explain", "A999"], "A999"),
    (&["awz"], "awz"),
    (&["aws", "conect", "--bucket", BUCKET], "conect"),
    (&["aws", "--buckt", BUCKET], "--buckt"),
];

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_sent() {
    for (arguments, says) in REFUSED {
        let stage = Stage::fresh();
        let told = stage.run(arguments);
        assert_eq!(
            told.status,
            Some(2),
            "{arguments:?}: {}{}",
            told.stdout,
            told.stderr
        );
        assert_eq!(told.stdout, "", "{arguments:?}");
        assert!(
            told.stderr.starts_with("error: "),
            "{arguments:?}: {}",
            told.stderr
        );
        assert!(told.stderr.contains(says), "{arguments:?}: {}", told.stderr);

        let mut with_json = vec!["--json"];
        with_json.extend(*arguments);
        let told = stage.run(&with_json);
        assert_eq!(
            told.status,
            Some(2),
            "{arguments:?}: {}{}",
            told.stdout,
            told.stderr
        );
        let document: Value = serde_json::from_str(&told.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", told.stdout));
        assert_eq!(document["error"]["code"], "usage", "{arguments:?}");
        let hints = document["error"]["hints"]
            .as_array()
            .map(Vec::len)
            .unwrap_or_default();
        assert!(hints > 0, "{arguments:?}: {document:#}");
        assert_eq!(stage.sandbox.log(), [], "{arguments:?}");
    }
}

#[test]
fn a_slip_of_the_finger_is_answered_with_what_was_meant() {
    let home = tempfile::tempdir().expect("a temporary directory");
    for (arguments, meant) in [
        (&["awz"][..], "'aws'"),
        (&["aws", "conect", "--bucket", BUCKET], "'connect'"),
        (&["aws", "--buckt", BUCKET], "'--bucket'"),
    ] {
        let told = ran(&mut program(home.path(), arguments)).exits(2);
        assert!(
            told.stderr.contains(meant),
            "{arguments:?}: {}",
            told.stderr
        );
    }
}

#[test]
fn a_bad_value_from_the_environment_is_a_usage_error_too() {
    for (name, value) in [
        ("SEGMENTS_CONNECT_BUCKET", "Acme_Images"),
        ("SEGMENTS_CONNECT_TIMEOUT", "0"),
        ("SEGMENTS_CONNECT_WAIT", "soon"),
        ("SEGMENTS_CONNECT_COLOR", "sometimes"),
    ] {
        let stage = Stage::fresh();
        let mut command = stage.command(&["aws", "plan"]);
        command
            .env("SEGMENTS_CONNECT_BUCKET", BUCKET)
            .env(name, value);
        ran(&mut command).exits(2).complains(value);
        assert_eq!(stage.sandbox.log(), [], "{name}");
    }
}

#[test]
fn values_may_come_from_the_environment() {
    let stage = Stage::fresh();
    let mut command = stage.command(&["aws"]);
    command
        .env("SEGMENTS_CONNECT_BUCKET", BUCKET)
        .env("SEGMENTS_CONNECT_YES", "1")
        .env("SEGMENTS_CONNECT_JSON", "true")
        .env("SEGMENTS_CONNECT_OBJECT", PHOTO);
    let told = ran(&mut command).exits(0).without_complaint();
    let document: Value = serde_json::from_str(&told.stdout).expect("one JSON document");
    assert_eq!(document["verdict"], "pass");
    assert!(stage.policy().is_some());
}

#[test]
fn without_any_argument_the_help_is_shown() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let told = ran(&mut program(home.path(), &[])).exits(2);
    assert!(told.stderr.contains("Usage:"), "{}", told.stderr);
    for arguments in [
        &["--help"][..],
        &["aws", "--help"],
        &["aws", "verify", "-h"],
        &["--version"],
    ] {
        let told = ran(&mut program(home.path(), arguments))
            .exits(0)
            .without_complaint();
        assert!(
            told.stdout.contains("segments-connect"),
            "{arguments:?}: {}",
            told.stdout
        );
    }
}
