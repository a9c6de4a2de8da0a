//! Signing in through the SDK's own chain, and finding the bucket's Region.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::identity::IdentityCache;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::error::SdkError;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use crate::aws::failure::{self, Caller};
use crate::aws::target::BucketName;
use crate::aws::wire::Wire;
use crate::error::{ErrorCode, Failure};
use crate::settings::AwsSettings;

/// The profile that credentials will be read from: the flag's, or that of `AWS_PROFILE` where the environment holds no
/// credentials of its own, which come first.
pub(super) fn profile_in_force(settings: &AwsSettings) -> Option<String> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    settings
        .profile
        .clone()
        .or_else(|| match variable("AWS_ACCESS_KEY_ID") {
            Some(_) => None,
            None => variable("AWS_PROFILE"),
        })
}

/// Says at once that a profile does not exist; the SDK would say only that it found no credentials.
///
/// # Errors
/// A usage failure that names the profile and the ones that exist.
pub(super) async fn check_profile(name: &str) -> Result<(), Failure> {
    let environment = aws_types::os_shim_internal::Env::real();
    let files = aws_types::os_shim_internal::Fs::real();
    let sources = aws_runtime::env_config::file::EnvConfigFiles::default();
    let profiles = match aws_config::profile::load(&files, &environment, &sources, None).await {
        Ok(profiles) => profiles,
        Err(error) => {
            return Err(Failure::usage(
                "your AWS configuration cannot be read",
                "mend `~/.aws/config` and `~/.aws/credentials`, or leave `--profile` out",
            )
            .cause(error.to_string()));
        }
    };
    // `default` need not exist: it is what holds where nothing is named.
    if name == "default" || profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let known: Vec<String> = profiles
        .profiles()
        .map(|profile| format!("`{profile}`"))
        .collect();
    let hint = if known.is_empty() {
        "there is no profile at all yet: `aws configure sso` makes one".to_owned()
    } else {
        format!("the profiles there are {}", known.join(", "))
    };
    Err(Failure::usage(
        format!("there is no profile `{name}` in your AWS configuration"),
        hint,
    ))
}

pub(super) fn s3_client(config: &SdkConfig, region: Option<&str>) -> aws_sdk_s3::Client {
    let mut builder = aws_sdk_s3::config::Builder::from(config).interceptor(Wire);
    if let Some(region) = region {
        builder = builder.region(Region::new(region.to_owned()));
    }
    aws_sdk_s3::Client::from_conf(builder.build())
}

/// A client that sends without credentials.
pub(super) fn unsigned(config: &SdkConfig) -> aws_sdk_s3::Client {
    let mut nobody = config.to_builder();
    nobody.set_credentials_provider(None);
    let builder = aws_sdk_s3::config::Builder::from(&nobody.build())
        .interceptor(Wire)
        .allow_no_auth();
    aws_sdk_s3::Client::from_conf(builder.build())
}

/// A client whose signed requests are made for their URLs alone.
pub(super) fn writing_urls(config: &SdkConfig, region: &str) -> aws_sdk_s3::Client {
    let made_up = aws_credential_types::Credentials::from_keys("nobody", "nobody", None);
    let builder = aws_sdk_s3::config::Builder::from(config)
        .interceptor(Wire)
        .credentials_provider(made_up)
        .region(Region::new(region.to_owned()));
    aws_sdk_s3::Client::from_conf(builder.build())
}

pub(super) async fn load(settings: &AwsSettings) -> SdkConfig {
    // The instance metadata service is left out of the search for a Region: asking it costs seconds where
    // there is none, and the Region only says where to ask first.
    let region = RegionProviderChain::first_try(settings.region.clone().map(Region::new))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(profile_region(settings.profile.as_deref()))
        .or_else(Region::from_static("us-east-1"))
        .region()
        .await;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
        .read_timeout(settings.timeout)
        .operation_attempt_timeout(settings.timeout)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(region.clone())
        .timeout_config(timeouts)
        .identity_cache(IdentityCache::lazy().load_timeout(settings.timeout).build())
        .retry_config(RetryConfig::standard());
    if let Ok(name) = AppName::new("segments-connect") {
        loader = loader.app_name(name);
    }
    if let Some(profile) = &settings.profile {
        // Whom the flag names is whom the run is signed in as: in the SDK's own chain the environment comes first.
        let place = ProviderConfig::without_region().with_region(region);
        let named = ProfileFileCredentialsProvider::builder()
            .configure(&place)
            .profile_name(profile)
            .build();
        loader = loader.profile_name(profile).credentials_provider(named);
    }
    loader.load().await
}

fn profile_region(profile: Option<&str>) -> ProfileFileRegionProvider {
    let builder = ProfileFileRegionProvider::builder();
    match profile {
        Some(profile) => builder.profile_name(profile).build(),
        None => builder.build(),
    }
}

pub(super) async fn who(config: &SdkConfig, caller: &Caller) -> Result<(String, String), Failure> {
    const DOING: &str = "could not find out who you are";
    let guarded = aws_sdk_sts::config::Builder::from(config)
        .interceptor(Wire)
        .build();
    let answer = aws_sdk_sts::Client::from_conf(guarded)
        .get_caller_identity()
        .send()
        .await
        .map_err(|error| failure::failure(DOING, "sts:GetCallerIdentity", &error, caller))?;
    let (Some(account), Some(arn)) = (answer.account, answer.arn) else {
        return Err(Failure::new(ErrorCode::UnexpectedAnswer, DOING)
            .cause("AWS answered without an account or an ARN"));
    };
    match arn.split(':').nth(1) {
        Some("aws") => Ok((account, arn)),
        _ => Err(Failure::new(
            ErrorCode::Unsupported,
            format!("you are `{arn}`, in another AWS partition"),
        )
        .cause("Segments.ai's account exists only in the partition `aws`")
        .hint("sign in to an account of the commercial AWS Regions")),
    }
}

/// Where a bucket is, as far as HeadBucket tells.
pub(super) struct Located {
    pub(super) region: Option<String>,
    pub(super) may_list: Option<bool>,
}

/// HeadBucket names the Region whatever the permission, also on 301, 400 and 403:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>.
pub(super) async fn locate(
    s3: &aws_sdk_s3::Client,
    bucket: &BucketName,
    caller: &Caller,
) -> Result<Located, Failure> {
    let error = match s3.head_bucket().bucket(bucket.as_str()).send().await {
        Ok(answer) => {
            return Ok(Located {
                region: answer.bucket_region,
                may_list: Some(true),
            });
        }
        Err(error) => error,
    };
    let region = error
        .raw_response()
        .and_then(|response| response.headers().get("x-amz-bucket-region"))
        .map(str::to_owned);
    let doing = format!("could not find the bucket `{bucket}`");
    match (&error, failure::status(&error), region) {
        (SdkError::ServiceError(_), Some(404), _) => {
            Err(Failure::new(ErrorCode::TargetNotFound, doing)
                .cause("there is no bucket of that name")
                .hint("check the name; `aws s3 ls` lists the buckets of your account"))
        }
        (_, Some(301 | 307 | 400), Some(region)) => Ok(Located {
            region: Some(region),
            may_list: None,
        }),
        (_, Some(403), region) => Ok(Located {
            region,
            may_list: Some(false),
        }),
        _ => Err(failure::failure(&doing, "s3:ListBucket", &error, caller)),
    }
}
