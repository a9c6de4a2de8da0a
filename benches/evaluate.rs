//! What the evaluation of a bucket policy costs: policies of the greatest size that S3 takes, against reading them.
//!
//! `cargo bench --bench evaluate` prints it. Nothing is asserted: machines differ, and the ratio is what counts.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use segments_connect::aws::policy::{
    Asked, Circumstances, MAX_BYTES, Place, Question, bytes, evaluate, is_public,
};
use segments_connect::aws::templates::{ACCOUNT, CANONICAL_ID, PRINCIPAL, SID, bucket_policy};
use segments_connect::json;
use serde_json::{Value, json};

const RUNS: usize = 51;

/// Statements as they are found in buckets that many teams share.
fn realistic(number: usize) -> Value {
    match number % 4 {
        0 => json!({
            "Sid": format!("team-{number}"), "Effect": "Allow",
            "Principal": {"AWS": [format!("arn:aws:iam::{:012}:role/pipeline", number), format!("arn:aws:iam::{:012}:root", number)]},
            "Action": ["s3:GetObject", "s3:PutObject", "s3:GetObjectTagging"],
            "Resource": [format!("arn:aws:s3:::acme/teams/{number}/*"), format!("arn:aws:s3:::acme/shared/*/{number}/*.jpg")],
        }),
        1 => json!({
            "Sid": format!("endpoint-{number}"), "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": format!("arn:aws:s3:::acme/internal/{number}/*"),
            "Condition": {
                "StringNotEquals": {"aws:SourceVpce": ["vpce-1a2b3c4d", format!("vpce-{number:08}")]},
                "ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/*", PRINCIPAL]},
            },
        }),
        2 => json!({
            "Sid": format!("office-{number}"), "Effect": "Deny", "NotPrincipal": {"AWS": [PRINCIPAL, "arn:aws:iam::931508227573:root"]},
            "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::acme/office/{number}/*"),
            "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24", "2001:db8::/32"]}},
        }),
        _ => json!({
            "Sid": format!("home-{number}"), "Effect": "Allow", "Principal": "*", "Action": "s3:Get*",
            "Resource": "arn:aws:s3:::acme/home/${aws:username}/*",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        }),
    }
}

/// Statements that are made to be slow.
fn hostile(number: usize) -> Value {
    json!({
        "Sid": format!("h{number}"), "Effect": if number.is_multiple_of(2) { "Deny" } else { "Allow" }, "Principal": "*",
        "Action": "s3:G*e*t*O*b*j*e*c*t", "Resource": format!("arn:aws:s3:::acme/{}", "*a?b".repeat(40)),
    })
}

/// The published policy with as many more statements as S3 takes.
fn filled(statement: fn(usize) -> Value) -> Value {
    let mut policy = bucket_policy("acme");
    for number in 0.. {
        let mut larger = policy.clone();
        if let Some(all) = larger["Statement"].as_array_mut() {
            all.push(statement(number));
        }
        if bytes(&larger) > MAX_BYTES {
            break;
        }
        policy = larger;
    }
    policy
}

/// The median of several runs.
fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(RUNS / 2).copied().unwrap_or_default()
}

fn main() {
    let place = Place {
        region: Some("eu-west-1"),
        owner: Some("123456789012"),
        now: Some(time::OffsetDateTime::UNIX_EPOCH),
    };
    let link = Circumstances::link_in_a_browser(&place);
    for (name, policy) in [
        ("realistic", filled(realistic)),
        ("made to be slow", filled(hostile)),
    ] {
        let text = json::compact(&policy);
        let parsed = median(|| {
            let _ = black_box(json::parse(black_box(&text)));
        });
        println!("{name}: {} bytes, read in {parsed:?}", text.len());
        for (what, resource) in [
            ("every object", Asked::Every("arn:aws:s3:::acme/*")),
            (
                "one object",
                Asked::One("arn:aws:s3:::acme/photos/2026/01/0001.jpg"),
            ),
        ] {
            let question = Question {
                principal: PRINCIPAL,
                account: ACCOUNT,
                canonical_id: Some(CANONICAL_ID),
                sid: Some(SID),
                action: "s3:GetObject",
                resource,
                circumstances: &link,
            };
            let took = median(|| {
                black_box(evaluate(Some(black_box(&policy)), &question));
            });
            println!(
                "  {what}: evaluated in {took:?}, {:.1} times as long as reading it",
                took.as_secs_f64() / parsed.as_secs_f64()
            );
        }
        let took = median(|| {
            black_box(is_public(Some(black_box(&policy))));
        });
        println!("  public or not: {took:?}");
    }
}
