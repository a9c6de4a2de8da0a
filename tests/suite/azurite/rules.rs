//! CORS: the rule that the program writes, and a generated table of rules and requests on which the program's evaluator
//! and Azurite have to agree, but for the differences that are known.

use std::collections::BTreeMap;
use std::time::Duration;

use segments_connect::cors::azure::{Rule, explain};
use segments_connect::cors::{Reason, Request};
use segments_connect::probe::{Preflight, Prober, admits, azure_preflight};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::links::{Link, service_link};
use super::server::plain;
use super::{PAGE, texts};
use crate::support::{program, ran};

/// One set of rules is in force at a time.
pub(super) static IN_FORCE: Mutex<()> = Mutex::const_new(());

fn prober() -> Prober {
    Prober::new(Duration::from_secs(30))
}

/// The rules as `render` prints them.
pub(super) fn rendered() -> Vec<Value> {
    let home = tempfile::tempdir().expect("a directory");
    let arguments = [
        "azure",
        "render",
        "--storage-account",
        "acmeimages",
        "--document",
        "cors",
    ];
    let told = ran(&mut program(home.path(), &arguments)).exits(0);
    serde_json::from_str(&told.stdout).expect("a list of rules")
}

#[tokio::test]
#[ignore = "needs Azurite; tests/run installs it and runs this"]
async fn the_rule_that_is_written_admits_the_labellers_page_and_nobody_else() {
    let service = &plain().service;
    let turn = IN_FORCE.lock().await;
    service.put_rules(&rendered()).await;
    let stored: Vec<(String, String)> = [
        ("AllowedOrigins", PAGE),
        ("AllowedMethods", "GET"),
        ("AllowedHeaders", ""),
        ("ExposedHeaders", ""),
        ("MaxAgeInSeconds", "3600"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .to_vec();
    let mut in_force = service.rules().await;
    for rule in &mut in_force {
        rule.sort_unstable();
    }
    let mut expected = stored;
    expected.sort_unstable();
    assert_eq!(in_force, [expected]);

    let prober = prober();
    let ask = async |origin: &str, method: &str, headers: &[&str]| {
        let asked = prober
            .preflight(&service.blob(), None, origin, method, headers)
            .await;
        azure_preflight(&asked.expect("an answer"), origin, headers)
    };
    let admitted = ask(PAGE, "GET", &[]).await;
    assert_eq!(
        admitted,
        Preflight::Admitted {
            allow_origin: PAGE.to_owned()
        }
    );
    for (origin, method, headers) in [
        (PAGE, "GET", &["range"][..]),
        (PAGE, "PUT", &[]),
        (PAGE, "HEAD", &[]),
        ("https://webgpu.segments.ai", "GET", &[]),
        ("https://app.segments.ai.example", "GET", &[]),
        ("https://segments.ai", "GET", &[]),
        ("http://app.segments.ai", "GET", &[]),
        ("https://app.segments.ai:8443", "GET", &[]),
        ("null", "GET", &[]),
    ] {
        let refused = ask(origin, method, headers).await;
        assert!(
            matches!(&refused, Preflight::Refused { code: Some(code), .. } if code == "CorsPreflightFailure"),
            "{method} from {origin} with {headers:?}: {refused:?}"
        );
    }

    service.put_rules(&[]).await;
    let without = ask(PAGE, "GET", &[]).await;
    assert!(matches!(without, Preflight::Refused { .. }), "{without:?}");
    drop(turn);
}

const ORIGINS: [&[&str]; 8] = [
    &[PAGE],
    &["https://*.segments.ai"],
    &["*"],
    &["https://App.Segments.ai"],
    &["https://app.segments.ai/"],
    &["http://app.segments.ai"],
    &["https://partner.example", PAGE],
    &["https://*.partner.example", PAGE],
];
const METHODS: [&[&str]; 3] = [&["GET"], &["PUT"], &["GET", "HEAD", "OPTIONS"]];
const HEADERS: [&[&str]; 5] = [
    &[],
    &["Range"],
    &["x-ms-*"],
    &["*"],
    &["x-ms-meta-a", "range"],
];

const PAGES: [&str; 7] = [
    PAGE,
    "https://webgpu.segments.ai",
    "https://a.b.segments.ai",
    "https://segments.ai",
    "https://app.segments.ai.example",
    "http://app.segments.ai",
    "https://x.partner.example",
];
const WISHES: [(&str, &[&str]); 6] = [
    ("GET", &[]),
    ("GET", &["range"]),
    ("GET", &["range", "x-ms-meta-a"]),
    ("GET", &["x-other"]),
    ("HEAD", &[]),
    ("PUT", &["x-ms-blob-type"]),
];

/// Where Azurite is known not to do what Azure documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// Origins without case.
    Case,
    /// The first starred origin decides for its whole list.
    Star,
    /// A later rule is asked where the first one refuses a header.
    LaterRule,
}

fn rule(origins: &[&str], methods: &[&str], headers: &[&str]) -> Value {
    json!({
        "allowedOrigins": origins,
        "allowedMethods": methods,
        "allowedHeaders": headers,
        "exposedHeaders": [],
        "maxAgeInSeconds": 60,
    })
}

/// Every rule alone, and sets of two to five that are drawn, the same in every run.
fn table() -> Vec<Vec<Value>> {
    let mut single = Vec::new();
    for origins in ORIGINS {
        for methods in METHODS {
            for headers in HEADERS {
                single.push(rule(origins, methods, headers));
            }
        }
    }
    let mut draw = fastrand::Rng::with_seed(7);
    let mut sets: Vec<Vec<Value>> = single.iter().map(|rule| vec![rule.clone()]).collect();
    for _ in 0..80 {
        let count = draw.usize(2..=5);
        sets.push(
            draw.choose_multiple(single.iter(), count)
                .into_iter()
                .cloned()
                .collect(),
        );
    }
    sets.push(Vec::new());
    sets
}

struct Owned {
    origins: Vec<String>,
    methods: Vec<String>,
    headers: Vec<String>,
}

impl Owned {
    fn of(rule: &Value) -> Self {
        Self {
            origins: texts(rule, "allowedOrigins"),
            methods: texts(rule, "allowedMethods"),
            headers: texts(rule, "allowedHeaders"),
        }
    }

    fn rule(&self) -> Rule<'_> {
        Rule {
            origins: &self.origins,
            methods: &self.methods,
            headers: &self.headers,
        }
    }

    /// Whether case alone keeps an origin out.
    fn case_alone(&self, origin: &str) -> bool {
        self.rule().origin_for(origin).is_none()
            && self
                .origins
                .iter()
                .any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }

    /// Whether a starred origin that does not fit stands before one that does.
    fn star_before(&self, origin: &str) -> bool {
        let fits = |allowed: &String| {
            let alone = std::slice::from_ref(allowed);
            Rule {
                origins: alone,
                methods: &self.methods,
                headers: &self.headers,
            }
            .origin_for(origin)
            .is_some()
        };
        let first = self.origins.iter().position(fits);
        first.is_some_and(|first| {
            self.origins
                .iter()
                .take(first)
                .any(|allowed| allowed.contains('*'))
        })
    }
}

