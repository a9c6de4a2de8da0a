//! Signing in: tokens for people, service accounts and virtual machines, and what is refused for want of one.

use google_cloud_auth::credentials::service_account::AccessSpecifier as Specifier;
use google_cloud_auth::credentials::{impersonated, mds, service_account};
use google_cloud_gax::error::rpc::Code;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_storage::client::StorageControl;
use reqwest::Method;
use segments_connect::sandbox::Sandbox;
use segments_connect::sandbox::gcp::{BUCKET_ADMIN, DEPLOYER, OWNER, PROJECT, VIEWER};
use serde_json::{Value, json};

use super::{RESOURCE, call, code, control, get, refused, sandbox, stranger, with, world};

async fn post(sandbox: &Sandbox, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let response = stranger()
        .post(format!("{}{path}", sandbox.endpoint()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish())
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    (
        status,
        serde_json::from_str(&response.text().await.unwrap()).unwrap(),
    )
}

async fn refresh(sandbox: &Sandbox, email: &str) -> (u16, Value) {
    let file = sandbox.application_credentials(email);
    let value = |name: &str| file[name].as_str().unwrap().to_owned();
    post(
        sandbox,
        "/token",
        &[
            ("grant_type", "refresh_token"),
            ("client_id", &value("client_id")),
            ("client_secret", &value("client_secret")),
            ("refresh_token", &value("refresh_token")),
        ],
    )
    .await
}

#[tokio::test]
async fn a_refresh_token_gives_an_access_token_and_the_log_shows_neither() {
    let sandbox = sandbox();
    let (status, answer) = refresh(&sandbox, OWNER).await;
    assert_eq!((status, &answer["token_type"]), (200, &json!("Bearer")));
    let token = answer["access_token"].as_str().unwrap();
    let (status, info) = post(&sandbox, "/tokeninfo", &[("access_token", token)]).await;
    assert_eq!((status, &info["email"]), (200, &json!(OWNER)));
    let path = format!("/tokeninfo?access_token={token}");
    let (status, info) = get(&sandbox, &path, VIEWER).await;
    assert_eq!((status, &info["email"]), (200, &json!(OWNER)));
    let (status, user) = get(&sandbox, "/v1/userinfo", VIEWER).await;
    assert_eq!((status, &user["email"]), (200, &json!(VIEWER)));
    let log = sandbox.log();
    assert_eq!(log[0].operation, "GetToken");
    assert_eq!(log[0].caller.as_deref(), Some(OWNER));
    assert_eq!(log[2].target, "/tokeninfo?access_token=REDACTED");
    assert!(!format!("{log:?}").contains(token));
}

#[tokio::test]
async fn whoever_cannot_sign_in_hears_why() {
    let sandbox = sandbox();
    world(&sandbox, |world| {
        world.persons.get_mut(VIEWER).unwrap().must_reauthenticate = true;
        world.persons.get_mut(BUCKET_ADMIN).unwrap().disabled = true;
    });
    for (email, error, subtype) in [
        (VIEWER, "invalid_grant", Some("invalid_rapt")),
        (BUCKET_ADMIN, "invalid_grant", None),
        ("nobody@acme.example", "invalid_grant", None),
    ] {
        let (status, answer) = refresh(&sandbox, email).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some(error)));
        assert_eq!(answer["error_subtype"].as_str(), subtype, "{email}");
    }
    let (status, answer) = post(&sandbox, "/token", &[("grant_type", "password")]).await;
    assert_eq!(
        (status, &answer["error"]),
        (400, &json!("unsupported_grant_type"))
    );
    let (status, answer) = post(
        &sandbox,
        "/token",
        &[
            ("grant_type", "refresh_token"),
            ("client_id", "x"),
            ("client_secret", "y"),
        ],
    )
    .await;
    assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")));
    let (status, answer) = post(&sandbox, "/tokeninfo", &[("access_token", "ya29.x")]).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_token")));
}

