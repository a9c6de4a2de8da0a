//! How Google Cloud Storage picks the entry that answers: the first one with the origin and the method. Which headers
//! it lists is looked at only afterwards, so an earlier entry hides a later one that lists more.
//!
//! Written from <https://cloud.google.com/storage/docs/xml-api/put-bucket-cors> and
//! <https://cloud.google.com/storage/docs/cross-origin>. It sees entries and a request, nothing else.
//!
//! Google documents an origin as written out, or `*` alone. That `https://*.example.com` covers sub-domains is what
//! Google's own services rely on, and no page promises it. So such a match is [`Fit::Likely`], and nothing may depend
//! on it being so, or on it not being so, where something of others could be changed.

use super::foresee::Foreseen;
use super::origin;
use super::pattern::Pattern;
use super::{Answer, Miss, Reason, Request, RequestKind};

/// The parts of an entry that decide whether it answers, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// `origin`: written out, or `*`.
    pub origins: &'a [String],
    /// `method`: names, or `*`.
    pub methods: &'a [String],
    /// `responseHeader`: what a preflight may ask for, and what scripts may read.
    pub headers: &'a [String],
}

/// Whether something matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It does not.
    No,
    /// It does if Google matches what it does not document: wildcards inside an origin, another letter case.
    Likely,
    /// It does, as documented.
    Yes,
}

/// Whether `allowed`, as it stands in an entry, is for `origin`.
#[must_use]
pub fn origin_fit(allowed: &str, origin: &str) -> Fit {
    if allowed == "*" || without_default_port(allowed) == without_default_port(origin) {
        Fit::Yes
    } else if loosely(allowed).matches(&origin.to_ascii_lowercase()) {
        Fit::Likely
    } else {
        Fit::No
    }
}

/// An origin without the port that its scheme stands for: with it and without it, it is the same one.
/// <https://cloud.google.com/storage/docs/troubleshooting#cors>
fn without_default_port(origin: &str) -> &str {
    let stripped = match origin.split_once("://") {
        Some(("http", _)) => origin.strip_suffix(":80"),
        Some(("https", _)) => origin.strip_suffix(":443"),
        Some(_) | None => None,
    };
    stripped.unwrap_or(origin)
}

/// Whether `allowed` and `other`, both as they may stand in an entry, could be for the same origin.
#[must_use]
pub fn may_overlap(allowed: &str, other: &str) -> bool {
    match (loosely(allowed), loosely(other)) {
        // What is not understood may be for anybody.
        (Loose::Unclear(_), _) | (_, Loose::Unclear(_)) => true,
        (Loose::Exact(one), Loose::Exact(two)) => one == two,
        (Loose::Exact(text), star @ Loose::Star { .. })
        | (star @ Loose::Star { .. }, Loose::Exact(text)) => star.matches(&text),
        (
            Loose::Star { before, after },
            Loose::Star {
                before: other_before,
                after: other_after,
            },
        ) => {
            let begins = before.starts_with(&other_before) || other_before.starts_with(&before);
            let ends = after.ends_with(&other_after) || other_after.ends_with(&after);
            begins && ends
        }
    }
}

/// Whether an entry for `allowed` is certainly for every origin that one for `other` is for.
#[must_use]
pub fn covers(allowed: &str, other: &str) -> bool {
    allowed == "*" || allowed == other
}

/// A pattern in lower case, since browsers send lower case.
enum Loose {
    Exact(String),
    Star {
        before: String,
        after: String,
    },
    /// More than one `*`.
    Unclear(String),
}

impl Loose {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == text,
            Self::Star { before, after } => Pattern::Star { before, after }.matches(text),
            Self::Unclear(pattern) => glob(pattern, text),
        }
    }
}

fn loosely(text: &str) -> Loose {
    let text = text.trim().to_ascii_lowercase();
    let text = without_default_port(&text);
    match Pattern::read(text) {
        Some(Pattern::Exact(exact)) => Loose::Exact(exact.to_owned()),
        Some(Pattern::Star { before, after }) => Loose::Star {
            before: before.to_owned(),
            after: after.to_owned(),
        },
        None => Loose::Unclear(text.to_owned()),
    }
}

/// Every `*` is any run of characters. The first place where what stands between two of them fits is as good as any.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let (Some(first), Some(last)) = (parts.next(), parts.next_back()) else {
        return pattern == text;
    };
    let Some(mut rest) = text
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last))
    else {
        return false;
    };
    parts.all(|part| match rest.find(part) {
        Some(at) => {
            rest = rest.get(at + part.len()..).unwrap_or_default();
            true
        }
        None => false,
    })
}

