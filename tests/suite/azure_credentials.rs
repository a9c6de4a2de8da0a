//! The chain of credentials: which link is used, how often a tool is run, and what is said where none gives a token.
//!
//! The tools are scripts that note each call and print a token of the local cloud, as `az` and `azd` print theirs.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use segments_connect::sandbox::azure::{
    ACCOUNT, BOTH, FederatedCredential, PIPELINE, PIPELINE_APP_ID, PIPELINE_SECRET,
    SEGMENTS_TENANT, TENANT,
};
use serde_json::{Value, json};

use crate::support::azure::{AzureStage, connected};
use crate::support::{Ran, program, ran};

const VERIFY: [&str; 5] = ["azure", "verify", "--storage-account", ACCOUNT, "--json"];
const CONNECT: [&str; 8] = [
    "azure",
    "connect",
    "--storage-account",
    ACCOUNT,
    "--yes",
    "--wait",
    "0",
    "--json",
];
const SERVICES: [(&str, &str); 3] = [
    ("management", "https://management.azure.com"),
    ("graph", "https://graph.microsoft.com"),
    ("storage", "https://storage.azure.com"),
];

/// A directory that holds the tools, and what they note.
struct Tools<'a> {
    stage: &'a AzureStage,
    directory: tempfile::TempDir,
}

impl<'a> Tools<'a> {
    fn new(stage: &'a AzureStage) -> Self {
        Self {
            stage,
            directory: tempfile::tempdir().expect("a directory"),
        }
    }

    /// Puts a script on the path.
    fn put(&self, name: &str, body: &str) {
        let calls = self.calls_of(name);
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >> '{}'\n{body}\n",
            calls.display()
        );
        let file = self.directory.path().join(name);
        fs::write(&file, script).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).expect("a mode");
    }

    /// A tool that is signed in as somebody, and prints what `form` makes of a token.
    fn signed_in(&self, name: &str, who: &str, form: impl Fn(&str) -> Value) {
        use std::fmt::Write as _;
        let mut cases = String::new();
        for (word, resource) in SERVICES {
            let token = self.stage.world(|world| world.token(who, resource));
            let _ = writeln!(cases, "*{word}*) printf '%s' '{}' ;;", form(&token));
        }
        self.put(
            name,
            &format!("case \"$*\" in\n{cases}*) echo \"what for?\" >&2; exit 1 ;;\nesac"),
        );
    }

    fn az(&self, who: &str) {
        self.signed_in("az", who, |token| {
            json!({
                "accessToken": token, "expiresOn": "2038-01-01 00:00:00.000000", "expires_on": 2_145_916_800_u32,
                "subscription": "s", "tenant": TENANT, "tokenType": "Bearer",
            })
        });
    }

    fn azd(&self, who: &str) {
        self.signed_in(
            "azd",
            who,
            |token| json!({ "token": token, "expiresOn": "2038-01-01T00:00:00Z" }),
        );
    }

    fn calls_of(&self, name: &str) -> PathBuf {
        self.directory.path().join(format!("{name}.calls"))
    }

    fn calls(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.calls_of(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The program with these tools alone on the path, and no other credentials.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(self.stage.home(), arguments);
        let endpoint = self.stage.sandbox.endpoint();
        command
            .env("PATH", self.directory.path())
            .env("SEGMENTS_CONNECT_AZURE_ARM_ENDPOINT", &endpoint)
            .env("SEGMENTS_CONNECT_AZURE_GRAPH_ENDPOINT", &endpoint);
        command
    }

    fn run(&self, arguments: &[&str]) -> (Ran, Value) {
        let ran = ran(&mut self.command(arguments));
        let document = ran.document();
        (ran, document)
    }
}

#[track_caller]
fn says_all(text: &str, wanted: &[&str]) {
    for said in wanted {
        assert!(text.contains(said), "no `{said}` in {text}");
    }
}

