//! The three local clouds with an object that everybody may read, the rules as each has them, and the requests.

use reqwest::Method;
use reqwest::header::HeaderMap;
use segments_connect::cors::foresee::Foreseen;
use segments_connect::cors::{Request, azure, gcs, s3};
use segments_connect::sandbox::aws::CorsRule as S3Rule;
use segments_connect::sandbox::azure::{ACCOUNT, CONTAINER, CorsRule as AzureRule};
use segments_connect::sandbox::gcp::settings::Cors;
use segments_connect::sandbox::{Options, Sandbox, aws, azure as local_azure, gcp};

use super::{Rule, Seen, Wish};

const BUCKET: &str = "acme-images";
const OBJECT: &str = "photo.jpg";

/// A cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    S3,
    Google,
    Azure,
}

/// How Google does what it does not document: sub-domains of an origin, `*` among the headers.
#[derive(Debug, Clone, Copy)]
pub struct Undocumented {
    pub subdomains: bool,
    pub any_header: bool,
}

impl Cloud {
    pub const ALL: [Self; 3] = [Self::S3, Self::Google, Self::Azure];

    /// One that decides otherwise.
    pub fn other(self) -> Self {
        match self {
            Self::S3 | Self::Google => Self::Azure,
            Self::Azure => Self::S3,
        }
    }

    pub fn foresee(self, rules: &[Rule], request: &Request<'_>) -> Foreseen {
        match self {
            Self::S3 => s3::foresee(
                rules.iter().map(|rule| s3::Rule {
                    origins: &rule.origins,
                    methods: &rule.methods,
                    headers: &rule.headers,
                }),
                request,
            ),
            Self::Google => gcs::foresee(
                rules.iter().map(|rule| gcs::Entry {
                    origins: &rule.origins,
                    methods: &rule.methods,
                    headers: &rule.headers,
                }),
                request,
            ),
            Self::Azure => {
                let rules: Vec<_> = rules
                    .iter()
                    .map(|rule| {
                        Some(azure::Rule {
                            origins: &rule.origins,
                            methods: &rule.methods,
                            headers: &rule.headers,
                        })
                    })
                    .collect();
                azure::foresee(&rules, request)
            }
        }
    }
}

/// A local cloud.
pub struct Scene {
    cloud: Cloud,
    sandbox: Sandbox,
    client: reqwest::Client,
}

impl Scene {
    pub fn new(cloud: Cloud) -> Self {
        let options = match cloud {
            Cloud::S3 => {
                let mut world = aws::World::default();
                world.add_bucket(BUCKET);
                Options::from(world)
            }
            Cloud::Google => {
                let mut world = gcp::World::default();
                world.add_bucket(BUCKET);
                Options::from(world)
            }
            Cloud::Azure => Options::from(local_azure::World::acme()),
        };
        Self {
            cloud,
            sandbox: Sandbox::start(options).expect("the local cloud starts"),
            client: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
        }
    }

    /// Gives the bucket or the account these rules; each is remembered for a time of its own, by which it is known again.
    pub fn put(&self, rules: &[Rule], undocumented: Undocumented) {
        self.sandbox.clear_log();
        self.sandbox.with_state(|state| match self.cloud {
            Cloud::S3 => {
                let bucket = state.aws.buckets.get_mut(BUCKET).expect("the bucket");
                let rules: Vec<S3Rule> = (1..).zip(rules).map(s3_rule).collect();
                bucket.cors = (!rules.is_empty()).then_some(rules);
            }
            Cloud::Google => {
                state.gcp.subdomain_origins_match = undocumented.subdomains;
                state.gcp.any_header_matches = undocumented.any_header;
                let bucket = state.gcp.buckets.get_mut(BUCKET).expect("the bucket");
                bucket.settings.cors = (1..).zip(rules).map(google_entry).collect();
            }
            Cloud::Azure => {
                let account = state.azure.account_mut(ACCOUNT).expect("the account");
                account.blob_service.cors = (1..).zip(rules).map(azure_rule).collect();
            }
        });
    }

    /// What a browser makes of the answer. That an object is not there, or not for everybody, does not matter to it.
    pub async fn send(&self, wish: &Wish) -> Seen {
        let place = match self.cloud {
            Cloud::S3 | Cloud::Google => format!("{BUCKET}/{OBJECT}"),
            Cloud::Azure => format!("{ACCOUNT}/{CONTAINER}/{OBJECT}"),
        };
        let url = format!("{}/{place}", self.sandbox.endpoint());
        let method = Method::from_bytes(wish.method.as_bytes()).expect("a method");
        let request = match wish.asks {
            None => self.client.request(method, url),
            Some(headers) => {
                let request = self
                    .client
                    .request(Method::OPTIONS, url)
                    .header("access-control-request-method", wish.method);
                if headers.is_empty() {
                    request
                } else {
                    request.header("access-control-request-headers", headers.join(","))
                }
            }
        };
        let answer = request
            .header("origin", wish.origin)
            .send()
            .await
            .expect("an answer");
        seen(answer.status().as_u16(), answer.headers(), wish)
    }
}

/// <https://fetch.spec.whatwg.org/#cors-check> and <https://fetch.spec.whatwg.org/#cors-preflight-fetch>
fn seen(status: u16, headers: &HeaderMap, wish: &Wish) -> Seen {
    let list = |name: &str| -> Vec<String> {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        let names = value.unwrap_or_default().split(',');
        names.map(|name| name.trim().to_ascii_lowercase()).collect()
    };
    let holds = |name: &str, value: &str| {
        let found = list(name);
        found
            .iter()
            .any(|one| one == "*" || *one == value.to_ascii_lowercase())
    };
    let origin = headers
        .get("access-control-allow-origin")
        .is_some_and(|value| value == "*" || value == wish.origin);
    let Some(asked) = wish.asks else {
        return Seen {
            admitted: origin,
            rule: None,
        };
    };
    // These methods need not be listed.
    let method = ["GET", "HEAD", "POST"].contains(&wish.method)
        || holds("access-control-allow-methods", wish.method);
    let admitted = (200..300).contains(&status)
        && origin
        && method
        && asked
            .iter()
            .all(|header| holds("access-control-allow-headers", header));
    let age: Option<usize> = headers
        .get("access-control-max-age")
        .and_then(|age| age.to_str().ok()?.parse().ok());
    Seen {
        admitted,
        rule: age.filter(|_| admitted).map(|age| age - 1),
    }
}

fn s3_rule((age, rule): (i64, &Rule)) -> S3Rule {
    S3Rule {
        allowed_origins: rule.origins.clone(),
        allowed_methods: rule.methods.clone(),
        allowed_headers: rule.headers.clone(),
        max_age_seconds: Some(age),
        ..S3Rule::default()
    }
}

fn google_entry((age, rule): (i32, &Rule)) -> Cors {
    Cors {
        origin: rule.origins.clone(),
        method: rule.methods.clone(),
        response_header: rule.headers.clone(),
        max_age_seconds: age,
    }
}

fn azure_rule((age, rule): (i64, &Rule)) -> AzureRule {
    AzureRule {
        allowed_origins: rule.origins.clone(),
        allowed_methods: rule.methods.clone(),
        allowed_headers: rule.headers.clone(),
        exposed_headers: Vec::new(),
        max_age_in_seconds: age,
    }
}