impl Entry<'_> {
    /// Whether one of the entry's origins is for `origin`; the best that is.
    #[must_use]
    pub fn origin_fit(&self, origin: &str) -> Fit {
        self.origins
            .iter()
            .map(|allowed| origin_fit(allowed, origin))
            .max()
            .unwrap_or(Fit::No)
    }

    /// Whether the entry is for `method`. `*` is any.
    #[must_use]
    pub fn method_fit(&self, method: &str) -> Fit {
        self.methods
            .iter()
            .map(|allowed| {
                if allowed == "*" || allowed == method {
                    Fit::Yes
                } else if allowed.trim().eq_ignore_ascii_case(method) {
                    Fit::Likely
                } else {
                    Fit::No
                }
            })
            .max()
            .unwrap_or(Fit::No)
    }

    /// Whether a preflight may ask for `header`.
    #[must_use]
    pub fn has_header(&self, header: &str) -> bool {
        self.headers
            .iter()
            .any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(header))
    }

    /// Whether the entry answers a request from `origin` for `method`.
    #[must_use]
    pub fn fit(&self, origin: &str, method: &str) -> Fit {
        self.origin_fit(origin).min(self.method_fit(method))
    }

    fn reasons(&self, request: &Request<'_>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if self.origin_fit(request.origin) == Fit::No {
            reasons.push(Reason::Origin {
                allowed: self.origins.to_vec(),
                near: origin::nearest(self.origins, request.origin),
            });
        }
        if self.method_fit(request.method) == Fit::No {
            reasons.push(Reason::Method {
                asked: request.method.to_owned(),
                allowed: self.methods.to_vec(),
            });
        }
        reasons
    }

    fn refused_headers(&self, request: &Request<'_>) -> Vec<String> {
        match request.kind {
            RequestKind::Actual => Vec::new(),
            RequestKind::Preflight { headers } => headers
                .iter()
                .filter(|header| !self.has_header(header))
                .map(|header| (*header).to_owned())
                .collect(),
        }
    }
}

/// The first entry for the origin and the method of a request, and how sure that is.
#[must_use]
pub fn first<'a>(
    entries: impl IntoIterator<Item = Entry<'a>>,
    origin: &str,
    method: &str,
) -> Option<(usize, Fit)> {
    entries
        .into_iter()
        .map(|entry| entry.fit(origin, method))
        .enumerate()
        .find(|(_, fit)| *fit != Fit::No)
}

/// Which entry admits `request`, and what keeps every other from it. An entry that answers first and does not list
/// the headers is a miss, and so are all after it.
#[must_use]
pub fn explain<'a>(entries: impl IntoIterator<Item = Entry<'a>>, request: &Request<'_>) -> Answer {
    let mut winner = None;
    let mut answered = None;
    let mut misses = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let mut reasons = entry.reasons(request);
        if reasons.is_empty() {
            if let Some(by) = answered {
                reasons.push(Reason::AnsweredBefore { by });
            } else {
                answered = Some(index);
                let refused = entry.refused_headers(request);
                if refused.is_empty() {
                    winner = Some(index);
                    continue;
                }
                reasons.push(Reason::Headers {
                    refused,
                    allowed: entry.headers.to_vec(),
                });
            }
        }
        misses.push(Miss {
            rule: index,
            reasons,
        });
    }
    Answer { winner, misses }
}

/// What the entries foresee for `request`. Not certain where the first entry that may answer does so only by what Google
/// does not document: a wildcard inside an origin, another letter case, `*` among the headers of a preflight that asks
/// for some.
#[must_use]
pub fn foresee<'a>(
    entries: impl IntoIterator<Item = Entry<'a>>,
    request: &Request<'_>,
) -> Foreseen {
    let entries: Vec<Entry<'a>> = entries.into_iter().collect();
    let answer = explain(entries.iter().copied(), request);
    let documented = match first(entries.iter().copied(), request.origin, request.method) {
        None => true,
        Some((_, Fit::No | Fit::Likely)) => false,
        Some((at, Fit::Yes)) => entries.get(at).is_some_and(|entry| {
            let asked = match request.kind {
                RequestKind::Actual => &[][..],
                RequestKind::Preflight { headers } => headers,
            };
            let listed = |header: &&str| {
                entry
                    .headers
                    .iter()
                    .any(|allowed| allowed.eq_ignore_ascii_case(header))
            };
            asked.iter().all(listed) || !entry.headers.iter().any(|allowed| allowed == "*")
        }),
    };
    if documented {
        Foreseen::certain(answer)
    } else {
        Foreseen::perhaps(answer)
    }
}

