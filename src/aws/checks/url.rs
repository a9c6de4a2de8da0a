//! What the URLs that were given say by themselves, beside what is known of the bucket; and links that came signed.

use futures_util::future::join_all;
use serde_json::json;
use time::OffsetDateTime;

use super::browser::{ORIGIN, hidden};
use super::object::expired;
use crate::address::check::check;
use crate::address::{Address, Form, Trap};
use crate::aws::facts::Facts;
use crate::aws::place::Place;
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Level};
use crate::probe::admits;

/// Each URL: its form, its host, its signature, and its Region beside the bucket's.
pub fn said(facts: &Facts) -> Vec<CheckResult> {
    let now = OffsetDateTime::now_utc();
    facts
        .view()
        .urls
        .iter()
        .map(|address| judged(address, facts.place(), now))
        .collect()
}

fn judged(address: &Address, place: &Place, now: OffsetDateTime) -> CheckResult {
    let also = region(address, place).into_iter().collect();
    let result = check(address, also, now);
    // The bucket's own URL mends what another host or Region breaks.
    match (result.cause, address.key()) {
        (Some(cause), Some(key)) if cause == Cause::A34 || cause == Cause::A42 => {
            let own = place.registered_url(key);
            result.fix(format!("register {own}"))
        }
        _ => result,
    }
}

/// A host that names another Region answers 301, and one that names none may answer 307; browsers follow no redirect of
/// a preflight: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>.
fn region(address: &Address, place: &Place) -> Option<Trap> {
    let real = place.known_region()?;
    match address.region.as_deref() {
        Some(named) if named != real => Some(Trap::blocks(
            Cause::A34,
            format!("it names the Region {named}, and the bucket is in {real}"),
        )),
        None if address.form == Form::Global && real != "us-east-1" => Some(Trap::warns(
            Some(Cause::A34),
            format!("its host names no Region, and the bucket is in {real}: S3 may redirect it"),
        )),
        Some(_) | None => None,
    }
}

/// Each link that came signed, fetched as it is and as a page would.
pub async fn links(facts: &Facts) -> Vec<CheckResult> {
    let signed = facts
        .view()
        .urls
        .iter()
        .filter_map(|address| Some((address, address.link()?)));
    let fetched = signed.map(|(address, link)| async move {
        one(facts, address, link)
            .await
            .on(&address.shown)
            .at(Level::OwnRead)
    });
    join_all(fetched).await
}

