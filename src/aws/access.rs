//! The way to the bucket: whose credentials, which account, which Region, and the clients that follow from it.
//!
//! Clients for services that only some checks need are made when they are first asked for.

use std::cell::OnceCell;
use std::fmt::Write;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::identity::IdentityCache;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use url::Url;

use super::failure::{self, Caller};
use super::target::{BucketName, partition_of};
use super::wire::Wire;
use crate::error::{ErrorCode, Failure};
use crate::redact::shell_quote;
use crate::settings::AwsSettings;

/// How long Segments.ai's links live: <https://docs.segments.ai/how-to-annotate/label-images>.
pub const LINK_LIFETIME: Duration = Duration::from_hours(24);

/// Signed in, and the bucket found.
pub struct Access {
    config: SdkConfig,
    /// Who is asking.
    pub caller: Caller,
    /// The caller's account, which must be the bucket's owner.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
    /// The bucket.
    pub bucket: BucketName,
    /// The bucket's Region.
    pub region: String,
    /// The Region that was given to sign in to.
    region_given: Option<String>,
    /// Whether the Region came from the service, or had to be assumed.
    pub region_observed: bool,
    /// Whether the caller may list the bucket; `None` where that was not seen.
    pub may_list: Option<bool>,
    /// The client for the bucket, in its Region.
    pub s3: aws_sdk_s3::Client,
    kms: OnceCell<aws_sdk_kms::Client>,
    control: OnceCell<aws_sdk_s3control::Client>,
}

impl Access {
    /// Finds out who is asking and where the bucket is, both at once.
    ///
    /// # Errors
    /// When nobody is signed in, the bucket does not exist, or either is outside the `aws` partition.
    pub async fn open(settings: &AwsSettings) -> Result<Self, Failure> {
        if let Some(profile) = profile_in_force(settings) {
            check_profile(&profile).await?;
        }
        let config = load(settings).await;
        let caller = Caller::unknown(settings.profile.clone());
        let s3 = s3_client(&config, None);
        let (identity, place) = futures_util::future::join(
            who(&config, &caller),
            locate(&s3, &settings.bucket, &caller),
        )
        .await;
        let (account, arn) = identity?;
        let place = place?;
        let assumed = config
            .region()
            .map_or_else(|| "us-east-1".to_owned(), ToString::to_string);
        let region = place.region.clone().unwrap_or_else(|| assumed.clone());
        if partition_of(&region) != "aws" {
            return Err(Failure::new(
                ErrorCode::Unsupported,
                format!("the bucket `{}` is in `{region}`, in another AWS partition", settings.bucket),
            )
            .cause("Segments.ai's account exists only in the partition `aws`")
            .hint("copy the data to a bucket in a commercial AWS Region, or ask Segments.ai's support"));
        }
        let s3 = if region == assumed {
            s3
        } else {
            s3_client(&config, Some(&region))
        };
        Ok(Self {
            config,
            caller: Caller {
                arn: Some(arn.clone()),
                profile: settings.profile.clone(),
            },
            account,
            arn,
            bucket: settings.bucket.clone(),
            region,
            region_given: settings.region.clone(),
            region_observed: place.region.is_some(),
            may_list: place.may_list,
            s3,
            kms: OnceCell::new(),
            control: OnceCell::new(),
        })
    }

    /// The client for keys, in the Region where the key is.
    pub fn kms(&self) -> &aws_sdk_kms::Client {
        self.kms.get_or_init(|| {
            let there = aws_sdk_kms::config::Builder::from(&self.config)
                .region(Region::new(self.region.clone()))
                .interceptor(Wire)
                .build();
            aws_sdk_kms::Client::from_conf(there)
        })
    }

    /// The client for the account's own Block Public Access.
    pub fn control(&self) -> &aws_sdk_s3control::Client {
        self.control.get_or_init(|| {
            let there = aws_sdk_s3control::config::Builder::from(&self.config)
                .region(Region::new(self.region.clone()))
                .interceptor(Wire)
                .build();
            aws_sdk_s3control::Client::from_conf(there)
        })
    }

    /// A link as Segments.ai makes them: signed for 24 hours, in the bucket's Region.
    ///
    /// # Errors
    /// When the credentials cannot sign any more.
    pub async fn link(&self, key: &str) -> Result<Url, Failure> {
        let doing = format!("could not sign a link to `{key}`");
        let config = PresigningConfig::expires_in(LINK_LIFETIME).map_err(|error| {
            Failure::new(ErrorCode::UnexpectedAnswer, &doing).cause(error.to_string())
        })?;
        let request = self
            .s3
            .get_object()
            .bucket(self.bucket.as_str())
            .key(key)
            .presigned(config)
            .await
            .map_err(|error| failure::failure(&doing, "s3:GetObject", &error, &self.caller))?;
        Url::parse(request.uri()).map_err(|error| {
            Failure::new(ErrorCode::UnexpectedAnswer, doing).cause(error.to_string())
        })
    }

