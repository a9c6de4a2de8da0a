//! Names of buckets and Regions: what can be connected, told apart from what cannot, before any request.
//!
//! Rules: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.

use crate::error::Failure;

/// The name of a general purpose bucket, and what its address said besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketName {
    name: String,
    /// The Region that stood in the URL, where the bucket was given as one.
    pub region_in_url: Option<String>,
    /// The key that stood in the URL, decoded.
    pub key_in_url: Option<String>,
}

impl BucketName {
    /// Accepts `NAME`, `s3://NAME`, and `https://NAME.s3.REGION.amazonaws.com/KEY`.
    ///
    /// # Errors
    /// A usage failure for anything that is no general purpose bucket of the `aws` partition, with the reason.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("s3://") {
            let (name, key) = rest.split_once('/').unwrap_or((rest, ""));
            return Self::checked(text, name, None, key);
        }
        if text.starts_with("https://") || text.starts_with("http://") {
            return Self::from_url(text);
        }
        if text.starts_with("arn:") {
            return Err(refuse(text, "an ARN is no bucket name", arn_hint(text)));
        }
        Self::checked(text, text, None, "")
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether the name has a dot, so that its https host name has no valid certificate.
    #[must_use]
    pub fn is_dotted(&self) -> bool {
        self.name.contains('.')
    }

    fn from_url(text: &str) -> Result<Self, Failure> {
        const FORM: &str =
            "give the bucket's name, `s3://NAME`, or `https://NAME.s3.REGION.amazonaws.com/KEY`";
        let url = url::Url::parse(text)
            .map_err(|error| refuse(text, &format!("it is no URL: {error}"), FORM))?;
        let host = url.host_str().unwrap_or_default();
        let (front, suffix) = host
            .strip_suffix(".amazonaws.com")
            .map(|front| (front, ""))
            .or_else(|| {
                host.strip_suffix(".amazonaws.com.cn")
                    .map(|front| (front, "cn"))
            })
            .or_else(|| {
                host.strip_suffix(".amazonaws.eu")
                    .map(|front| (front, "eusc"))
            })
            .ok_or_else(|| refuse(text, "its host is not one of Amazon S3", FORM))?;
        if !suffix.is_empty() {
            return Err(refuse(text, PARTITION, PARTITION_HINT));
        }
        let Some((name, service)) = split_service(front) else {
            return Err(refuse(text, "the bucket is not in its host name", FORM));
        };
        let region = match service {
            "s3" | "s3-accelerate" => None,
            _ => service
                .strip_prefix("s3.dualstack.")
                .or_else(|| service.strip_prefix("s3."))
                .or_else(|| service.strip_prefix("s3-")),
        };
        if service.starts_with("s3-website") {
            return Err(refuse(
                text,
                "a website endpoint serves only public objects",
                FORM,
            ));
        }
        if let Some(region) = region {
            check_region(region)?;
        }
        let key =
            percent_encoding::percent_decode_str(url.path().strip_prefix('/').unwrap_or_default())
                .decode_utf8()
                .map_err(|_| refuse(text, "the key in it is not UTF-8", FORM))?;
        Self::checked(text, name, region, &key)
    }

    fn checked(given: &str, name: &str, region: Option<&str>, key: &str) -> Result<Self, Failure> {
        if let Some((reason, hint)) = wrong_kind(name).or_else(|| wrong_form(name)) {
            return Err(refuse(given, reason, hint));
        }
        Ok(Self {
            name: name.to_owned(),
            region_in_url: region.map(str::to_owned),
            key_in_url: (!key.is_empty()).then(|| key.to_owned()),
        })
    }
}

impl std::fmt::Display for BucketName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name)
    }
}

const PARTITION: &str =
    "it is in another AWS partition, and Segments.ai's account exists only in `aws`";
const PARTITION_HINT: &str =
    "copy the data to a bucket in a commercial AWS Region, or ask Segments.ai's support";

