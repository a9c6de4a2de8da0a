use proptest::prelude::*;

use super::*;

#[test]
fn signed_urls_lose_their_signature_and_nothing_else() {
    for (given, expected) in [
        // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
        (
            "https://b.s3.eu-west-1.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261123%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20261123T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Security-Token=IQoJb3JpZ2luX2Vj%2F%2F&X-Amz-Signature=0123abcd",
            "https://b.s3.eu-west-1.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261123%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20261123T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Security-Token=REDACTED&X-Amz-Signature=REDACTED",
        ),
        // https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
        (
            "https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D&Expires=1141889120",
            "https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=REDACTED&Expires=1141889120",
        ),
        // https://cloud.google.com/storage/docs/access-control/signed-urls
        (
            "https://storage.googleapis.com/b/o?x-goog-credential=a%40b&x-goog-signature=247a2a#top",
            "https://storage.googleapis.com/b/o?x-goog-credential=a%40b&x-goog-signature=REDACTED#top",
        ),
        // https://learn.microsoft.com/azure/storage/common/storage-sas-overview
        (
            "https://a.blob.core.windows.net/c/b?sv=2022-11-02&sr=b&sp=r&sig=Z%2FRHIX5Xcg0%3D&se=2026-11-24",
            "https://a.blob.core.windows.net/c/b?sv=2022-11-02&sr=b&sp=r&sig=REDACTED&se=2026-11-24",
        ),
        (
            "https://b/k?X%2DAmz%2DSignature=0123&x=1",
            "https://b/k?X%2DAmz%2DSignature=REDACTED&x=1",
        ),
        (
            "https://b/go?to=https%3A%2F%2Fh%2Fk%3Fsig%3Dabc%252B%26sp%3Dr&x=1",
            "https://b/go?to=https%3A%2F%2Fh%2Fk%3Fsig%3DREDACTED%26sp%3Dr&x=1",
        ),
        ("https://b/k?sig=", "https://b/k?sig="),
        ("https://b/k?sig=&sp=r", "https://b/k?sig=&sp=r"),
        ("https://b/design=1?assign=2", "https://b/design=1?assign=2"),
        ("s3://bucket/path@2x/key", "s3://bucket/path@2x/key"),
        ("", ""),
    ] {
        assert_eq!(url(given), expected);
        assert_eq!(text(given), expected);
    }
}

#[test]
fn user_names_and_passwords_go() {
    for (given, expected) in [
        ("http://ana:geheim@proxy:3128", "http://REDACTED@proxy:3128"),
        ("http://token@proxy/", "http://REDACTED@proxy/"),
        ("HTTP://a:p@ss@proxy/x@y", "HTTP://REDACTED@proxy/x@y"),
        ("ana:geheim@proxy:3128", "REDACTED@proxy:3128"),
        (
            "//ana:geheim@proxy/?sig=a",
            "//REDACTED@proxy/?sig=REDACTED",
        ),
        ("proxy:3128/@x", "proxy:3128/@x"),
    ] {
        assert_eq!(url(given), expected);
    }
    assert_eq!(
        text("error: `http://ana:geheim@proxy:3128` did not answer user:ana@example.com"),
        "error: `http://REDACTED@proxy:3128` did not answer user:ana@example.com"
    );
}

