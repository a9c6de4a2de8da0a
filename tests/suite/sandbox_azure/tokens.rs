//! Tokens: who gets one from where, and what each service thinks of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use segments_connect::sandbox::azure::{
    FederatedCredential, SEGMENTS_APP_ID, SEGMENTS_SECRET, SEGMENTS_TENANT, STORAGE_OWNER, TENANT,
    User,
};
use serde_json::{Value, json};

use super::*;

fn variable(sandbox: &Sandbox, who: &str, name: &str) -> String {
    sandbox
        .environment(who)
        .into_iter()
        .find(|(found, _)| found == name)
        .map(|(_, value)| value)
        .unwrap()
}

async fn identity(sandbox: &Sandbox, header: &str, query: &str) -> Reply {
    let endpoint = variable(sandbox, STORAGE_OWNER, "IDENTITY_ENDPOINT");
    let request = client()
        .get(format!("{endpoint}?{query}"))
        .header("x-identity-header", header);
    reply(request).await
}

#[tokio::test]
async fn the_managed_identity_endpoint_gives_a_token_to_whom_it_knows() {
    let sandbox = acme();
    let secret = variable(&sandbox, STORAGE_OWNER, "IDENTITY_HEADER");
    let id = variable(&sandbox, STORAGE_OWNER, "AZURE_CLIENT_ID");
    assert_eq!(id, STORAGE_OWNER);
    let good = format!("api-version=2019-08-01&resource={ARM}&client_id={id}");
    let given = identity(&sandbox, &secret, &good).await;
    assert_eq!(given.status, 200, "{}", given.text);
    let body = given.json();
    assert_eq!(body["token_type"], "Bearer");
    assert!(body["expires_on"].as_str().unwrap().parse::<i64>().is_ok());
    let token = body["access_token"].as_str().unwrap();
    let request = client()
        .get(format!(
            "{}/subscriptions?api-version=2022-12-01",
            sandbox.endpoint()
        ))
        .bearer_auth(token);
    assert_eq!(reply(request).await.status, 200);
    for (header, query, expected) in [
        ("wrong", good.as_str(), 401),
        (&secret, &good.replace("2019", "2017"), 400),
        (&secret, &good.replace(STORAGE_OWNER, "nobody"), 400),
        (
            &secret,
            &format!("api-version=2019-08-01&resource={ARM}"),
            400,
        ),
        (
            &secret,
            &good.replace("management.azure.com", "vault.azure.net"),
            400,
        ),
    ] {
        let refused = identity(&sandbox, header, query).await;
        assert_eq!(refused.status, expected, "{query}: {}", refused.text);
        assert_eq!(refused.json()["statusCode"], expected);
    }
    let log = sandbox.log();
    assert_eq!(log[0].operation, "GetToken");
    assert_eq!(log[0].caller.as_deref(), Some(STORAGE_OWNER));
    assert!(!format!("{log:?}").contains(token));
}

fn form<'a>(tenant: &'a str, members: &[(&'a str, &'a str)]) -> (String, Vec<(&'a str, &'a str)>) {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", SEGMENTS_APP_ID),
        ("client_secret", SEGMENTS_SECRET),
        ("scope", "https://storage.azure.com/.default"),
    ];
    for (name, value) in members {
        form.retain(|(found, _)| found != name);
        if !value.is_empty() {
            form.push((name, value));
        }
    }
    (format!("/{tenant}/oauth2/v2.0/token"), form)
}

async fn sign_in(sandbox: &Sandbox, tenant: &str, members: &[(&str, &str)]) -> Reply {
    let (path, form) = form(tenant, members);
    let body = form
        .iter()
        .map(|(name, value)| {
            let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            format!("{name}={encoded}")
        })
        .collect::<Vec<_>>()
        .join("&");
    let request = client()
        .post(format!("{}{path}", sandbox.endpoint()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    reply(request).await
}

#[tokio::test]
async fn an_application_signs_in_only_where_it_is_installed() {
    let sandbox = acme();
    let absent = sign_in(&sandbox, TENANT, &[]).await;
    assert_eq!(absent.status, 401);
    assert_eq!(absent.json()["error"], "invalid_client");
    assert_eq!(absent.json()["error_codes"], json!([7_000_229]));
    assert!(
        absent.json()["error_description"]
            .as_str()
            .unwrap()
            .starts_with("AADSTS7000229: The client application")
    );
    let id = world(&sandbox, |world| world.install_segments(TENANT));
    let given = sign_in(&sandbox, TENANT, &[]).await;
    assert_eq!(given.status, 200, "{}", given.text);
    let token = given.json()["access_token"].as_str().unwrap().to_owned();
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(
        (&claims["oid"], &claims["tid"], &claims["idtyp"]),
        (&json!(id), &json!(TENANT), &json!("app"))
    );
    assert_eq!(claims["aud"], "https://storage.azure.com");
    assert_eq!(
        sign_in(&sandbox, "acme.example", &[]).await.status,
        200,
        "a domain stands for its tenant"
    );
}

#[tokio::test]
async fn entra_says_why_it_gives_no_token() {
    let sandbox = acme();
    world(&sandbox, |world| world.install_segments(TENANT));
    for (tenant, change, status, number) in [
        (
            "11111111-1111-1111-1111-111111111111",
            ("", ""),
            400,
            90_002,
        ),
        (
            TENANT,
            ("client_id", "22222222-2222-2222-2222-222222222222"),
            400,
            700_016,
        ),
        (TENANT, ("client_secret", "wrong"), 401, 7_000_215),
        (TENANT, ("client_secret", ""), 401, 7_000_218),
        (TENANT, ("grant_type", ""), 400, 900_144),
        (TENANT, ("grant_type", "password"), 400, 70_003),
        (
            TENANT,
            ("scope", "https://storage.azure.com"),
            400,
            1_002_012,
        ),
        (
            TENANT,
            ("scope", "https://nowhere.example/.default"),
            400,
            500_011,
        ),
        (SEGMENTS_TENANT, ("", ""), 401, 7_000_229),
    ] {
        let refused = sign_in(&sandbox, tenant, &[change]).await;
        assert_eq!(
            (refused.status, &refused.json()["error_codes"]),
            (status, &json!([number])),
            "{change:?}: {}",
            refused.text
        );
    }
    assert_eq!(
        sandbox.log().last().unwrap().error_code.as_deref(),
        Some("AADSTS7000229")
    );
    world(&sandbox, |world| {
        world.service_principals.iter_mut().for_each(|principal| {
            principal.account_enabled = false;
        });
    });
    let disabled = sign_in(&sandbox, TENANT, &[]).await;
    assert_eq!(disabled.json()["error_codes"], json!([7_000_112]));
}

#[tokio::test]
async fn a_federated_token_stands_for_a_secret() {
    let sandbox = acme();
    world(&sandbox, |world| {
        world.install_segments(TENANT);
        world.applications[0].federated.push(FederatedCredential {
            issuer: "https://issuer.example".to_owned(),
            subject: "repo:segments".to_owned(),
        });
    });
    let assertion = |subject: &str, audience: &str| {
        let claims = json!({
            "iss": "https://issuer.example", "sub": subject, "aud": audience,
        });
        format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims.to_string()))
    };
    let exchange = "api://AzureADTokenExchange";
    for (assertion, expected) in [
        (assertion("repo:segments", exchange), Value::Null),
        (assertion("repo:other", exchange), json!([700_213])),
        (assertion("repo:segments", "api://other"), json!([700_212])),
        ("nonsense".to_owned(), json!([50_027])),
    ] {
        let answer = sign_in(
            &sandbox,
            TENANT,
            &[
                ("client_secret", ""),
                ("client_assertion", &assertion),
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ),
            ],
        )
        .await;
        assert_eq!(answer.json()["error_codes"], expected, "{}", answer.text);
    }
}

