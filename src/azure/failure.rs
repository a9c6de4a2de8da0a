//! What the answers of Azure's services mean, and the lack of one: which code it gets, whether a write may have been
//! done, and what to do about it.
//!
//! This module reads answers; it sends nothing.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::credential::Link;
use super::rest::{Answer, Problem, Service};
use crate::catalogue::Cause;
use crate::error::{ErrorCode, Failure};
use crate::probe::{links, unanswered};
use crate::redact;
use crate::resource::WriteFailure;

/// The service's own code and message: ARM and Graph wrap them in `error`
/// (<https://learn.microsoft.com/rest/api/azure/#async-operations-throttling-and-paging>,
/// <https://learn.microsoft.com/graph/errors>), storage sends XML and a header
/// (<https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2>).
#[must_use]
pub fn problem(body: &str, header: Option<String>) -> Option<Problem> {
    let of_json = || {
        let document: Value = serde_json::from_str(body).ok()?;
        let error = document.get("error")?;
        let text = |name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Problem {
            code: text("code")?,
            message: redact::text(&text("message").unwrap_or_default()),
        })
    };
    let of_xml = || {
        let document = roxmltree::Document::parse(body.trim_start_matches('\u{feff}')).ok()?;
        let root = document.root_element();
        let text = |name: &str| {
            root.children()
                .find(|child| child.tag_name().name() == name)
                .and_then(|child| child.text())
                .map(str::to_owned)
        };
        (root.tag_name().name() == "Error").then_some(())?;
        Some(Problem {
            code: text("Code")?,
            message: redact::text(
                text("Message")
                    .unwrap_or_default()
                    .lines()
                    .next()
                    .unwrap_or_default(),
            ),
        })
    };
    of_json().or_else(of_xml).or_else(|| {
        header.map(|code| Problem {
            code,
            message: String::new(),
        })
    })
}

/// A request without an answer.
#[derive(Debug, Clone)]
pub struct Unanswered {
    failure: Failure,
    never_sent: bool,
    may_pass: bool,
}

impl Unanswered {
    /// Why no answer came.
    #[must_use]
    pub fn of(error: &azure_core::Error, url: &Url, timeout: Duration, service: Service) -> Self {
        let chain = links(error);
        if let Some(trouble) = chain
            .iter()
            .find_map(|link| link.downcast_ref::<SignInTrouble>())
        {
            return Self {
                failure: trouble.failure(),
                never_sent: true,
                may_pass: false,
            };
        }
        if let Some(sent) = chain
            .iter()
            .find_map(|link| link.downcast_ref::<reqwest::Error>())
        {
            let (failure, never_sent) = unanswered(sent, url, timeout, String::new());
            let may_pass = matches!(
                failure.code,
                ErrorCode::UnexpectedAnswer | ErrorCode::NoNetwork
            );
            return Self {
                failure,
                never_sent,
                may_pass,
            };
        }
        let words = chain
            .iter()
            .map(|link| redact::text(&link.to_string()))
            .next_back()
            .unwrap_or_default();
        Self {
            failure: Failure::new(ErrorCode::UnexpectedAnswer, "").cause(format!(
                "the answer of {} could not be read: {words}",
                service.in_words()
            )),
            never_sent: false,
            may_pass: true,
        }
    }

    /// Why no token came.
    #[must_use]
    pub fn of_credential(error: &azure_core::Error) -> Self {
        let trouble = links(error)
            .iter()
            .find_map(|link| link.downcast_ref::<SignInTrouble>())
            .map_or_else(
                || Failure::new(ErrorCode::NotSignedIn, "").cause(redact::text(&error.to_string())),
                SignInTrouble::failure,
            );
        Self {
            failure: trouble,
            never_sent: true,
            may_pass: false,
        }
    }

    /// Whether the same request, sent again, might well get an answer.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.may_pass
    }

    /// The failure of whoever was doing this. Without credentials it does not matter what that was.
    #[must_use]
    pub fn doing(self, doing: impl Into<String>) -> Failure {
        if self.failure.message.is_empty() {
            Failure {
                message: doing.into(),
                ..self.failure
            }
        } else {
            self.failure
        }
    }

    /// The failure of a write: it may have been done, unless it never left this machine.
    #[must_use]
    pub fn write(self, doing: impl Into<String>) -> WriteFailure {
        let never_sent = self.never_sent;
        let failure = self.doing(doing);
        match (never_sent, failure.code) {
            (true, ErrorCode::NoNetwork | ErrorCode::Proxy) => WriteFailure::Busy(failure),
            (true, _) => WriteFailure::Rejected(failure),
            (false, _) => WriteFailure::Unanswered(failure),
        }
    }
}

/// What somebody was doing, and the right that it needs.
#[derive(Debug, Clone, Copy)]
pub struct Doing<'a> {
    /// A lowercase fragment: "could not read the blob service of `acme`".
    pub what: &'a str,
    /// The right in Azure's own words: `Microsoft.Storage/storageAccounts/read`.
    pub right: &'a str,
    /// Who is asking, for the hint.
    pub caller: &'a str,
}

