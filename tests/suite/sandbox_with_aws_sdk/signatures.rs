//! Who is who: signatures, their time and their region, in headers and in links.

use std::time::Duration;

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Credentials, Intercept, Region, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use segments_connect::sandbox::aws::{ANA_KEY, Principal, WrongRegion};

use super::{
    BUCKET, KEY, Refused, ana, browser, bucket, credentials, policy, production, put_policy, read,
    refused, s3_config, sandbox, segments, world,
};

async fn link(client: &aws_sdk_s3::Client, seconds: u64) -> String {
    let life = PresigningConfig::expires_in(Duration::from_secs(seconds)).unwrap();
    let request = client
        .get_object()
        .bucket(BUCKET)
        .key(KEY)
        .presigned(life)
        .await
        .unwrap();
    request.uri().to_owned()
}

async fn follow(url: &str) -> (u16, String) {
    let response = browser().get(url).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_link_works_until_it_expires() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| {
        bucket.policy = Some(policy(&[production()]));
    });
    let url = link(&segments(&sandbox), 3600).await;
    assert_eq!(follow(&url).await, (200, "hello world".to_owned()));
    world(&sandbox, |world| {
        world.clock_offset = time::Duration::seconds(3590);
    });
    assert_eq!(follow(&url).await.0, 200);
    world(&sandbox, |world| {
        world.clock_offset = time::Duration::seconds(3610);
    });
    let (status, body) = follow(&url).await;
    assert_eq!(status, 403);
    for part in [
        "<Code>AccessDenied</Code>",
        "<Message>Request has expired</Message>",
        "<X-Amz-Expires>3600</X-Amz-Expires>",
        "<Expires>",
        "<ServerTime>",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    world(&sandbox, |world| {
        world.clock_offset = time::Duration::seconds(-3600);
    });
    let (status, body) = follow(&url).await;
    assert!(
        status == 403 && body.contains("Request is not yet valid"),
        "{body}"
    );
}

#[tokio::test]
async fn a_link_cannot_be_changed() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| {
        bucket.policy = Some(policy(&[production()]));
        bucket.add_object("photos/other.png", "secret");
    });
    let url = link(&segments(&sandbox), 3600).await;
    for changed in [
        url.replace("one%20cat.png", "other.png"),
        url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200"),
        url.replace("X-Amz-Signature=", "X-Amz-Signature=0"),
        format!("{url}&x-amz-request-payer=requester"),
        url.replace("127.0.0.1", "localhost"),
    ] {
        assert_ne!(changed, url);
        let (status, body) = follow(&changed).await;
        assert_eq!(status, 403, "{changed}: {body}");
        assert!(
            body.contains("<Code>SignatureDoesNotMatch</Code>"),
            "{changed}: {body}"
        );
        assert!(body.contains("<CanonicalRequest>GET\n/"), "{body}");
    }
    let put = browser().put(&url).body("x").send().await.unwrap();
    assert_eq!(put.status(), 403, "signed for GET");
}

#[tokio::test]
async fn an_incomplete_or_overlong_link_is_refused() {
    let sandbox = sandbox();
    let url = link(&ana(&sandbox), 3600).await;
    for (changed, code, message) in [
        (
            url.replace("X-Amz-Date", "X-Other-Date"),
            "AuthorizationQueryParametersError",
            "requires",
        ),
        (
            url.replace("Expires=3600", "Expires=604801"),
            "AuthorizationQueryParametersError",
            "week",
        ),
        (
            url.replace("Expires=3600", "Expires=0"),
            "AuthorizationQueryParametersError",
            "non-negative",
        ),
        (
            url.replace("Expires=3600", "Expires=soon"),
            "AuthorizationQueryParametersError",
            "number",
        ),
        (
            url.replace("aws4_request", "aws5_request"),
            "AuthorizationQueryParametersError",
            "mal-formed",
        ),
        (
            url.replace("%2Fs3%2F", "%2Fsts%2F"),
            "AuthorizationQueryParametersError",
            "incorrect service",
        ),
    ] {
        assert_ne!(changed, url);
        let (status, body) = follow(&changed).await;
        assert_eq!(status, 400, "{changed}: {body}");
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{body}");
        assert!(body.contains(message), "{body}");
    }
    let both = browser()
        .get(&url)
        .header("authorization", "AWS4-HMAC-SHA256 x")
        .send();
    assert_eq!(both.await.unwrap().status(), 400, "one mechanism only");
    let unsigned = browser()
        .get(&url)
        .header("x-amz-meta-x", "1")
        .send()
        .await
        .unwrap();
    assert_eq!(unsigned.status(), 403);
    assert!(
        unsigned
            .text()
            .await
            .unwrap()
            .contains("headers present in the request which were not signed")
    );
    let week = link(&ana(&sandbox), 604_800).await;
    assert_eq!(follow(&week).await.0, 200, "a week is the longest");
}