/// Which known difference may be the reason that the two do not agree.
fn excuse(
    rules: &[Owned],
    origin: &str,
    ours: bool,
    refused_for_headers: bool,
) -> Option<Difference> {
    if rules.iter().any(|rule| rule.case_alone(origin)) {
        return Some(Difference::Case);
    }
    if rules.iter().any(|rule| rule.star_before(origin)) {
        return Some(Difference::Star);
    }
    (!ours && refused_for_headers).then_some(Difference::LaterRule)
}

#[tokio::test]
#[ignore = "needs Azurite; tests/run installs it and runs this"]
async fn the_evaluator_and_azurite_agree() {
    let service = &plain().service;
    let prober = prober();
    let link = service_link(service, &Link::good());
    let mut agreed: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    let mut excused: BTreeMap<Difference, usize> = BTreeMap::new();
    let turn = IN_FORCE.lock().await;
    for set in table() {
        service.put_rules(&set).await;
        let rules: Vec<Owned> = set.iter().map(Owned::of).collect();
        for origin in PAGES {
            let mut judge = |kind,
                             ours: &segments_connect::cors::Answer,
                             theirs: bool,
                             asked: String| {
                let admitted = ours.winner.is_some();
                if admitted == theirs {
                    *agreed.entry((kind, admitted)).or_default() += 1;
                    return;
                }
                let for_headers = ours
                    .misses
                    .iter()
                    .any(|miss| matches!(miss.reasons.as_slice(), [Reason::Headers { .. }]));
                match excuse(&rules, origin, admitted, for_headers) {
                    Some(known) => *excused.entry(known).or_default() += 1,
                    None => panic!(
                        "{asked} from {origin}: Azurite says {theirs}, the evaluator says {ours:?}, of {set:#?}"
                    ),
                }
            };
            for (method, headers) in WISHES {
                let exchange = prober
                    .preflight(&service.blob(), None, origin, method, headers)
                    .await;
                let theirs = match azure_preflight(&exchange.expect("an answer"), origin, headers) {
                    Preflight::Admitted { .. } => true,
                    Preflight::Refused { .. } => false,
                    other @ (Preflight::Redirected { .. } | Preflight::CannotTell { .. }) => {
                        panic!("{method} from {origin} with {headers:?}: {other:?}")
                    }
                };
                let request = Request::preflight(origin, method, headers);
                let ours = explain(rules.iter().map(Owned::rule), &request);
                judge(
                    "preflight",
                    &ours,
                    theirs,
                    format!("a preflight for {method} with {headers:?}"),
                );
            }
            let fetched = prober
                .fetch(&link, None, Some(origin), None)
                .await
                .expect("an answer");
            assert_eq!(fetched.status, 200, "{fetched:?}");
            let ours = explain(
                rules.iter().map(Owned::rule),
                &Request::actual(origin, "GET"),
            );
            judge("fetch", &ours, admits(&fetched, origin), "a GET".to_owned());
        }
    }
    drop(turn);
    println!("agreed with Azurite on {agreed:?}; known differences: {excused:?}");
    // Every kind of answer was seen often, so that agreement means something; and every difference still is one.
    for kind in ["preflight", "fetch"] {
        for admitted in [true, false] {
            let count = agreed.get(&(kind, admitted)).copied().unwrap_or_default();
            assert!(count > 100, "{kind}, {admitted}: {count}");
        }
    }
    for difference in [Difference::Case, Difference::Star, Difference::LaterRule] {
        assert!(
            excused.contains_key(&difference),
            "{difference:?} was not seen: {excused:?}"
        );
    }
}
