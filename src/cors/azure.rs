//! How Azure Storage picks the rule that answers: the first one, in their order, with the origin and the method, and for
//! a preflight with every header too.
//!
//! Written from Microsoft's "Understanding CORS rule evaluation logic",
//! <https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services>.
//! It sees rules and a request, nothing else.

use super::origin;
use super::{Answer, Miss, Reason, Request, RequestKind};

/// The parts of a rule that decide whether it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule<'a> {
    /// `allowedOrigins`: letter by letter, `*` alone, or a sub-domain as in `https://*.contoso.com`.
    pub origins: &'a [String],
    /// `allowedMethods`: those and no others.
    pub methods: &'a [String],
    /// `allowedHeaders`: whole names, or beginnings as in `x-ms-meta-*`, without case.
    pub headers: &'a [String],
}

impl Rule<'_> {
    /// Whether an origin of the rule admits `origin`.
    #[must_use]
    pub fn has_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| admits(allowed, origin))
    }

    /// Whether the rule lists `method`.
    #[must_use]
    pub fn has_method(&self, method: &str) -> bool {
        self.methods.iter().any(|allowed| allowed == method)
    }

    /// Whether a browser may ask for `header`.
    #[must_use]
    pub fn has_header(&self, header: &str) -> bool {
        let header = header.to_ascii_lowercase();
        self.headers.iter().any(|allowed| {
            let allowed = allowed.to_ascii_lowercase();
            match allowed.strip_suffix('*') {
                Some(start) => header.starts_with(start),
                None => header == allowed,
            }
        })
    }

    /// What keeps the rule from answering; nothing when it matches.
    #[must_use]
    pub fn reasons(&self, request: &Request<'_>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if !self.has_origin(request.origin) {
            reasons.push(Reason::Origin {
                allowed: self.origins.to_vec(),
                near: origin::nearest(self.origins, request.origin),
            });
        }
        if !self.has_method(request.method) {
            reasons.push(Reason::Method {
                asked: request.method.to_owned(),
                allowed: self.methods.to_vec(),
            });
        }
        match request.kind {
            RequestKind::Actual => {}
            RequestKind::Preflight { headers } => {
                let refused: Vec<String> = headers
                    .iter()
                    .filter(|header| !self.has_header(header))
                    .map(|header| (*header).to_owned())
                    .collect();
                if !refused.is_empty() {
                    reasons.push(Reason::Headers {
                        refused,
                        allowed: self.headers.to_vec(),
                    });
                }
            }
        }
        reasons
    }
}

/// `*` alone is any origin; a star as the first label of the host is any sub-domain; everything else is compared letter
/// by letter, with its case.
fn admits(allowed: &str, origin: &str) -> bool {
    if allowed == "*" || allowed == origin {
        return true;
    }
    let Some((scheme, domain)) = allowed.split_once("://*.") else {
        return false;
    };
    origin
        .strip_prefix(scheme)
        .and_then(|rest| rest.strip_prefix("://"))
        .and_then(|host| host.strip_suffix(domain))
        .and_then(|labels| labels.strip_suffix('.'))
        .is_some_and(|labels| !labels.is_empty() && !labels.contains(['/', ':', '*']))
}

/// Which rule answers `request`, and what keeps every other from it.
#[must_use]
pub fn explain<'a>(rules: impl IntoIterator<Item = Rule<'a>>, request: &Request<'_>) -> Answer {
    let mut winner = None;
    let mut misses = Vec::new();
    for (index, rule) in rules.into_iter().enumerate() {
        let mut reasons = rule.reasons(request);
        if reasons.is_empty() {
            match winner {
                None => {
                    winner = Some(index);
                    continue;
                }
                Some(by) => reasons.push(Reason::AnsweredBefore { by }),
            }
        }
        misses.push(Miss {
            rule: index,
            reasons,
        });
    }
    Answer { winner, misses }
}