#[tokio::test]
async fn the_log_shows_no_signature() {
    let sandbox = sandbox();
    let url = link(&ana(&sandbox), 3600).await;
    follow(&url).await;
    let target = sandbox.log().remove(0).target;
    assert!(target.contains("X-Amz-Signature=REDACTED"), "{target}");
    let signature = url
        .split("X-Amz-Signature=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    assert!(!target.contains(signature));
}

async fn as_somebody(credentials: Credentials) -> Refused {
    let sandbox = sandbox();
    let client = aws_sdk_s3::Client::from_conf(s3_config(&sandbox, credentials).build());
    read(&client).await.unwrap_err()
}

#[tokio::test]
async fn unknown_keys_wrong_secrets_and_stray_tokens_are_told_apart() {
    let of = |key: &str, secret: &str, token: Option<&str>| {
        Credentials::new(key, secret, token.map(str::to_owned), None, "test")
    };
    let secret = Principal::user("arn:aws:iam::1:user/a", ANA_KEY, &[]).secret_access_key;
    for (credentials, status, code) in [
        (of("AKIANOBODY", "x", None), 403, "InvalidAccessKeyId"),
        (of(ANA_KEY, "wrong", None), 403, "SignatureDoesNotMatch"),
        (of(ANA_KEY, &secret, Some("stray")), 400, "InvalidToken"),
    ] {
        let answer = as_somebody(credentials).await;
        assert_eq!((answer.status, answer.code.as_str()), (status, code));
    }
}

#[tokio::test]
async fn temporary_credentials_need_their_token_and_expire() {
    let sandbox = sandbox();
    let change = |act: &dyn Fn(&mut Principal)| {
        world(&sandbox, |world| act(world.principal_mut(ANA_KEY).unwrap()));
    };
    let bare = credentials(&sandbox, ANA_KEY);
    change(&|ana| ana.session_token = Some("token/with+signs==".to_owned()));
    let whole = credentials(&sandbox, ANA_KEY);
    let client = |credentials: &Credentials| {
        aws_sdk_s3::Client::from_conf(s3_config(&sandbox, credentials.clone()).build())
    };
    assert_eq!(
        read(&client(&bare)).await.unwrap_err().code,
        "InvalidAccessKeyId"
    );
    assert!(read(&client(&whole)).await.is_ok());
    let url = link(&client(&whole), 60).await;
    assert_eq!(follow(&url).await.0, 200);
    change(&|ana| ana.expired = true);
    let answer = read(&client(&whole)).await.unwrap_err();
    assert_eq!((answer.status, answer.code.as_str()), (400, "ExpiredToken"));
    let (status, body) = follow(&url).await;
    assert!(status == 400 && body.contains("ExpiredToken"), "{body}");
    assert!(
        sandbox
            .log()
            .iter()
            .all(|request| !request.target.contains("token/")
                && !request.target.contains("token%2F"))
    );
}

#[tokio::test]
async fn clocks_may_be_fifteen_minutes_apart() {
    let sandbox = sandbox();
    for (seconds, expected) in [
        (890, None),
        (-890, None),
        (910, Some(403)),
        (-910, Some(403)),
    ] {
        world(&sandbox, |world| {
            world.clock_offset = time::Duration::seconds(seconds);
        });
        // A new client each time: the SDK sets its clock by the answers that it gets.
        let answer = read(&ana(&sandbox)).await.err();
        assert_eq!(
            answer.as_ref().map(|answer| answer.status),
            expected,
            "{seconds}"
        );
        if let Some(answer) = answer {
            assert_eq!(answer.code, "RequestTimeTooSkewed");
        }
    }
}

/// Changes the body on its way out, after it was signed.
#[derive(Debug)]
struct Tamper(String);

impl Intercept for Tamper {
    fn name(&self) -> &'static str {
        "tamper"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        *context.request_mut().body_mut() = SdkBody::from(self.0.as_str());
        Ok(())
    }
}

