//! Every form of URL, and hostile ones.

use proptest::prelude::*;
use time::macros::datetime;

use super::check::check;
use super::*;
use crate::finding::Status;

const NOW: time::OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

fn codes(address: &Address) -> Vec<&'static str> {
    address
        .traps
        .iter()
        .filter_map(|trap| Some(trap.cause?.code()))
        .collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one table")]
fn every_form_names_bucket_and_object() {
    for (text, bucket, container, key, region, form, style) in [
        (
            "s3://acme-images/p/a.jpg",
            "acme-images",
            None,
            Some("p/a.jpg"),
            None,
            Form::Uri,
            Style::Uri,
        ),
        (
            "https://acme-images.s3.eu-west-1.amazonaws.com/p/a%20b.jpg",
            "acme-images",
            None,
            Some("p/a b.jpg"),
            Some("eu-west-1"),
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://acme-images.s3-eu-west-1.amazonaws.com/a",
            "acme-images",
            None,
            Some("a"),
            Some("eu-west-1"),
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "HTTPS://acme-images.S3.eu-west-1.amazonaws.com:443/A",
            "acme-images",
            None,
            Some("A"),
            Some("eu-west-1"),
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://s3.eu-west-1.amazonaws.com/acme-images/a",
            "acme-images",
            None,
            Some("a"),
            Some("eu-west-1"),
            Form::Store,
            Style::Path,
        ),
        (
            "https://s3.amazonaws.com/acme-images/a",
            "acme-images",
            None,
            Some("a"),
            None,
            Form::Global,
            Style::Path,
        ),
        (
            "https://acme-images.s3.amazonaws.com/a",
            "acme-images",
            None,
            Some("a"),
            None,
            Form::Global,
            Style::VirtualHost,
        ),
        (
            "https://s3-external-1.amazonaws.com/acme-images/a",
            "acme-images",
            None,
            Some("a"),
            Some("us-east-1"),
            Form::Store,
            Style::Path,
        ),
        (
            "https://acme-images.s3.dualstack.eu-west-1.amazonaws.com/a",
            "acme-images",
            None,
            Some("a"),
            Some("eu-west-1"),
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://acme-images.s3-fips.dualstack.us-east-2.amazonaws.com/a",
            "acme-images",
            None,
            Some("a"),
            Some("us-east-2"),
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://acme-images.s3-accelerate.amazonaws.com/a",
            "acme-images",
            None,
            Some("a"),
            None,
            Form::Accelerate,
            Style::VirtualHost,
        ),
        (
            "https://acme-images.s3-website.eu-central-1.amazonaws.com/a",
            "acme-images",
            None,
            Some("a"),
            Some("eu-central-1"),
            Form::Website,
            Style::VirtualHost,
        ),
        (
            "gs://acme-images/o/a.jpg",
            "acme-images",
            None,
            Some("o/a.jpg"),
            None,
            Form::Uri,
            Style::Uri,
        ),
        (
            "https://storage.googleapis.com/acme-images/o/a.jpg",
            "acme-images",
            None,
            Some("o/a.jpg"),
            None,
            Form::Store,
            Style::Path,
        ),
        (
            "https://storage.europe-west1.rep.googleapis.com/acme-images/a",
            "acme-images",
            None,
            Some("a"),
            None,
            Form::Store,
            Style::Path,
        ),
        (
            "https://acme-images.storage.googleapis.com/o/a.jpg",
            "acme-images",
            None,
            Some("o/a.jpg"),
            None,
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://storage.cloud.google.com/acme-images/a",
            "acme-images",
            None,
            Some("a"),
            None,
            Form::Console,
            Style::Path,
        ),
        (
            "https://storage.googleapis.com/storage/v1/b/acme-images/o/o%2Fa.jpg?alt=media",
            "acme-images",
            None,
            Some("o/a.jpg"),
            None,
            Form::JsonInterface,
            Style::Path,
        ),
        (
            "https://acmeimages.blob.core.windows.net/photos/p/a.jpg",
            "acmeimages",
            Some("photos"),
            Some("p/a.jpg"),
            None,
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://acmeimages.blob.core.windows.net/photos",
            "acmeimages",
            Some("photos"),
            None,
            None,
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://acmeimages.blob.core.windows.net/a.jpg",
            "acmeimages",
            Some("$root"),
            Some("a.jpg"),
            None,
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://acmeimages.blob.core.windows.net/photos%2Fp%2fa.jpg",
            "acmeimages",
            Some("photos"),
            Some("p/a.jpg"),
            None,
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://acmeimages.z13.blob.storage.azure.net/photos/a",
            "acmeimages",
            Some("photos"),
            Some("a"),
            None,
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://acmeimages-secondary.blob.core.windows.net/photos/a",
            "acmeimages",
            Some("photos"),
            Some("a"),
            None,
            Form::Store,
            Style::VirtualHost,
        ),
        (
            "https://acmeimages.dfs.core.windows.net/photos/a",
            "acmeimages",
            Some("photos"),
            Some("a"),
            None,
            Form::DataLake,
            Style::VirtualHost,
        ),
        (
            "https://acmeimages.z6.web.core.windows.net/a",
            "acmeimages",
            Some("$web"),
            Some("a"),
            None,
            Form::Website,
            Style::VirtualHost,
        ),
    ] {
        let found = parse(text).expect(text);
        assert_eq!(found.bucket, bucket, "{text}");
        assert_eq!(found.container.as_deref(), container, "{text}");
        assert_eq!(found.key(), key, "{text}");
        assert_eq!(found.region.as_deref(), region, "{text}");
        assert_eq!((found.form, found.style), (form, style), "{text}");
    }
}