#[tokio::test]
async fn a_service_account_vouches_for_itself() {
    let sandbox = sandbox();
    control(&sandbox, DEPLOYER)
        .await
        .get_bucket()
        .set_name(RESOURCE)
        .send()
        .await
        .unwrap();
    assert_eq!(sandbox.log().len(), 1, "without asking for a token");
    assert_eq!(sandbox.log()[0].caller.as_deref(), Some(DEPLOYER));
    let file = sandbox.application_credentials(DEPLOYER);
    let with_specifier = async |file: Value, specifier: Specifier| {
        let credentials = service_account::Builder::new(file)
            .with_access_specifier(specifier)
            .build()
            .unwrap();
        let client = StorageControl::builder()
            .with_endpoint(sandbox.endpoint())
            .with_credentials(credentials)
            .with_retry_policy(NeverRetry)
            .build()
            .await
            .unwrap();
        client.get_bucket().set_name(RESOURCE).send().await
    };
    let audience = Specifier::from_audience("https://storage.googleapis.com/");
    assert!(with_specifier(file.clone(), audience).await.is_ok());
    let other = Specifier::from_audience("https://pubsub.googleapis.com/");
    assert_eq!(
        code(with_specifier(file.clone(), other).await),
        Code::Unauthenticated
    );
    let scope = Specifier::from_scopes(["https://www.googleapis.com/auth/pubsub"]);
    assert_eq!(
        code(with_specifier(file.clone(), scope).await),
        Code::PermissionDenied
    );
    // Another account with the same key file signs in as nobody.
    let mut forged = file.clone();
    forged["client_email"] = json!("owner@acme-vision.iam.gserviceaccount.com");
    let all = || Specifier::from_scopes(["https://www.googleapis.com/auth/cloud-platform"]);
    assert_eq!(
        code(with_specifier(forged, all()).await),
        Code::Unauthenticated
    );
    let mut another_key = file;
    another_key["private_key_id"] = json!("0000");
    assert_eq!(
        code(with_specifier(another_key, all()).await),
        Code::Unauthenticated
    );
}

#[tokio::test]
async fn a_virtual_machine_has_its_service_account() {
    let sandbox = with(|world| world.metadata_account = Some(DEPLOYER.to_owned()));
    let credentials = mds::Builder::default()
        .with_endpoint(sandbox.endpoint())
        .build()
        .unwrap();
    let client = StorageControl::builder()
        .with_endpoint(sandbox.endpoint())
        .with_credentials(credentials)
        .with_retry_policy(NeverRetry)
        .build()
        .await
        .unwrap();
    client.get_bucket().set_name(RESOURCE).send().await.unwrap();
    let email = "/computeMetadata/v1/instance/service-accounts/default/email";
    let url = format!("{}{email}", sandbox.endpoint());
    let plain = stranger().get(&url).send().await.unwrap();
    assert_eq!(plain.status(), 403, "without the header");
    let asked = stranger().get(&url).header("metadata-flavor", "Google");
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), DEPLOYER);
}

#[tokio::test]
async fn tokens_expire_and_can_be_wrong_or_missing() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    let read = async || client.get_bucket().set_name(RESOURCE).send().await;
    read().await.unwrap();
    world(&sandbox, |world| {
        world.clock_offset = time::Duration::hours(2);
    });
    let refusal = refused(read().await);
    assert_eq!(refusal.0, Code::Unauthenticated);
    assert!(
        refusal
            .1
            .starts_with("Request had invalid authentication credentials."),
        "{refusal:?}"
    );

    let url = format!("{}/v3/projects/{PROJECT}", sandbox.endpoint());
    for (authorization, reason) in [
        (None, "CREDENTIALS_MISSING"),
        (Some("Bearer ya29.nonsense"), "ACCESS_TOKEN_EXPIRED"),
        (Some("Bearer a.b.c"), "ACCESS_TOKEN_EXPIRED"),
        (Some("Basic YTpi"), "ACCESS_TOKEN_TYPE_UNSUPPORTED"),
    ] {
        let mut request = stranger().get(&url);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401, "{authorization:?}");
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(answer["error"]["details"][0]["reason"], reason);
    }
}

