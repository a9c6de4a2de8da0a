//! The story on Google Cloud: a bucket that others use too, connected, broken by colleagues, diagnosed, and disconnected.

use std::path::Path;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use google_cloud_auth::credentials::service_account;
use google_cloud_storage::builder::storage::SignedUrlBuilder;

use super::{Part, Teller};
use crate::error::{ErrorCode, Failure};
use crate::exit::ExitStatus;
use crate::probe::Prober;
use crate::sandbox::gcp::settings::Cors;
use crate::sandbox::gcp::{OWNER, PARTNER, PROJECT, SEGMENTS, Stage, World};
use crate::sandbox::{Options, Sandbox};

/// The bucket of the story.
pub use crate::sandbox::gcp::BUCKET;

const OBJECT: &str = "photos/0001.jpg";
const ORIGIN: &str = "https://app.segments.ai";
const ROLE: &str = "segments_object_reader";

/// A project with a bucket that a partner and the company's own pages use already.
#[must_use]
pub fn world() -> World {
    let mut world = World::acme();
    if let Some(project) = world.project_mut(PROJECT) {
        project
            .policy
            .grant("roles/storage.admin", &format!("user:{OWNER}"));
    }
    if let Some(bucket) = world.buckets.get_mut(BUCKET) {
        bucket.objects.clear();
        for number in 1..=3 {
            bucket.add_object(
                &format!("photos/000{number}.jpg"),
                vec![0xff, 0xd8, 0xff, 0xe0, number],
            );
        }
        bucket.policy.grant_if(
            "roles/storage.objectViewer",
            &format!("serviceAccount:{PARTNER}"),
            "until the contract ends",
            "request.time < timestamp(\"2100-01-01T00:00:00Z\")",
        );
        bucket.settings.cors = foreign_entries();
    }
    world
}

/// Everyone may show pictures, and the intranet may upload.
fn foreign_entries() -> Vec<Cors> {
    let entry = |origin: &str, method: &str, header: &str| Cors {
        origin: vec![origin.to_owned()],
        method: vec![method.to_owned()],
        response_header: vec![header.to_owned()],
        max_age_seconds: 3600,
    };
    vec![
        entry("https://intranet.acme.example", "PUT", "Content-Type"),
        entry("*", "GET", "Content-Type"),
    ]
}

/// The story's cloud.
pub struct Gcp;

impl Part for Gcp {
    fn cloud(&self) -> &'static str {
        "gcp"
    }

    fn options(&self) -> Options {
        world().into()
    }

    fn environment(
        &self,
        sandbox: &Sandbox,
        home: &Path,
    ) -> Result<Vec<(String, String)>, Failure> {
        let path = home.join("google-credentials.json");
        let credentials = sandbox.application_credentials(OWNER);
        std::fs::write(&path, credentials.to_string()).map_err(|error| {
            super::unstarted("could not write the credentials of the local cloud", error)
        })?;
        let mut variables = sandbox.environment(OWNER);
        variables.push((
            "GOOGLE_APPLICATION_CREDENTIALS".to_owned(),
            path.display().to_string(),
        ));
        Ok(variables)
    }

    fn target(&self) -> &'static [(&'static str, &'static str)] {
        &[("--bucket", BUCKET), ("--service-account", SEGMENTS)]
    }

    fn tell<'a>(
        &'a self,
        sandbox: &'a Sandbox,
        teller: &'a mut Teller,
    ) -> LocalBoxFuture<'a, Result<(), Failure>> {
        Box::pin(tell(sandbox, teller))
    }
}

