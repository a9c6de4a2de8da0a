//! The service account that Segments.ai hands to a customer: told apart from everything else that a binding could
//! name, before any request.
//!
//! Forms: <https://cloud.google.com/iam/docs/service-account-types> and
//! <https://cloud.google.com/iam/docs/principal-identifiers>.

use std::fmt;

use crate::error::Failure;

/// The e-mail address of a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount(String);

/// Where the address comes from.
pub const ASK_SEGMENTS: &str = "Segments.ai hands out this address for each customer: ask for it at support@segments.ai, or your contact there";

const DOMAIN: &str = "gserviceaccount.com";

impl ServiceAccount {
    /// Accepts an address of any of Google's domains for service accounts, with or without `serviceAccount:` before it.
    ///
    /// # Errors
    /// A usage failure for anybody else, with the reason: nobody but one service account is ever let in.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let given = text.trim();
        let email = given.strip_prefix("serviceAccount:").unwrap_or(given);
        if let Some(reason) = wrong_kind(email) {
            return Err(refuse(given, reason));
        }
        let email = email.to_ascii_lowercase();
        let Some((local, domain)) = email.split_once('@') else {
            return Err(refuse(given, "it is no e-mail address"));
        };
        let Some(kind) = domain
            .strip_suffix(DOMAIN)
            .and_then(|front| front.strip_suffix('.'))
        else {
            return Err(refuse(
                given,
                "it is the address of a person or a group: those of service accounts end with `gserviceaccount.com`",
            ));
        };
        wrong_form(local, kind).map_or(Ok(()), |reason| Err(refuse(given, reason)))?;
        Ok(Self(email))
    }

    /// Stands for an address that was not given. It is no member of any policy, and is asked about nowhere.
    #[must_use]
    pub fn unknown() -> Self {
        Self(String::new())
    }

    /// Whether it was given.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a binding names it.
    #[must_use]
    pub fn member(&self) -> String {
        format!("serviceAccount:{}", self.0)
    }
}

impl fmt::Display for ServiceAccount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_known() {
            &self.0
        } else {
            "SEGMENTS_SERVICE_ACCOUNT"
        })
    }
}

/// Every other kind of principal: <https://cloud.google.com/iam/docs/principal-identifiers>.
fn wrong_kind(text: &str) -> Option<&'static str> {
    const KINDS: [(&str, &str); 11] = [
        ("allUsers", "that is everyone on the internet"),
        (
            "allAuthenticatedUsers",
            "that is everyone with a Google account",
        ),
        ("user:", "that is a person, and not a service account"),
        (
            "group:",
            "that is a group: whoever joins it later would be let in too",
        ),
        ("domain:", "that is everyone of a domain"),
        ("deleted:", "that account was deleted"),
        (
            "principal:",
            "that is an identity of another provider, and not a service account",
        ),
        (
            "principalSet:",
            "that is a set of identities, and not one service account",
        ),
        (
            "projectViewer:",
            "that is everyone with a role on a project",
        ),
        (
            "projectEditor:",
            "that is everyone with a role on a project",
        ),
        ("projectOwner:", "that is everyone with a role on a project"),
    ];
    let starts = |kind: &str| {
        text.get(..kind.len())
            .is_some_and(|front| front.eq_ignore_ascii_case(kind))
    };
    KINDS
        .iter()
        .find(|(kind, _)| {
            if kind.ends_with(':') {
                starts(kind)
            } else {
                text.eq_ignore_ascii_case(kind)
            }
        })
        .map(|(_, reason)| *reason)
        .or_else(|| {
            text.contains(".svc.id.goog[")
                .then_some("that is a workload of a Kubernetes cluster, and not a service account")
        })
}

/// `kind` is what stands before `.gserviceaccount.com`: `PROJECT.iam`, `developer`, `appspot`, `cloudservices`, or
/// that of one of Google's own service agents (<https://cloud.google.com/iam/docs/service-agents>).
fn wrong_form(local: &str, kind: &str) -> Option<&'static str> {
    let letters = |text: &str, more: &str| {
        text.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
    };
    let edge = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    if local.is_empty() {
        Some("nothing stands before its `@`")
    } else if local.len() > 64 || !letters(local, "-._") || !edge(local) {
        Some("what stands before its `@` is no name of a service account")
    } else if kind.is_empty()
        || !letters(kind, "-.")
        || kind.split('.').any(|part| part.is_empty() || !edge(part))
    {
        Some("what stands after its `@` is no domain")
    } else if kind == "iam" {
        Some("it lacks the project: service accounts are `NAME@PROJECT.iam.gserviceaccount.com`")
    } else {
        None
    }
}