#[test]
fn the_azure_cli_is_run_once_for_each_service() {
    let stage = AzureStage::fresh();
    let tools = Tools::new(&stage);
    tools.az(BOTH);
    let (ran, document) = tools.run(&CONNECT);
    ran.exits(0);
    stage.is_connected(&[]);
    let mut calls = tools.calls("az");
    calls.sort_unstable();
    assert_eq!(calls.len(), 3, "{calls:#?}");
    for (call, service) in calls.iter().zip([
        "graph.microsoft.com",
        "management.azure.com",
        "storage.azure.com",
    ]) {
        assert!(
            call.starts_with("account get-access-token") && call.contains(service),
            "{calls:#?}"
        );
    }
    let identity = crate::support::check(&document, "azure.identity");
    assert!(
        identity["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("signed in with the Azure CLI")),
        "{identity}"
    );
    assert_eq!(identity["evidence"]["tenant"], TENANT);
}

#[test]
fn the_tenant_is_handed_to_the_azure_cli() {
    let stage = AzureStage::connected();
    let tools = Tools::new(&stage);
    tools.az(BOTH);
    let (ran, document) = tools.run(&[&VERIFY[..], &["--tenant", TENANT]].concat());
    ran.exits(0);
    for call in tools.calls("az") {
        assert!(call.contains(&format!("--tenant {TENANT}")), "{call}");
    }
    assert!(!document["next_steps"].to_string().is_empty());
}

#[test]
fn the_developer_cli_is_asked_where_the_azure_cli_is_not_there() {
    let stage = AzureStage::connected();
    let tools = Tools::new(&stage);
    tools.azd(BOTH);
    let (ran, document) = tools.run(&VERIFY);
    ran.exits(0);
    let calls = tools.calls("azd");
    assert_eq!(calls.len(), 3, "{calls:#?}");
    let identity = crate::support::check(&document, "azure.identity").to_string();
    assert!(identity.contains("the Azure Developer CLI"), "{identity}");
}

#[test]
fn the_azure_cli_comes_first_and_the_other_is_not_run() {
    let stage = AzureStage::connected();
    let tools = Tools::new(&stage);
    tools.az(BOTH);
    tools.azd(PIPELINE);
    let (ran, _) = tools.run(&VERIFY);
    ran.exits(0);
    assert_eq!(tools.calls("azd"), [""; 0]);
}

#[test]
fn without_any_tool_the_ways_to_sign_in_are_told() {
    let stage = AzureStage::connected();
    let tools = Tools::new(&stage);
    let (ran, document) = tools.run(&VERIFY);
    ran.exits(8);
    assert_eq!(document["error"]["code"], "not-signed-in");
    says_all(
        &document["error"].to_string(),
        &[
            "the Azure CLI: ",
            "the Azure Developer CLI: ",
            "not found on PATH",
            "az login",
            "AZURE_CLIENT_SECRET",
        ],
    );
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn a_tool_that_is_signed_out_or_expired_is_told_as_such() {
    for (words, code, said) in [
        (
            "ERROR: Please run 'az login' to setup account.",
            "not-signed-in",
            "az login",
        ),
        (
            "ERROR: AADSTS700082: The refresh token has expired due to inactivity.",
            "credentials-expired",
            "AADSTS700082",
        ),
        (
            "ERROR: AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication.",
            "not-signed-in",
            "AADSTS50076",
        ),
    ] {
        let stage = AzureStage::connected();
        let tools = Tools::new(&stage);
        tools.put("az", &format!("echo \"{words}\" >&2\nexit 1"));
        let (ran, document) = tools.run(&VERIFY);
        ran.exits(8);
        assert_eq!(document["error"]["code"], code, "{words}: {document:#}");
        says_all(&document["error"].to_string(), &[said, "az login"]);
        let calls = tools.calls("az");
        assert!(
            calls.len() <= SERVICES.len(),
            "asked again and again: {calls:#?}"
        );
    }
}

#[test]
fn a_token_for_another_tenant_is_the_wrong_tenant() {
    let stage = AzureStage::connected();
    let tools = Tools::new(&stage);
    // The Azure CLI is signed in as somebody of another tenant.
    stage.world(|world| {
        world
            .users
            .push(segments_connect::sandbox::azure::User::member(
                "0b1ec700-0000-4000-8000-00000000cafe",
                SEGMENTS_TENANT,
                "Kim",
                "kim@segments.example",
            ));
    });
    tools.az("0b1ec700-0000-4000-8000-00000000cafe");
    let subscription = segments_connect::sandbox::azure::SUBSCRIPTION;
    let (ran, document) = tools.run(&[&VERIFY[..], &["--subscription", subscription]].concat());
    ran.exits(8);
    assert_eq!(document["error"]["code"], "wrong-account", "{document:#}");
    says_all(&document["error"].to_string(), &["Z26", "--tenant", TENANT]);
}

/// The variables of a client secret, with the sign-in behind the sandbox's own socket.
fn secret(command: &mut Command, stage: &AzureStage, secret: &str) {
    command.envs([
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_CLIENT_ID", PIPELINE_APP_ID),
        ("AZURE_CLIENT_SECRET", secret),
    ]);
    authority(command, stage);
}

/// An authority has to be https. That of a rehearsal is sent to the socket of its Azure Resource Manager all the same.
fn authority(command: &mut Command, stage: &AzureStage) {
    command.env(
        "AZURE_AUTHORITY_HOST",
        format!("https://{}", stage.sandbox.address()),
    );
}

#[test]
fn a_client_secret_in_the_environment_is_used_before_any_tool() {
    let stage = AzureStage::connected();
    let tools = Tools::new(&stage);
    tools.az(BOTH);
    let app = stage.app().expect("the app");
    let mut command = tools.command(&[&VERIFY[..], &["--service-principal-id", &app]].concat());
    secret(&mut command, &stage, PIPELINE_SECRET);
    let ran = ran(&mut command);
    assert!(matches!(ran.status, Some(0 | 6)), "{}", ran.stdout);
    let document = ran.document();
    let identity = crate::support::check(&document, "azure.identity").to_string();
    says_all(
        &identity,
        &[
            "the client secret in the environment",
            &format!("the application {PIPELINE_APP_ID}"),
        ],
    );
    assert_eq!(tools.calls("az"), [""; 0]);
    let log = stage.sandbox.log();
    let tokens = log.iter().filter(|one| one.service == "entra").count();
    assert!((1..=3).contains(&tokens), "{tokens} tokens");
}

#[test]
fn a_wrong_client_secret_is_refused_and_no_tool_is_asked_instead() {
    let stage = AzureStage::connected();
    let tools = Tools::new(&stage);
    tools.az(BOTH);
    let mut command = tools.command(&VERIFY);
    secret(&mut command, &stage, "wrong-secret-of-nobody");
    let ran = ran(&mut command).exits(8);
    let document = ran.document();
    assert_eq!(document["error"]["code"], "not-signed-in", "{document:#}");
    says_all(
        &document["error"].to_string(),
        &["AADSTS7000215", "AZURE_CLIENT_SECRET"],
    );
    assert!(!ran.stdout.contains("wrong-secret-of-nobody"));
    assert_eq!(tools.calls("az"), [""; 0]);
}

#[test]
fn a_federated_token_is_exchanged() {
    use base64::Engine as _;
    let part =
        |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let mut world = connected();
    for application in &mut world.applications {
        if application.app_id == PIPELINE_APP_ID {
            application.federated.push(FederatedCredential {
                issuer: "https://issuer.acme.example".to_owned(),
                subject: "repo:acme/pipeline".to_owned(),
            });
        }
    }
    let stage = AzureStage::with(world);
    let tools = Tools::new(&stage);
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let claims = json!({
        "iss": "https://issuer.acme.example", "sub": "repo:acme/pipeline",
        "aud": "api://AzureADTokenExchange", "exp": now + 600, "iat": now, "nbf": now,
    });
    let token = format!(
        "{}.{}.c2ln",
        part(&json!({ "alg": "RS256" })),
        part(&claims)
    );
    let file = stage.home().join("token");
    fs::write(&file, &token).expect("a file");
    let app = stage.app().expect("the app");
    let mut command = tools.command(&[&VERIFY[..], &["--service-principal-id", &app]].concat());
    command
        .env("AZURE_TENANT_ID", TENANT)
        .env("AZURE_CLIENT_ID", PIPELINE_APP_ID)
        .env("AZURE_FEDERATED_TOKEN_FILE", &file);
    authority(&mut command, &stage);
    let ran = ran(&mut command);
    assert!(
        matches!(ran.status, Some(0 | 6)),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    let identity = crate::support::check(&ran.document(), "azure.identity").to_string();
    says_all(&identity, &["the federated token in the environment"]);
}

#[test]
fn half_a_credential_is_a_usage_error_that_names_the_other_half() {
    let stage = AzureStage::connected();
    let tools = Tools::new(&stage);
    tools.az(BOTH);
    for (set, absent) in [
        (
            vec![("AZURE_CLIENT_SECRET", "s"), ("AZURE_CLIENT_ID", "c")],
            "AZURE_TENANT_ID",
        ),
        (
            vec![("AZURE_CLIENT_SECRET", "s"), ("AZURE_TENANT_ID", TENANT)],
            "AZURE_CLIENT_ID",
        ),
        (
            vec![
                ("AZURE_FEDERATED_TOKEN_FILE", "/nowhere"),
                ("AZURE_CLIENT_ID", "c"),
            ],
            "AZURE_TENANT_ID",
        ),
    ] {
        let mut command = tools.command(&VERIFY);
        command.envs(set);
        let document = ran(&mut command).exits(2).document();
        assert_eq!(document["error"]["code"], "usage");
        says_all(&document["error"].to_string(), &[absent]);
    }
    assert_eq!(tools.calls("az"), [""; 0]);
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn a_certificate_is_refused_with_the_way_round() {
    let stage = AzureStage::connected();
    let tools = Tools::new(&stage);
    tools.az(BOTH);
    let mut command = tools.command(&VERIFY);
    command.env("AZURE_CLIENT_CERTIFICATE_PATH", "/etc/ours.pem");
    let document = ran(&mut command).exits(1).document();
    assert_eq!(document["error"]["code"], "unsupported");
    says_all(
        &document["error"].to_string(),
        &["certificate", "az login --service-principal --certificate"],
    );
    assert_eq!(tools.calls("az"), [""; 0]);
}

#[test]
fn help_and_render_ask_no_tool() {
    let stage = AzureStage::connected();
    let tools = Tools::new(&stage);
    tools.az(BOTH);
    for arguments in [
        &["azure", "--help"][..],
        &["azure", "render", "--storage-account", ACCOUNT],
        &["azure", "connect", "--storage-account", ACCOUNT],
    ] {
        let _ = ran(&mut tools.command(arguments));
    }
    assert_eq!(tools.calls("az"), [""; 0]);
}
