//! The story on AWS: a bucket that others use too, connected, broken by a colleague, diagnosed, and disconnected.

use std::path::Path;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::presigning::PresigningConfig;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

use super::{Part, Teller};
use crate::error::{ErrorCode, Failure};
use crate::exit::ExitStatus;
use crate::probe::Prober;
use crate::sandbox::aws::{CorsRule, World};
use crate::sandbox::{Options, Sandbox};

/// The customer's access key in the local cloud.
pub use crate::sandbox::aws::ANA_KEY as CUSTOMER_KEY;
use crate::sandbox::aws::SEGMENTS_KEY;

/// The bucket of the story.
pub const BUCKET: &str = "acme-images";
const KEY: &str = "photos/0001.jpg";
const ORIGIN: &str = "https://app.segments.ai";

/// An account with a bucket that a partner and the company's own intranet use already.
#[must_use]
pub fn world() -> World {
    let mut world = World {
        region: "eu-west-1".to_owned(),
        ..World::default()
    };
    let bucket = world.add_bucket(BUCKET);
    for number in 1..=3 {
        bucket.add_object(
            &format!("photos/000{number}.jpg"),
            vec![0xff, 0xd8, 0xff, 0xe0, number],
        );
    }
    bucket.policy = Some(policy());
    bucket.cors = Some(foreign_rules());
    world
}

/// The story's cloud.
pub struct Aws;

impl Part for Aws {
    fn cloud(&self) -> &'static str {
        "aws"
    }

    fn options(&self) -> Options {
        world().into()
    }

    fn environment(
        &self,
        sandbox: &Sandbox,
        _home: &Path,
    ) -> Result<Vec<(String, String)>, Failure> {
        Ok(sandbox.environment(CUSTOMER_KEY))
    }

    fn target(&self) -> &'static [(&'static str, &'static str)] {
        &[("--bucket", BUCKET)]
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
    teller.say(
        "A bucket that others use too",
        &format!(
            "A local cloud runs at {}; nothing leaves this machine.\n\
             The bucket `{BUCKET}` holds three photos. Its policy admits a partner, and its CORS rules serve the\n\
             company's intranet. Segments.ai asks for a photo, with its own credentials:",
            sandbox.endpoint()
        ),
    );
    segments_reads(sandbox, teller, 403, false).await?;

    teller.say("See it first", "`plan` reads, and writes nothing.");
    teller.run(&format!("aws plan --bucket {BUCKET}"), ExitStatus::Success)?;

    teller.say(
        "Connect",
        "Off a terminal a change needs `--yes`; at a terminal you are asked.",
    );
    teller.run(
        &format!("aws connect --bucket {BUCKET} --yes"),
        ExitStatus::Success,
    )?;
    teller.say(
        "Segments.ai asks again",
        "The same request as before, and as the labeller's browser would send it:",
    );
    segments_reads(sandbox, teller, 206, true).await?;

    teller.say("Running it again writes nothing", "");
    sandbox.clear_log();
    teller.run(
        &format!("aws connect --bucket {BUCKET} --yes --quiet"),
        ExitStatus::Success,
    )?;
    let writes = sandbox
        .log()
        .iter()
        .filter(|request| matches!(request.method.as_str(), "PUT" | "DELETE"))
        .count();
    teller.saw(
        &format!("{writes} writes arrived at the bucket"),
        writes == 0,
    );

    teller.say(
        "A colleague breaks it",
        "Somebody adds a Deny for everyone on the photos, and removes the browser's rule. The grant is still there,\n\
         and Segments.ai is told nothing but 403:",
    );
    let connected = sandbox.with_state(|state| state.aws.buckets.get(BUCKET).cloned());
    sandbox.with_state(|state| {
        if let Some(bucket) = state.aws.buckets.get_mut(BUCKET) {
            bucket.policy = Some(with_deny(bucket.policy.as_deref().unwrap_or_default()));
            bucket.cors = Some(foreign_rules());
        }
    });
    segments_reads(sandbox, teller, 403, false).await?;
    teller.say("`verify` says why", "");
    teller.run(
        &format!("aws verify --bucket {BUCKET} --object {KEY}"),
        ExitStatus::Blocked,
    )?;
    teller.run("explain A49", ExitStatus::Success)?;

    teller.say(
        "Disconnect",
        "The colleague takes it all back. `disconnect` removes what is ours, and only that.",
    );
    sandbox.with_state(|state| {
        if let Some(bucket) = connected {
            state.aws.buckets.insert(BUCKET.to_owned(), bucket);
        }
    });
    teller.run(
        &format!("aws disconnect --bucket {BUCKET} --yes"),
        ExitStatus::Success,
    )?;
    let (as_before, rules) = sandbox.with_state(|state| {
        let bucket = state.aws.buckets.get(BUCKET);
        let stored = bucket
            .and_then(|bucket| bucket.policy.as_deref())
            .unwrap_or_default();
        let stored: Value = serde_json::from_str(stored).unwrap_or_default();
        let before: Value = serde_json::from_str(&policy()).unwrap_or_default();
        (
            stored == before,
            bucket.and_then(|bucket| bucket.cors.clone()) == Some(foreign_rules()),
        )
    });
    teller.saw("the partner's statement is as it was before", as_before);
    teller.saw("the intranet's rules are as they were before", rules);
    Ok(())
}