#[tokio::test]
async fn the_body_is_part_of_the_signature_and_has_to_bring_a_digest() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    let text = policy(&[production()]);
    let put = client
        .put_bucket_policy()
        .bucket(BUCKET)
        .policy(&text)
        .customize();
    let changed = text.replace("Allow", "alloW");
    let before_signing = put
        .mutate_request(move |request| *request.body_mut() = SdkBody::from(changed.as_str()))
        .send();
    assert_eq!(
        refused(before_signing.await).code,
        "BadDigest",
        "the SDK sends a CRC32"
    );
    let put = client
        .put_bucket_policy()
        .bucket(BUCKET)
        .policy(&text)
        .customize();
    let after_signing = put
        .interceptor(Tamper(text.replace("Allow", "alloW")))
        .send();
    assert_eq!(
        refused(after_signing.await).code,
        "XAmzContentSHA256Mismatch"
    );
    assert_eq!(bucket(&sandbox, |bucket| bucket.policy.clone()), None);
    let without = s3_config(&sandbox, credentials(&sandbox, ANA_KEY))
        .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired)
        .build();
    let without = aws_sdk_s3::Client::from_conf(without);
    put_policy(&without, &text)
        .await
        .expect("it is required here");
    let answer = without
        .put_bucket_policy()
        .bucket(BUCKET)
        .policy(&text)
        .content_md5("bm90IHRoZSBkaWdlc3QhIQ==")
        .send();
    assert_eq!(refused(answer.await).code, "BadDigest");
}

fn region_of(response: Option<&HttpResponse>) -> Option<String> {
    let headers = response?.headers();
    headers.get("x-amz-bucket-region").map(str::to_owned)
}

#[tokio::test]
async fn a_bucket_elsewhere_is_redirected_with_its_region() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| bucket.region = "us-west-2".to_owned());
    let client = ana(&sandbox);
    for (way, status, code) in [
        (WrongRegion::Redirect, 301, "PermanentRedirect"),
        (WrongRegion::Malformed, 400, "AuthorizationHeaderMalformed"),
    ] {
        world(&sandbox, |world| world.wrong_region = way);
        let answer = client.get_bucket_cors().bucket(BUCKET).send().await;
        let region = region_of(answer.as_ref().unwrap_err().raw_response());
        assert_eq!(region.as_deref(), Some("us-west-2"));
        let answer = refused(answer);
        assert_eq!((answer.status, answer.code.as_str()), (status, code));
        let head = client
            .head_bucket()
            .bucket(BUCKET)
            .send()
            .await
            .unwrap_err();
        let response = head.raw_response().unwrap();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(region_of(Some(response)).as_deref(), Some("us-west-2"));
    }
    let there =
        s3_config(&sandbox, credentials(&sandbox, ANA_KEY)).region(Region::new("us-west-2"));
    let there = aws_sdk_s3::Client::from_conf(there.build());
    assert!(there.head_bucket().bucket(BUCKET).send().await.is_ok());
}

#[tokio::test]
async fn a_redirect_names_the_endpoint() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| bucket.region = "us-west-2".to_owned());
    let url = link(&ana(&sandbox), 60).await;
    let (status, body) = follow(&url).await;
    assert_eq!(status, 301);
    assert!(
        body.contains("<Endpoint>acme-images.s3.us-west-2.amazonaws.com</Endpoint>"),
        "{body}"
    );
    world(&sandbox, |world| {
        world.wrong_region = WrongRegion::Malformed;
    });
    let (status, body) = follow(&url).await;
    assert_eq!(status, 400);
    assert!(
        body.contains("<Code>AuthorizationQueryParametersError</Code>"),
        "{body}"
    );
    assert!(body.contains("<Region>us-west-2</Region>"), "{body}");
}

#[tokio::test]
async fn head_bucket_tells_the_region_of_a_bucket_that_it_denies_and_of_no_other() {
    let sandbox = sandbox();
    let client = segments(&sandbox);
    let head = |name: &'static str| {
        let request = client.head_bucket().bucket(name);
        async move {
            let error = request.send().await.unwrap_err();
            let response = error.raw_response().unwrap();
            (response.status().as_u16(), region_of(Some(response)))
        }
    };
    assert_eq!(head(BUCKET).await, (403, Some("eu-west-1".to_owned())));
    assert_eq!(head("no-such-bucket").await, (404, None));
    let found = ana(&sandbox)
        .head_bucket()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(found.bucket_region(), Some("eu-west-1"));
}

#[tokio::test]
async fn virtual_hosted_names_are_understood() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| {
        bucket.public_access_block = None;
        bucket.policy = Some(policy(&[super::statement("Allow", &serde_json::json!({}))]));
    });
    for (host, status) in [
        ("acme-images.s3.eu-west-1.amazonaws.com", 200),
        ("acme-images.s3.amazonaws.com", 200),
        ("acme-images.s3.us-west-2.amazonaws.com", 301),
        ("other.s3.eu-west-1.amazonaws.com", 404),
    ] {
        let url = format!("{}/photos/one%20cat.png", sandbox.endpoint());
        let answer = browser()
            .get(url)
            .header("host", host)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{host}");
    }
}