/// Refuses a Region of a partition in which Segments.ai's account does not exist.
///
/// GovCloud shares the DNS suffix of the commercial partition, so the Region decides and not the host name.
///
/// # Errors
/// A usage failure that names the Region.
pub fn check_region(region: &str) -> Result<(), Failure> {
    let plausible = region.split('-').count() >= 3
        && region
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !plausible {
        return Err(Failure::usage(
            format!("`{region}` is no AWS Region"),
            "give a Region such as `eu-west-1`, or leave it out: the bucket's Region is looked up",
        ));
    }
    if partition_of(region) == "aws" {
        return Ok(());
    }
    Err(Failure::usage(
        format!("the Region `{region}` cannot be used: {PARTITION}"),
        PARTITION_HINT,
    ))
}

/// The partition that a Region belongs to.
#[must_use]
pub fn partition_of(region: &str) -> &'static str {
    const OTHERS: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("eusc-", "aws-eusc"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-iso-", "aws-iso"),
    ];
    OTHERS
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix))
        .map_or("aws", |(_, partition)| partition)
}

/// `acme.images.s3.eu-west-1` is the bucket `acme.images` and the service `s3.eu-west-1`.
fn split_service(front: &str) -> Option<(&str, &str)> {
    let at = front.rfind(".s3")?;
    let (name, service) = (front.get(..at)?, front.get(at + 1..)?);
    let known =
        ["s3", "s3."].contains(&service.get(..3).unwrap_or(service)) || service.starts_with("s3-");
    (known && !name.is_empty()).then_some((name, service))
}

/// Buckets and things that look like buckets, but cannot be read as one.
fn wrong_kind(name: &str) -> Option<(&'static str, &'static str)> {
    const GENERAL: &str = "use a general purpose bucket";
    const KINDS: [(&str, &str); 6] = [
        (
            "--x-s3",
            "it is a directory bucket, which has no CORS, so no browser can load from it (A43)",
        ),
        (
            "--ol-s3",
            "it is an Object Lambda access point, which bucket policies do not cover (A43)",
        ),
        (
            "-s3alias",
            "it is the alias of an access point, and not the bucket that holds the policy",
        ),
        (
            "--op-s3",
            "it is an Outposts bucket, which Segments.ai cannot reach (A43)",
        ),
        (
            "--table-s3",
            "it is a table bucket, which holds no objects to load",
        ),
        (
            ".mrap",
            "it is a multi-Region access point, and not the bucket that holds the policy",
        ),
    ];
    KINDS
        .iter()
        .find(|(suffix, _)| name.ends_with(suffix))
        .map(|(_, reason)| (*reason, GENERAL))
}

fn wrong_form(name: &str) -> Option<(&'static str, &'static str)> {
    const HINT: &str = "a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens";
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if name.is_empty() {
        Some(("the name is empty", HINT))
    } else if name.chars().any(|c| c.is_ascii_uppercase() || c == '_') {
        Some((
            "names with upper-case letters or underscores cannot be host names, so no link to such a bucket works in a browser",
            HINT,
        ))
    } else if name.contains('/') {
        Some((
            "a name has no slash",
            "give the bucket alone, and a key with `--object`",
        ))
    } else if !name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-')
    {
        Some(("it holds characters that no bucket's name has", HINT))
    } else if !(3..=63).contains(&name.len()) {
        Some(("it is too short or too long", HINT))
    } else if !edge(name.chars().next()) || !edge(name.chars().last()) {
        Some(("it begins or ends with a dot or hyphen", HINT))
    } else if name.contains("..") || name.contains(".-") || name.contains("-.") {
        Some(("a dot stands beside a dot or hyphen", HINT))
    } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
        Some(("it has the form of an IP address", HINT))
    } else if name.starts_with("xn--") || name.starts_with("sthree-") {
        Some(("it begins with a prefix that S3 keeps for itself", HINT))
    } else {
        None
    }
}

fn arn_hint(arn: &str) -> &'static str {
    if arn.contains("s3-outposts") {
        "Outposts buckets cannot be reached by Segments.ai: use a general purpose bucket"
    } else if arn.contains(":accesspoint/") {
        "give the name of the bucket behind the access point"
    } else {
        "give the bucket's name alone"
    }
}

