//! The other side of access: what Segments.ai can do beyond reading, and who else can read.
//!
//! Nothing here blocks anybody, so nothing here fails; and a grant that is not ours is told, never touched.

use futures_util::future::join;
use serde_json::{Value, json};

use super::access::{Missing, definition_of, known};
use super::unreadable;
use crate::azure::blobs::{Containers, NoBlob};
use crate::azure::facts::Facts;
use crate::azure::inputs::Listed;
use crate::azure::rbac::exposure::{Breadth, POWERS, Power, breadth};
use crate::azure::rbac::{Grant, Question, Trace};
use crate::azure::samples::Found;
use crate::azure::sas::blob_url;
use crate::azure::templates::READER;
use crate::azure::view::Standpoint;
use crate::finding::{CheckResult, Status};
use crate::probe::Exchange;

const ID: &str = "azure.exposure";
/// The subject of how far reading reaches.
const SCOPE: &str = "scope";
const ANONYMOUS: &str = "anonymous";

/// What Segments.ai's app can do beyond reading, and how far its reading reaches, by everything readable.
pub async fn of_segments(facts: &Facts) -> Vec<CheckResult> {
    let known = match known(facts).await {
        Err(Missing::Unreadable(failure)) => {
            let why = unreadable(&failure);
            let result = CheckResult::unknown(
                ID,
                format!("what else the app of Segments.ai can do is not known: {why}"),
            );
            return vec![result];
        }
        Err(Missing::NotInstalled) => {
            return vec![CheckResult::pass(
                ID,
                "the app of Segments.ai is not installed in the tenant, so it can do nothing with the storage account",
            )];
        }
        Ok(known) => known,
    };
    let definitions = facts.definitions().await;
    let definition = definition_of(definitions);
    let question = known.question(&definition, facts.now);
    let mut results: Vec<CheckResult> = POWERS
        .iter()
        .map(|power| {
            let (action, grant, trace) = power.held(&question);
            judge(power, action, &grant)
                .on(power.subject)
                .evidence(json!({ "trace": told(&trace) }))
        })
        .collect();
    results.push(scope(&question).on(SCOPE));
    match facts.view.inputs.listed {
        Listed::ForThePrincipal => results,
        Listed::BySomebody => without_absences(results),
    }
}

/// That a power is not in a list of somebody's own making does not prove that there is none.
fn without_absences(results: Vec<CheckResult>) -> Vec<CheckResult> {
    let mut told: Vec<CheckResult> = results
        .into_iter()
        .filter(|result| result.status == Status::Warn)
        .collect();
    told.push(CheckResult::unknown(
        ID,
        if told.is_empty() {
            "the list that was handed in lets the app of Segments.ai do nothing beyond reading; whether the list is whole, it does not say"
        } else {
            "what else the app of Segments.ai can do is not known: whether the list that was handed in is whole, it does not say"
        },
    ));
    told
}

fn told(trace: &[Trace]) -> Vec<Value> {
    trace
        .iter()
        .map(|step| {
            json!({
                "action": step.action,
                "entry": step.entry,
                "answer": match step.answer {
                    crate::azure::rbac::Tri::Yes => "yes",
                    crate::azure::rbac::Tri::No => "no",
                    crate::azure::rbac::Tri::Maybe => "maybe",
                },
                "why": step.why,
            })
        })
        .collect()
}

fn judge(power: &Power, action: &str, grant: &Grant) -> CheckResult {
    let words = power.words;
    let fix = || {
        format!(
            "Segments.ai needs {READER} alone: take the other role away, if it was not meant so; `az role assignment list --assignee <object ID> --all` lists them"
        )
    };
    match grant {
        Grant::NotGranted { .. } => CheckResult::pass(
            ID,
            format!(
                "Segments.ai cannot {words}: no role that is assigned to its app on the storage account or above grants it"
            ),
        ),
        Grant::Denied { by } => CheckResult::pass(
            ID,
            format!("Segments.ai cannot {words}: the deny assignment `{by}` forbids it"),
        ),
        Grant::Granted { by } => CheckResult::new(
            ID,
            Status::Warn,
            format!("Segments.ai can {words} (`{action}`): a role that is assigned {by} grants it"),
        )
        .fix(fix()),
        Grant::Partly { parts, .. } => CheckResult::new(
            ID,
            Status::Warn,
            format!(
                "Segments.ai can {words} (`{action}`) in a part: {}",
                parts.join("; ")
            ),
        )
        .fix(fix()),
        Grant::Undetermined { why } => CheckResult::unknown(
            ID,
            format!(
                "whether Segments.ai can {words} (`{action}`) cannot be told: {}",
                why.join("; ")
            ),
        ),
    }
}

