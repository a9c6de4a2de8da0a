//! `verify URL...`: the URL says the cloud, the bucket and the object.

use crate::support::{BUCKET, PHOTO, Stage, check, ran};

fn url() -> String {
    format!("https://{BUCKET}.s3.eu-west-1.amazonaws.com/{PHOTO}")
}

#[test]
fn a_url_of_a_connected_bucket_has_nothing_in_the_way() {
    let stage = Stage::connected();
    let document = ran(&mut stage.command(&["verify", &url(), "--json"]))
        .exits(0)
        .document();
    assert_eq!(document["command"], "verify");
    let found = check(&document, "aws.url");
    assert_eq!(found["status"], "pass", "{found}");
    assert_eq!(found["subject"], url());
    assert_eq!(check(&document, "aws.object.read")["status"], "pass");
}

#[test]
fn an_expired_link_is_told_and_its_signature_is_not() {
    let stage = Stage::connected();
    let link = format!(
        "{}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE%2F20200101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20200101T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=0123456789abcdef0123456789abcdef",
        url()
    );
    let ran = ran(&mut stage.command(&["verify", &link, "--json"])).exits(4);
    let document = ran.document();
    let found = check(&document, "aws.url");
    assert_eq!(
        (&found["status"], &found["cause"]),
        (&"fail".into(), &"A59".into())
    );
    assert!(
        !document.to_string().contains("0123456789abcdef"),
        "{document}"
    );
}

#[test]
fn urls_of_two_buckets_and_of_no_store_are_usage_errors() {
    let stage = Stage::connected();
    for arguments in [
        vec!["verify", "s3://acme-images/a", "s3://other-images/a"],
        vec!["verify", "s3://acme-images/a", "gs://acme-images/a"],
        vec!["verify", "https://d111111abcdef8.cloudfront.net/a.jpg"],
        vec!["verify", "gs://acme-images/a", "--profile", "production"],
        vec!["verify"],
    ] {
        ran(&mut stage.command(&arguments)).exits(2);
    }
}