/// What Segments.ai does: sign a link with its own credentials, and let a browser load it.
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
    let secret = sandbox
        .with_state(|state| {
            state
                .aws
                .principal(SEGMENTS_KEY)
                .map(|user| user.secret_access_key.clone())
        })
        .unwrap_or_default();
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new(
            SEGMENTS_KEY,
            secret,
            None,
            None,
            "the local cloud",
        ))
        .endpoint_url(sandbox.endpoint())
        .force_path_style(true)
        .build();
    let expires = PresigningConfig::expires_in(Duration::from_hours(24))
        .map_err(|error| failed(error.to_string()))?;
    let link = aws_sdk_s3::Client::from_conf(config)
        .get_object()
        .bucket(BUCKET)
        .key(KEY)
        .presigned(expires)
        .await
        .map_err(|error| failed(error.to_string()))?;
    let url = url::Url::parse(link.uri()).map_err(|error| failed(error.to_string()))?;
    let prober = Prober::new(Duration::from_secs(10));
    let exchange = prober
        .fetch(&url, None, Some(ORIGIN), Some("bytes=0-0"))
        .await?;
    let cors = crate::probe::admits(&exchange, ORIGIN);
    let (access, browser) = (
        if exchange.status == 206 {
            "reads it"
        } else {
            "may not read it"
        },
        if cors {
            "the browser shows it"
        } else {
            "the browser hides it from the page"
        },
    );
    teller.saw(
        &format!("Segments.ai {access} (HTTP {}); {browser}", exchange.status),
        exchange.status == status && cors == shown,
    );
    Ok(())
}

fn policy() -> String {
    let statement = json!({
        "Sid": "PartnerReadsReports",
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::444455556666:user/partner" },
        "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{BUCKET}/reports/*"),
    });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn with_deny(stored: &str) -> String {
    let mut policy: Value = serde_json::from_str(stored).unwrap_or_default();
    let deny = json!({
        "Sid": "LockThePhotos",
        "Effect": "Deny",
        "Principal": { "AWS": "*" },
        "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{BUCKET}/*"),
    });
    if let Some(statements) = policy.get_mut("Statement").and_then(Value::as_array_mut) {
        statements.push(deny);
    }
    policy.to_string()
}

fn foreign_rules() -> Vec<CorsRule> {
    let rule = |id: &str, origin: &str, method: &str| CorsRule {
        id: Some(id.to_owned()),
        allowed_origins: vec![origin.to_owned()],
        allowed_methods: vec![method.to_owned()],
        ..CorsRule::default()
    };
    vec![
        rule("intranet-reads", "https://intranet.acme.example", "GET"),
        rule("intranet-writes", "https://intranet.acme.example", "PUT"),
    ]
}
