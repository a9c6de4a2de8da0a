//! The CORS rules of the blob service as a resource.
//!
//! They stand in one document with everything else that the blob service has (retention, versioning, change feed,
//! restore policy, tracking, static website), and a PUT of Azure Resource Manager may lose what it is not given:
//! <https://github.com/hashicorp/terraform-provider-azurerm/issues/22255>. So the document is raw JSON throughout, and
//! every writable property goes back as it was read, also one that this program has never heard of.

use futures_util::future::join;
use serde_json::{Map, Value, json};

use super::Shared;
use super::access::Access;
use super::failure::{Doing, write_refused};
use super::hand_off::{self, CORS_RIGHT};
use super::rbac::{self, Tri};
use super::reads::{self, STORAGE_API};
use super::rest::{Call, Service};
use super::{cors, templates};
use crate::catalogue::Cause;
use crate::error::{ErrorCode, Failure, Refusal};
use crate::resource::{
    HandOff, Intent, Resource, Revision, Scope, Snapshot, Subject, WriteFailure,
};

/// The blob service's document, and in it the CORS rules.
pub struct BlobCors {
    access: Shared<Access>,
    ours: Value,
}

/// The writable properties of the blob service.
#[derive(Debug, Clone, PartialEq)]
pub struct BlobService {
    properties: Map<String, Value>,
}

impl BlobService {
    /// Holds the properties as they were read.
    #[must_use]
    pub fn new(properties: Map<String, Value>) -> Self {
        Self { properties }
    }

    /// The properties as they were read.
    #[must_use]
    pub fn properties(&self) -> &Map<String, Value> {
        &self.properties
    }

    /// The CORS rules, in their order.
    ///
    /// # Errors
    /// When what stands in their place is no list.
    pub fn rules(&self) -> Result<Vec<Value>, Refusal> {
        let unknown = |what: &str| {
            Refusal::new(format!(
                "{what}, which this version does not know and would lose"
            ))
            .hint("update segments-connect, or add the rule in the portal: `segments-connect azure render --document cors` prints it")
        };
        match self.properties.get("cors") {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Object(cors)) => match cors.get("corsRules") {
                None | Some(Value::Null) => Ok(Vec::new()),
                Some(Value::Array(rules)) => Ok(rules.clone()),
                Some(_) => Err(unknown("its `corsRules` is no list")),
            },
            Some(_) => Err(unknown("its `cors` is no object")),
        }
    }

    /// The same document with these rules; whatever else stands in it stays.
    #[must_use]
    pub fn with_rules(&self, rules: Vec<Value>) -> Self {
        let mut properties = self.properties.clone();
        let place = properties
            .entry("cors".to_owned())
            .or_insert_with(|| json!({}));
        if !place.is_object() {
            *place = json!({});
        }
        if let Some(cors) = place.as_object_mut() {
            cors.insert("corsRules".to_owned(), Value::Array(rules));
        }
        Self { properties }
    }
}

impl BlobCors {
    /// The rules of the account that `access` leads to.
    #[must_use]
    pub fn new(access: Shared<Access>) -> Self {
        Self {
            access,
            ours: templates::cors_rule(),
        }
    }

    fn reason(intent: Intent) -> &'static str {
        match intent {
            Intent::Connect | Intent::Disconnect => {
                "you may not change the blob service of the storage account"
            }
        }
    }

    fn hand_off_to(&self, intent: Intent, reason: &str) -> HandOff {
        let access = &self.access;
        let action = match intent {
            Intent::Connect => "connect",
            Intent::Disconnect => "disconnect",
        };
        match access.account() {
            Ok(account) => hand_off::cors(
                &access.command(action),
                access.place.tenant(),
                &account.id,
                reason,
            ),
            Err(_) => hand_off::unseen(
                &access.command(action),
                "you may not see the storage account",
            ),
        }
    }
}

impl Resource for BlobCors {
    type Document = BlobService;

    fn subject(&self) -> Subject {
        Subject {
            id: "azure.cors",
            title: "CORS configuration of the blob service",
            entry: "rule",
            scope: Scope::StorageAccount,
        }
    }

    async fn read(&self) -> Result<Snapshot<BlobService>, Failure> {
        // The caller's own rights are wanted next, if there is something to write.
        let (properties, _) = join(reads::blob_service(&self.access), self.access.rights()).await;
        Ok(Snapshot {
            document: BlobService::new(properties?),
            revision: Revision::default(),
        })
    }