#[tokio::test]
async fn services_refuse_tokens_that_are_not_for_them() {
    let sandbox = acme();
    let good = token(&sandbox, STORAGE_OWNER, ARM);
    let graph = token(&sandbox, STORAGE_OWNER, GRAPH);
    let foreign = World::acme().token(STORAGE_OWNER, ARM);
    let url = format!(
        "{}/subscriptions?api-version=2022-12-01",
        sandbox.endpoint()
    );
    let ask = |header: Option<String>| {
        let request = client().get(&url);
        match header {
            Some(header) => request.header("authorization", header),
            None => request,
        }
    };
    for (header, code) in [
        (None, "AuthenticationFailed"),
        (
            Some("Basic x".to_owned()),
            "AuthenticationFailedInvalidHeader",
        ),
        (Some("Bearer x".to_owned()), "InvalidAuthenticationToken"),
        (
            Some(format!("Bearer {foreign}")),
            "InvalidAuthenticationToken",
        ),
        (
            Some(format!("Bearer {good}x")),
            "InvalidAuthenticationToken",
        ),
        (
            Some(format!("Bearer {graph}")),
            "InvalidAuthenticationTokenAudience",
        ),
    ] {
        let refused = reply(ask(header.clone())).await;
        assert_eq!(refused.refusal(), (401, code.to_owned()), "{header:?}");
        assert!(refused.header("www-authenticate").is_some());
    }
    world(&sandbox, |world| {
        world.clock_offset = time::Duration::hours(2);
    });
    let refused = reply(ask(Some(format!("Bearer {good}")))).await;
    assert_eq!(
        refused.refusal(),
        (401, "ExpiredAuthenticationToken".to_owned())
    );
    let graph_url = format!("{}/v1.0/servicePrincipals(appId='x')", sandbox.endpoint());
    for bearer in ["", &graph, &good] {
        let request = client().get(&graph_url).bearer_auth(bearer);
        assert_eq!(
            reply(request).await.refusal(),
            (401, "InvalidAuthenticationToken".to_owned())
        );
    }
}

#[tokio::test]
async fn one_person_has_a_token_in_each_tenant() {
    let sandbox = acme();
    let elsewhere = "0b1ec700-0000-4000-8000-0000000e15e0";
    let (here, there) = world(&sandbox, |world| {
        world.users.push(
            User::guest(elsewhere, SEGMENTS_TENANT, "Ana", "ana_acme#EXT#")
                .at_home_as(STORAGE_OWNER),
        );
        (
            world.token(STORAGE_OWNER, ARM),
            world.token_in_tenant(STORAGE_OWNER, SEGMENTS_TENANT, ARM),
        )
    });
    let tenants = |token: &str| {
        client()
            .get(format!(
                "{}/tenants?api-version=2022-12-01",
                sandbox.endpoint()
            ))
            .bearer_auth(token)
    };
    for token in [&here, &there] {
        let seen = reply(tenants(token)).await;
        assert_eq!(seen.each("tenantId"), [TENANT, SEGMENTS_TENANT]);
        assert_eq!(seen.each("tenantCategory"), ["Home", "ProjectedBy"]);
    }
    let request = client()
        .get(format!(
            "{}/subscriptions/{SUBSCRIPTION}?api-version=2022-12-01",
            sandbox.endpoint()
        ))
        .bearer_auth(&there);
    let refused = reply(request).await;
    assert_eq!(
        refused.refusal(),
        (401, "InvalidAuthenticationTokenTenant".to_owned())
    );
    assert!(
        refused
            .header("www-authenticate")
            .unwrap()
            .contains(&format!("https://login.windows.net/{TENANT}\""))
    );
}
