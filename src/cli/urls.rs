//! `segments-connect verify URL...` as clap sees it.

use clap::Args;

/// `segments-connect verify`.
#[derive(Debug, Args)]
#[command(before_help = "\
Examples:
  segments-connect verify https://acme-images.s3.eu-west-1.amazonaws.com/photos/0001.jpg
  segments-connect verify s3://acme-images/photos/0001.jpg --profile production
  segments-connect verify gs://acme-images/photos/0001.jpg --service-account EMAIL
  segments-connect verify https://acmeimages.blob.core.windows.net/photos/0001.jpg

Put a URL with `&` or `?` in quotes. It works without credentials too, with what anybody can ask.")]
pub struct VerifyArgs {
    /// The URLs of objects in one bucket or storage account, as they were registered, or signed links to them
    #[arg(value_name = "URL", required = true)]
    pub urls: Vec<String>,
    /// S3: the Region to sign in to, as `AWS_REGION`
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// S3: the profile in your AWS configuration, as `AWS_PROFILE`
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Google Cloud: the service account that Segments.ai hands out for each customer
    #[arg(
        long,
        value_name = "EMAIL",
        env = "SEGMENTS_CONNECT_SERVICE_ACCOUNT",
        hide_env_values = true
    )]
    pub service_account: Option<String>,
    /// Google Cloud: the bucket's project, by ID or number
    #[arg(
        long,
        value_name = "ID",
        env = "SEGMENTS_CONNECT_PROJECT",
        hide_env_values = true
    )]
    pub project: Option<String>,
    /// Google Cloud: the ID of the custom role
    #[arg(
        long,
        value_name = "ID",
        env = "SEGMENTS_CONNECT_ROLE_ID",
        hide_env_values = true
    )]
    pub role_id: Option<String>,
    /// Azure: the subscription that the storage account is in
    #[arg(
        long,
        value_name = "ID",
        env = "AZURE_SUBSCRIPTION_ID",
        hide_env_values = true
    )]
    pub subscription: Option<String>,
    /// Azure: the resource group that it is in
    #[arg(
        long,
        value_name = "NAME",
        env = "SEGMENTS_CONNECT_RESOURCE_GROUP",
        hide_env_values = true
    )]
    pub resource_group: Option<String>,
    /// Azure: the tenant to sign in to
    #[arg(
        long,
        value_name = "TENANT",
        env = "SEGMENTS_CONNECT_TENANT",
        hide_env_values = true
    )]
    pub tenant: Option<String>,
    /// Azure: the object ID of the app's service principal
    #[arg(
        long,
        value_name = "OBJECT_ID",
        env = "SEGMENTS_CONNECT_SERVICE_PRINCIPAL_ID",
        hide_env_values = true
    )]
    pub service_principal_id: Option<String>,
}