async fn one(facts: &Facts, address: &Address, link: &str) -> CheckResult {
    const ID: &str = "aws.object.link";
    let sent = match facts.exactly(link).await {
        Ok(sent) => sent,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let exchange = match facts
        .prober
        .fetch(
            &sent.url,
            sent.host.as_deref(),
            Some(ORIGIN),
            Some("bytes=0-0"),
        )
        .await
    {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let code = exchange.error_code.clone().unwrap_or_default();
    let own = || {
        address.key().map_or_else(
            || Cause::A34.entry().remedy.to_owned(),
            |key| format!("register {}", facts.place().registered_url(key)),
        )
    };
    let result = match exchange.status {
        200 | 206 | 416 if admits(&exchange, ORIGIN) => CheckResult::pass(
            ID,
            format!("the signed link works as it would in a page at {ORIGIN}"),
        ),
        200 | 206 | 416 => hidden(facts, ID, "the signed link works").await,
        301 | 307 => CheckResult::fail(
            ID,
            Cause::A34,
            format!("S3 sends the signed link on to another Region (HTTP {})", exchange.status),
        )
        .fix(own()),
        400 | 403 if expired(&exchange) => CheckResult::fail(
            ID,
            Cause::A59,
            "the signed link is told to be outside its time",
        )
        .fix(Cause::A59.entry().remedy),
        400 | 403 if matches!(code.as_str(), "ExpiredToken" | "InvalidToken") => CheckResult::fail(
            ID,
            Cause::A47,
            format!("the temporary credentials that signed the link are not accepted any more ({code})"),
        )
        .fix(Cause::A47.entry().remedy),
        403 if code == "SignatureDoesNotMatch" => CheckResult::fail(
            ID,
            Cause::A59,
            "S3 does not take the link's signature: the link was changed, or was signed for another request",
        )
        .fix(Cause::A59.entry().remedy),
        403 if code == "InvalidAccessKeyId" => CheckResult::fail(
            ID,
            Cause::A59,
            "S3 does not know the access key that signed the link: it was deleted, or it belongs to another partition of AWS",
        )
        .fix(Cause::A59.entry().remedy),
        404 => CheckResult::fail(ID, Cause::A38, "there is no such object")
            .fix(Cause::A38.entry().remedy),
        403 if code == "InvalidObjectState" => {
            CheckResult::fail(ID, Cause::A32, "it is archived, and cannot be read before it is restored")
                .fix(Cause::A32.entry().remedy)
        }
        // S3 says the same of a key that is missing and of one that may not be read.
        403 => CheckResult::unknown(
            ID,
            format!("S3 refuses the signed link (HTTP 403 {code}). It does not say why: whoever signed it may not be allowed to read, or the object is not there"),
        ),
        status => CheckResult::unknown(
            ID,
            format!("the answer to the signed link says neither yes nor no (HTTP {status} {code})"),
        ),
    };
    result.evidence(json!({
        "url": address.shown,
        "status": exchange.status,
        "access_control_allow_origin": exchange.allow_origin,
        "error_code": exchange.error_code,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::parse;
    use crate::aws::target::BucketName;
    use crate::finding::Status;

    fn place(bucket: &str, region: Option<&str>) -> Place {
        Place {
            bucket: BucketName::parse(bucket).expect("a name"),
            region: Some(region.unwrap_or("us-east-1").to_owned()),
            region_observed: region.is_some(),
            owner: None,
            may_list: None,
            flags: Vec::new(),
        }
    }

    fn said(url: &str, region: Option<&str>) -> CheckResult {
        let address = parse(url).expect(url);
        judged(
            &address,
            &place(&address.bucket, region),
            OffsetDateTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn what_is_in_the_way_leads_with_its_cause() {
        for (url, region, status, cause) in [
            (
                "https://acme.s3.eu-west-1.amazonaws.com/a.jpg",
                "eu-west-1",
                Status::Pass,
                None,
            ),
            (
                "https://s3.eu-west-1.amazonaws.com/acme/a.jpg",
                "eu-west-1",
                Status::Pass,
                None,
            ),
            (
                "https://acme.s3.dualstack.eu-west-1.amazonaws.com/a.jpg",
                "eu-west-1",
                Status::Pass,
                None,
            ),
            (
                "https://acme.s3.amazonaws.com/a.jpg",
                "us-east-1",
                Status::Pass,
                None,
            ),
            (
                "https://acme.s3.amazonaws.com/a.jpg",
                "eu-west-1",
                Status::Warn,
                Some(Cause::A34),
            ),
            (
                "https://acme.s3.eu-west-1.amazonaws.com/a.jpg",
                "eu-west-2",
                Status::Fail,
                Some(Cause::A34),
            ),
            (
                "https://acme.images.s3.eu-west-1.amazonaws.com/a.jpg",
                "eu-west-1",
                Status::Fail,
                Some(Cause::A36),
            ),
            (
                "https://s3.eu-west-1.amazonaws.com/acme.images/a.jpg",
                "eu-west-1",
                Status::Pass,
                None,
            ),
            (
                "https://acme.s3-website-eu-west-1.amazonaws.com/a.jpg",
                "eu-west-1",
                Status::Fail,
                Some(Cause::A42),
            ),
            (
                "https://acme.s3.eu-west-1.amazonaws.com/a+b.jpg",
                "eu-west-1",
                Status::Warn,
                Some(Cause::A37),
            ),
            (
                "https://acme.s3.eu-west-1.amazonaws.com/a.jpg?versionId=1",
                "eu-west-1",
                Status::Warn,
                Some(Cause::A38),
            ),
            ("s3://acme/a.jpg", "eu-west-1", Status::Pass, None),
        ] {
            let result = said(url, Some(region));
            assert_eq!(
                (result.status, result.cause),
                (status, cause),
                "{url}: {}",
                result.detail
            );
        }
    }

    #[test]
    fn a_region_that_is_only_assumed_contradicts_nothing() {
        let result = said("https://acme.s3.eu-west-1.amazonaws.com/a.jpg", None);
        assert_eq!(result.status, Status::Pass);
    }

    #[test]
    fn a_wrong_region_is_mended_by_the_url_that_is_right() {
        let result = said(
            "https://acme.s3.eu-west-1.amazonaws.com/a%20b.jpg",
            Some("eu-west-2"),
        );
        let fix = result.fix.expect("a fix");
        assert!(
            fix.contains("https://acme.s3.eu-west-2.amazonaws.com/a%20b.jpg"),
            "{fix}"
        );
    }

    #[test]
    fn a_signature_is_never_told() {
        let link = "https://acme.s3.eu-west-1.amazonaws.com/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261125%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20261125T080000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let told = format!("{:?}", said(link, Some("eu-west-1")));
        assert!(!told.contains("0123456789abcdef"), "{told}");
    }
}
