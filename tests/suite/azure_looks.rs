//! Looking at a storage account from elsewhere than its owner's place: at documents that were mailed in, and as Segments.ai.

use std::path::PathBuf;

use segments_connect::sandbox::azure::{
    ACCOUNT, CONTAINER, NetworkRules, PIPELINE_APP_ID, PIPELINE_SECRET, RESOURCE_GROUP,
    SEGMENTS_APP_ID, SEGMENTS_SECRET, SEGMENTS_TENANT, SUBSCRIPTION, SasPolicy, TENANT,
};
use serde_json::{Value, json};

use crate::support::azure::{AzureStage, BLOB, ORIGIN, scope, subscription};
use crate::support::{Ran, check, checks, program, ran};

const APP: &str = "5e65e275-0000-4000-8000-0000000000aa";
const GROUP: &str = "5e65e275-0000-4000-8000-0000000000bb";
const READER: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const CUSTOM: &str = "5e65e275-0000-4000-8000-0000000000cc";

/// Runs the program on documents, on a machine without a network, credentials or an environment.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("a file can be written");
        path
    }

    /// `azure verify` with each document under its flag.
    fn verify(&self, documents: &[(&str, &Value)], more: &[&str]) -> (Ran, Value) {
        let mut words: Vec<String> = ["azure", "verify", "--storage-account", ACCOUNT, "--json"]
            .iter()
            .chain(more)
            .map(|word| (*word).to_owned())
            .collect();
        for (flag, document) in documents {
            let file = self.file(&format!("{flag}.json"), &document.to_string());
            words.push(format!("--{flag}"));
            words.push(file.display().to_string());
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = program(self.0.path(), &words);
        // Whoever asked anything would be told so.
        command.env("PATH", self.0.path());
        for service in ["ARM", "GRAPH"] {
            let nowhere = "http://127.0.0.1:1";
            command.env(
                format!("SEGMENTS_CONNECT_AZURE_{service}_ENDPOINT"),
                nowhere,
            );
        }
        let ran = ran(&mut command);
        let document = ran.document();
        (ran, document)
    }
}

/// What `az storage cors list --services b` prints.
fn cors() -> Value {
    json!([{
        "AllowedHeaders": "", "AllowedMethods": "GET", "AllowedOrigins": ORIGIN, "ExposedHeaders": "",
        "MaxAgeInSeconds": 3600, "Service": "blob",
    }])
}

/// An entry of what `az role assignment list` prints.
fn assigned(role: &str, scope: &str, more: &Value) -> Value {
    let mut entry = json!({
        "condition": null, "conditionVersion": null, "createdBy": "ana", "createdOn": "2026-01-01T00:00:00.000000+00:00",
        "delegatedManagedIdentityResourceId": null, "description": null,
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{role}"),
        "name": role, "principalId": APP, "principalName": SEGMENTS_APP_ID, "principalType": "ServicePrincipal",
        "resourceGroup": RESOURCE_GROUP, "roleDefinitionName": "a role",
        "roleDefinitionId": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "scope": scope, "type": "Microsoft.Authorization/roleAssignments",
        "updatedBy": "ana", "updatedOn": "2026-01-01T00:00:00.000000+00:00",
    });
    for (name, value) in more.as_object().expect("an object") {
        entry[name] = value.clone();
    }
    entry
}

fn ours() -> Value {
    assigned(READER, &scope(), &json!({}))
}

/// An entry of what `az role definition list` prints.
fn custom(actions: &[&str], data_actions: &[&str]) -> Value {
    json!([{
        "assignableScopes": ["/"], "description": "", "name": CUSTOM, "roleName": "Acme reader", "roleType": "CustomRole",
        "id": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{CUSTOM}"),
        "permissions": [{ "actions": actions, "notActions": [], "dataActions": data_actions, "notDataActions": [] }],
        "type": "Microsoft.Authorization/roleDefinitions",
    }])
}

fn of<'a>(document: &'a Value, id: &str) -> &'a Value {
    checks(document, id)[0]
}

fn said(check: &Value) -> (&str, Option<&str>) {
    (
        check["status"].as_str().expect("a status"),
        check["cause"].as_str(),
    )
}