#[tokio::test]
async fn scopes_and_the_quota_project_count() {
    let sandbox = sandbox();
    world(&sandbox, |world| {
        let owner = world.persons.get_mut(OWNER).unwrap();
        owner.scopes = ["https://www.googleapis.com/auth/devstorage.read_only".to_owned()].into();
    });
    let (status, answer) = get(&sandbox, "/v3/projects/acme-vision", OWNER).await;
    assert_eq!(status, 403);
    assert_eq!(
        answer["error"]["details"][0]["reason"],
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    );

    world(&sandbox, |world| {
        let viewer = world.persons.get_mut(VIEWER).unwrap();
        viewer.quota_project = Some("partner-data".to_owned());
    });
    let client = control(&sandbox, VIEWER).await;
    let read = async || client.get_bucket().set_name(RESOURCE).send().await;
    let refusal = refused(read().await);
    assert_eq!(refusal.0, Code::PermissionDenied);
    assert!(
        refusal
            .1
            .starts_with("Caller does not have required permission to use project partner-data."),
        "{refusal:?}"
    );
    world(&sandbox, |world| {
        let partner = world.project_mut("partner-data").unwrap();
        partner.policy.grant(
            "roles/serviceusage.serviceUsageConsumer",
            &format!("user:{VIEWER}"),
        );
    });
    read().await.unwrap();
    // The quota project's own APIs are asked for then.
    world(&sandbox, |world| {
        let partner = world.project_mut("partner-data").unwrap();
        partner
            .disabled_services
            .insert("storage.googleapis.com".to_owned());
    });
    let refusal = refused(read().await);
    assert!(
        refusal
            .1
            .contains("has not been used in project 300000000001"),
        "{refusal:?}"
    );
    let (status, _) = call(
        &sandbox,
        Method::GET,
        "/v3/projects/acme-vision",
        VIEWER,
        None,
    )
    .await;
    assert_eq!(status, 200, "without the header");
}

#[tokio::test]
async fn a_token_for_reading_writes_nothing() {
    let sandbox = with(|world| {
        let deployer = world.persons.get_mut(OWNER).unwrap();
        deployer.scopes =
            ["https://www.googleapis.com/auth/devstorage.read_write".to_owned()].into();
    });
    let client = control(&sandbox, OWNER).await;
    client.get_bucket().set_name(RESOURCE).send().await.unwrap();
    let policy = client.get_iam_policy().set_resource(RESOURCE);
    assert_eq!(
        refused(policy.send().await),
        (
            Code::PermissionDenied,
            "Request had insufficient authentication scopes.".to_owned()
        )
    );
}

#[tokio::test]
async fn somebody_may_act_as_a_service_account_when_they_are_let() {
    let sandbox = sandbox();
    let read = async || {
        let file = sandbox.impersonating_credentials(OWNER, DEPLOYER);
        let credentials = impersonated::Builder::new(file)
            .with_retry_policy(NeverRetry)
            .build()
            .unwrap();
        let client = StorageControl::builder()
            .with_endpoint(sandbox.endpoint())
            .with_credentials(credentials)
            .with_retry_policy(NeverRetry)
            .build()
            .await
            .unwrap();
        client.get_bucket().set_name(RESOURCE).send().await
    };
    assert!(read().await.unwrap_err().is_authentication());
    world(&sandbox, |world| {
        let project = world.project_mut(PROJECT).unwrap();
        project.policy.grant(
            "roles/iam.serviceAccountTokenCreator",
            &format!("user:{OWNER}"),
        );
    });
    sandbox.clear_log();
    read().await.unwrap();
    let log = sandbox.log();
    let seen: Vec<(&str, Option<&str>)> = log
        .iter()
        .map(|one| (one.operation.as_str(), one.caller.as_deref()))
        .collect();
    assert_eq!(
        seen,
        [
            ("GetToken", Some(OWNER)),
            ("GenerateAccessToken", Some(OWNER)),
            ("GetBucket", Some(DEPLOYER)),
        ]
    );
}

#[test]
fn the_environment_points_everything_at_the_sandbox_and_names_no_secret() {
    let sandbox = sandbox();
    let endpoint = sandbox.endpoint();
    let environment = sandbox.environment(OWNER);
    for part in [
        "GRPC",
        "STORAGE",
        "IAM",
        "RESOURCE_MANAGER",
        "ORGPOLICY",
        "OAUTH",
    ] {
        let wanted = (
            format!("SEGMENTS_CONNECT_GCP_{part}_ENDPOINT"),
            endpoint.clone(),
        );
        assert!(environment.contains(&wanted), "{wanted:?}");
    }
    assert!(environment.contains(&("NO_PROXY".to_owned(), "127.0.0.1".to_owned())));
    assert_eq!(environment.len(), 7);
    world(&sandbox, |world| {
        world.metadata_account = Some(DEPLOYER.to_owned());
    });
    let machine = (
        "GCE_METADATA_HOST".to_owned(),
        sandbox.address().to_string(),
    );
    assert!(sandbox.environment(OWNER).contains(&machine));
}