fn refuse(given: &str, reason: &str) -> Failure {
    Failure::usage(
        format!("`--service-account` is `{given}`: {reason}"),
        ASK_SEGMENTS,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_domain_of_service_accounts_is_accepted() {
        for (text, email) in [
            (
                "acme@segments-prod.iam.gserviceaccount.com",
                "acme@segments-prod.iam.gserviceaccount.com",
            ),
            (
                " serviceAccount:acme-1@segments-prod.iam.gserviceaccount.com ",
                "acme-1@segments-prod.iam.gserviceaccount.com",
            ),
            (
                "Acme@Segments-Prod.iam.gserviceaccount.com",
                "acme@segments-prod.iam.gserviceaccount.com",
            ),
            (
                "acme@segments-prod.segments.ai.iam.gserviceaccount.com",
                "acme@segments-prod.segments.ai.iam.gserviceaccount.com",
            ),
            (
                "123456789012-compute@developer.gserviceaccount.com",
                "123456789012-compute@developer.gserviceaccount.com",
            ),
            (
                "segments-prod@appspot.gserviceaccount.com",
                "segments-prod@appspot.gserviceaccount.com",
            ),
            (
                "segments-prod.segments.ai@appspot.gserviceaccount.com",
                "segments-prod.segments.ai@appspot.gserviceaccount.com",
            ),
            (
                "123456789012@cloudservices.gserviceaccount.com",
                "123456789012@cloudservices.gserviceaccount.com",
            ),
            (
                "123456789012@cloudbuild.gserviceaccount.com",
                "123456789012@cloudbuild.gserviceaccount.com",
            ),
            (
                "service-123456789012@gs-project-accounts.iam.gserviceaccount.com",
                "service-123456789012@gs-project-accounts.iam.gserviceaccount.com",
            ),
            (
                "service-123456789012@gcp-sa-aiplatform.iam.gserviceaccount.com",
                "service-123456789012@gcp-sa-aiplatform.iam.gserviceaccount.com",
            ),
        ] {
            let account = ServiceAccount::parse(text).expect(text);
            assert_eq!(account.as_str(), email);
            assert_eq!(account.member(), format!("serviceAccount:{email}"));
        }
    }

    #[test]
    fn everybody_else_is_refused_with_the_reason() {
        for (text, part) in [
            ("", "no e-mail address"),
            ("allUsers", "everyone on the internet"),
            ("ALLUSERS", "everyone on the internet"),
            ("allAuthenticatedUsers", "everyone with a Google account"),
            ("serviceAccount:allUsers", "everyone on the internet"),
            ("user:ana@acme.example", "a person"),
            ("ana@acme.example", "a person or a group"),
            ("ana@gmail.com", "a person or a group"),
            ("group:labellers@acme.example", "a group"),
            ("domain:acme.example", "a domain"),
            (
                "deleted:serviceAccount:acme@p-prod.iam.gserviceaccount.com?uid=1",
                "deleted",
            ),
            (
                "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/s",
                "another provider",
            ),
            ("principalSet://goog/public:all", "a set of identities"),
            ("projectViewer:acme-vision", "a role on a project"),
            ("serviceAccount:acme.svc.id.goog[ns/sa]", "Kubernetes"),
            ("@p-prod.iam.gserviceaccount.com", "before its `@`"),
            ("acme@iam.gserviceaccount.com", "lacks the project"),
            ("acme@gserviceaccount.com", "a person or a group"),
            ("acme@p..iam.gserviceaccount.com", "no domain"),
            ("a b@p-prod.iam.gserviceaccount.com", "no name"),
            (
                "acme@p-prod.iam.gserviceaccount.com.evil.example",
                "a person or a group",
            ),
            ("acme@evilgserviceaccount.com", "a person or a group"),
            ("a@b@p-prod.iam.gserviceaccount.com", "no domain"),
        ] {
            let failure = ServiceAccount::parse(text).expect_err(text);
            assert!(
                failure.message.contains(part),
                "{text}: {}",
                failure.message
            );
            assert_eq!(failure.hints, [ASK_SEGMENTS], "{text}");
        }
    }
}
