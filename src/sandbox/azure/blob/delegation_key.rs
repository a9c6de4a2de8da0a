//! User delegation keys: what somebody with a role signs links with, without the account's own keys.
//!
//! A key is made of what it is for, so that it can be checked without being kept.
//! See <https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::{Duration, OffsetDateTime};

use super::{Visit, moment};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::account::StorageAccount;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::world::World;
use crate::sandbox::azure::xml::element;

/// No key is good for longer.
const LONGEST: Duration = Duration::days(7);

/// What a key is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KeyFacts {
    pub object_id: String,
    pub tenant: String,
    pub start: String,
    pub expiry: String,
    pub service: String,
    pub version: String,
    /// The tenant of the user who alone may use what is signed.
    pub delegated_tenant: String,
}

impl KeyFacts {
    /// The key itself, as it is told to whoever asked: in Base64.
    pub fn value(&self, world: &World, account: &StorageAccount) -> String {
        let facts = [
            "user delegation key",
            &account.name,
            &self.object_id,
            &self.tenant,
            &self.start,
            &self.expiry,
            &self.service,
            &self.version,
            &self.delegated_tenant,
        ];
        STANDARD.encode(world.sign(facts.join("\n").as_bytes()))
    }
}

/// `Get User Delegation Key`.
pub(super) fn give(visit: &Visit<'_>) -> Result<Answer, Problem> {
    let claims = visit.may_delegate()?;
    let wanted = Wanted::read(&visit.request.body)?;
    let now = visit.world.now();
    let start = match &wanted.start {
        Some(text) => time_of("Start", text)?,
        None => now,
    };
    let expiry = time_of("Expiry", &wanted.expiry)?;
    if expiry <= start || expiry <= now || expiry > now + LONGEST {
        return Err(bad_value("Expiry", &wanted.expiry));
    }
    if start > now + LONGEST {
        return Err(bad_value(
            "Start",
            wanted.start.as_deref().unwrap_or_default(),
        ));
    }
    let facts = KeyFacts {
        object_id: claims.object_id.clone(),
        tenant: claims.tenant.clone(),
        start: moment::written(start),
        expiry: moment::written(expiry),
        service: "b".to_owned(),
        version: visit
            .request
            .header("x-ms-version")
            .unwrap_or_default()
            .to_owned(),
        delegated_tenant: wanted.delegated_tenant.unwrap_or_default(),
    };
    let delegated = if facts.delegated_tenant.is_empty() {
        String::new()
    } else {
        element("SignedDelegatedUserTid", &facts.delegated_tenant)
    };
    let elements = [
        element("SignedOid", &facts.object_id),
        element("SignedTid", &facts.tenant),
        element("SignedStart", &facts.start),
        element("SignedExpiry", &facts.expiry),
        element("SignedService", &facts.service),
        element("SignedVersion", &facts.version),
        delegated,
        element("Value", &facts.value(visit.world, visit.account)),
    ];
    Ok(Answer::new(200).body(
        "application/xml",
        format!(
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><UserDelegationKey>{}</UserDelegationKey>",
            elements.concat()
        ),
    ))
}

/// What a request asks for.
struct Wanted {
    start: Option<String>,
    expiry: String,
    delegated_tenant: Option<String>,
}

impl Wanted {
    fn read(body: &[u8]) -> Result<Self, Problem> {
        let syntax = || {
            Problem::new(
                400,
                "InvalidXmlDocument",
                "XML specified is not syntactically valid.",
            )
        };
        let text = std::str::from_utf8(body).map_err(|_| syntax())?;
        let document = roxmltree::Document::parse(text.trim_start_matches('\u{feff}'))
            .map_err(|_| syntax())?;
        let root = document.root_element();
        if root.tag_name().name() != "KeyInfo" {
            return Err(syntax());
        }
        let mut wanted = Self {
            start: None,
            expiry: String::new(),
            delegated_tenant: None,
        };
        for child in root.children().filter(roxmltree::Node::is_element) {
            let text = child.text().unwrap_or_default().trim().to_owned();
            match child.tag_name().name() {
                "Start" => wanted.start = Some(text),
                "Expiry" => wanted.expiry = text,
                "DelegatedUserTid" => wanted.delegated_tenant = Some(text),
                _ => return Err(syntax()),
            }
        }
        if wanted.expiry.is_empty() {
            return Err(syntax());
        }
        Ok(wanted)
    }
}

fn time_of(name: &str, text: &str) -> Result<OffsetDateTime, Problem> {
    moment::read(text).ok_or_else(|| bad_value(name, text))
}

fn bad_value(name: &str, value: &str) -> Problem {
    Problem::new(
        400,
        "InvalidXmlNodeValue",
        "The value for one of the XML nodes is not in the correct format.",
    )
    .field("XmlNodeName", name)
    .field("XmlNodeValue", value)
}