#[test]
fn headers_documents_and_settings_lose_their_secrets() {
    for (given, expected) in [
        (
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20261123/eu-west-1/s3/aws4_request, SignedHeaders=host;range, Signature=fe5f80",
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20261123/eu-west-1/s3/aws4_request, SignedHeaders=host;range, Signature=REDACTED",
        ),
        (
            "authorization: Bearer ya29.a0\nHost: b",
            "authorization: Bearer REDACTED\nHost: b",
        ),
        (
            "Authorization: Bearer abc",
            "Authorization: Bearer REDACTED",
        ),
        (
            "Proxy-Authorization: Basic YTpi",
            "Proxy-Authorization: Basic REDACTED",
        ),
        (
            "Authorization: AWS AKIA:frJIUN8DYpKDtOLCwo=",
            "Authorization: AWS REDACTED",
        ),
        ("authorization=abcdef", "authorization=REDACTED"),
        (
            "{\"authorization\": \"Bearer a b\", \"x\": 1}",
            "{\"authorization\": \"Bearer REDACTED\", \"x\": 1}",
        ),
        (
            "sent Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln and more",
            "sent Bearer REDACTED and more",
        ),
        (
            "curl -H 'AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo='",
            "curl -H 'AWS AKIAIOSFODNN7EXAMPLE:REDACTED'",
        ),
        (
            "the bearer of news, a basic rule",
            "the bearer of news, a basic rule",
        ),
        (
            "{\"AccessKeyId\":\"AKIA\",\"SecretAccessKey\":\"wJalr/X+\",\"SessionToken\" : \"a,b\"}",
            "{\"AccessKeyId\":\"AKIA\",\"SecretAccessKey\":\"REDACTED\",\"SessionToken\" : \"REDACTED\"}",
        ),
        (
            "\"{\\\"SecretAccessKey\\\":\\\"wJalr\\\",\\\"x\\\":1}\"",
            "\"{\\\"SecretAccessKey\\\":\\\"REDACTED\\\",\\\"x\\\":1}\"",
        ),
        (
            "session_token: Some(\"abc def\"), x",
            "session_token: Some(\"REDACTED\"), x",
        ),
        (
            "aws_secret_access_key = wJalrXUtn\nregion = x",
            "aws_secret_access_key = REDACTED\nregion = x",
        ),
        (
            "AZURE_CLIENT_SECRET=a;b,c8Q~x y",
            "AZURE_CLIENT_SECRET=REDACTED y",
        ),
        (
            "AccountName=a;AccountKey=b64==;EndpointSuffix=c",
            "AccountName=a;AccountKey=REDACTED;EndpointSuffix=c",
        ),
        (
            "<SignatureProvided>abc</SignatureProvided><AWSAccessKeyId>AKIA</AWSAccessKeyId>",
            "<SignatureProvided>REDACTED</SignatureProvided><AWSAccessKeyId>AKIA</AWSAccessKeyId>",
        ),
        (
            "<SessionToken>\n ab\n cd\n</SessionToken>",
            "<SessionToken>REDACTED</SessionToken>",
        ),
        (
            "x-amz-security-token: \"IQoJ\"",
            "x-amz-security-token: \"REDACTED\"",
        ),
        (
            "\"private_key\": \"-----BEGIN\\nab c\\n-----\\n\", \"x\": 1",
            "\"private_key\": \"REDACTED\", \"x\": 1",
        ),
        (
            "SignatureDoesNotMatch: The request signature we calculated",
            "SignatureDoesNotMatch: The request signature we calculated",
        ),
        ("arn:aws:s3:::bucket/a=b", "arn:aws:s3:::bucket/a=b"),
        (
            "s3:signatureAge is 600000, s3:authType: x",
            "s3:signatureAge is 600000, s3:authType: x",
        ),
    ] {
        assert_eq!(text(given), expected);
        assert_eq!(text(expected), expected);
    }
}

#[test]
fn what_is_hidden_first_does_not_bring_together_another_secret() {
    for given in [
        "@<SessionToken>http://",
        "Bearer https://aa000aa0@",
        "Bearer https://&@",
        "Authorization: @sig=Signature: !",
        "http://sig=http://\\@",
        "sig=a/b,@x",
        "Bearer aaaaaaaaaaaaaaaa=bbbbbbbbbbbbbbbb",
    ] {
        for once in [text(given), url(given)] {
            assert_eq!(text(&once), once, "{given}");
        }
        assert_eq!(url(&url(given)), url(given), "{given}");
    }
}

#[test]
fn quotes_close_at_the_depth_at_which_they_opened() {
    for (given, expected) in [
        (
            r#"{"password":"a\"b\\","x":"y"}"#,
            r#"{"password":"REDACTED","x":"y"}"#,
        ),
        (
            r#"\"SessionToken\":\"a\" \"SessionToken\":\"b\""#,
            r#"\"SessionToken\":\"REDACTED\" \"SessionToken\":\"REDACTED\""#,
        ),
        (
            r#"\\\"sig\\\":\\\"a\\\",1"#,
            r#"\\\"sig\\\":\\\"REDACTED\\\",1"#,
        ),
        (
            r#""password":"never closed, never shown"#,
            r#""password":"REDACTED"#,
        ),
    ] {
        assert_eq!(text(given), expected);
    }
}