#[test]
fn what_names_no_bucket_is_refused_with_its_reason() {
    for (text, reason) in [
        ("", "no URL"),
        ("acme-images", "no URL"),
        ("ftp://acme/x", "no scheme"),
        ("s3a://acme/x", "Hadoop"),
        ("https://", "no host name"),
        (
            "https://ana:pw@acme.s3.eu-west-1.amazonaws.com/k",
            "user name",
        ),
        ("https://acme.s3.eu-west-1.amazonaws.com:8443/k", "port"),
        (
            "https://acme.s3.eu-west-1.amazonaws.com/a\nb",
            "control character",
        ),
        ("https://d111111abcdef8.cloudfront.net/a.jpg", "CloudFront"),
        ("https://acme.azurefd.net/a.jpg", "Front Door"),
        ("https://images.example.com/a.jpg", "CDN"),
        (
            "https://evil.example\\@acme.s3.eu-west-1.amazonaws.com/k",
            "CDN",
        ),
        ("https://acme.s3.cn-north-1.amazonaws.com.cn/k", "partition"),
        ("https://acme.s3.us-gov-west-1.amazonaws.com/k", "partition"),
        (
            "https://acme-111122223333.s3-accesspoint.eu-west-1.amazonaws.com/k",
            "access point",
        ),
        (
            "https://abc.mrap.accesspoint.s3-global.amazonaws.com/k",
            "multi-Region",
        ),
        (
            "https://acme-abc123-s3alias.s3.eu-west-1.amazonaws.com/k",
            "access point",
        ),
        (
            "https://acme--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com/k",
            "directory bucket",
        ),
        (
            "https://bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com/k",
            "VPC endpoint",
        ),
        (
            "https://s3.console.aws.amazon.com/s3/buckets/acme",
            "console",
        ),
        ("https://ec2.eu-west-1.amazonaws.com/", "S3's"),
        ("https://s3.eu-west-1.amazonaws.com/", "no bucket"),
        ("https://acme.s3.eu-west-1.amazonaws.com/%ff", "UTF-8"),
        (
            "https://console.cloud.google.com/storage/browser/acme",
            "console",
        ),
        (
            "https://acmeimages.blob.core.usgovcloudapi.net/c/b",
            "Government",
        ),
        (
            "https://acmeimages.blob.core.chinacloudapi.cn/c/b",
            "21Vianet",
        ),
        (
            "https://acmeimages.blob.core.windows.net/Photos/b",
            "container",
        ),
        (
            "https://acmeimages.vault.core.windows.net/x",
            "not one of Azure Storage",
        ),
    ] {
        let failure = parse(text).expect_err(text);
        assert!(
            failure.one_line().contains(reason),
            "{text}: {}",
            failure.one_line()
        );
        assert!(!failure.hints.is_empty(), "{text}");
    }
}