    async fn read_again(&self) -> Result<Snapshot<BlobService>, Failure> {
        Ok(Snapshot {
            document: BlobService::new(reads::blob_service(&self.access).await?),
            revision: Revision::default(),
        })
    }

    fn merge(&self, current: &BlobService) -> Result<BlobService, Refusal> {
        let rules = current.rules()?;
        if let Ok(account) = self.access.account()
            && account.is_premium_general_purpose()
        {
            return Err(Refusal::new(format!(
                "the account is of kind {} with {}, and its blob service has no CORS ({})",
                account.kind,
                account.sku,
                Cause::Z22.code()
            ))
            .hint(Cause::Z22.entry().remedy));
        }
        let merged = cors::merge(&rules, &self.ours)?;
        if merged == rules {
            return Ok(current.clone());
        }
        Ok(current.with_rules(merged))
    }

    fn remove(&self, current: &BlobService) -> Result<BlobService, Refusal> {
        let rules = current.rules()?;
        let left = cors::remove(&rules, &self.ours);
        if left == rules {
            return Ok(current.clone());
        }
        Ok(current.with_rules(left))
    }

    /// Azure Resource Manager has no precondition here (no etag is told, none is taken), so the document is read right
    /// before this, and the time between is all that a colleague's change could be lost in.
    async fn write(
        &self,
        _before: &BlobService,
        next: &BlobService,
        _seen: &Revision,
    ) -> Result<(), WriteFailure> {
        let access = &self.access;
        let account = access.account().map_err(WriteFailure::Rejected)?;
        let doing = format!(
            "could not write the CORS rules of the blob service of `{}`",
            account.name
        );
        let url = access
            .endpoints()
            .resource(&format!("{}/blobServices/default", account.id), STORAGE_API);
        let call = Call::new(Service::ResourceManager, azure_core::http::Method::Put, url)
            .json(json!({ "properties": next.properties }));
        let answer = access
            .rest
            .send(&call)
            .await
            .map_err(|unanswered| unanswered.write(&doing))?;
        if answer.succeeded() {
            return Ok(());
        }
        let caller = access.caller_words();
        Err(write_refused(
            &Doing {
                what: &doing,
                right: CORS_RIGHT,
                caller: &caller,
            },
            &answer,
            Service::ResourceManager,
        ))
    }

    async fn hand_off(
        &self,
        _before: &BlobService,
        _after: &BlobService,
        intent: Intent,
    ) -> Option<HandOff> {
        let mine = self.access.rights().await.as_ref().ok()?;
        (rbac::allows(mine, CORS_RIGHT) == Tri::No)
            .then(|| self.hand_off_to(intent, Self::reason(intent)))
    }

    fn hand_off_refused(&self, refused: &Failure, intent: Intent) -> Option<HandOff> {
        // Where no right is missing, a lock or a policy stands in the way, and says so itself.
        if refused.code != ErrorCode::NotPermitted
            || refused.missing.is_empty()
            || intent == Intent::Disconnect && self.access.account().is_err()
        {
            return None;
        }
        let reading = !refused.missing.iter().any(|right| right == CORS_RIGHT);
        let reason = if reading {
            "you may not read the blob service of the storage account"
        } else {
            Self::reason(intent)
        };
        Some(self.hand_off_to(intent, reason))
    }

    fn describe(&self, document: &BlobService) -> Option<Value> {
        Some(Value::Object(document.properties.clone()))
    }

    fn kept(&self, before: &BlobService, after: &BlobService) -> usize {
        match (before.rules(), after.rules()) {
            (Ok(before), Ok(after)) => cors::kept(&before, &after),
            (Ok(_) | Err(_), _) => 0,
        }
    }

    fn notes(&self, before: &BlobService, after: &BlobService, intent: Intent) -> Vec<String> {
        let mut notes = Vec::new();
        let others = before
            .properties
            .keys()
            .filter(|name| *name != "cors")
            .count();
        if before != after {
            notes.push(
                "CORS rules of Azure are for every container of the storage account".to_owned(),
            );
            if others > 0 {
                notes.push(format!(
                    "the {others} other {} of the blob service {} sent back as read",
                    if others == 1 { "setting" } else { "settings" },
                    if others == 1 { "is" } else { "are" }
                ));
            }
        }
        if intent == Intent::Disconnect
            && let Ok(rules) = after.rules()
        {
            notes.extend(cors::still_serving(&rules, templates::ORIGIN));
        }
        notes
    }
}
