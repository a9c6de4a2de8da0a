//! URLs of objects, which must all be in one bucket or storage account.

use crate::address::{self, Address, Cloud};
use crate::error::Failure;

/// Reads URLs of one cloud and one place in it, each once.
///
/// # Errors
/// A usage failure for what is no such URL.
pub(super) fn of_one_place(urls: &[String], cloud: Cloud) -> Result<Vec<Address>, Failure> {
    let mut addresses: Vec<Address> = Vec::new();
    for url in urls {
        let address = address::parse(url)?;
        if address.cloud != cloud {
            return Err(Failure::usage(
                format!("`{}` is on {}", address.shown, address.cloud.in_words()),
                format!("give the URL of an object on {}", cloud.in_words()),
            ));
        }
        if let Some(first) = addresses.first()
            && first.bucket != address.bucket
        {
            return Err(elsewhere(&first.bucket, &address));
        }
        if !addresses.iter().any(|known| known.shown == address.shown) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

/// The place that was named is another one than that of the URL.
pub(super) fn elsewhere(one: &str, address: &Address) -> Failure {
    let kind = match address.cloud {
        Cloud::Aws | Cloud::Gcp => "bucket",
        Cloud::Azure => "storage account",
    };
    Failure::usage(
        format!(
            "`{}` is in the {kind} `{}`, and not in `{one}`",
            address.shown, address.bucket
        ),
        format!("give the URLs of one {kind} at a time"),
    )
}
