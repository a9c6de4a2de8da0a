//! The story on Azure: two people with half of the rights each, one storage account, and a rule that a colleague has.

use std::path::Path;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use reqwest::header::AUTHORIZATION;
use time::OffsetDateTime;
use url::Url;

use super::{Part, Teller};
use crate::azure::blobs::read_delegation_key;
use crate::azure::sas;
use crate::azure::target::BlobName;
use crate::error::{ErrorCode, Failure};
use crate::exit::ExitStatus;
use crate::probe::Prober;
use crate::sandbox::azure::{
    ACCOUNT, BOTH, CONTAINER, CorsRule, DenyAssignment, Permission, STORAGE_OWNER, StorageAccount,
    TENANT, World,
};
use crate::sandbox::{Options, Sandbox};

const BLOB: &str = "cat.png";
const ORIGIN: &str = "https://app.segments.ai";

/// The story's cloud.
pub struct Azure;

impl Part for Azure {
    fn cloud(&self) -> &'static str {
        "azure"
    }

    fn options(&self) -> Options {
        world().into()
    }

    fn environment(
        &self,
        sandbox: &Sandbox,
        _home: &Path,
    ) -> Result<Vec<(String, String)>, Failure> {
        Ok(sandbox.environment(BOTH))
    }

    fn target(&self) -> &'static [(&'static str, &'static str)] {
        &[("--storage-account", ACCOUNT)]
    }

    fn tell<'a>(
        &'a self,
        sandbox: &'a Sandbox,
        teller: &'a mut Teller,
    ) -> LocalBoxFuture<'a, Result<(), Failure>> {
        Box::pin(tell(sandbox, teller))
    }
}

/// A tenant with a storage account that the company's intranet loads from already.
#[must_use]
pub fn world() -> World {
    let mut world = World::acme();
    if let Some(account) = world.account_mut(ACCOUNT) {
        account.blob_service.cors = vec![intranet()];
        account
            .blob_service
            .properties
            .insert("isVersioningEnabled".to_owned(), true.into());
    }
    world
}

fn intranet() -> CorsRule {
    CorsRule::new("https://intranet.acme.example", "GET")
}

async fn tell(sandbox: &Sandbox, teller: &mut Teller) -> Result<(), Failure> {
    teller.say(
        "A storage account, and two people",
        &format!(
            "A local cloud runs at {}; nothing leaves this machine.\n\
             The storage account `{ACCOUNT}` holds pictures, and a CORS rule serves the company's intranet. Ana owns\n\
             the storage; only Diego may install apps in the directory. Segments.ai asks for a picture:",
            sandbox.endpoint()
        ),
    );
    segments_reads(sandbox, teller, None, false).await?;

    teller.say(
        "Ana sees first what would change",
        "Her token shows no directory role, and the plan says so.",
    );
    teller.set(&sandbox.environment(STORAGE_OWNER));
    teller.run(
        &format!("azure plan --storage-account {ACCOUNT}"),
        ExitStatus::Success,
    )?;

    teller.say(
        "Ana connects, and does her part",
        "What is Diego's to do is told as a step to hand over; the run says that it is not finished.",
    );
    teller.run(
        &format!("azure connect --storage-account {ACCOUNT} --yes"),
        ExitStatus::Unfinished,
    )?;

    teller.say(
        "Diego installs the app",
        "As the step says: `az ad sp create --id d47021c7-05d1-44c3-a594-93c2c30c68fc`. By itself the app may read nothing.",
    );
    sandbox.with_state(|state| state.azure.install_segments(TENANT));
    segments_reads(sandbox, teller, Some(403), false).await?;

    teller.say("Ana runs it again, and it continues", "");
    teller.run(
        &format!("azure connect --storage-account {ACCOUNT} --yes"),
        ExitStatus::Success,
    )?;
    teller.say(
        "Segments.ai asks again",
        "With a link that its app signs, as the labeller's browser would load it:",
    );
    segments_reads(sandbox, teller, Some(206), true).await?;

    teller.say("Running it again writes nothing", "");
    sandbox.clear_log();
    teller.run(
        &format!("azure connect --storage-account {ACCOUNT} --yes --quiet"),
        ExitStatus::Success,
    )?;
    let writes = writes(sandbox);
    teller.saw(&format!("{writes} writes arrived"), writes == 0);

    teller.say(
        "Somebody breaks it",
        "A managed application denies reading blobs to everyone. The role is still assigned:",
    );
    sandbox.with_state(|state| {
        let scope = state.azure.account(ACCOUNT).map(StorageAccount::scope);
        state.azure.deny_assignments.push(DenyAssignment::everyone(
            "Managed application: keep out",
            &scope.unwrap_or_default(),
            Permission::data_actions(&[
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
            ]),
        ));
    });
    segments_reads(sandbox, teller, Some(403), true).await?;
    teller.say("`verify` says why", "Bea may look at everything.");
    teller.set(&sandbox.environment(BOTH));
    teller.run(
        &format!(
            "azure verify --storage-account {ACCOUNT} --container {CONTAINER} --object {BLOB}"
        ),
        ExitStatus::Blocked,
    )?;
    teller.run("explain Z08", ExitStatus::Success)?;

    teller.say(
        "Disconnect",
        "`disconnect` removes what is ours, and only that. The app stays in the directory unless its removal is asked for.",
    );
    sandbox.with_state(|state| state.azure.deny_assignments.clear());
    teller.run(
        &format!("azure disconnect --storage-account {ACCOUNT} --yes"),
        ExitStatus::Success,
    )?;
    let (rules, versioning) = sandbox.with_state(|state| {
        let service = state
            .azure
            .account(ACCOUNT)
            .map(|account| account.blob_service.clone())
            .unwrap_or_default();
        (
            service.cors == [intranet()],
            service.properties.get("isVersioningEnabled") == Some(&true.into()),
        )
    });
    teller.saw("the intranet's rule is as it was before", rules);
    teller.saw("versioning is on as it was before", versioning);
    Ok(())
}