#[test]
fn documents_that_connect_an_account_pass_offline() {
    let desk = Desk::new();
    let somebody = assigned(
        READER,
        &scope(),
        &json!({ "principalId": "0b1ec700-0000-4000-8000-00000000a0a1", "principalName": "ana@acme.example", "principalType": "User" }),
    );
    let list = json!([somebody, ours()]);
    let (ran, document) = desk.verify(&[("cors", &cors()), ("role-assignments", &list)], &[]);
    ran.exits(0).without_complaint();
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["proof"], "evaluated");
    for id in [
        "azure.access.configured",
        "azure.access.evaluated",
        "azure.cors.configured",
    ] {
        assert_eq!(said(of(&document, id)), ("pass", None), "{document:#}");
    }
    assert_eq!(document["target"]["subscription"], SUBSCRIPTION);
    // Nothing live is told, and what was not looked at is.
    assert_eq!(checks(&document, "azure.cors.preflight").len(), 0);
    let left = document["not_checked"].to_string();
    for what in [
        "what Azure answers to a browser",
        "deny assignments",
        "sasPolicy",
        "installed in the tenant",
    ] {
        assert!(left.contains(what), "no `{what}` in {left}");
    }
    assert!(!document.to_string().contains("read back"), "{document:#}");
}

#[test]
fn each_form_of_the_rules_is_judged() {
    let rule = |origin: &str| json!({ "allowedOrigins": [origin], "allowedMethods": ["GET"], "allowedHeaders": [], "exposedHeaders": [], "maxAgeInSeconds": 3600 });
    let id = format!("{}/blobServices/default", scope());
    let flat = |origin: &str| json!({ "id": id, "name": "default", "cors": { "corsRules": [rule(origin)] } });
    let deep = |origin: &str| json!({ "id": id, "properties": { "cors": { "corsRules": [rule(origin)] } } });
    for (document, status, expected) in [
        (cors(), 0, ("pass", None)),
        (flat(ORIGIN), 0, ("pass", None)),
        (deep(ORIGIN), 0, ("pass", None)),
        (flat("https://app.segments.ai/"), 4, ("fail", Some("Z25"))),
        (deep("https://acme.example"), 4, ("fail", Some("Z24"))),
        (json!([]), 4, ("fail", Some("Z24"))),
        (
            json!({ "id": id, "properties": {} }),
            4,
            ("fail", Some("Z24")),
        ),
    ] {
        let (ran, told) = Desk::new().verify(&[("cors", &document)], &[]);
        ran.exits(status);
        assert_eq!(
            said(of(&told, "azure.cors.configured")),
            expected,
            "{document}"
        );
        assert_eq!(checks(&told, "azure.access.evaluated").len(), 0);
    }
}

