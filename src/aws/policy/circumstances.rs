//! What is known of a request before it is made: the value of each condition key.
//!
//! A key that is certain not to be sent is told from one whose value nobody knows, because a condition on the first
//! can be decided. What each key holds and when it is there:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>. It decides nothing.

mod contexts;

use std::collections::BTreeMap;

use time::OffsetDateTime;

/// Numbers and times are kept in billionths, so that decimals compare exactly.
const SCALE: i128 = 1_000_000_000;

/// What the values of a key are, which decides with which operators it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// An ARN, which the operators for texts take too.
    Arn,
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// An IP address.
    Address,
    /// A point in time.
    Time,
    /// Not known.
    Unknown,
}

/// The values that a key may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// None: the key is never there.
    Never,
    /// One of these, and any of them is possible.
    OneOf(Vec<String>),
    /// All of these at once, and perhaps more; the key is one of several values.
    AtLeast(Vec<String>),
    /// A text that this pattern matches.
    Within(String),
    /// Every number from the first to the last, each of which is sure to occur in the life of a link; in
    /// billionths.
    Between(i128, i128),
    /// An address on the public internet.
    PublicAddress,
    /// The organisation of Segments.ai, or a path in it, which is not the customer's.
    Elsewhere {
        /// Whether the key is one of several values.
        several: bool,
    },
    /// Anything.
    Anything,
}

/// What is known of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its values, where it is there.
    pub values: Values,
    /// What they are.
    pub kind: Kind,
    /// Whether it may be missing from the request.
    pub may_be_absent: bool,
    /// Why, as a clause that follows "the key".
    pub why: &'static str,
}

impl Known {
    fn new(values: Values, kind: Kind, why: &'static str) -> Self {
        Self {
            values,
            kind,
            may_be_absent: false,
            why,
        }
    }

    /// The key is never there.
    #[must_use]
    pub fn absent(why: &'static str) -> Self {
        Self {
            may_be_absent: true,
            ..Self::new(Values::Never, Kind::Unknown, why)
        }
    }

    /// The key has this value.
    #[must_use]
    pub fn one(value: &str, kind: Kind, why: &'static str) -> Self {
        Self::new(Values::OneOf(vec![value.to_owned()]), kind, why)
    }

    /// Nothing is known.
    #[must_use]
    pub fn unknown(why: &'static str) -> Self {
        Self {
            may_be_absent: true,
            ..Self::new(Values::Anything, Kind::Unknown, why)
        }
    }

    fn or_absent(mut self) -> Self {
        self.may_be_absent = true;
        self
    }
}

/// Where the object is and when it is asked for, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place<'a> {
    /// The Region of the bucket.
    pub region: Option<&'a str>,
    /// The account that owns the bucket.
    pub owner: Option<&'a str>,
    /// When the link is made.
    pub now: Option<OffsetDateTime>,
}

/// What is known of one kind of request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// What the request is: "a link in a browser".
    pub name: &'static str,
    keys: BTreeMap<String, Known>,
    /// Keys that end in a name of somebody's choice, by how they begin.
    families: Vec<(&'static str, Known)>,
    /// The tags of the object, where they were read.
    tags: Option<Vec<(String, String)>>,
}

/// How the key begins that holds a tag of the object, whose name follows.
const TAG: &str = "s3:existingobjecttag/";

impl Circumstances {
    /// What is known of a key, whose case does not count.
    #[must_use]
    pub fn of(&self, key: &str) -> Known {
        let lower = key.to_ascii_lowercase();
        if let (Some(tags), Some(name)) = (&self.tags, key.get(TAG.len()..))
            && lower.starts_with(TAG)
        {
            return tag(tags, name);
        }
        self.keys
            .get(&lower)
            .or_else(|| {
                self.families
                    .iter()
                    .find(|(prefix, _)| lower.starts_with(prefix))
                    .map(|(_, known)| known)
            })
            .cloned()
            .unwrap_or_else(|| Known::unknown("is not one whose value is known"))
    }