#[test]
fn long_texts_are_read_in_reasonable_time() {
    for part in [
        "=",
        "%3D",
        "%25",
        " ",
        "://",
        "Authorization:",
        "sig=",
        ">",
        "\\\"",
        "a",
    ] {
        let given = part.repeat(50_000 / part.len());
        assert!(text(&given).len() <= given.len() * 8);
    }
}

/// What a planted secret is written in: never part of any text around it.
fn secret() -> impl Strategy<Value = String> {
    "QZ[A-Za-z0-9+/_.~-]{20,40}(==?)?ZQ"
}

/// Places where secrets stand; `{}` is the secret.
const PLACES: [&str; 22] = [
    "?X-Amz-Signature={}",
    "&x-amz-security-token={}&x=1",
    "?X-Goog-Signature={}#a",
    "?sig={}&se=1",
    "?SIG={}",
    "&Signature={} x",
    "?X%2DAmz%2dSignature={}",
    "%3FX-Amz-Signature%3D{}%26a%3Db",
    "%253Fsig%253D{}%2526a",
    " Authorization: Bearer {}\n",
    " authorization: AWS AKIA:{}\r\n",
    " Authorization: AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature={}\n",
    " Bearer {} ",
    " proxy-authorization: basic {}\n",
    " \"SecretAccessKey\": \"{}\", ",
    " \\\"SessionToken\\\":\\\"{}\\\" ",
    " aws_session_token = {}\n",
    " session_token: Some(\"{}\") ",
    "<SessionToken>{}</SessionToken>",
    " http://ana:{}@proxy:3128/ ",
    " https://{}@github.com ",
    ";AccountKey={};x",
];

/// The letters that a base64 or percent-encoded secret never has where it stands in user info.
fn planted(place: &str, secret: &str) -> String {
    let secret = if place.contains('@') {
        secret.replace('/', "%2F")
    } else {
        secret.to_owned()
    };
    place.replace("{}", &secret)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn planted_secrets_never_come_through(
        before in "\\PC{0,30}",
        place in prop::sample::select(&PLACES[..]),
        secret in secret(),
        after in "\\PC{0,30}",
    ) {
        let whole = format!("{before}{}{after}", planted(place, &secret));
        let core: String = secret.chars().skip(2).take(18).collect();
        for shown in [text(&whole), url(&whole)] {
            prop_assert!(!shown.contains(&core.replace('/', "%2F")) && !shown.contains(&core), "{shown}");
        }
    }

    #[test]
    fn planted_secrets_never_come_through_one_after_another(
        places in prop::collection::vec((prop::sample::select(&PLACES[..]), secret()), 1..6),
    ) {
        let whole: String = places.iter().map(|(place, secret)| planted(place, secret)).collect();
        let shown = text(&whole);
        for (_, secret) in &places {
            let core: String = secret.chars().skip(2).take(18).collect();
            prop_assert!(!shown.contains(&core.replace('/', "%2F")) && !shown.contains(&core), "{shown}");
        }
    }

    #[test]
    fn redacting_twice_is_redacting_once(
        given in "(\\PC{0,6}|sig=|Signature: |Authorization: |Bearer |https?://|@|%3D|%26|\"|\\\\|<SessionToken>|[a-z0-9]{8,17}|[&;, \n]){0,12}",
    ) {
        let once = text(&given);
        prop_assert_eq!(text(&once), once.clone());
        let once = url(&given);
        prop_assert_eq!(url(&once), once);
    }

    #[test]
    fn any_text_has_an_answer(given in any::<String>()) {
        let _ = (text(&given), url(&given));
    }

    #[test]
    fn texts_without_secret_names_are_left_alone(given in "[a-rt-z0-9 /&?=.:-]{0,60}") {
        // No `s`: no `sig`, no `signature`, no `secret`, no `password`.
        prop_assume!(!["token", "authorization", "bearer", "privatekey", "private-key"].iter().any(|name| given.contains(name)));
        prop_assert_eq!(text(&given), given);
    }
}