#[test]
fn what_a_list_does_not_say_is_not_guessed() {
    let group =
        json!({ "principalId": GROUP, "principalName": "labellers", "principalType": "Group" });
    let container = format!("{}/blobServices/default/containers/{CONTAINER}", scope());
    let id = ["--service-principal-id", APP];
    for (list, cause, words) in [
        // That it is not in the list proves nothing: it may have been listed without what is inherited.
        (
            json!([assigned(READER, &scope(), &group)]),
            None,
            "whether the app is in that group is not known",
        ),
        (
            json!([assigned(
                "11111111-0000-4000-8000-000000000001",
                &scope(),
                &json!({})
            )]),
            None,
            "could not be read",
        ),
        (
            json!([assigned(READER, &container, &json!({}))]),
            Some("Z04"),
            "whether the list is whole",
        ),
    ] {
        let (ran, document) = Desk::new().verify(&[("role-assignments", &list)], &id);
        ran.exits(6);
        let evaluated = of(&document, "azure.access.evaluated");
        assert_eq!(said(evaluated), ("unknown", cause), "{evaluated:#}");
        assert!(
            evaluated["detail"].to_string().contains(words),
            "{evaluated:#}"
        );
        assert_ne!(of(&document, "azure.access.configured")["status"], "fail");
    }
    // Nobody says which of them is the app, or where the account is.
    let anonymous = json!([assigned(READER, &scope(), &json!({ "principalName": "" }))]);
    let (ran, document) = Desk::new().verify(&[("role-assignments", &anonymous)], &[]);
    ran.exits(6);
    let configured = of(&document, "azure.access.configured");
    assert!(
        configured["detail"]
            .to_string()
            .contains("--service-principal-id"),
        "{configured:#}"
    );
    let above = json!([assigned(READER, &subscription(), &json!({}))]);
    let (ran, document) = Desk::new().verify(&[("role-assignments", &above)], &[]);
    ran.exits(6);
    let configured = of(&document, "azure.access.configured");
    assert!(
        configured["detail"]
            .to_string()
            .contains("--resource-group"),
        "{configured:#}"
    );
    let place = [
        "--subscription",
        SUBSCRIPTION,
        "--resource-group",
        RESOURCE_GROUP,
    ];
    let (ran, document) = Desk::new().verify(&[("role-assignments", &above)], &place);
    ran.exits(0);
    assert_eq!(
        said(of(&document, "azure.access.evaluated")),
        ("pass", None)
    );
    let empty = json!([]);
    let more = [&place[..], &id].concat();
    let (ran, document) = Desk::new().verify(&[("role-assignments", &empty)], &more);
    ran.exits(6);
    let evaluated = of(&document, "azure.access.evaluated");
    assert_eq!(said(evaluated), ("unknown", Some("Z10")), "{evaluated:#}");
    assert!(
        evaluated["fix"].to_string().contains("--include-inherited"),
        "{evaluated:#}"
    );
}

#[test]
fn a_role_is_judged_by_its_definition_and_named_where_it_is_missing() {
    const READ: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
    const SIGN: &str =
        "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action";
    let list = json!([assigned(CUSTOM, &scope(), &json!({}))]);
    for (role, expected) in [
        (custom(&[SIGN], &[READ]), ("pass", None)),
        (custom(&["*"], &[]), ("unknown", Some("Z05"))),
        (custom(&[], &["*/blobs/*"]), ("unknown", Some("Z05"))),
    ] {
        let documents = [("role-assignments", &list), ("role-definitions", &role)];
        let (_, document) = Desk::new().verify(&documents, &[]);
        let evaluated = of(&document, "azure.access.evaluated");
        assert_eq!(said(evaluated), expected, "{evaluated:#}");
    }
    // What it can do beyond reading is told, and never that it can do nothing more.
    let all = custom(&["*"], &["*"]);
    let documents = [("role-assignments", &list), ("role-definitions", &all)];
    let (_, document) = Desk::new().verify(&documents, &[]);
    let exposed = checks(&document, "azure.exposure");
    assert!(
        exposed
            .iter()
            .any(|one| one["subject"] == "blobs/delete" && one["status"] == "warn")
    );
    assert!(
        exposed.iter().all(|one| one["status"] != "pass"),
        "{document:#}"
    );
    let (_, document) = Desk::new().verify(&[("role-assignments", &list)], &[]);
    let evaluated = of(&document, "azure.access.evaluated").to_string();
    assert!(evaluated.contains(CUSTOM), "{evaluated}");
}

#[test]
fn a_document_that_is_none_is_a_usage_error_that_says_where() {
    let other = json!({
        "id": scope().replace(ACCOUNT, "acmevideos") + "/blobServices/default",
        "cors": { "corsRules": [] },
    });
    for (flag, document, said) in [
        (
            "role-assignments",
            cors(),
            "role assignment 1 has no `scope`",
        ),
        (
            "role-assignments",
            json!({ "cors": 1 }),
            "no member `value`",
        ),
        ("cors", json!([ours()]), "rule 1 is no CORS rule"),
        (
            "cors",
            json!({ "cors": { "corsRules": "all" } }),
            "`cors.corsRules` is no list",
        ),
        ("cors", other, "acmevideos"),
    ] {
        let (ran, document) = Desk::new().verify(&[(flag, &document)], &[]);
        ran.exits(2);
        let message = document["error"]["message"].to_string();
        assert!(message.contains(said), "{message}");
        assert!(
            said == "acmevideos" || message.contains(&format!("{flag}.json")),
            "{message}"
        );
    }
    let (ran, _) = Desk::new().verify(&[("cors", &cors())], &["--as", "segments"]);
    ran.exits(2);
    let desk = Desk::new();
    let table = desk.file("table.txt", "Principal  Role  Scope");
    let table = table.display().to_string();
    let (ran, document) = desk.verify(&[], &["--role-assignments", &table]);
    ran.exits(2);
    assert!(
        document["error"].to_string().contains("--output json"),
        "{document:#}"
    );
}