    /// The same, with the tags of the object read.
    #[must_use]
    pub fn with_tags<'t>(mut self, tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        self.tags = Some(tags.into_iter().map(owned).collect());
        self
    }

    fn set(&mut self, keys: &[&str], known: &Known) {
        for key in keys {
            self.keys.insert(key.to_ascii_lowercase(), known.clone());
        }
    }
}

/// A tag of an object by the name that a policy gives it. Names of tags are told apart by their case, and whether those
/// in conditions are is not documented. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html>
fn tag(tags: &[(String, String)], name: &str) -> Known {
    let lower = name.to_lowercase();
    let mut alike = tags
        .iter()
        .filter(|(found, _)| found.to_lowercase() == lower);
    match (alike.next(), alike.next()) {
        (None, _) => Known::absent("is a tag that the object does not have"),
        (Some((found, value)), None) if found == name => {
            Known::one(value, Kind::Text, "is a tag of the object")
        }
        (Some(_), _) => Known::unknown(
            "is a tag of the object in another case, and whether that counts is not documented",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_in_any_case_and_by_family() {
        let link = Circumstances::link_in_a_browser(&Place::default());
        assert_eq!(
            link.of("AWS:securetransport"),
            link.of("aws:SecureTransport")
        );
        assert_eq!(
            link.of("aws:SecureTransport").values,
            Values::OneOf(vec!["true".to_owned()])
        );
        assert_eq!(
            link.of("s3:ExistingObjectTag/Team").values,
            Values::Anything
        );
        assert_eq!(link.of("aws:SourceVpce").values, Values::Never);
        assert_eq!(link.of("aws:NewKeyOfTomorrow").values, Values::Anything);
    }

    #[test]
    fn tags_that_were_read_are_all_there_are() {
        let link =
            Circumstances::link_in_a_browser(&Place::default()).with_tags([("Team", "Vision")]);
        assert_eq!(
            link.of("s3:existingobjecttag/Team").values,
            Values::OneOf(vec!["Vision".to_owned()])
        );
        assert_eq!(
            link.of("s3:ExistingObjectTag/team").values,
            Values::Anything
        );
        let both = Circumstances::link_in_a_browser(&Place::default())
            .with_tags([("Team", "Vision"), ("team", "vision")]);
        assert_eq!(
            both.of("s3:ExistingObjectTag/team").values,
            Values::Anything
        );
        assert_eq!(link.of("s3:ExistingObjectTag/other").values, Values::Never);
    }

    #[test]
    fn the_two_requests_differ_in_how_they_are_signed() {
        let place = Place {
            region: Some("eu-west-1"),
            owner: Some("123456789012"),
            now: OffsetDateTime::from_unix_timestamp(1_700_000_000).ok(),
        };
        let link = Circumstances::link_in_a_browser(&place);
        let server = Circumstances::signed_by_a_server(&place);
        assert_eq!(
            link.of("s3:authType").values,
            Values::OneOf(vec!["REST-QUERY-STRING".to_owned()])
        );
        assert_eq!(
            server.of("s3:authType").values,
            Values::OneOf(vec!["REST-HEADER".to_owned()])
        );
        assert_eq!(
            link.of("s3:signatureAge").values,
            Values::Between(0, 86_400_000 * SCALE)
        );
        let day = Values::Between(1_700_000_000 * SCALE, 1_700_086_400 * SCALE);
        assert_eq!(link.of("aws:CurrentTime").values, day);
        for both in [&link, &server] {
            assert_eq!(
                both.of("aws:RequestedRegion").values,
                Values::OneOf(vec!["eu-west-1".to_owned()])
            );
            assert_eq!(
                both.of("s3:ResourceAccount").values,
                Values::OneOf(vec!["123456789012".to_owned()])
            );
        }
    }
}
