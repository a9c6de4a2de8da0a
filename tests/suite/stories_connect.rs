//! Connecting a bucket: what is written, what of others stays, and what is refused.

use segments_connect::sandbox::aws::{CorsRule, PublicAccessBlock, World, WrongRegion};
use serde_json::{Value, json};

use crate::support::{
    BUCKET, PHOTO, Stage, change, check, cors_rule, policy, published, published_rule, with,
};

const CONNECT: [&str; 5] = ["aws", "connect", "--bucket", BUCKET, "--yes"];

#[test]
fn a_fresh_bucket_gets_both_documents_as_published() {
    let stage = Stage::fresh();
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(0).without_complaint();
    assert_eq!(stage.policy(), Some(policy(&[published()])));
    assert_eq!(stage.cors(), Some(vec![published_rule()]));
    assert_eq!(
        change(&document, "aws.bucket-policy"),
        ("create", "written")
    );
    assert_eq!(change(&document, "aws.cors"), ("create", "written"));
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["proof"], "own-read");
    assert_eq!(document["changes"][0]["before"], Value::Null);
    assert_eq!(document["changes"][0]["after"], policy(&[published()]));
    assert_eq!(stage.writes(), ["PutBucketPolicy", "PutBucketCors"]);
}

#[test]
fn without_an_action_the_bucket_is_connected() {
    let stage = Stage::fresh();
    let ran = stage.run(&["aws", "--bucket", BUCKET, "-y"]).exits(0);
    assert_eq!(stage.policy(), Some(policy(&[published()])));
    assert_eq!(stage.cors(), Some(vec![published_rule()]));
    let ran = ran
        .says("written: bucket policy")
        .says("written: CORS configuration");
    let ran = ran.says(&format!(
        "https://{BUCKET}.s3.eu-west-1.amazonaws.com/photos/0001.jpg"
    ));
    assert!(
        !ran.stdout.contains("Segments.ai can read"),
        "{}",
        ran.stdout
    );
}

