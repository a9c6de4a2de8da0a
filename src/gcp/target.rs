//! Names of buckets, projects and roles: what can be connected, told apart from what cannot, before any request.
//!
//! Rules: <https://cloud.google.com/storage/docs/buckets#naming>,
//! <https://cloud.google.com/resource-manager/docs/creating-managing-projects> and
//! <https://cloud.google.com/iam/docs/creating-custom-roles>.

use std::fmt;

use crate::error::Failure;

/// The name of a bucket, and what its address said besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketName {
    name: String,
    /// The object that stood in the URL, decoded.
    pub object_in_url: Option<String>,
}

const BUCKET_FORM: &str =
    "give the bucket's name, `gs://NAME`, or `https://storage.googleapis.com/NAME/OBJECT`";

impl BucketName {
    /// Accepts `NAME`, `gs://NAME`, `gs://NAME/OBJECT`, `https://storage.googleapis.com/NAME/OBJECT` and
    /// `https://NAME.storage.googleapis.com/OBJECT`.
    ///
    /// # Errors
    /// A usage failure for anything that is no bucket of Google Cloud Storage, with the reason.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("gs://") {
            let (name, object) = rest.split_once('/').unwrap_or((rest, ""));
            return Self::checked(text, name, object);
        }
        if text.starts_with("https://") || text.starts_with("http://") {
            return Self::from_url(text);
        }
        if text.contains("://") {
            return Err(refuse(
                text,
                "it is an address of another cloud",
                BUCKET_FORM,
            ));
        }
        if let Some(name) = text.strip_prefix("projects/_/buckets/") {
            return Self::checked(text, name, "");
        }
        Self::checked(text, text, "")
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether the name has a dot, so that its own https host name has no valid certificate.
    #[must_use]
    pub fn is_dotted(&self) -> bool {
        self.name.contains('.')
    }

    /// The name as Google's gRPC interface wants it.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("projects/_/buckets/{}", self.name)
    }

    fn from_url(text: &str) -> Result<Self, Failure> {
        let url = url::Url::parse(text)
            .map_err(|error| refuse(text, &format!("it is no URL: {error}"), BUCKET_FORM))?;
        let host = url.host_str().unwrap_or_default();
        let path = url.path().strip_prefix('/').unwrap_or_default();
        let decoded = |path: &str| {
            percent_encoding::percent_decode_str(path)
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| refuse(text, "the object in it is not UTF-8", BUCKET_FORM))
        };
        if let Some(name) = host.strip_suffix(".storage.googleapis.com") {
            return Self::checked(text, name, &decoded(path)?);
        }
        match host {
            "storage.googleapis.com" => {
                if path.starts_with("storage/v1/") || path.starts_with("download/storage/v1/") {
                    return Err(refuse(
                        text,
                        "it is an address of the JSON interface, which does not follow the bucket's CORS configuration (G25)",
                        BUCKET_FORM,
                    ));
                }
                let (name, object) = path.split_once('/').unwrap_or((path, ""));
                Self::checked(text, name, &decoded(object)?)
            }
            // https://cloud.google.com/storage/docs/cross-origin: it never allows cross-origin requests.
            "storage.cloud.google.com" => Err(refuse(
                text,
                "it is a link of the console, which asks for a sign-in and never allows a page of another site to load it (G25)",
                BUCKET_FORM,
            )),
            "console.cloud.google.com" => Err(refuse(
                text,
                "it is a page of the console, and no address of a bucket",
                BUCKET_FORM,
            )),
            _ => Err(refuse(
                text,
                "its host is not one of Google Cloud Storage",
                BUCKET_FORM,
            )),
        }
    }

    fn checked(given: &str, name: &str, object: &str) -> Result<Self, Failure> {
        if let Some((reason, hint)) = wrong_bucket(name) {
            return Err(refuse(given, reason, hint));
        }
        Ok(Self {
            name: name.to_owned(),
            object_in_url: (!object.is_empty()).then(|| object.to_owned()),
        })
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

/// <https://cloud.google.com/storage/docs/buckets#naming>. The rule on names close to "google" is for Google to
/// judge; only the plain word is refused here.
fn wrong_bucket(name: &str) -> Option<(&'static str, &'static str)> {
    const HINT: &str =
        "a bucket's name has 3 to 63 lower-case letters, digits, hyphens, underscores and dots";
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let longest = if name.contains('.') { 222 } else { 63 };
    if name.is_empty() {
        Some(("the name is empty", HINT))
    } else if name.contains('/') {
        Some((
            "a name has no slash",
            "give the bucket alone, and an object with `--object`",
        ))
    } else if name.chars().any(|c| c.is_ascii_uppercase()) {
        Some(("a name has no upper-case letters", HINT))
    } else if !name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_'))
    {
        Some(("it holds characters that no bucket's name has", HINT))
    } else if !(3..=longest).contains(&name.len()) {
        Some(("it is too short or too long", HINT))
    } else if !edge(name.chars().next()) || !edge(name.chars().last()) {
        Some(("a name begins and ends with a letter or a digit", HINT))
    } else if name
        .split('.')
        .any(|part| part.is_empty() || part.len() > 63)
    {
        Some((
            "each part between dots has 1 to 63 characters",
            "check the dots in the name",
        ))
    } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
        Some(("an IP address is no bucket's name", HINT))
    } else if name.starts_with("goog") || name.contains("google") {
        Some((
            "Google keeps names that begin with `goog` or hold `google` for itself",
            "check the name; `gcloud storage buckets list` lists those of your project",
        ))
    } else {
        None
    }
}