#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::foresee::Says;
    use super::super::pattern;
    use super::*;

    /// Origins, methods, headers.
    type Owned = (Vec<String>, Vec<String>, Vec<String>);

    fn entry(origins: &[&str], methods: &[&str], headers: &[&str]) -> Owned {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        (own(origins), own(methods), own(headers))
    }

    fn views(entries: &[Owned]) -> impl Iterator<Item = Entry<'_>> {
        entries.iter().map(|(origins, methods, headers)| Entry {
            origins,
            methods,
            headers,
        })
    }

    const PAGE: &str = "https://app.segments.ai";

    #[test]
    fn the_first_entry_with_origin_and_method_answers_whatever_the_headers() {
        let entries = [
            entry(&["https://intranet.acme.example"], &["GET"], &["*"]),
            entry(&["*"], &["PUT"], &["*"]),
            entry(&[PAGE], &["GET"], &["Content-Type"]),
            entry(&[PAGE], &["GET"], &["*"]),
        ];
        assert_eq!(first(views(&entries), PAGE, "GET"), Some((2, Fit::Yes)));
        assert_eq!(
            explain(views(&entries), &Request::preflight(PAGE, "GET", &[])).winner,
            Some(2)
        );
        let answer = explain(
            views(&entries),
            &Request::preflight(PAGE, "GET", &["range"]),
        );
        assert_eq!(answer.winner, None);
        let words: Vec<String> = answer.misses.iter().map(Miss::in_words).collect();
        assert!(words[2].contains("request header `range`"), "{words:?}");
        assert_eq!(words[3], "rule 3 answers before it");
    }

    #[test]
    fn only_what_google_documents_is_foreseen_for_certain() {
        for (origin, headers, asked, expected) in [
            (PAGE, &["*"][..], &[][..], Says::Yes),
            (PAGE, &["Range"], &["range"], Says::Yes),
            (PAGE, &["*"], &["range"], Says::Maybe),
            (PAGE, &["Content-Type"], &["range"], Says::No),
            ("https://*.segments.ai", &["*"], &[], Says::Maybe),
            ("https://a.example", &["*"], &[], Says::No),
        ] {
            let entries = [entry(&[origin], &["GET"], headers)];
            let foreseen = foresee(views(&entries), &Request::preflight(PAGE, "GET", asked));
            assert_eq!(foreseen.says, expected, "{origin} {headers:?} {asked:?}");
        }
        // The one that may answer first leaves open what a certain one behind it would say.
        let entries = [
            entry(&["https://*.segments.ai"], &["GET"], &[]),
            entry(&[PAGE], &["GET"], &["range"]),
        ];
        let asked = Request::preflight(PAGE, "GET", &["range"]);
        assert_eq!(foresee(views(&entries), &asked).says, Says::Maybe);
    }

    #[test]
    fn what_is_documented_is_told_from_what_is_likely() {
        for (allowed, origin, expected) in [
            ("*", PAGE, Fit::Yes),
            (PAGE, PAGE, Fit::Yes),
            ("https://*.segments.ai", PAGE, Fit::Likely),
            ("https://*", PAGE, Fit::Likely),
            ("https://APP.segments.ai", PAGE, Fit::Likely),
            ("https://*.segments.ai", "https://segments.ai", Fit::No),
            ("http://*.segments.ai", PAGE, Fit::No),
            ("https://app.segments.ai/", PAGE, Fit::No),
            ("https://example.com", PAGE, Fit::No),
        ] {
            assert_eq!(origin_fit(allowed, origin), expected, "{allowed}");
        }
    }

    #[test]
    fn a_method_is_listed_or_any() {
        let any = entry(&["*"], &["*"], &[]);
        let lower = entry(&["*"], &["get"], &[]);
        let put = entry(&["*"], &["PUT"], &[]);
        let fits: Vec<Fit> = [&any, &lower, &put]
            .into_iter()
            .map(|one| {
                views(std::slice::from_ref(one))
                    .next()
                    .expect("one")
                    .method_fit("GET")
            })
            .collect();
        assert_eq!(fits, [Fit::Yes, Fit::Likely, Fit::No]);
    }

    fn texts(alphabet: &[char], length: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..length {
            last = last
                .iter()
                .flat_map(|text| alphabet.iter().map(move |next| format!("{text}{next}")))
                .collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    proptest! {
        #[test]
        fn overlap_is_what_trying_every_text_finds(
            one in "[ab]{0,2}\\*?[ab]{0,2}",
            other in "[ab]{0,2}\\*?[ab]{0,2}",
        ) {
            let tried = texts(&['a', 'b'], 8)
                .iter()
                .any(|text| pattern::matches(&one, text) && pattern::matches(&other, text));
            prop_assert_eq!(may_overlap(&one, &other), tried);
        }
    }
}
