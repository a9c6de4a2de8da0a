//! CORS as Cloud Storage has it: the first entry that matches origin and method decides, whatever the headers.
//!
//! A preflight that no entry allows is answered with 200 all the same, without a single header of CORS.
//! See <https://cloud.google.com/storage/docs/cross-origin>.

use super::call::{Call, Form};
use super::message::bucket::Cors;
use super::problem::Problem;
use super::refusal::no_bucket;
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// What a preflight may be remembered for when its entry does not say, in seconds.
const REMEMBERED: i32 = 3600;

/// Answers a preflight. It needs no identity and no object, only a bucket.
pub(crate) fn preflight(world: &World, request: &Incoming, call: &Call) -> Result<Answer, Problem> {
    if call.form != Form::Xml {
        return Ok(by_default(Answer::new(200), request));
    }
    let bucket = call
        .bucket
        .as_deref()
        .and_then(|name| world.bucket(name))
        .ok_or_else(no_bucket)?;
    let mut answer = Answer::new(200);
    let method = request.header("access-control-request-method");
    let entry = request
        .header("origin")
        .zip(method)
        .and_then(|(origin, method)| find(world, &bucket.settings.cors, origin, method));
    let Some(entry) = entry else {
        return Ok(answer);
    };
    let asked = requested(request);
    let any = entry.cors.response_header.iter().any(|name| name == "*");
    let every = asked.iter().all(|name| {
        (any && world.any_header_matches)
            || entry
                .cors
                .response_header
                .iter()
                .any(|allowed| allowed.eq_ignore_ascii_case(name))
    });
    if !every {
        return Ok(answer);
    }
    let age = match entry.cors.max_age_seconds {
        0 => REMEMBERED,
        age => age,
    };
    let headers = if any && world.any_header_matches {
        asked.join(",")
    } else {
        entry.cors.response_header.join(",")
    };
    answer = answer
        .header("access-control-allow-origin", entry.origin)
        .header("access-control-allow-methods", entry.cors.method.join(","))
        .header("access-control-max-age", age.to_string());
    if !headers.is_empty() {
        answer = answer.header("access-control-allow-headers", headers);
    }
    Ok(answer.header("vary", "Origin"))
}

/// Adds what an actual response gets.
pub(crate) fn decorated(world: &World, request: &Incoming, call: &Call, answer: Answer) -> Answer {
    let Some(origin) = request.header("origin") else {
        return answer;
    };
    match call.form {
        Form::StorageJson | Form::Media => by_default(answer, request),
        Form::Xml => {
            let bucket = call.bucket.as_deref().and_then(|name| world.bucket(name));
            let entry = bucket
                .and_then(|bucket| find(world, &bucket.settings.cors, origin, &request.method));
            let Some(entry) = entry else {
                return answer;
            };
            let exposed = entry.cors.response_header.join(",");
            let answer = answer.header("access-control-allow-origin", entry.origin);
            let answer = if exposed.is_empty() {
                answer
            } else {
                answer.header("access-control-expose-headers", exposed)
            };
            answer.header("vary", "Origin")
        }
        Form::Grpc | Form::Json | Form::OAuth | Form::Metadata => answer,
    }
}

/// The JSON API answers everybody, whatever the bucket says.
/// See <https://cloud.google.com/storage/docs/cross-origin#server-side-support>.
fn by_default(answer: Answer, request: &Incoming) -> Answer {
    let Some(origin) = request.header("origin") else {
        return answer;
    };
    let answer = answer
        .header("access-control-allow-origin", origin)
        .header("access-control-allow-credentials", "true")
        .header("vary", "Origin");
    if request.method == "OPTIONS" {
        answer
            .header(
                "access-control-allow-methods",
                "DELETE,GET,HEAD,PATCH,POST,PUT",
            )
            .header(
                "access-control-allow-headers",
                request
                    .header("access-control-request-headers")
                    .unwrap_or_default(),
            )
            .header("access-control-max-age", REMEMBERED.to_string())
    } else {
        answer.header(
            "access-control-expose-headers",
            "Content-Length,Content-Type,Date,Server,Transfer-Encoding",
        )
    }
}

/// The entry that decides, and the origin that it answers with.
struct Entry<'a> {
    cors: &'a Cors,
    origin: String,
}

fn find<'a>(world: &World, entries: &'a [Cors], origin: &str, method: &str) -> Option<Entry<'a>> {
    entries.iter().find_map(|cors| {
        let listed = cors
            .method
            .iter()
            .any(|allowed| allowed == method || allowed == "*");
        let allowed = cors
            .origin
            .iter()
            .find(|allowed| matches(world, allowed, origin))
            .filter(|_| listed)?;
        Some(Entry {
            cors,
            origin: if allowed == "*" { "*" } else { origin }.to_owned(),
        })
    })
}

/// `*` means any origin, and a port that goes without saying is none. That `https://*.example.com` means the sub-domains is what Google's own services rely on.
fn matches(world: &World, allowed: &str, origin: &str) -> bool {
    if allowed == "*" || plain(allowed) == plain(origin) {
        return true;
    }
    let wildcard = allowed
        .split_once('*')
        .filter(|_| world.subdomain_origins_match);
    wildcard.is_some_and(|(before, after)| {
        origin
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|found| !found.is_empty() && !found.contains('/'))
    })
}

/// See <https://cloud.google.com/storage/docs/troubleshooting#cors>.
fn plain(origin: &str) -> &str {
    [("http://", ":80"), ("https://", ":443")]
        .into_iter()
        .filter(|(scheme, _)| origin.starts_with(scheme))
        .find_map(|(_, port)| origin.strip_suffix(port))
        .unwrap_or(origin)
}

fn requested(request: &Incoming) -> Vec<String> {
    request
        .header("access-control-request-headers")
        .unwrap_or_default()
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_sub_domains_where_it_works_at_all() {
        let mut world = World::default();
        for (allowed, origin, expected) in [
            ("*", "https://anything:1", true),
            ("https://app.segments.ai", "https://app.segments.ai", true),
            ("https://app.segments.ai", "https://APP.segments.ai", false),
            (
                "https://app.segments.ai",
                "https://app.segments.ai:8443",
                false,
            ),
            (
                "https://app.segments.ai:443",
                "https://app.segments.ai",
                true,
            ),
            (
                "https://app.segments.ai:80",
                "https://app.segments.ai",
                false,
            ),
            ("http://localhost", "http://localhost:80", true),
            ("https://app.segments.ai/", "https://app.segments.ai", false),
            ("https://*.segments.ai", "https://app.segments.ai", true),
            ("https://*.segments.ai", "https://a.b.segments.ai", true),
            ("https://*.segments.ai", "https://segments.ai", false),
            ("https://*.segments.ai", "https://.segments.ai", false),
            ("https://*.segments.ai", "http://app.segments.ai", false),
            (
                "https://*.segments.ai",
                "https://evil.example/.segments.ai",
                false,
            ),
        ] {
            assert_eq!(
                matches(&world, allowed, origin),
                expected,
                "{allowed} {origin}"
            );
        }
        world.subdomain_origins_match = false;
        assert!(!matches(
            &world,
            "https://*.segments.ai",
            "https://app.segments.ai"
        ));
        assert!(matches(&world, "*", "https://app.segments.ai"));
    }
}
