//! Whether a request may reach the account at all: its public endpoint, its network rules, https.
//!
//! See <https://learn.microsoft.com/azure/storage/common/storage-network-security>. No shared access signature gets
//! around it; that a preflight does not either is taken from there, and no page says it.

use std::net::{IpAddr, Ipv4Addr};

use crate::sandbox::azure::account::{PublicNetworkAccess, StorageAccount};
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::world::World;
use crate::sandbox::incoming::Incoming;

/// Lets a request in.
pub(super) fn admits(
    world: &World,
    account: &StorageAccount,
    request: &Incoming,
) -> Result<(), Problem> {
    if account.https_only && !world.counts_as_https {
        return Err(Problem::new(
            400,
            "AccountRequiresHttps",
            "The account being accessed does not support http.",
        ));
    }
    let open = match account.public_network_access {
        PublicNetworkAccess::Enabled => {
            !account.network.deny_by_default
                || account
                    .network
                    .ip_rules
                    .iter()
                    .any(|rule| contains(rule, source(world, request)))
        }
        PublicNetworkAccess::Disabled | PublicNetworkAccess::SecuredByPerimeter => false,
    };
    if open {
        return Ok(());
    }
    Err(Problem::new(
        403,
        "AuthorizationFailure",
        "This request is not authorized to perform this operation.",
    ))
}

/// Where a request seems to come from.
pub(super) fn source(world: &World, request: &Incoming) -> IpAddr {
    world.source_ip.unwrap_or(request.peer)
}

/// Whether an address is within a rule: an address, `A-B`, or a range such as `203.0.113.0/24`.
pub(super) fn contains(rule: &str, address: IpAddr) -> bool {
    let IpAddr::V4(address) = address else {
        return rule.parse() == Ok(address);
    };
    if let Some((first, last)) = rule.split_once('-') {
        let bounds = (first.parse::<Ipv4Addr>(), last.parse::<Ipv4Addr>());
        return matches!(bounds, (Ok(first), Ok(last)) if (first..=last).contains(&address));
    }
    let (network, length) = rule.split_once('/').unwrap_or((rule, "32"));
    let (Ok(network), Ok(length)) = (network.parse::<Ipv4Addr>(), length.parse::<u32>()) else {
        return false;
    };
    let shift = 32_u32.saturating_sub(length);
    let prefix = |address: Ipv4Addr| u64::from(address.to_bits()) >> shift;
    prefix(network) == prefix(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_hold_addresses_and_ranges() {
        for (rule, address, expected) in [
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("203.0.113.5-203.0.113.9", "203.0.113.9", true),
            ("203.0.113.5-203.0.113.9", "203.0.113.10", false),
            ("nonsense", "203.0.113.7", false),
            ("203.0.113.0/24", "::1", false),
        ] {
            assert_eq!(
                contains(rule, address.parse().unwrap()),
                expected,
                "{rule} {address}"
            );
        }
    }
}