/// What looks like a store's host, and is another's or none.
#[test]
fn hosts_that_stand_before_a_store_are_told_with_their_cause() {
    for (host, codes) in [
        ("acme.azureedge.net", "(Z30)"),
        ("acme.azurefd.net", "(Z30)"),
        ("acme.trafficmanager.net", "(Z30)"),
        ("d111111abcdef8.cloudfront.net", "(A42)"),
        ("images.example.com", "(A42, Z30)"),
    ] {
        let refused = parse(&format!("https://{host}/photos/a.jpg")).expect_err(host);
        assert!(refused.one_line().contains(codes), "{refused:?}");
    }
    // The account's own host stands before nothing, nor does a name that only ends like one of these.
    for own in [
        "https://acme.blob.core.windows.net/photos/a.jpg",
        "gs://azurefd.net/a.jpg",
    ] {
        let address = parse(own).expect(own);
        let told = format!("{:?}", address.traps);
        assert!(!told.contains("Z30") && !told.contains("A42"), "{told}");
    }
}

#[test]
fn hosts_that_resemble_a_store_are_refused() {
    for (text, reason) in [
        ("https://acme.s3.amazonaws.com@evil.example/k", "user name"),
        ("https://acme.s3.amazonaws.com.evil.example/k", "CDN"),
        (
            "https://acme.s3.eu-west-1.amazonaws.com%2eevil.example/k",
            "host name",
        ),
        (
            "https://acme.s3.eu-west-1.am\u{430}zonaws.com/k",
            "host name",
        ),
        ("https://xn--mazonaws-bqg.com/acme/k", "CDN"),
        ("https://s3amazonaws.com/acme/k", "CDN"),
        ("https://acme.s3..amazonaws.com/k", "host name"),
        ("https://storage.googleapis.com.evil.example/acme/k", "CDN"),
        ("https://evilstorage.googleapis.com/acme/k", "CDN"),
        (
            "https://acmeimages.blob.core.windows.net.evil.example/c12/b",
            "CDN",
        ),
        ("https://a.acmeimages.blob.evil.windows.net/c12/b", "CDN"),
        ("https://acme.s3-r-w.eu-west-1.amazonaws.com/k", "Region"),
        ("https://acme.s3-foo.amazonaws.com/k", "Region"),
        ("https://acme.s3.dualstack.amazonaws.com/k", "Region"),
        (
            "https://acme.s3.eu-west-1.eu-west-2.amazonaws.com/k",
            "Region",
        ),
    ] {
        let failure = parse(text).expect_err(text).one_line();
        assert!(failure.contains(reason), "{text}: {failure}");
    }
}

#[test]
fn traps_of_host_and_key_are_found_and_plain_urls_have_none() {
    for (text, code) in [
        ("https://a.b.s3.eu-west-1.amazonaws.com/k", "A36"),
        ("https://acme.s3-website-us-east-1.amazonaws.com/k", "A42"),
        ("https://acme.s3.eu-west-1.amazonaws.com/a+b.jpg", "A37"),
        ("https://acme.s3.eu-west-1.amazonaws.com/a%2520b.jpg", "A37"),
        ("https://acme.s3.eu-west-1.amazonaws.com/a%zz.jpg", "A37"),
        ("https://acme.s3.eu-west-1.amazonaws.com/a/../b.jpg", "A37"),
        (
            "https://acme.s3.eu-west-1.amazonaws.com/a/%2e%2E/b.jpg",
            "A37",
        ),
        ("https://acme.s3.eu-west-1.amazonaws.com//a.jpg", "A37"),
        ("https://acme.s3.eu-west-1.amazonaws.com/a#1.jpg", "A37"),
        ("https://acme.s3.eu-west-1.amazonaws.com/a?1.jpg", "A37"),
        ("https://acme.s3.eu-west-1.amazonaws.com/a%0a.jpg", "A37"),
        ("https://acme.s3.eu-west-1.amazonaws.com/e%CC%81.jpg", "A37"),
        ("s3://acme/a%20b.jpg", "A37"),
        (
            "https://acme.s3.eu-west-1.amazonaws.com/k?versionId=3",
            "A38",
        ),
        ("https://acme.s3.eu-west-1.amazonaws.com./k", "A59"),
        ("https://acme.s3.eu-west-1.amazonaws.com/k?acl", "A59"),
        ("https://acme.s3.eu-west-1.amazonaws.com/k?tagging=", "A59"),
        ("https://storage.googleapis.com/acme/k?acl", "G39"),
        (
            "https://acmeimages.blob.core.windows.net/c12/b?comp=metadata",
            "Z45",
        ),
        (
            "https://acmeimages.blob.core.windows.net/c12?restype=container&comp=list",
            "Z45",
        ),
        ("https://storage.cloud.google.com/acme/a", "G25"),
        (
            "https://storage.googleapis.com/storage/v1/b/acme/o/a",
            "G25",
        ),
        ("https://a.b.storage.googleapis.com/a", "G26"),
        ("https://storage.googleapis.com/acme/a%2520b", "G20"),
        ("https://acmeimages.dfs.core.windows.net/c12/b", "Z29"),
        (
            "https://acmeimages-secondary.blob.core.windows.net/c12/b",
            "Z29",
        ),
        (
            "https://acmeimages.blob.core.windows.net/c12/a%2520b",
            "Z31",
        ),
    ] {
        assert!(codes(&parse(text).expect(text)).contains(&code), "{text}");
    }
    for text in [
        "s3://acme/a b.jpg",
        "https://acme.s3.eu-west-1.amazonaws.com/p/%C3%A9%2B%23%3F.jpg",
        "https://s3.eu-west-1.amazonaws.com/a.b/k?x-id=GetObject",
        "https://storage.googleapis.com/a.b/k%20k",
        "https://acmeimages.blob.core.windows.net/photos/k%20k",
    ] {
        let address = parse(text).expect(text);
        assert!(codes(&address).is_empty(), "{text}: {:?}", address.traps);
        assert_eq!(
            check(&address, Vec::new(), NOW).status,
            Status::Pass,
            "{text}"
        );
    }
}

