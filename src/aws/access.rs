//! The way to the bucket: whose credentials, which account, which Region, and the clients that follow from it.
//!
//! Clients for services that only some checks need are made when they are first asked for.

mod signing_in;

use std::cell::OnceCell;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_smithy_types::retry::RetryConfig;
use url::Url;

use super::failure::{self, Caller};
use super::place::Place;
use super::target::{BucketName, partition_of};
use super::wire::Wire;
use crate::error::{ErrorCode, Failure};
use crate::settings::{AwsSettings, Look};
use signing_in::{
    check_profile, load, locate, profile_in_force, s3_client, unsigned, who, writing_urls,
};

/// How long Segments.ai's links live: <https://docs.segments.ai/how-to-annotate/label-images>.
pub const LINK_LIFETIME: Duration = Duration::from_hours(24);

/// Signed in, and the bucket found.
pub struct Access {
    config: SdkConfig,
    /// Who is asking.
    pub caller: Caller,
    /// The caller's account.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
    /// Where the bucket is.
    pub place: Place,
    region: String,
    /// The account that every request demands as the bucket's owner.
    pub guard: Option<String>,
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
        let (identity, located) = futures_util::future::join(
            who(&config, &caller),
            locate(&s3, &settings.bucket, &caller),
        )
        .await;
        let (account, arn) = identity?;
        let located = located?;
        let assumed = config
            .region()
            .map_or_else(|| "us-east-1".to_owned(), ToString::to_string);
        let region = located.region.clone().unwrap_or_else(|| assumed.clone());
        if partition_of(&region) != "aws" {
            return Err(other_partition(&settings.bucket, &region));
        }
        let s3 = if region == assumed {
            s3
        } else {
            s3_client(&config, Some(&region))
        };
        let (guard, flags) = match settings.look {
            // What is to be mended is mended by the owner, who signs in otherwise.
            Look::Segments => (settings.account.clone(), Vec::new()),
            // The caller's account must be the bucket's owner: each question demands it.
            Look::Owner | Look::Anyone | Look::Documents => {
                (Some(account.clone()), flags(settings))
            }
        };
        Ok(Self {
            config,
            caller: Caller {
                arn: Some(arn.clone()),
                profile: settings.profile.clone(),
            },
            guard: guard.clone(),
            place: Place {
                bucket: settings.bucket.clone(),
                region: Some(region.clone()),
                region_observed: located.region.is_some(),
                owner: guard,
                may_list: located.may_list,
                flags,
            },
            region,
            account,
            arn,
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
        link(&self.s3, &self.place, key, &self.caller).await
    }

    /// Whether S3 says that another account owns the bucket. Asked only to explain a refusal: a bucket that may
    /// be listed, but not with the caller's account as its owner, is somebody else's.
    pub async fn owned_by_another(&self) -> bool {
        if self.place.may_list != Some(true) {
            return false;
        }
        let guarded = self
            .s3
            .head_bucket()
            .bucket(self.place.bucket.as_str())
            .expected_bucket_owner(&self.account)
            .send()
            .await;
        guarded.is_err_and(|error| failure::status(&error) == Some(403))
    }
}

/// The flags that lead to the same bucket as the same caller.
fn flags(settings: &AwsSettings) -> Vec<(&'static str, String)> {
    [
        ("--profile", &settings.profile),
        ("--region", &settings.region),
    ]
    .into_iter()
    .filter_map(|(flag, value)| Some((flag, value.clone()?)))
    .collect()
}

/// Finds a bucket without being signed in, and the client that tells its URLs. That client's credentials are made up:
/// it only writes URLs, and sends nothing.
///
/// # Errors
/// When the bucket does not exist, is in another partition, or S3 cannot be reached.
pub async fn outside(settings: &AwsSettings) -> Result<(Place, aws_sdk_s3::Client), Failure> {
    let config = load(settings).await;
    let caller = Caller::unknown(settings.profile.clone());
    let located = locate(&unsigned(&config), &settings.bucket, &caller).await?;
    let assumed = config
        .region()
        .map_or_else(|| "us-east-1".to_owned(), ToString::to_string);
    let region = located.region.clone().unwrap_or(assumed);
    if partition_of(&region) != "aws" {
        return Err(other_partition(&settings.bucket, &region));
    }
    let place = Place {
        bucket: settings.bucket.clone(),
        region_observed: located.region.is_some(),
        owner: None,
        may_list: located.may_list,
        flags: flags(settings),
        region: Some(region.clone()),
    };
    Ok((place, writing_urls(&config, &region)))
}

fn other_partition(bucket: &BucketName, region: &str) -> Failure {
    Failure::new(
        ErrorCode::Unsupported,
        format!("the bucket `{bucket}` is in `{region}`, in another AWS partition"),
    )
    .cause("Segments.ai's account exists only in the partition `aws`")
    .hint("copy the data to a bucket in a commercial AWS Region, or ask Segments.ai's support")
}

/// For writes: the SDK does not try again by itself, since each further try must first read and compare.
#[must_use]
pub fn single_try() -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled())
}

/// The URL of an object on the very host that a browser would load: the registered form, or the SDK's own where
/// another endpoint is in force.
///
/// The SDK uses path style for names with a dot, and the registered form does not, so the two differ there.
///
/// # Errors
/// When the client's credentials cannot sign: only a signed request of the SDK tells its URL.
pub async fn object_url(
    s3: &aws_sdk_s3::Client,
    place: &Place,
    key: &str,
    caller: &Caller,
) -> Result<Url, Failure> {
    let mut url = link(s3, place, key, caller).await?;
    if url
        .host_str()
        .is_some_and(|host| host.ends_with(".amazonaws.com"))
    {
        return Url::parse(&place.registered_url(key)).map_err(|error| {
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

async fn link(
    s3: &aws_sdk_s3::Client,
    place: &Place,
    key: &str,
    caller: &Caller,
) -> Result<Url, Failure> {
    let doing = format!("could not sign a link to `{key}`");
    let config = PresigningConfig::expires_in(LINK_LIFETIME).map_err(|error| {
        Failure::new(ErrorCode::UnexpectedAnswer, &doing).cause(error.to_string())
    })?;
    let request = s3
        .get_object()
        .bucket(place.bucket.as_str())
        .key(key)
        .presigned(config)
        .await
        .map_err(|error| failure::failure(&doing, "s3:GetObject", &error, caller))?;
    Url::parse(request.uri())
        .map_err(|error| Failure::new(ErrorCode::UnexpectedAnswer, doing).cause(error.to_string()))
}
