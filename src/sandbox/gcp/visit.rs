//! A request that got as far as its bucket: who asks, from where, and who pays.
//!
//! What the request is for is decided by its operation.

use std::net::IpAddr;

use super::bucket::Bucket;
use super::call::{Call, STORAGE};
use super::identity::Identity;
use super::policy::{Resource, Wish};
use super::problem::{Code, Problem};
use super::refusal::{denied, no_bucket};
use super::world::World;
use crate::sandbox::incoming::Incoming;

/// A request at its bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit<'a> {
    pub wish: Wish<'a>,
    pub bucket: &'a Bucket,
}

impl<'a> Visit<'a> {
    /// Finds the bucket, and lets the request in.
    pub fn enter(
        world: &'a World,
        identity: &'a Identity,
        request: &Incoming,
        call: &Call,
        name: &str,
    ) -> Result<Self, Problem> {
        let bucket = world.bucket(name).ok_or_else(no_bucket)?;
        let visit = Self {
            wish: Wish {
                world,
                caller: &identity.caller,
            },
            bucket,
        };
        visit.check_perimeter()?;
        visit.check_address(world.source_ip.unwrap_or(request.peer))?;
        let payer = request
            .header("x-goog-user-project")
            .or_else(|| call.parameter("userProject"));
        visit.check_payer(payer)?;
        Ok(visit)
    }

    /// Refuses a caller who may not do something with the bucket itself.
    pub fn need(&self, permission: &str) -> Result<(), Problem> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(denied(self.wish.caller, permission, "bucket"))
        }
    }

    pub fn may(&self, permission: &str) -> bool {
        self.wish.may(permission, Resource::Bucket(self.bucket))
    }

    /// See <https://cloud.google.com/vpc-service-controls/docs/troubleshooting>.
    fn check_perimeter(&self) -> Result<(), Problem> {
        let project = self.wish.world.project(&self.bucket.project);
        let Some(perimeter) = project.and_then(|(_, project)| project.perimeter.as_ref()) else {
            return Ok(());
        };
        let email = self.wish.caller.email();
        if email.is_some_and(|email| perimeter.admitted.contains(email)) {
            return Ok(());
        }
        let message = "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: \
                       c0ffee00c0ffee00";
        Err(Problem::new(Code::PermissionDenied, message)
            .reason("vpcServiceControls")
            .info(
                "googleapis.com",
                "SECURITY_POLICY_VIOLATED",
                &[("uid", "c0ffee00c0ffee00"), ("service", STORAGE)],
            )
            .xml("SecurityPolicyViolated", Some(message.to_owned())))
    }

    /// See <https://cloud.google.com/storage/docs/ip-filtering-overview>.
    fn check_address(&self, from: IpAddr) -> Result<(), Problem> {
        let Some(filter) = &self.bucket.settings.ip_filter else {
            return Ok(());
        };
        let ranges = filter
            .public_network_source
            .iter()
            .flat_map(|source| &source.allowed_ip_cidr_ranges);
        let admitted = filter.mode.as_deref() != Some("Enabled")
            || ranges.into_iter().any(|range| contains(range, from));
        if admitted {
            return Ok(());
        }
        let message =
            "There is an IP filtering condition that is preventing access to the resource.";
        Err(Problem::new(Code::PermissionDenied, message)
            .reason("forbidden")
            .xml("AccessDenied", Some(message.to_owned())))
    }

    /// Whoever may not bill the bucket's own project names one that pays.
    /// See <https://cloud.google.com/storage/docs/requester-pays#requirements>.
    fn check_payer(&self, payer: Option<&str>) -> Result<(), Problem> {
        let requester_pays = self
            .bucket
            .settings
            .billing
            .is_some_and(|billing| billing.requester_pays);
        let own = self.wish.may(
            "resourcemanager.projects.createBillingAssignment",
            Resource::Project(&self.bucket.project),
        );
        match payer {
            _ if !requester_pays || (payer.is_none() && own) => Ok(()),
            None => {
                let message = "Bucket is a requester pays bucket but no user project provided.";
                Err(Problem::new(Code::InvalidArgument, message)
                    .reason("required")
                    .xml("UserProjectMissing", Some(message.to_owned())))
            }
            Some(project) => self.check_paying_project(project),
        }
    }

    fn check_paying_project(&self, name: &str) -> Result<(), Problem> {
        let may = self.wish.world.project(name).is_some_and(|(id, _)| {
            self.wish
                .may("serviceusage.services.use", Resource::Project(id))
        });
        if may {
            return Ok(());
        }
        let message = format!(
            "{} does not have serviceusage.services.use access to the Google Cloud project. Permission \
             'serviceusage.services.use' denied on resource (or it may not exist).",
            self.wish.caller.title()
        );
        Err(Problem::new(Code::PermissionDenied, message.clone())
            .reason("forbidden")
            .xml("UserProjectAccessDenied", Some(message)))
    }
}

/// Whether a network, as `a.b.c.d/n`, holds an address.
fn contains(range: &str, address: IpAddr) -> bool {
    let (network, length) = range.split_once('/').unwrap_or((range, "128"));
    let Ok(length) = length.parse::<u32>() else {
        return false;
    };
    let (network, address, bits) = match (network.parse(), address) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(address)) => (
            u128::from(network.to_bits()),
            u128::from(address.to_bits()),
            32,
        ),
        (Ok(IpAddr::V6(network)), IpAddr::V6(address)) => {
            (network.to_bits(), address.to_bits(), 128)
        }
        _ => return false,
    };
    let dropped = bits - length.min(bits);
    let prefix = |value: u128| value.checked_shr(dropped).unwrap_or_default();
    prefix(network) == prefix(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_share_its_prefix() {
        for (range, address, expected) in [
            ("0.0.0.0/0", "203.0.113.9", true),
            ("203.0.113.0/24", "203.0.113.9", true),
            ("203.0.113.0/24", "203.0.114.9", false),
            ("203.0.113.9/32", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.9", true),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "203.0.113.9", false),
            ("nonsense", "203.0.113.9", false),
            ("203.0.113.0/x", "203.0.113.9", false),
        ] {
            assert_eq!(
                contains(range, address.parse().unwrap()),
                expected,
                "{range} {address}"
            );
        }
    }
}