fn scope(question: &Question<'_>) -> CheckResult {
    match breadth(question) {
        Breadth::Nothing => CheckResult::pass(
            ID,
            "Segments.ai reads nothing: no role that is assigned on the storage account or above lets it",
        ),
        Breadth::Account => CheckResult::pass(
            ID,
            "by the roles assigned here, Segments.ai reads this storage account, every container in it, and no other account (what is assigned on other accounts was not looked at)",
        ),
        Breadth::Parts(parts) => CheckResult::pass(
            ID,
            format!("by the roles assigned here, Segments.ai reads a part of this storage account: {}", parts.join("; ")),
        ),
        Breadth::Wider(scopes) => CheckResult::new(
            ID,
            Status::Warn,
            format!(
                "Segments.ai reads every storage account under {}, and not this one alone",
                scopes.join(", ")
            ),
        )
        .fix(format!(
            "assign {READER} on the storage account itself, and take the assignment above it away, if the other accounts were not meant"
        )),
        Breadth::Undetermined(why) => CheckResult::unknown(
            ID,
            format!("how far Segments.ai's reading reaches cannot be told: {}", why.join("; ")),
        ),
    }
}

/// Whether anybody at all can read: by the account's switch and its containers' levels, and as the service answers a
/// request without credentials.
///
/// See <https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure>.
pub async fn anonymous(facts: &Facts) -> CheckResult {
    let (account, observed) = join(facts.account(), sent(facts)).await;
    let switch = account.as_ref().ok().and_then(|account| {
        account
            .get("properties")?
            .get("allowBlobPublicAccess")?
            .as_bool()
    });
    let status = observed.as_ref().map(|exchange| exchange.status);
    let code = observed.and_then(|exchange| exchange.error_code);
    let evidence =
        json!({ "allow_blob_public_access": switch, "status": status, "error_code": code });
    let result = match (status, switch) {
        (Some(200 | 206 | 416), _) => {
            public("anybody can read this blob without credentials (observed)".to_owned())
        }
        (_, Some(false)) => CheckResult::pass(
            ID,
            // https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent
            "nobody can read containers without credentials: the account forbids it for every one (what a static website shows from `$web`, it shows all the same)",
        ),
        // https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent
        (Some(409), _) if code.as_deref() == Some("PublicAccessNotPermitted") => CheckResult::pass(
            ID,
            "nobody can read without credentials: the account forbids it (HTTP 409 PublicAccessNotPermitted, observed)",
        ),
        (_, Some(true) | None) => by_container(facts, status).await,
    };
    result.on(ANONYMOUS).evidence(evidence)
}

async fn by_container(facts: &Facts, observed: Option<u16>) -> CheckResult {
    match facts.containers().await {
        Ok(containers) => levels(containers),
        Err(reason) => {
            let refused = match observed {
                Some(401 | 403 | 404 | 409) => "; for the one blob that was tried it is refused",
                Some(_) | None => "",
            };
            CheckResult::unknown(
                ID,
                format!(
                    "whether a container is open to everybody is not known: {}{refused}",
                    unlisted(reason)
                ),
            )
        }
    }
}

fn levels(containers: &Containers) -> CheckResult {
    let open: Vec<String> = containers
        .names
        .iter()
        .filter_map(|container| {
            let level = container.public.as_ref()?;
            Some(format!("`{}` (level `{level}`)", container.name))
        })
        .collect();
    if !open.is_empty() {
        return public(format!(
            "anybody can read the blobs of {} without credentials",
            open.join(", ")
        ));
    }
    if containers.more {
        return CheckResult::unknown(
            ID,
            format!(
                "none of the first {} containers is open to everybody; there are more, which were not looked at",
                containers.names.len()
            ),
        );
    }
    CheckResult::pass(ID, "no container is open to everybody")
}

fn unlisted(reason: &NoBlob) -> String {
    match reason {
        NoBlob::Failed(failure) => unreadable(failure),
        NoBlob::Missing { .. }
        | NoBlob::Archived
        | NoBlob::CustomerKey
        | NoBlob::KeyLost { .. }
        | NoBlob::Network { .. } => reason.in_words(),
    }
}

fn public(detail: String) -> CheckResult {
    CheckResult::new(ID, Status::Warn, detail).fix(
        "if it is not meant to be public: az storage account update --name <account> --allow-blob-public-access false; Segments.ai needs no anonymous access",
    )
}

/// What a request for the first sample without credentials is answered; none where nothing is known to ask for.
async fn sent(facts: &Facts) -> Option<Exchange> {
    let url = match (facts.view.from, facts.blobs().await) {
        (Standpoint::Documents, _) => return None,
        (_, Found::Blobs(names)) => {
            let endpoint = facts.place().blob_endpoint().ok()?;
            blob_url(&endpoint, names.first()?)
        }
        // Whether the account forbids it is told for any name.
        (Standpoint::Outside | Standpoint::Segments, _) => facts.probe_url().ok()?,
        (Standpoint::Owner, _) => return None,
    };
    facts
        .prober
        .fetch(&url, None, None, Some("bytes=0-0"))
        .await
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::blobs::Container;

    #[test]
    fn a_container_that_was_not_looked_at_is_no_pass() {
        let one = |name: &str, public: Option<&str>| Container {
            name: name.to_owned(),
            public: public.map(str::to_owned),
        };
        for (names, more, expected) in [
            (vec![], false, Status::Pass),
            (vec![one("a", None)], false, Status::Pass),
            (vec![one("a", None)], true, Status::Unknown),
            (vec![one("a", Some("blob"))], false, Status::Warn),
            (
                vec![one("a", None), one("b", Some("container"))],
                true,
                Status::Warn,
            ),
        ] {
            let result = levels(&Containers { names, more });
            assert_eq!(result.status, expected, "{}", result.detail);
        }
    }
}