/// A policy with members and forms that this program has no use for.
fn foreign_policy() -> Value {
    json!({
        "Version": "2008-10-17",
        "Id": "kept by terraform",
        "Statement": [
            {
                "Resource": ["arn:aws:s3:::acme-images/z/*", "arn:aws:s3:::acme-images/a/*"],
                "Effect": "Allow",
                "Action": "s3:getobject",
                "Principal": { "AWS": ["444455556666", "arn:aws:iam::444455556666:user/partner"] },
                "Condition": { "IpAddress": { "aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"] }, "Bool": { "aws:SecureTransport": ["true"] } },
            },
            {
                "Sid": "NoHttp", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": "arn:aws:s3:::acme-images/*",
                "Condition": { "Bool": { "aws:SecureTransport": "false" } },
            },
        ],
    })
}

fn foreign_rules() -> Vec<CorsRule> {
    vec![
        CorsRule {
            id: Some("Ünïcode & <angles>".to_owned()),
            expose_headers: vec!["ETag".to_owned(), "x-amz-meta-Owner".to_owned()],
            max_age_seconds: Some(0),
            ..cors_rule(
                "https://intranet.acme.example",
                &["PUT", "GET"],
                &["X-Custom", "content-*"],
            )
        },
        cors_rule("http://localhost:3000", &["GET"], &[]),
    ]
}

#[test]
fn what_is_not_ours_keeps_its_meaning_its_members_and_its_order() {
    let stage = Stage::fresh();
    stage.store_policy(&foreign_policy());
    stage.bucket(|bucket| bucket.cors = Some(foreign_rules()));
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(0).without_complaint();

    let mut wanted = foreign_policy();
    wanted["Statement"]
        .as_array_mut()
        .expect("statements")
        .push(published());
    // As text too, so that the order of members counts.
    assert_eq!(
        stage.policy().map(|policy| policy.to_string()),
        Some(wanted.to_string())
    );
    let mut rules = foreign_rules();
    rules.push(published_rule());
    assert_eq!(stage.cors(), Some(rules));
    assert_eq!(
        change(&document, "aws.bucket-policy"),
        ("update", "written")
    );
    assert_eq!(change(&document, "aws.cors"), ("update", "written"));
    for change in document["changes"].as_array().expect("changes") {
        assert_eq!(change["kept"], 2, "{change:#}");
    }
}

#[test]
fn the_plan_tells_people_how_much_stays() {
    let stage = Stage::fresh();
    stage.store_policy(&foreign_policy());
    stage.bucket(|bucket| bucket.cors = Some(vec![cors_rule("https://a.example", &["GET"], &[])]));
    stage
        .run(&CONNECT)
        .exits(0)
        .says("2 other statements stay as they are")
        .says("1 other rule stays as it is");
}

#[test]
fn a_single_statement_object_becomes_the_first_of_a_list() {
    let stage = Stage::fresh();
    let single = foreign_policy()["Statement"][0].clone();
    stage.store_policy(&json!({ "Version": "2012-10-17", "Statement": single }));
    stage.run(&CONNECT).exits(0);
    assert_eq!(stage.policy(), Some(policy(&[single, published()])));
}

#[test]
fn a_second_run_writes_nothing() {
    let stage = Stage::new();
    stage.run(&CONNECT).exits(0);
    let (policy, rules) = (stage.policy(), stage.cors());
    stage.sandbox.clear_log();
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(0).without_complaint();
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!((stage.policy(), stage.cors()), (policy, rules));
    assert_eq!(
        change(&document, "aws.bucket-policy"),
        ("keep", "unchanged")
    );
    assert_eq!(change(&document, "aws.cors"), ("keep", "unchanged"));
    assert_eq!(document["backup"], Value::Null, "there was nothing to save");
}

#[test]
fn a_statement_that_means_the_same_is_left_alone() {
    let action = json!({ "Action": "s3:GetObject" });
    let listed = json!({
        "Sid": "somebody named it", "Action": ["S3:getobject"],
        "Principal": { "AWS": ["arn:aws:iam::931508227573:user/segmentsai-prod-user"] },
        "Resource": ["arn:aws:s3:::acme-images/*"],
    });
    let unnamed = {
        let mut statement = published();
        statement.as_object_mut().expect("an object").remove("Sid");
        statement
    };
    for statement in [
        with(published(), &action),
        with(published(), &listed),
        unnamed,
    ] {
        let stage = Stage::connected();
        stage.store_policy(&policy(std::slice::from_ref(&statement)));
        stage.run(&CONNECT).exits(0).says("Nothing to change.");
        assert_eq!(stage.writes(), [""; 0], "{statement}");
        assert_eq!(stage.policy(), Some(policy(&[statement])));
    }
}

#[test]
fn a_known_mistaken_form_of_ours_is_put_right_in_its_place() {
    for resource in [
        json!("arn:aws:s3:::acme-images"),
        json!("arn:aws:s3:::YOUR_BUCKET_NAME/*"),
        json!(["arn:aws:s3:::acme-images", "arn:aws:s3:::acme-images/*"]),
    ] {
        let stage = Stage::connected();
        let foreign = foreign_policy()["Statement"][0].clone();
        let mistaken = with(published(), &json!({ "Resource": resource }));
        stage.store_policy(&policy(&[mistaken, foreign.clone()]));
        let (ran, document) = stage.run_json(&CONNECT);
        ran.exits(0);
        assert_eq!(
            stage.policy(),
            Some(policy(&[published(), foreign])),
            "{resource}"
        );
        assert_eq!(
            change(&document, "aws.bucket-policy"),
            ("update", "written"),
            "{resource}"
        );
        assert_eq!(
            change(&document, "aws.cors"),
            ("keep", "unchanged"),
            "{resource}"
        );
        assert_eq!(stage.writes(), ["PutBucketPolicy"], "{resource}");
    }
}

/// A state in which the policy must not be written, and what is said about it.
struct Refused {
    case: &'static str,
    policy: Value,
    says: &'static [&'static str],
}

#[test]
fn a_policy_that_must_not_be_written_stops_both_documents() {
    let gone = json!({ "Sid": "TheDeparted", "Principal": { "AWS": "AIDAIOSFODNN7EXAMPLE1" } });
    let filler: Vec<Value> = (0..200)
        .map(|number| json!(format!("arn:aws:s3:::acme-images/{number:090}/*")))
        .collect();
    let public = with(published(), &json!({ "Sid": "Public", "Principal": "*" }));
    for Refused { case, policy, says } in [
        Refused {
            case: "another content under our Sid",
            policy: policy(&[with(published(), &json!({ "Action": ["s3:*"] }))]),
            says: &[
                "segments-s3-access",
                "-     \"s3:*\"",
                "+     \"s3:GetObject\"",
            ],
        },
        Refused {
            case: "a condition under our Sid",
            policy: policy(&[with(
                published(),
                &json!({ "Condition": { "Bool": { "aws:SecureTransport": "true" } } }),
            )]),
            says: &["segments-s3-access", "-   \"Condition\""],
        },
        Refused {
            case: "a principal that no longer exists",
            policy: policy(&[with(published(), &gone)]),
            says: &["TheDeparted", "AIDAIOSFODNN7EXAMPLE1"],
        },
        Refused {
            case: "no room",
            policy: policy(&[with(
                published(),
                &json!({ "Sid": "Partner", "Principal": { "AWS": "444455556666" }, "Resource": filler }),
            )]),
            says: &["20,480", "(A44)"],
        },
        Refused {
            case: "public",
            policy: policy(&[public]),
            says: &["BlockPublicPolicy", "A17"],
        },
    ] {
        let stage = Stage::fresh();
        stage.store_policy(&policy);
        let ran = stage.run(&CONNECT);
        assert_eq!(ran.status, Some(7), "{case}:\n{}{}", ran.stdout, ran.stderr);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        for text in says {
            assert!(said.contains(text), "{case}: no `{text}` in:\n{said}");
        }
        assert!(
            ran.stderr
                .contains("error: will not change the bucket policy"),
            "{case}: {}",
            ran.stderr
        );
        assert!(ran.stderr.contains("hint: "), "{case}: {}", ran.stderr);
        assert_eq!(stage.policy(), Some(policy), "{case}");
        assert_eq!(stage.cors(), None, "{case}");
        assert_eq!(stage.writes(), [""; 0], "{case}");

        let (ran, document) = stage.run_json(&CONNECT);
        ran.exits(7).without_complaint();
        assert_eq!(document["error"]["code"], "refused", "{case}");
        assert_eq!(
            change(&document, "aws.bucket-policy").1,
            "refused",
            "{case}"
        );
        assert_eq!(change(&document, "aws.cors").1, "skipped", "{case}");
        assert_eq!(
            document["changes"][0]["before"], document["changes"][0]["after"],
            "{case}"
        );
    }
}

#[test]
fn a_hundred_cors_rules_leave_no_room() {
    let stage = Stage::fresh();
    let rules = vec![cors_rule("https://a.example", &["PUT"], &[]); 100];
    stage.bucket(|bucket| bucket.cors = Some(rules.clone()));
    let ran = stage
        .run(&CONNECT)
        .exits(7)
        .complains("101 rules")
        .complains("hint: remove rules");
    assert!(
        ran.stdout.contains("CORS configuration: refused"),
        "{}",
        ran.stdout
    );
    assert_eq!(stage.cors(), Some(rules));
    assert_eq!(stage.policy(), None);
    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn a_public_policy_may_be_extended_where_nothing_blocks_it() {
    let stage = Stage::fresh();
    let public = with(
        published(),
        &json!({ "Sid": "Public", "Principal": "*", "Resource": "arn:aws:s3:::acme-images/open/*" }),
    );
    stage.store_policy(&policy(std::slice::from_ref(&public)));
    stage.bucket(|bucket| bucket.public_access_block = Some(PublicAccessBlock::default()));
    stage.run(&CONNECT).exits(0);
    assert_eq!(stage.policy(), Some(policy(&[public, published()])));
}

#[test]
fn block_public_policy_of_the_account_is_told_from_a_missing_permission() {
    let stage = Stage::fresh();
    let public = policy(&[with(
        published(),
        &json!({ "Sid": "Public", "Principal": "*" }),
    )]);
    stage.store_policy(&public);
    stage.bucket(|bucket| bucket.public_access_block = None);
    stage.sandbox.with_state(|state| {
        let account = state
            .aws
            .accounts
            .get_mut("111122223333")
            .expect("the account");
        account.public_access_block = Some(PublicAccessBlock::ALL);
    });
    let ran = stage.run(&CONNECT);
    assert!(
        matches!(ran.status, Some(7 | 8)),
        "{:?}\n{}",
        ran.status,
        ran.stderr
    );
    ran.complains("BlockPublicPolicy");
    assert_eq!(stage.policy(), Some(public));
    assert_eq!(stage.cors(), None);
}

#[test]
fn a_rule_for_everyone_serves_already() {
    let stage = Stage::fresh();
    let rules = vec![cors_rule("*", &["GET", "HEAD"], &["*"])];
    stage.bucket(|bucket| bucket.cors = Some(rules.clone()));
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(0);
    assert_eq!(change(&document, "aws.cors"), ("keep", "unchanged"));
    assert_eq!(stage.cors(), Some(rules));
    assert_eq!(stage.writes(), ["PutBucketPolicy"]);
    assert_eq!(check(&document, "aws.cors.foreign")["status"], "warn");
}

#[test]
fn the_bucket_is_found_in_another_region_than_the_environments() {
    for wrong_region in [WrongRegion::Redirect, WrongRegion::Malformed] {
        let mut world = World {
            wrong_region,
            ..World::default()
        };
        let bucket = world.add_bucket(BUCKET);
        bucket.region = "us-east-2".to_owned();
        bucket.add_object(PHOTO, "a photo");
        let stage = Stage::with(world);
        let (ran, document) = stage.run_json(&CONNECT);
        ran.exits(0);
        assert_eq!(
            document["target"]["region"], "us-east-2",
            "{wrong_region:?}"
        );
        assert_eq!(
            stage.policy(),
            Some(policy(&[published()])),
            "{wrong_region:?}"
        );
        assert_eq!(
            stage.cors(),
            Some(vec![published_rule()]),
            "{wrong_region:?}"
        );
        let steps = document["next_steps"].to_string();
        assert!(
            steps.contains("https://acme-images.s3.us-east-2.amazonaws.com/photos/0001.jpg"),
            "{steps}"
        );
    }
}

#[test]
fn a_bucket_may_be_given_in_every_form_in_which_people_have_it() {
    for (given, sampled) in [
        ("s3://acme-images", PHOTO),
        ("s3://acme-images/photos/0001.jpg", PHOTO),
        (
            "https://acme-images.s3.eu-west-1.amazonaws.com/photos/two%20words.jpg",
            "photos/two words.jpg",
        ),
    ] {
        let stage = Stage::fresh();
        stage.bucket(|bucket| drop(bucket.add_object("photos/two words.jpg", "another").clone()));
        let (ran, document) = stage.run_json(&["aws", "connect", "--bucket", given, "--yes"]);
        ran.exits(0);
        assert_eq!(document["target"]["bucket"], BUCKET, "{given}");
        assert_eq!(
            check(&document, "aws.object.read")["subject"],
            sampled,
            "{given}"
        );
        assert_eq!(stage.policy(), Some(policy(&[published()])), "{given}");
    }
}

#[test]
fn what_was_written_is_said_not_to_be_visible_where_it_is_not() {
    let stage = Stage::fresh();
    // A front end that does not have the new rules yet.
    stage.sandbox.inject(segments_connect::sandbox::Fault {
        times: usize::MAX,
        ..segments_connect::sandbox::Fault::before(
            segments_connect::sandbox::On::operation("OPTIONS", 1),
            segments_connect::sandbox::FaultKind::Status {
                status: 403,
                code: "AccessForbidden".to_owned(),
                message: "no".to_owned(),
            },
        )
    });
    let (ran, document) =
        stage.run_json(&["aws", "connect", "--bucket", BUCKET, "--yes", "--wait", "0"]);
    ran.exits(4);
    assert_eq!(change(&document, "aws.cors"), ("create", "written"));
    let preflight = check(&document, "aws.cors.preflight");
    assert_eq!(
        (&preflight["status"], &preflight["cause"]),
        (&json!("fail"), &json!("A50"))
    );
    let detail = preflight["detail"].as_str().unwrap_or_default();
    assert!(detail.starts_with("applied, not yet visible: "), "{detail}");
}