async fn tell(sandbox: &Sandbox, teller: &mut Teller) -> Result<(), Failure> {
    let target = format!("--bucket {BUCKET} --service-account {SEGMENTS}");
    teller.say(
        "Google Cloud: a bucket that others use too",
        &format!(
            "A local cloud runs at {}; nothing leaves this machine.\n\
             The bucket `{BUCKET}` holds three photos. A partner may read it for some time, and one of its CORS entries\n\
             lets every page show them, with one header. Segments.ai has handed out the service account\n\
             {SEGMENTS}, and asks for a photo with it:",
            sandbox.endpoint()
        ),
    );
    segments_reads(sandbox, teller, 403, true).await?;

    teller.say("See it first", "`plan` reads, and writes nothing.");
    teller.run(&format!("gcp plan {target}"), ExitStatus::Success)?;

    teller.say(
        "Connect",
        "Off a terminal a change needs `--yes`; at a terminal you are asked.",
    );
    teller.run(&format!("gcp connect {target} --yes"), ExitStatus::Success)?;
    teller.say(
        "Segments.ai asks again",
        "The same request as before, and as the labeller's browser would send it:",
    );
    segments_reads(sandbox, teller, 206, true).await?;

    teller.say("Running it again writes nothing", "");
    sandbox.clear_log();
    teller.run(
        &format!("gcp connect {target} --yes --quiet"),
        ExitStatus::Success,
    )?;
    let writes = sandbox
        .log()
        .iter()
        .filter(|request| {
            ["Create", "Update", "Undelete", "Delete", "Set"]
                .iter()
                .any(|verb| request.operation.starts_with(verb))
        })
        .count();
    teller.saw(&format!("{writes} writes arrived"), writes == 0);

    teller.say(
        "A colleague breaks it",
        "Somebody disables the custom role. The binding is still there, and Segments.ai is told nothing but 403:",
    );
    set_stage(sandbox, Stage::Disabled);
    segments_reads(sandbox, teller, 403, true).await?;
    teller.say("`verify` says why", "");
    teller.run(
        &format!("gcp verify {target} --object {OBJECT}"),
        ExitStatus::Blocked,
    )?;
    teller.run("explain G03", ExitStatus::Success)?;

    teller.say(
        "Disconnect",
        "`disconnect` removes what is ours, and only that. The custom role belongs to the project, so it goes only on request.",
    );
    set_stage(sandbox, Stage::Ga);
    teller.run(
        &format!("gcp disconnect {target} --delete-role --yes"),
        ExitStatus::Success,
    )?;
    // Google keeps bindings in an order of its own.
    let sorted = |world: &World| {
        let mut bindings = world.bucket(BUCKET)?.policy.bindings.clone();
        bindings.sort_by(|one, other| one.role.cmp(&other.role));
        Some(bindings)
    };
    let before = world();
    let (bindings, entries) = sandbox.with_state(|state| {
        let bucket = state.gcp.bucket(BUCKET);
        (
            sorted(&state.gcp) == sorted(&before),
            bucket.map(|bucket| bucket.settings.cors.clone()) == Some(foreign_entries()),
        )
    });
    teller.saw("every other binding is as it was before", bindings);
    teller.saw("every other CORS entry is as it was before", entries);
    Ok(())
}

fn set_stage(sandbox: &Sandbox, stage: Stage) {
    sandbox.with_state(|state| {
        if let Some(role) = state
            .gcp
            .project_mut(PROJECT)
            .and_then(|project| project.roles.get_mut(ROLE))
        {
            role.stage = stage;
            role.revision += 1;
        }
    });
}

/// What Segments.ai does: sign a link with its own key, and let a browser load it.
async fn segments_reads(
    sandbox: &Sandbox,
    teller: &mut Teller,
    status: u16,
    shown: bool,
) -> Result<(), Failure> {
    let failed = |error: String| {
        Failure::new(
            ErrorCode::UnexpectedAnswer,
            "could not sign a link as Segments.ai",
        )
        .cause(error)
    };
    let signer = service_account::Builder::new(sandbox.application_credentials(SEGMENTS))
        .build_signer()
        .map_err(|error| failed(error.to_string()))?;
    let link = SignedUrlBuilder::for_object(format!("projects/_/buckets/{BUCKET}"), OBJECT)
        .with_expiration(Duration::from_hours(24))
        .sign_with(&signer)
        .await
        .map_err(|error| failed(error.to_string()))?;
    // The link is Google's own; here it is sent to the local cloud under Google's name.
    let link = link.replacen("https://storage.googleapis.com", &sandbox.endpoint(), 1);
    let url = url::Url::parse(&link).map_err(|error| failed(error.to_string()))?;
    let exchange = Prober::new(Duration::from_secs(10))
        .fetch(
            &url,
            Some("storage.googleapis.com"),
            Some(ORIGIN),
            Some("bytes=0-0"),
        )
        .await?;
    let cors = crate::probe::admits(&exchange, ORIGIN);
    let access = if exchange.status == 206 {
        "reads it"
    } else {
        "may not read it"
    };
    let browser = match (exchange.status, cors) {
        (206, true) => "; the browser shows it",
        (206, false) => "; the browser hides it from the page",
        _ => "",
    };
    teller.saw(
        &format!("Segments.ai {access} (HTTP {}){browser}", exchange.status),
        exchange.status == status && (exchange.status != 206 || cors == shown),
    );
    Ok(())
}
