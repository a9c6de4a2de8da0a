//! The program against Azurite, Microsoft's own emulator of Blob Storage: CORS rules as it puts them in force, and links
//! as it checks them.
//!
//! It is not Azure. What Azurite 3.35.0 must not be believed about, and what the tests therefore do not ask of it, or
//! count apart as differences that are known:
//!
//! - There is no Azure Resource Manager and no directory, and with `--oauth basic` every well-formed token may do
//!   everything: nothing here shows that Segments.ai is let in by its role, or that anybody is kept out.
//! - Origins are compared without case, and the first starred origin in a rule's list decides for the whole list. (Azure:
//!   letter by letter, <https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services>.)
//! - Where the first rule with the origin and the method refuses a header, a later one may still admit it. (Azure: that
//!   first rule decides alone, ibid.)
//! - Six rules are accepted, and rules of any length. (Azure: five, and 2 KB.)
//! - Every link that is not accepted is an `AuthorizationFailure`. (Azure: `AuthenticationFailed` where the signature or
//!   the time is wrong, `AuthorizationPermissionMismatch` where the permission is.) Addresses in links are not looked at.
//! - User delegation keys are made of what is in the link, so none is ever revoked.
//! - A user delegation link of a version newer than Azurite is refused; the program's own is of 2022-11-02.

mod links;
mod program;
mod rules;
mod server;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use url::Url;

/// The account that every Azurite has.
const ACCOUNT: &str = "devstoreaccount1";
/// Its key, which is published and the same everywhere:
/// <https://learn.microsoft.com/azure/storage/common/storage-connect-azurite#well-known-storage-account-and-key>. It
/// opens nothing but emulators.
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const CONTAINER: &str = "photos";
const BLOB: &str = "2024/a cat.png";
const CONTENT: &str = "a cat";
/// Where the labeller's browser is.
const PAGE: &str = "https://app.segments.ai";
/// The version of Blob Storage that the tests speak.
const VERSION: &str = "2022-11-02";

fn keyed_hash(key: &[u8], text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn signed(text: &str) -> String {
    keyed_hash(&STANDARD.decode(KEY).expect("base 64"), text)
}

fn moment(offset: time::Duration) -> String {
    (OffsetDateTime::now_utc() + offset)
        .replace_nanosecond(0)
        .expect("a whole second")
        .format(&Rfc3339)
        .expect("a moment")
}

/// The account's blob service, with the account's key: who seeds it.
#[derive(Debug, Clone)]
struct Service {
    /// With the account's name in its path, and a slash at its end.
    endpoint: Url,
    client: reqwest::Client,
}

impl Service {
    /// The address of something in the account.
    fn at(&self, path: &str) -> Url {
        self.endpoint.join(path).expect("an address")
    }

    fn blob(&self) -> Url {
        self.at(&format!("{CONTAINER}/{}", BLOB.replace(' ', "%20")))
    }

    /// Sends a request that is signed with the account's key.
    ///
    /// See <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key>.
    async fn send(
        &self,
        method: &str,
        url: Url,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let date = OffsetDateTime::now_utc()
            .format(&Rfc2822)
            .expect("a date")
            .replace("+0000", "GMT");
        let mut own: Vec<(&str, &str)> = headers.to_vec();
        own.extend([("x-ms-date", date.as_str()), ("x-ms-version", VERSION)]);
        own.sort_unstable();
        let length = if body.is_empty() {
            String::new()
        } else {
            body.len().to_string()
        };
        let canonical_headers: Vec<String> = own
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let mut query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        query.sort_unstable();
        let canonical_query: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("\n{name}:{value}"))
            .collect();
        let text = format!(
            "{method}\n\n\n{length}\n\n\n\n\n\n\n\n\n{}/{ACCOUNT}{}{}",
            canonical_headers.concat(),
            url.path(),
            canonical_query.concat()
        );
        let mut request = self
            .client
            .request(method.parse().expect("a method"), url)
            .header(
                "authorization",
                format!("SharedKey {ACCOUNT}:{}", signed(&text)),
            )
            .body(body.to_owned());
        for (name, value) in own {
            request = request.header(name, value);
        }
        let answer = request.send().await.expect("an answer");
        (
            answer.status().as_u16(),
            answer.text().await.expect("a body"),
        )
    }

    /// Makes the container and the blob, if they are not there.
    async fn seed(&self) {
        let mut container = self.at(CONTAINER);
        container.set_query(Some("restype=container"));
        let (status, text) = self.send("PUT", container, &[], "").await;
        assert!(matches!(status, 201 | 409), "{status}: {text}");
        let (status, text) = self
            .send(
                "PUT",
                self.blob(),
                &[("x-ms-blob-type", "BlockBlob")],
                CONTENT,
            )
            .await;
        assert_eq!(status, 201, "{text}");
    }

    /// Puts these rules in force, in the JSON of Azure Resource Manager, and no others.
    ///
    /// See <https://learn.microsoft.com/rest/api/storageservices/set-blob-service-properties>.
    async fn put_rules(&self, rules: &[Value]) {
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><StorageServiceProperties><Cors>{}</Cors></StorageServiceProperties>",
            rules.iter().map(xml).collect::<String>()
        );
        let (status, text) = self.send("PUT", self.properties(), &[], &document).await;
        assert_eq!(status, 202, "{text}");
    }

    /// The rules in force: the text of each element, rule by rule.
    async fn rules(&self) -> Vec<Vec<(String, String)>> {
        let (status, text) = self.send("GET", self.properties(), &[], "").await;
        assert_eq!(status, 200, "{text}");
        let document =
            roxmltree::Document::parse(text.trim_start_matches('\u{feff}')).expect("XML");
        let rules = document
            .descendants()
            .filter(|node| node.has_tag_name("CorsRule"));
        rules
            .map(|rule| {
                let parts = rule.children().filter(roxmltree::Node::is_element);
                parts
                    .map(|part| {
                        (
                            part.tag_name().name().to_owned(),
                            part.text().unwrap_or_default().to_owned(),
                        )
                    })
                    .collect()
            })
            .collect()
    }

    fn properties(&self) -> Url {
        self.at("?restype=service&comp=properties")
    }
}

/// A rule of Azure Resource Manager as Blob Storage's own interface writes it.
fn xml(rule: &Value) -> String {
    let list = |name: &str| texts(rule, name).join(",");
    format!(
        "<CorsRule><AllowedOrigins>{}</AllowedOrigins><AllowedMethods>{}</AllowedMethods><AllowedHeaders>{}</AllowedHeaders>\
         <ExposedHeaders>{}</ExposedHeaders><MaxAgeInSeconds>{}</MaxAgeInSeconds></CorsRule>",
        list("allowedOrigins"),
        list("allowedMethods"),
        list("allowedHeaders"),
        list("exposedHeaders"),
        rule["maxAgeInSeconds"]
    )
}

/// The texts in a list of a rule.
fn texts(rule: &Value, name: &str) -> Vec<String> {
    let list = rule[name]
        .as_array()
        .unwrap_or_else(|| panic!("no {name} in {rule}"));
    list.iter()
        .map(|text| text.as_str().expect("a text").to_owned())
        .collect()
}