#[test]
fn other_readings_of_a_key_are_offered() {
    let other = |text: &str| parse(text).expect(text).key.expect("a key").otherwise;
    assert_eq!(
        other("https://acme.s3.eu-west-1.amazonaws.com/a+b"),
        ["a b"]
    );
    assert_eq!(
        other("https://acme.s3.eu-west-1.amazonaws.com/a%2520b"),
        ["a b"]
    );
    assert_eq!(
        other("https://acme.s3.eu-west-1.amazonaws.com/a#b"),
        ["a#b"]
    );
    assert_eq!(other("s3://acme/a%20b"), ["a b"]);
    assert_eq!(other("gs://acme/a.jpg#1700000000000000"), ["a.jpg"]);
}

const V4: &str = "https://acme.s3.eu-west-1.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE%2F20260601%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260601T110000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=0123456789abcdef0123456789abcdef";

#[test]
fn a_presigned_link_tells_what_it_promises() {
    let address = parse(V4).expect("a link");
    let signature = address.signature.as_ref().expect("signed");
    assert_eq!(signature.kind, SignatureKind::AwsV4);
    assert_eq!(signature.expires_at, Some(datetime!(2026-06-02 11:00 UTC)));
    assert_eq!(signature.signed_headers, ["host"]);
    assert_eq!(
        signature.scope.as_ref().map(|scope| scope.region.as_str()),
        Some("eu-west-1")
    );
    assert!(!signature.temporary);
    assert_eq!(address.link(), Some(V4));
    assert_eq!(check(&address, Vec::new(), NOW).status, Status::Pass);
}

