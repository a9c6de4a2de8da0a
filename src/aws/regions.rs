//! Regions that are off in an account until it opts in to them.

/// Those that <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html> lists as opt-in.
const OPT_IN: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

/// Whether an account has to opt in to this Region before it knows the users of others there, or they it.
#[must_use]
pub fn is_opt_in(region: &str) -> bool {
    OPT_IN.contains(&region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_that_every_account_has_are_not_among_them() {
        for region in [
            "us-east-1",
            "eu-west-1",
            "eu-central-1",
            "ap-southeast-2",
            "ca-central-1",
            "",
        ] {
            assert!(!is_opt_in(region), "{region}");
        }
        for region in ["eu-south-1", "me-central-1"] {
            assert!(is_opt_in(region), "{region}");
        }
        assert!(OPT_IN.is_sorted());
    }
}