/// `azure verify --as segments`, with the secret of an app in a tenant.
fn as_app(
    stage: &AzureStage,
    app: &str,
    secret: &str,
    tenant: &str,
    more: &[&str],
) -> (Ran, Value) {
    let words = [
        &[
            "azure",
            "verify",
            "--storage-account",
            ACCOUNT,
            "--as",
            "segments",
            "--json",
        ],
        more,
    ]
    .concat();
    let mut command = program(stage.home(), &words);
    let endpoint = stage.sandbox.endpoint();
    command
        .env("PATH", stage.home())
        .env("SEGMENTS_CONNECT_AZURE_ARM_ENDPOINT", &endpoint)
        .env("SEGMENTS_CONNECT_AZURE_GRAPH_ENDPOINT", &endpoint)
        .env("AZURE_CLIENT_ID", app)
        .env("AZURE_CLIENT_SECRET", secret)
        .env("AZURE_TENANT_ID", tenant)
        // An authority has to be https. That of a rehearsal is sent to the socket of its Azure Resource Manager.
        .env(
            "AZURE_AUTHORITY_HOST",
            format!("https://{}", stage.sandbox.address()),
        );
    let ran = ran(&mut command);
    let document = ran.document();
    assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret));
    (ran, document)
}

/// The same as Segments.ai's own app, in the customer's tenant.
fn as_segments(stage: &AzureStage, more: &[&str]) -> (Ran, Value) {
    as_app(stage, SEGMENTS_APP_ID, SEGMENTS_SECRET, TENANT, more)
}

const NAMED: [&str; 4] = ["--container", CONTAINER, "--object", BLOB];

#[test]
fn segments_own_app_reads_and_loads_a_link() {
    let stage = AzureStage::connected();
    for more in [&NAMED[..], &[]] {
        stage.sandbox.clear_log();
        let (ran, document) = as_segments(&stage, more);
        ran.exits(0).without_complaint();
        assert_eq!(document["proof"], "segments-read");
        let told = check(&document, "azure.segments.read");
        assert_eq!(said(told), ("pass", None), "{told:#}");
        assert_eq!(said(check(&document, "azure.identity")), ("pass", None));
        assert_eq!(document["target"]["tenant"], TENANT);
        // Only what Segments.ai may do itself is asked: neither Azure Resource Manager nor the directory.
        for request in stage.sandbox.log() {
            assert!(
                ["blob", "entra"].contains(&request.service.as_str()),
                "{} {}",
                request.service,
                request.operation
            );
        }
        // What only the owner can read is not known, and decides nothing.
        assert_eq!(
            of(&document, "azure.access.configured")["status"],
            "unknown"
        );
    }
}

#[test]
fn the_tenant_may_be_named_besides() {
    let stage = AzureStage::connected();
    let more = [&NAMED[..], &["--tenant", TENANT]].concat();
    let (ran, document) = as_app(
        &stage,
        SEGMENTS_APP_ID,
        SEGMENTS_SECRET,
        SEGMENTS_TENANT,
        &more,
    );
    ran.exits(0);
    assert_eq!(document["proof"], "segments-read");
}

#[test]
fn reading_as_somebody_else_proves_nothing() {
    let stage = AzureStage::connected();
    let pipeline = segments_connect::sandbox::azure::PIPELINE;
    stage.world(|world| {
        world.assign(pipeline, "Storage Blob Data Reader", &scope());
    });
    let (ran, document) = as_app(&stage, PIPELINE_APP_ID, PIPELINE_SECRET, TENANT, &NAMED);
    ran.exits(6);
    let told = check(&document, "azure.segments.read");
    assert_eq!(said(told), ("skipped", None), "{told:#}");
    assert!(
        told["detail"].to_string().contains(PIPELINE_APP_ID),
        "{told:#}"
    );
    assert_eq!(said(check(&document, "azure.identity")), ("warn", None));
    assert_ne!(document["proof"], "segments-read");
}