/// The failure that an answer other than the wanted one is.
#[must_use]
pub fn refused(doing: &Doing<'_>, answer: &Answer, service: Service) -> Failure {
    let code = meaning(answer);
    let mut failure = Failure::new(code, doing.what).cause(words(answer));
    match (code, answer.code()) {
        // Nobody lacks a right here: something else stands in the way, whoever asks.
        // A lock against deletion leaves everything else to be changed.
        (ErrorCode::NotPermitted, "ScopeLocked") if !doing.right.ends_with("/delete") => {
            failure = failure.cause(named(Cause::Z33));
        }
        (ErrorCode::NotPermitted, "ScopeLocked" | "RequestDisallowedByPolicy") => {}
        (ErrorCode::NotPermitted, _) => failure = failure.missing(doing.right),
        (ErrorCode::WrongAccount, _) => failure = failure.cause(named(Cause::Z26)),
        _ => {}
    }
    match hint(code, answer, doing, service) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The failure that an answer to a write is.
///
/// ARM's codes: <https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors>,
/// role assignments: <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting>.
#[must_use]
pub fn write_refused(doing: &Doing<'_>, answer: &Answer, service: Service) -> WriteFailure {
    let failure = refused(doing, answer, service);
    match (answer.status, answer.code()) {
        // A lock on the resource, and not something that passes.
        (409, "ScopeLocked") => WriteFailure::Rejected(failure),
        (412, _) => WriteFailure::Moved,
        (409, _) => WriteFailure::Busy(failure),
        // A new principal that Azure Resource Manager has not heard of yet, or too many requests: it did nothing.
        (400, "PrincipalNotFound") | (429, _) => WriteFailure::NotYet(failure),
        (500..=599, _) => WriteFailure::Unclear(failure),
        _ => WriteFailure::Rejected(failure),
    }
}

/// The answer in its own words: `AuthorizationFailed: The client ... does not have authorization ...`.
#[must_use]
pub fn words(answer: &Answer) -> String {
    match &answer.problem {
        Some(Problem { code, message }) if message.is_empty() => {
            format!("{code} (HTTP {})", answer.status)
        }
        Some(Problem { code, message }) => format!("{code}: {}", one_line(message)),
        None if answer.succeeded() => format!(
            "the answer (HTTP {}) is not what Azure documents",
            answer.status
        ),
        None => format!("HTTP {} without an error of Azure's form", answer.status),
    }
}

/// A cause of the catalogue: its code and its title.
pub(super) fn named(cause: Cause) -> String {
    let entry = cause.entry();
    format!("{}: {}", entry.code, entry.title)
}

fn one_line(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(400) {
        Some((cut, _)) => format!("{}…", line.get(..cut).unwrap_or_default()),
        None => line,
    }
}

fn meaning(answer: &Answer) -> ErrorCode {
    match (answer.status, answer.code()) {
        (401, "ExpiredAuthenticationToken") => ErrorCode::CredentialsExpired,
        (401, "InvalidAuthenticationTokenTenant") => ErrorCode::WrongAccount,
        (401, _) => ErrorCode::NotSignedIn,
        // A page without a code comes from something in between.
        (403 | 404, "") => ErrorCode::UnexpectedAnswer,
        (403, _) | (409, "ScopeLocked") => ErrorCode::NotPermitted,
        (404, _) => ErrorCode::TargetNotFound,
        (409 | 429 | 500..=599, _) | (400, "PrincipalNotFound") => ErrorCode::Unavailable,
        _ => ErrorCode::UnexpectedAnswer,
    }
}

fn hint(code: ErrorCode, answer: &Answer, doing: &Doing<'_>, service: Service) -> Option<String> {
    match (code, answer.code()) {
        (ErrorCode::CredentialsExpired, _) => {
            Some("sign in again, for example with `az login`".to_owned())
        }
        (ErrorCode::WrongAccount, _) => Some(
            "the account is in another tenant than the one that you are signed in to; name it with `--tenant`"
                .to_owned(),
        ),
        (ErrorCode::NotSignedIn, _) => Some(format!(
            "{} did not accept the token; sign in again, for example with `az login`",
            service.in_words()
        )),
        (ErrorCode::NotPermitted, "ScopeLocked") => Some(format!(
            "a lock keeps the account as it is ({}); whoever set it can lift it (`az lock list`, `az lock delete`), and put it back afterwards",
            Cause::Z33.code()
        )),
        (ErrorCode::NotPermitted, "RequestDisallowedByPolicy") => Some(
            format!(
                "a policy of your organisation forbids this change ({}); whoever keeps it can make an exemption for this account",
                Cause::Z32.code()
            ),
        ),
        (ErrorCode::NotPermitted, _) => Some(format!(
            "you are {}; sign in as somebody who has the right `{}`",
            doing.caller, doing.right
        )),
        (ErrorCode::Unavailable, "PrincipalNotFound") => Some(
            "Azure Resource Manager learns of a new service principal within some minutes; run the same command again, or give `--wait 10m`"
                .to_owned(),
        ),
        (ErrorCode::Unavailable, _) if answer.status == 429 => {
            Some("Azure asks for fewer requests; try again in a minute".to_owned())
        }
        _ => None,
    }
}

/// Why no link of the chain of credentials gave a token.
#[derive(Debug, Clone)]
pub struct SignInTrouble {
    links: Vec<OneLink>,
}

#[derive(Debug, Clone)]
struct OneLink {
    link: Link,
    kind: Kind,
    words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// There is nothing to sign in with: no such program, or nobody signed in.
    Absent,
    /// The sign-in has ended.
    Expired,
    /// It was refused.
    Refused,
    /// It could not be asked.
    Unreachable(ErrorCode),
}

impl fmt::Display for SignInTrouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no credentials gave a token")
    }
}