fn refuse(given: &str, reason: &str, hint: &str) -> Failure {
    Failure::usage(
        format!(
            "`{}` is not a bucket that can be connected: {reason}",
            crate::redact::url(given)
        ),
        hint,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_accepted_form_names_the_same_bucket() {
        for text in [
            "acme-images",
            " acme-images ",
            "s3://acme-images",
            "s3://acme-images/",
            "https://acme-images.s3.eu-west-1.amazonaws.com/",
            "https://acme-images.s3.amazonaws.com",
            "https://acme-images.s3-eu-west-1.amazonaws.com/",
            "https://acme-images.s3.dualstack.eu-west-1.amazonaws.com/",
        ] {
            let name = BucketName::parse(text).expect(text);
            assert_eq!(name.as_str(), "acme-images", "{text}");
            assert_eq!(name.key_in_url, None, "{text}");
        }
    }

    #[test]
    fn a_registered_url_also_gives_region_and_key() {
        let name =
            BucketName::parse("https://a.b.s3.eu-west-1.amazonaws.com/p/a%20b.jpg").expect("valid");
        assert_eq!(name.as_str(), "a.b");
        assert!(name.is_dotted());
        assert_eq!(name.region_in_url.as_deref(), Some("eu-west-1"));
        assert_eq!(name.key_in_url.as_deref(), Some("p/a b.jpg"));
    }

    #[test]
    fn a_key_keeps_its_leading_slash() {
        let name =
            BucketName::parse("https://acme.s3.eu-west-1.amazonaws.com//p/a.jpg").expect("valid");
        assert_eq!(name.key_in_url.as_deref(), Some("/p/a.jpg"));
    }

    #[test]
    fn a_refused_link_is_not_repeated_with_its_signature() {
        let link = "https://example.com/k?X-Amz-Signature=0123456789abcdef&X-Amz-Security-Token=secret-token";
        let failure = BucketName::parse(link).expect_err("not S3");
        let said = format!("{failure:?}");
        assert!(
            !said.contains("0123456789abcdef") && !said.contains("secret-token"),
            "{said}"
        );
    }

    #[test]
    fn what_is_no_general_purpose_bucket_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "empty"),
            ("ab", "too short"),
            ("Acme", "upper-case"),
            ("acme_images", "underscores"),
            ("acme/images", "slash"),
            ("acme images", "characters"),
            ("-acme", "begins or ends"),
            ("acme..images", "dot stands"),
            ("192.168.5.4", "IP address"),
            ("xn--acme", "prefix"),
            ("acme--euw1-az1--x-s3", "directory bucket"),
            ("acme--ol-s3", "Object Lambda"),
            ("acme-abc123-s3alias", "access point"),
            ("acme--op-s3", "Outposts"),
            ("m123.mrap", "multi-Region"),
            ("arn:aws:s3:::acme", "ARN"),
            (
                "arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-1/bucket/b",
                "ARN",
            ),
            ("https://acme.s3.cn-north-1.amazonaws.com.cn/k", "partition"),
            ("https://acme.s3.us-gov-west-1.amazonaws.com/k", "partition"),
            ("https://s3.eu-west-1.amazonaws.com/acme/k", "host name"),
            (
                "https://acme.s3-website-us-east-1.amazonaws.com/",
                "website",
            ),
            ("https://example.com/acme", "Amazon S3"),
            ("a\"},{\"effect\":\"allow", "characters"),
        ] {
            let failure = BucketName::parse(text).expect_err(text);
            assert!(
                failure.message.contains(reason),
                "{text}: {}",
                failure.message
            );
            assert!(!failure.hints.is_empty(), "{text}");
        }
    }

    #[test]
    fn regions_of_other_partitions_are_refused() {
        for region in [
            "cn-north-1",
            "us-gov-east-1",
            "eusc-de-east-1",
            "us-iso-east-1",
            "us-isob-east-1",
        ] {
            assert!(check_region(region).is_err(), "{region}");
        }
        for region in ["eu-west-1", "us-east-1", "ap-southeast-3", "mx-central-1"] {
            assert!(check_region(region).is_ok(), "{region}");
        }
        assert!(check_region("Ireland").is_err());
    }
}
