//! What goes wrong with a signature: for another request, another place or another time than a browser's.

use time::{Duration, OffsetDateTime};

use super::super::{Address, Cloud, Trap};
use super::{SharedAccess, Signature, SignatureKind, moment};
use crate::catalogue::Cause;

/// The longest that V4 signatures may hold: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>.
const A_WEEK: Duration = Duration::days(7);
/// How far a clock may be off before S3 refuses what it signs.
const SKEW: Duration = Duration::minutes(15);

/// The traps of a signature on Amazon S3, with the Region that the host names.
pub(in crate::address) fn aws_traps(
    query: &[(String, String)],
    signature: Option<&Signature>,
    region: Option<&str>,
    traps: &mut Vec<Trap>,
) {
    common_traps(Cloud::Aws, query, signature, traps);
    let Some(scope) = signature.and_then(|signature| signature.scope.as_ref()) else {
        return;
    };
    if let Some(region) = region
        && !scope.region.is_empty()
        && scope.region != region
        && signature.is_some_and(|signature| signature.kind == SignatureKind::AwsV4)
    {
        traps.push(Trap::blocks(
            Cause::A34,
            format!(
                "it was signed for the Region `{}`, and its host is one of `{region}`",
                crate::redact::escape_control(&scope.region)
            ),
        ));
    }
    if scope.service != "s3" {
        traps.push(Trap::blocks(
            Cause::A59,
            format!(
                "it was signed for the service `{}`, and not for `s3`",
                crate::redact::escape_control(&scope.service)
            ),
        ));
    }
}