    /// The URL of an object on the very host that a browser would load: the registered form, or the SDK's own
    /// where another endpoint is in force.
    ///
    /// The SDK uses path style for names with a dot, and the registered form does not, so the two differ there.
    ///
    /// # Errors
    /// As [`Self::link`].
    pub async fn object_url(&self, key: &str) -> Result<Url, Failure> {
        let mut url = self.link(key).await?;
        if url
            .host_str()
            .is_some_and(|host| host.ends_with(".amazonaws.com"))
        {
            return Url::parse(&self.registered_url(key)).map_err(|error| {
                Failure::new(
                    ErrorCode::UnexpectedAnswer,
                    format!("could not make a URL of `{key}`"),
                )
                .cause(error.to_string())
            });
        }
        url.set_query(None);
        Ok(url)
    }

    /// Whether S3 says that another account owns the bucket. Asked only to explain a refusal: a bucket that may
    /// be listed, but not with the caller's account as its owner, is somebody else's.
    pub async fn owned_by_another(&self) -> bool {
        if self.may_list != Some(true) {
            return false;
        }
        let guarded = self
            .s3
            .head_bucket()
            .bucket(self.bucket.as_str())
            .expected_bucket_owner(&self.account)
            .send()
            .await;
        guarded.is_err_and(|error| failure::status(&error) == Some(403))
    }

    /// A command of this program for the same bucket and as the same caller, to be pasted into a shell.
    #[must_use]
    pub fn command(&self, action: &str) -> String {
        let mut command = format!("segments-connect aws {action} --bucket {}", self.bucket);
        for (flag, value) in [
            ("--profile", &self.caller.profile),
            ("--region", &self.region_given),
        ] {
            if let Some(value) = value {
                let _ = write!(command, " {flag} {}", shell_quote(value));
            }
        }
        command
    }

    /// The URL to register with Segments.ai: the published form, which names the bucket's real Region.
    #[must_use]
    pub fn registered_url(&self, key: &str) -> String {
        registered_url(self.bucket.as_str(), &self.region, key)
    }
}

/// `https://BUCKET.s3.REGION.amazonaws.com/KEY`, with the key encoded as S3 does.
#[must_use]
pub fn registered_url(bucket: &str, region: &str, key: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    // Unreserved characters and the slash stay:
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
    const KEY: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~')
        .remove(b'/');
    format!(
        "https://{bucket}.s3.{region}.amazonaws.com/{}",
        utf8_percent_encode(key, KEY)
    )
}

/// For writes: the SDK does not try again by itself, since each further try must first read and compare.
#[must_use]
pub fn single_try() -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled())
}

/// The profile that credentials will be read from: the flag's, or that of `AWS_PROFILE` where the environment holds no
/// credentials of its own, which come first.
fn profile_in_force(settings: &AwsSettings) -> Option<String> {
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
async fn check_profile(name: &str) -> Result<(), Failure> {
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

fn s3_client(config: &SdkConfig, region: Option<&str>) -> aws_sdk_s3::Client {
    let mut builder = aws_sdk_s3::config::Builder::from(config).interceptor(Wire);
    if let Some(region) = region {
        builder = builder.region(Region::new(region.to_owned()));
    }
    aws_sdk_s3::Client::from_conf(builder.build())
}

async fn load(settings: &AwsSettings) -> SdkConfig {
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

async fn who(config: &SdkConfig, caller: &Caller) -> Result<(String, String), Failure> {
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
struct Place {
    region: Option<String>,
    may_list: Option<bool>,
}

/// HeadBucket names the Region whatever the permission, also on 301, 400 and 403:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>.
async fn locate(
    s3: &aws_sdk_s3::Client,
    bucket: &BucketName,
    caller: &Caller,
) -> Result<Place, Failure> {
    let error = match s3.head_bucket().bucket(bucket.as_str()).send().await {
        Ok(answer) => {
            return Ok(Place {
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
        (_, Some(301 | 307 | 400), Some(region)) => Ok(Place {
            region: Some(region),
            may_list: None,
        }),
        (_, Some(403), region) => Ok(Place {
            region,
            may_list: Some(false),
        }),
        _ => Err(failure::failure(&doing, "s3:ListBucket", &error, caller)),
    }
}

#[cfg(test)]
mod tests {
    use super::registered_url;

    #[test]
    fn keys_are_encoded_as_s3_does() {
        assert_eq!(
            registered_url("acme", "eu-west-1", "a b/ü+%#?.jpg"),
            "https://acme.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B%25%23%3F.jpg"
        );
    }
}