/// What is changed, what becomes of the check, and what is said.
type Scene = (
    fn(&AzureStage),
    (&'static str, Option<&'static str>),
    &'static str,
);

#[test]
fn each_reason_why_segments_does_not_read_is_told_as_what_was_seen() {
    let scenes: [Scene; 8] = [
        (
            |stage| stage.world(|world| world.role_assignments.clear()),
            ("fail", None),
            "no role that is assigned to it",
        ),
        (
            |stage| stage.account(|account| account.blob_service.cors.clear()),
            ("fail", Some("Z24")),
            "hides it from the page",
        ),
        (
            |stage| {
                stage.account(|account| {
                    let blobs = &mut account.containers.get_mut(CONTAINER).expect("it").blobs;
                    blobs.remove(BLOB);
                });
            },
            ("fail", Some("Z31")),
            "no such blob",
        ),
        (
            |stage| {
                stage.account(|account| {
                    account.network = NetworkRules {
                        deny_by_default: true,
                        ip_rules: Vec::new(),
                    };
                });
            },
            ("unknown", None),
            "keep this machine out",
        ),
        (
            |stage| {
                stage.account(|account| {
                    account.sas_policy = Some(SasPolicy {
                        expiration_period: "0.08:00:00".to_owned(),
                        block: true,
                        require_user_bound: false,
                    });
                });
            },
            ("unknown", None),
            "policy for shared access signatures",
        ),
        (
            |stage| {
                stage.world(|world| {
                    for assignment in &mut world.role_assignments {
                        let below = "/blobServices/default/containers/photos";
                        assignment.scope = format!("{}{below}", scope());
                    }
                });
            },
            ("fail", Some("Z04")),
            "no key to sign links with",
        ),
        (
            |stage| {
                stage.world(|world| {
                    let app = world.segments(TENANT).map(|app| app.id.clone());
                    world
                        .service_principals
                        .retain(|one| Some(&one.id) != app.as_ref());
                });
            },
            ("fail", Some("Z01")),
            "not installed",
        ),
        (
            |stage| {
                stage.world(|world| {
                    for principal in &mut world.service_principals {
                        principal.account_enabled = false;
                    }
                });
            },
            ("fail", Some("Z02")),
            "was disabled",
        ),
    ];
    for (change, expected, words) in scenes {
        let stage = AzureStage::connected();
        change(&stage);
        let (ran, document) = as_segments(&stage, &NAMED);
        ran.exits(if expected.0 == "fail" { 4 } else { 6 });
        let told = check(&document, "azure.segments.read");
        assert_eq!(said(told), expected, "{document:#}");
        assert!(told["detail"].to_string().contains(words), "{told:#}");
        assert_ne!(document["proof"], "segments-read");
    }
}

#[test]
fn a_token_of_another_tenant_is_not_told_as_a_missing_role() {
    let stage = AzureStage::connected();
    stage.world(|world| world.install_segments(SEGMENTS_TENANT));
    let (ran, document) = as_app(
        &stage,
        SEGMENTS_APP_ID,
        SEGMENTS_SECRET,
        SEGMENTS_TENANT,
        &NAMED,
    );
    ran.exits(6);
    let told = check(&document, "azure.segments.read");
    assert_eq!(said(told), ("unknown", Some("Z26")), "{told:#}");
}

#[test]
fn a_wrong_secret_is_no_finding() {
    let stage = AzureStage::connected();
    let (ran, document) = as_app(
        &stage,
        SEGMENTS_APP_ID,
        "wrong-secret-of-nobody",
        TENANT,
        &NAMED,
    );
    ran.exits(8);
    assert_eq!(document["error"]["code"], "not-signed-in");
    assert_eq!(document["verdict"], Value::Null);
}
