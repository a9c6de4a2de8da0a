//! The one integration binary: the program as a user runs it, against local clouds and against servers that others
//! wrote. One binary, because linking the SDKs once is enough.

mod support;
mod watched;

mod azure_canary;
mod azure_connect;
mod azure_contract;
mod azure_credentials;
mod azure_errors;
mod azure_faults;
mod azure_find;
mod azure_safety;
mod azure_shapes;
mod azure_split;
mod azure_terminal;
mod azure_verify;
mod azure_verify_blobs;
mod azurite;
mod canary;
mod contract;
mod faults;
mod gcp_canary;
mod gcp_connect;
mod gcp_disconnect;
mod gcp_errors;
mod gcp_races;
mod gcp_support;
mod gcp_terminal;
mod gcp_verify;
mod generated;
mod moto_and_seaweed;
mod resources;
mod sandbox_azure;
mod sandbox_gcp;
mod sandbox_with_aws_sdk;
mod stories_connect;
mod stories_disconnect;
mod stories_errors;
mod stories_races;
mod stories_safety;
mod stories_sandbox;
mod stories_terminal;
mod stories_verify;
mod stories_verify_browser;
mod stories_verify_objects;