/// The traps of a signature that do not depend on the time.
pub(in crate::address) fn common_traps(
    cloud: Cloud,
    query: &[(String, String)],
    signature: Option<&Signature>,
    traps: &mut Vec<Trap>,
) {
    let cause = cloud.wrong_link();
    if query.iter().any(|(name, _)| name.starts_with("amp;")) {
        traps.push(Trap::blocks(
            cause,
            "`&amp;` stands in it, as when it is copied out of HTML: write `&`",
        ));
    }
    let Some(signature) = signature else { return };
    if signature.hidden {
        traps.push(Trap::notes(
            "its signature is hidden, so the link itself is not tried",
        ));
    }
    if !signature.missing.is_empty() {
        traps.push(Trap::blocks(
            cause,
            format!(
                "it is cut or incomplete: {} is missing or cannot be read",
                signature
                    .missing
                    .iter()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        ));
    }
    if let (Some(scope), Some(signed)) = (&signature.scope, signature.signed_at) {
        let day = signed.date();
        let day = format!(
            "{:04}{:02}{:02}",
            day.year(),
            u8::from(day.month()),
            day.day()
        );
        if scope.date != day {
            traps.push(Trap::blocks(
                cause,
                format!(
                    "its credential is of the day `{}`, and it was signed on {day}: the two must be the same",
                    crate::redact::escape_control(&scope.date)
                ),
            ));
        }
    }
    headers(cause, signature, traps);
    if signature.temporary {
        traps.push(Trap::warns(
            Some(Cause::A47),
            "it was signed with temporary credentials, and ends with them, maybe long before it says",
        ));
    }
    match signature.kind {
        SignatureKind::AwsV2 => traps.push(Trap::warns(
            Some(cause),
            "it is signed by Signature Version 2, which S3 does not take in newer Regions and newer buckets",
        )),
        SignatureKind::AwsV4 | SignatureKind::GoogleV4 => {
            if signature.lifetime().is_some_and(|lifetime| lifetime > A_WEEK) {
                traps.push(Trap::blocks(
                    cause,
                    "it is to hold for more than seven days, which is refused",
                ));
            }
        }
        SignatureKind::AwsV4a
        | SignatureKind::GoogleV2
        | SignatureKind::UserDelegationSas
        | SignatureKind::ServiceSas
        | SignatureKind::AccountSas => {}
    }
    if let Some(shared) = &signature.shared_access {
        shared_access(cause, signature.kind, shared, traps);
    }
}

/// Headers that a browser sends by itself, always or in some requests.
fn headers(cause: Cause, signature: &Signature, traps: &mut Vec<Trap>) {
    const SOMETIMES: [&str; 7] = [
        "origin",
        "range",
        "referer",
        "user-agent",
        "accept",
        "accept-encoding",
        "accept-language",
    ];
    if !signature.signed_headers.is_empty()
        && signature.shared_access.is_none()
        && !signature.signed_headers.iter().any(|name| name == "host")
    {
        traps.push(Trap::blocks(
            cause,
            "the header `host` is not signed, as it must be",
        ));
    }
    for header in signature
        .signed_headers
        .iter()
        .filter(|name| *name != "host")
    {
        let shown = crate::redact::escape_control(header);
        traps.push(if SOMETIMES.contains(&header.as_str()) {
            Trap::warns(
                Some(cause),
                format!("the header `{shown}` is signed, and a browser does not always send it so"),
            )
        } else {
            Trap::blocks(
                cause,
                format!("the header `{shown}` is signed, and a browser that loads the URL does not send it"),
            )
        });
    }
}

fn shared_access(cause: Cause, kind: SignatureKind, shared: &SharedAccess, traps: &mut Vec<Trap>) {
    let lacks = |value: &Option<String>, letter: char| {
        value.as_ref().is_some_and(|value| !value.contains(letter))
    };
    if lacks(&shared.permissions, 'r') {
        traps.push(Trap::blocks(
            cause,
            "it does not let read (`sp` has no `r`)",
        ));
    }
    if kind == SignatureKind::AccountSas && lacks(&shared.services, 'b') {
        traps.push(Trap::blocks(cause, "it is not for blobs (`ss` has no `b`)"));
    }
    if kind == SignatureKind::AccountSas && lacks(&shared.resource_types, 'o') {
        traps.push(Trap::blocks(
            cause,
            "it is not for objects (`srt` has no `o`)",
        ));
    }
    if let Some(addresses) = &shared.addresses {
        traps.push(Trap::warns(
            Some(cause),
            format!(
                "it holds only from the address {} (`sip`), and the file is loaded from wherever the labellers are",
                crate::redact::escape_control(addresses)
            ),
        ));
    }
    if shared.bound_to.is_some() {
        traps.push(Trap::blocks(
            Cause::Z15,
            "it is bound to one user (`sduoid`), who would have to sign in",
        ));
    }
}

/// What goes wrong at this time.
pub(in crate::address) fn traps_at(address: &Address, now: OffsetDateTime) -> Vec<Trap> {
    let Some(signature) = &address.signature else {
        return Vec::new();
    };
    let cause = if signature.temporary {
        Cause::A47
    } else {
        address.cloud.wrong_link()
    };
    let mut traps = Vec::new();
    let key_ends = signature
        .shared_access
        .as_ref()
        .and_then(|shared| shared.key_expires_at);
    let from = signature.starts_at.or(signature.signed_at);
    if let Some(end) = signature.expires_at.filter(|end| *end <= now) {
        traps.push(Trap::blocks(
            cause,
            format!("it expired at {}", moment::in_words(end)),
        ));
    } else if let Some(end) = key_ends.filter(|end| *end <= now) {
        traps.push(Trap::blocks(
            cause,
            format!(
                "the key that it was signed with expired at {}",
                moment::in_words(end)
            ),
        ));
    } else if let Some(end) = signature.expires_at {
        traps.push(Trap::notes(format!(
            "it holds until {}",
            moment::in_words(end)
        )));
        if let Some(key_end) = key_ends.filter(|key_end| *key_end < end) {
            traps.push(Trap::warns(
                Some(cause),
                format!(
                    "the key that it was signed with expires before it, at {}",
                    moment::in_words(key_end)
                ),
            ));
        }
    }
    if let Some(from) = from.filter(|from| *from > now + SKEW) {
        traps.push(Trap::blocks(
            cause,
            format!(
                "it holds from {} on, which is to come",
                moment::in_words(from)
            ),
        ));
    } else if let Some(from) = signature.starts_at.filter(|from| *from > now) {
        // https://learn.microsoft.com/azure/storage/common/storage-sas-overview#best-practices-when-using-sas
        traps.push(Trap::warns(
            Some(cause),
            format!(
                "it holds from {} on, which by the clock of this machine is to come",
                moment::in_words(from)
            ),
        ));
    }
    traps
}