#[test]
fn each_fault_of_a_link_has_its_cause() {
    let uds = "https://acmeimages.blob.core.windows.net/c12/b?sv=2022-11-02&sr=b&sp=r&st=2026-06-01T11:00:00Z&se=2026-06-02T11%3A00%3A00Z&skoid=1&sktid=2&skt=2026-06-01T11:00:00Z&ske=2026-06-02T11:00:00Z&sig=abcdefabcdefabcdef";
    let google = "https://storage.googleapis.com/acme/k?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=a%40p.iam.gserviceaccount.com%2F20260601%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20260601T110000Z&X-Goog-Expires=86400&X-Goog-SignedHeaders=host&X-Goog-Signature=0123456789abcdef";
    for (text, status, code) in [
        (V4.replace("20260601", "20260530"), Status::Fail, Some("A59")),
        (V4.replace("20260601", "20260603"), Status::Fail, Some("A59")),
        (V4.replace("86400", "864000"), Status::Fail, Some("A59")),
        (V4.replace("=host", "=host%3Bx-amz-acl"), Status::Fail, Some("A59")),
        (V4.replace("=host", "=range"), Status::Fail, Some("A59")),
        (V4.replace("%2F20260601%2F", "%2F20260531%2F"), Status::Fail, Some("A59")),
        (V4.replace("=host", "=host%3Brange"), Status::Warn, Some("A59")),
        (V4.replace("%2Feu-west-1", "%2Fus-east-1"), Status::Fail, Some("A34")),
        (V4.replace("AKIA", "ASIA"), Status::Warn, Some("A47")),
        (format!("{V4}&X-Amz-Security-Token=tokentokentoken"), Status::Warn, Some("A47")),
        (V4.replace("&X-Amz-Date=20260601T110000Z", ""), Status::Fail, Some("A59")),
        (V4.replace("&X-Amz-Date", "&amp;X-Amz-Date"), Status::Fail, Some("A59")),
        ("https://acme.s3.eu-west-1.amazonaws.com/k?AWSAccessKeyId=AKIAEXAMPLE&Expires=1900000000&Signature=abcdefabcdefabcd".to_owned(), Status::Warn, Some("A59")),
        (google.to_owned(), Status::Pass, None),
        (google.replace("20260601", "20260501"), Status::Fail, Some("G39")),
        (google.replace("%2F20260601%2F", "%2F20260501%2F"), Status::Fail, Some("G39")),
        ("https://storage.googleapis.com/acme/k?GoogleAccessId=a%40p&Expires=1700000000&Signature=abcdefabcdefabcd".to_owned(), Status::Fail, Some("G39")),
        (uds.to_owned(), Status::Pass, None),
        (uds.replace("&st=2026-06-01T11:00:00Z", "&st=2026-06-01T12:10:00Z"), Status::Warn, Some("Z45")),
        (uds.replace("&st=2026-06-01T11:00:00Z", "&st=2026-06-01T12:16:00Z"), Status::Fail, Some("Z45")),
        (uds.replace("sp=r", "sp=w"), Status::Fail, Some("Z45")),
        (uds.replace("se=2026-06-02", "se=2026-06-01"), Status::Fail, Some("Z45")),
        (uds.replace("ske=2026-06-02", "ske=2026-05-02"), Status::Fail, Some("Z45")),
        (format!("{uds}&sip=192.0.2.1"), Status::Warn, Some("Z45")),
        (format!("{uds}&sduoid=3"), Status::Fail, Some("Z15")),
    ] {
        let result = check(&parse(&text).expect(&text), Vec::new(), NOW);
        assert_eq!(result.status, status, "{text}: {}", result.detail);
        assert_eq!(result.cause.map(crate::catalogue::Cause::code), code, "{text}: {}", result.detail);
    }
}

#[test]
fn no_signature_is_ever_shown() {
    let text = format!("{V4}&X-Amz-Security-Token=canarytokencanarytoken");
    let address = parse(&text).expect("a link");
    let said = format!(
        "{address:?} {} {:?}",
        address.evidence(),
        check(&address, Vec::new(), NOW)
    );
    assert!(
        !said.contains("0123456789abcdef") && !said.contains("canarytoken"),
        "{said}"
    );
    // What was hidden once is not taken for a link that can be tried.
    assert_eq!(parse(&address.shown).expect("shown").link(), None);
}

proptest! {
    #[test]
    fn any_text_has_an_answer(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn anything_behind_a_host_has_an_answer(
        host in prop::sample::select(vec![
            "s3://", "gs://", "https://acme.s3.eu-west-1.amazonaws.com", "https://s3.amazonaws.com/", "https://storage.googleapis.com/",
            "https://acmeimages.blob.core.windows.net/", "https://acmeimages.blob.core.windows.net/c12/b?", "https://acme.s3.eu-west-1.amazonaws.com/k?",
        ]),
        rest in "[ -~é\u{301}]{0,60}",
    ) {
        if let Ok(address) = parse(&format!("{host}{rest}")) {
            let _ = check(&address, Vec::new(), NOW);
            prop_assert!(!address.bucket.is_empty());
        }
    }

    #[test]
    fn a_key_comes_back_from_its_encoding(key in "[a-z é+#?%/]{1,20}") {
        let encoded = percent_encoding::utf8_percent_encode(&key, percent_encoding::NON_ALPHANUMERIC).to_string();
        for front in ["https://acme.s3.eu-west-1.amazonaws.com/", "https://storage.googleapis.com/acme/", "https://acmeimages.blob.core.windows.net/c12/"] {
            let address = parse(&format!("{front}{encoded}")).expect("valid");
            prop_assert_eq!(address.key(), Some(key.as_str()));
        }
    }
}
