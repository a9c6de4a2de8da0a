//! What to do with the URLs of objects: which bucket or account they are in, and from where it is looked at.

use super::{Common, Task, aws, azure, gcp};
use crate::address::{self, Address, Cloud};
use crate::cli::{
    AwsAction, AwsArgs, AwsOptions, AwsVerify, AzureAction, AzureArgs, AzureOptions, AzureVerify,
    GcpAction, GcpArgs, GcpOptions, GcpVerify, VerifyArgs,
};
use crate::error::Failure;
use crate::prompt::Prompter;

/// Makes a task of URLs, and reads what they say.
///
/// # Errors
/// A usage failure for a URL that cannot be looked at, for URLs of several buckets, and for an option of another cloud.
pub(super) fn resolve(
    args: VerifyArgs,
    common: &Common,
    prompter: &dyn Prompter,
) -> Result<(Task, Vec<Address>), Failure> {
    let mut urls: Vec<Address> = Vec::new();
    for text in &args.urls {
        let address = address::parse(text)?;
        // Each is checked once.
        if !urls.iter().any(|known| known.shown == address.shown) {
            urls.push(address);
        }
    }
    let Some(first) = urls.first() else {
        return Err(Failure::usage(
            "no URL was given",
            "give the URL of an object",
        ));
    };
    if let Some(other) = urls
        .iter()
        .find(|url| (url.cloud, &url.bucket) != (first.cloud, &first.bucket))
    {
        return Err(Failure::usage(
            format!(
                "the URLs are in different places: `{}` and `{}`",
                first.bucket, other.bucket
            ),
            "check the URLs of one bucket or storage account at a time",
        ));
    }
    let task = match first.cloud {
        Cloud::Aws => on_aws(args, common, prompter)?,
        Cloud::Gcp => on_gcp(args, common, prompter)?,
        Cloud::Azure => on_azure(args, common, prompter)?,
    };
    Ok((task, urls))
}

/// Options that the environment does not give, so that they were meant.
fn not_of_aws(args: &VerifyArgs, cloud: Cloud) -> Result<(), Failure> {
    for (flag, value) in [("--profile", &args.profile), ("--region", &args.region)] {
        if value.is_some() {
            return Err(Failure::usage(
                format!(
                    "`{flag}` is for Amazon S3, and the URL is one of {}",
                    cloud.in_words()
                ),
                format!("leave `{flag}` out"),
            ));
        }
    }
    Ok(())
}

fn on_aws(args: VerifyArgs, common: &Common, prompter: &dyn Prompter) -> Result<Task, Failure> {
    let options = AwsOptions {
        bucket: None,
        region: args.region,
        profile: args.profile,
        object: Vec::new(),
        no_backup: false,
    };
    // The cloud's own command takes URLs too, and reads them itself.
    let action = Some(AwsAction::Verify(AwsVerify {
        url: args.urls,
        ..AwsVerify::default()
    }));
    aws::resolve(AwsArgs { options, action }, common, prompter)
}

fn on_gcp(args: VerifyArgs, common: &Common, prompter: &dyn Prompter) -> Result<Task, Failure> {
    not_of_aws(&args, Cloud::Gcp)?;
    let options = GcpOptions {
        bucket: None,
        service_account: args.service_account,
        project: args.project,
        role_id: args.role_id,
        object: Vec::new(),
        literal_origin: false,
        no_backup: false,
    };
    let action = Some(GcpAction::Verify(GcpVerify {
        url: args.urls,
        ..GcpVerify::default()
    }));
    gcp::resolve(GcpArgs { options, action }, common, prompter)
}

fn on_azure(args: VerifyArgs, common: &Common, prompter: &dyn Prompter) -> Result<Task, Failure> {
    not_of_aws(&args, Cloud::Azure)?;
    let options = AzureOptions {
        storage_account: None,
        subscription: args.subscription,
        resource_group: args.resource_group,
        tenant: args.tenant,
        service_principal_id: args.service_principal_id,
        container: None,
        object: Vec::new(),
        no_backup: false,
    };
    let action = Some(AzureAction::Verify(AzureVerify {
        url: args.urls,
        ..AzureVerify::default()
    }));
    azure::resolve(AzureArgs { options, action }, common, prompter)
}