fn writes(sandbox: &Sandbox) -> usize {
    let writing = |method: &str, operation: &str| {
        matches!(method, "PUT" | "DELETE" | "PATCH")
            || method == "POST" && operation == "CreateServicePrincipal"
    };
    sandbox
        .log()
        .iter()
        .filter(|request| writing(&request.method, &request.operation))
        .count()
}

/// What Segments.ai does: its app signs a link with a key of its own, and a browser loads it. `None` where the app
/// cannot even sign in.
async fn segments_reads(
    sandbox: &Sandbox,
    teller: &mut Teller,
    status: Option<u16>,
    shown: bool,
) -> Result<(), Failure> {
    let app = sandbox.with_state(|state| {
        state.azure.segments(TENANT).map(|principal| {
            state
                .azure
                .token(&principal.id, "https://storage.azure.com")
        })
    });
    let Some(token) = app else {
        teller.saw(
            "Segments.ai's app is not in the tenant, and cannot sign in",
            status.is_none(),
        );
        return Ok(());
    };
    let failed = |error: String| {
        Failure::new(
            ErrorCode::UnexpectedAnswer,
            "could not sign a link as Segments.ai",
        )
        .cause(error)
    };
    let endpoint = Url::parse(&format!("{}/{ACCOUNT}/", sandbox.endpoint()))
        .map_err(|error| failed(error.to_string()))?;
    let now = OffsetDateTime::now_utc();
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()
        .map_err(|error| failed(error.to_string()))?
        .post(format!("{endpoint}?restype=service&comp=userdelegationkey"))
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header("x-ms-version", sas::VERSION)
        .body(format!(
            "<KeyInfo><Start>{}</Start><Expiry>{}</Expiry></KeyInfo>",
            sas::instant(now),
            sas::instant(now + time::Duration::hours(24))
        ))
        .send()
        .await
        .map_err(|error| failed(error.to_string()))?;
    let (http, body) = (
        answer.status().as_u16(),
        answer
            .text()
            .await
            .map_err(|error| failed(error.to_string()))?,
    );
    let Some(key) = read_delegation_key(&body) else {
        teller.saw(
            &format!("Segments.ai's app may not sign links (HTTP {http})"),
            status == Some(http),
        );
        return Ok(());
    };
    let name = BlobName {
        container: CONTAINER.to_owned(),
        blob: BLOB.to_owned(),
    };
    let link = sas::link(&endpoint, ACCOUNT, &name, &key, now, sas::TRIAL_LIFE)
        .map_err(|error| failed(error.to_string()))?;
    let exchange = Prober::new(Duration::from_secs(10))
        .fetch(&link, None, Some(ORIGIN), Some("bytes=0-0"))
        .await?;
    let cors = crate::probe::admits(&exchange, ORIGIN);
    let access = if exchange.status == 206 {
        "reads it"
    } else {
        "may not read it"
    };
    let browser = if cors {
        "the browser shows what it gets"
    } else {
        "the browser hides it from the page"
    };
    teller.saw(
        &format!("Segments.ai {access} (HTTP {}); {browser}", exchange.status),
        Some(exchange.status) == status && cors == shown,
    );
    Ok(())
}
