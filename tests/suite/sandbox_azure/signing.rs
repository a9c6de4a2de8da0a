//! Delegation keys and links made by hand, by the pages that describe them, and nothing of the sandbox's own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use segments_connect::sandbox::azure::{SEGMENTS_APP_ID, SEGMENTS_SECRET};
use sha2::Sha256;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::*;

pub fn moment(offset: Duration) -> String {
    let moment = (OffsetDateTime::now_utc() + offset)
        .replace_nanosecond(0)
        .unwrap();
    moment.format(&Rfc3339).unwrap()
}

/// A delegation key, as it came.
#[derive(Debug, Clone)]
pub struct Key {
    fields: Vec<(&'static str, String)>,
    value: Vec<u8>,
}

pub async fn ask_for_key(sandbox: &Sandbox, bearer: &str, body: &str) -> Reply {
    let request = client()
        .post(blob_url(sandbox, "?restype=service&comp=userdelegationkey"))
        .bearer_auth(bearer)
        .header("x-ms-version", BLOB_VERSION)
        .body(body.to_owned());
    reply(request).await
}

pub fn key_info(start: Duration, expiry: Duration) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><KeyInfo><Start>{}</Start><Expiry>{}</Expiry></KeyInfo>",
        moment(start),
        moment(expiry)
    )
}

pub async fn key_with(sandbox: &Sandbox, bearer: &str) -> Key {
    let given = key_for_two_days(sandbox, bearer).await;
    assert_eq!(given.status, 200, "{}", given.text);
    read_key(&given)
}

pub async fn key_for_two_days(sandbox: &Sandbox, bearer: &str) -> Reply {
    let body = key_info(-Duration::minutes(5), Duration::days(2));
    ask_for_key(sandbox, bearer, &body).await
}

pub fn read_key(given: &Reply) -> Key {
    let fields = [
        ("skoid", "SignedOid"),
        ("sktid", "SignedTid"),
        ("skt", "SignedStart"),
        ("ske", "SignedExpiry"),
        ("sks", "SignedService"),
        ("skv", "SignedVersion"),
    ]
    .map(|(field, element)| (field, given.element(element).unwrap()));
    Key {
        fields: fields.to_vec(),
        value: STANDARD.decode(given.element("Value").unwrap()).unwrap(),
    }
}

/// Segments.ai's app signs in to a tenant.
pub async fn app_signs_in(sandbox: &Sandbox, tenant: &str) -> Reply {
    let form = format!(
        "grant_type=client_credentials&client_id={SEGMENTS_APP_ID}&client_secret={SEGMENTS_SECRET}&scope=https%3A%2F%2Fstorage.azure.com%2F.default"
    );
    let request = client()
        .post(format!("{}/{tenant}/oauth2/v2.0/token", sandbox.endpoint()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    reply(request).await
}

/// The token of whoever signed in; none where that was refused.
pub fn access_token(signed_in: &Reply) -> Option<String> {
    let token = signed_in.json()["access_token"].as_str()?.to_owned();
    (signed_in.status == 200).then_some(token)
}

pub async fn key(sandbox: &Sandbox, who: &str) -> Key {
    let bearer = token(sandbox, who, STORAGE);
    key_with(sandbox, &bearer).await
}

/// A link to be.
#[derive(Debug, Clone)]
pub struct Link {
    pub version: &'static str,
    pub permissions: &'static str,
    pub start: Option<Duration>,
    pub expiry: Duration,
    pub resource: &'static str,
    /// The container and the blob.
    pub blob: (&'static str, &'static str),
    pub protocol: &'static str,
    pub addresses: &'static str,
    pub content_type: &'static str,
    /// The object ID of the user who alone may use it.
    pub user: &'static str,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            version: BLOB_VERSION,
            permissions: "r",
            start: None,
            expiry: Duration::hours(24),
            resource: "b",
            blob: (CONTAINER, "cat.png"),
            protocol: "https",
            addresses: "",
            content_type: "",
            user: "",
        }
    }
}

impl Link {
    /// Signs by the page that describes it, and nothing else.
    pub fn sign(&self, key: &Key) -> String {
        let field = |name: &str| {
            key.fields
                .iter()
                .find(|(found, _)| *found == name)
                .map(|(_, value)| value.clone())
                .unwrap()
        };
        let start = self.start.map(moment).unwrap_or_default();
        let expiry = moment(self.expiry);
        let (container, blob) = self.blob;
        let canonical = match self.resource {
            "c" => format!("/blob/{ACCOUNT}/{container}"),
            _ => format!("/blob/{ACCOUNT}/{container}/{blob}"),
        };
        let mut lines = vec![
            self.permissions.to_owned(),
            start.clone(),
            expiry.clone(),
            canonical,
            field("skoid"),
            field("sktid"),
            field("skt"),
            field("ske"),
            field("sks"),
            field("skv"),
        ];
        let add = |lines: &mut Vec<String>, count: usize| {
            lines.resize(lines.len() + count, String::new());
        };
        if self.version >= "2020-02-10" {
            add(&mut lines, 3);
        }
        if self.version >= "2025-07-05" {
            lines.extend([String::new(), self.user.to_owned()]);
        }
        for text in [
            self.addresses,
            self.protocol,
            self.version,
            self.resource,
            "",
        ] {
            lines.push(text.to_owned());
        }
        if self.version >= "2020-12-06" {
            add(&mut lines, 1);
        }
        if self.version >= "2026-04-06" {
            add(&mut lines, 2);
        }
        add(&mut lines, 4);
        lines.push(self.content_type.to_owned());
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.value).unwrap();
        mac.update(lines.join("\n").as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let mut query = vec![
            ("sv", self.version.to_owned()),
            ("sr", self.resource.to_owned()),
            ("sp", self.permissions.to_owned()),
            ("st", start),
            ("se", expiry),
            ("spr", self.protocol.to_owned()),
            ("sip", self.addresses.to_owned()),
            ("rsct", self.content_type.to_owned()),
            ("sduoid", self.user.to_owned()),
            ("sig", signature),
        ];
        query.extend(key.fields.clone());
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query.iter().filter(|(_, value)| !value.is_empty()))
            .finish()
    }
}

pub async fn fetch(sandbox: &Sandbox, query: &str) -> Reply {
    reply(client().get(format!("{}?{query}", cat(sandbox)))).await
}

pub fn detail(reply: &Reply) -> String {
    reply
        .element("AuthenticationErrorDetail")
        .unwrap_or_default()
}