impl Error for SignInTrouble {}

impl SignInTrouble {
    /// A link that gave no answer.
    #[must_use]
    pub fn slow(link: Link) -> Self {
        Self::one(
            link,
            Kind::Unreachable(ErrorCode::Timeout),
            "it gave no answer in time".to_owned(),
        )
    }

    /// Several links, in the order in which they were asked.
    #[must_use]
    pub fn merge(troubles: Vec<Self>) -> Self {
        Self {
            links: troubles
                .into_iter()
                .flat_map(|trouble| trouble.links)
                .collect(),
        }
    }

    fn one(link: Link, kind: Kind, words: String) -> Self {
        Self {
            links: vec![OneLink { link, kind, words }],
        }
    }

    /// What to tell: a link that had something to sign in with says more than one that had nothing.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let telling = self.links.iter().find(|one| one.kind != Kind::Absent);
        let (code, message) = match telling.map(|one| one.kind) {
            Some(Kind::Expired) => (
                ErrorCode::CredentialsExpired,
                "could not sign in to Azure: the sign-in has expired",
            ),
            Some(Kind::Unreachable(code)) => (code, "could not sign in to Azure"),
            Some(Kind::Refused) => (ErrorCode::NotSignedIn, "could not sign in to Azure"),
            Some(Kind::Absent) | None => (ErrorCode::NotSignedIn, "not signed in to Azure"),
        };
        let mut failure = Failure::new(code, message);
        for one in &self.links {
            failure = failure.cause(format!("{}: {}", one.link.in_words(), one.words));
        }
        match telling.map(|one| (one.link, one.kind)) {
            Some((_, Kind::Unreachable(_))) => failure.hint("check this machine's network; if it needs a proxy, set HTTPS_PROXY"),
            Some((Link::AzureCli | Link::AzureDeveloperCli, _)) => {
                failure.hint("sign in again with `az login` (in another tenant: `az login --tenant TENANT`)")
            }
            Some((link, _)) => failure.hint(format!("check {}", link.source())),
            None => failure.hint(
                "sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or AZURE_FEDERATED_TOKEN_FILE)",
            ),
        }
    }
}

/// Why a link gave no token, told apart by the documented numbers of Entra's errors and the tools' own words:
/// <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
#[must_use]
pub fn sign_in_trouble(link: Link, error: &azure_core::Error) -> SignInTrouble {
    let chain = links(error);
    let all: String = chain
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    if let Some(sent) = chain
        .iter()
        .find_map(|cause| cause.downcast_ref::<reqwest::Error>())
    {
        let code = if sent.is_timeout() {
            ErrorCode::Timeout
        } else {
            ErrorCode::NoNetwork
        };
        return SignInTrouble::one(
            link,
            Kind::Unreachable(code),
            "the sign-in service could not be reached".to_owned(),
        );
    }
    let absent = [
        "not found on PATH",
        "wasn't found on PATH",
        "az login",
        "azd auth login",
    ]
    .iter()
    .any(|sign| all.contains(sign));
    let expired = [
        "AADSTS700082",
        "AADSTS70043",
        "AADSTS50173",
        "AADSTS50078",
        "AADSTS70008",
        "AADSTS7000222",
        "AADSTS50089",
        "AADSTS7000110",
        "has expired",
        "expired due to inactivity",
    ]
    .iter()
    .any(|sign| all.contains(sign));
    let kind = match (expired, absent) {
        (true, _) => Kind::Expired,
        (false, true) => Kind::Absent,
        (false, false) => Kind::Refused,
    };
    SignInTrouble::one(link, kind, telling_line(&all))
}

/// The line of an error that says most: the one with Entra's number, or the tool's own, without the SDK's scaffolding.
fn telling_line(all: &str) -> String {
    let lines = || {
        all.lines()
            .map(|line| line.trim().trim_start_matches("ERROR: "))
            .filter(|line| !line.is_empty() && !line.starts_with("To troubleshoot"))
    };
    let numbered = lines().find_map(|line| line.find("AADSTS").and_then(|at| line.get(at..)));
    let plain = || {
        lines()
            .map(|line| {
                line.split_once("authentication failed.")
                    .map_or(line, |(_, rest)| rest.trim())
            })
            .find(|line| !line.is_empty())
    };
    let told = numbered.or_else(plain).unwrap_or("it said nothing");
    // Entra appends identifiers of the attempt, which help nobody here.
    let told = told.split(" Trace ID:").next().unwrap_or(told);
    one_line(&redact::text(told))
}