/// The ID or the number of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project(String);

impl Project {
    /// Accepts an ID (`acme-vision`, `example.com:acme-vision`), a number, and `projects/ID`.
    ///
    /// # Errors
    /// A usage failure with the rule that is broken.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let given = text.trim();
        let name = given.strip_prefix("projects/").unwrap_or(given);
        let number = !name.is_empty() && name.chars().all(|c| c.is_ascii_digit());
        // The domain before the colon belongs to projects that were made for one, long ago.
        let id = name.rsplit(':').next().unwrap_or(name);
        let domain = name.strip_suffix(id).unwrap_or_default();
        let good = (6..=30).contains(&id.len())
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && !id.ends_with('-')
            && id
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && domain
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:".contains(c));
        if number || good {
            return Ok(Self(name.to_owned()));
        }
        Err(Failure::usage(
            format!("`--project` is `{given}`, which is no project"),
            "give its ID, 6 to 30 lower-case letters, digits and hyphens, or its number; `gcloud projects list` shows both. The project's display name is neither",
        ))
    }

    /// The ID or the number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a number. Roles are named by ID alone.
    #[must_use]
    pub fn is_number(&self) -> bool {
        self.0.chars().all(|c| c.is_ascii_digit())
    }
}

impl fmt::Display for Project {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The ID of a custom role, unique in its project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleId(String);

impl RoleId {
    /// What a role is called unless `--role-id` says otherwise.
    pub const DEFAULT: &'static str = "segments_object_reader";

    /// Accepts 3 to 64 letters, digits, underscores and dots.
    ///
    /// # Errors
    /// A usage failure with the rule that is broken.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let good = (3..=64).contains(&text.len())
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        if good {
            return Ok(Self(text.to_owned()));
        }
        let hint = if text.starts_with("roles/") {
            "name a custom role of the bucket's project; a predefined role grants more than reading objects"
        } else if text.contains('/') {
            "give the ID alone, without `projects/…/roles/`"
        } else {
            "a role's ID has 3 to 64 letters, digits, underscores and dots; no hyphens"
        };
        Err(Failure::usage(
            format!("`--role-id` is `{text}`, which is no role's ID"),
            hint,
        ))
    }

    /// The ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The role's full name in a project.
    #[must_use]
    pub fn in_project(&self, project: &str) -> String {
        format!("projects/{project}/roles/{}", self.0)
    }
}

impl Default for RoleId {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

impl fmt::Display for RoleId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn refuse(given: &str, reason: &str, hint: &str) -> Failure {
    Failure::usage(
        format!(
            "`{}` is no bucket that can be connected: {reason}",
            crate::redact::url(given)
        ),
        hint,
    )
}

#[cfg(test)]
mod tests;
