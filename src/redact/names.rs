//! Which names announce a secret: of parameters, headers, members, elements and settings.
//!
//! Names are compared without case, hyphens and underscores, and after decoding, so that
//! `X-Amz-Signature`, `x_amz_signature` and `X%2DAmz%2DSignature` are one.

use percent_encoding::percent_decode_str;

/// What kind of value a secret name announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind {
    /// A signature or token: base64, hex or percent-encoded.
    Token,
    /// A password, which may hold nearly anything.
    Free,
    /// An `Authorization` header: a scheme, then anything up to the end of the line.
    Authorization,
}

/// Endings of names whose value is a signature or token. `X-Amz-Signature`, `X-Goog-Signature`, V2's
/// `Signature` and S3's `SignatureProvided`; `X-Amz-Security-Token`, `AWS_SESSION_TOKEN`; the keys.
const TOKENS: [&str; 13] = [
    "signature",
    "signatureprovided",
    "securitytoken",
    "sessiontoken",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "secretaccesskey",
    "secretkey",
    "accountkey",
    "sharedaccesskey",
    "authorizationtoken",
    "clientassertion",
];

/// Endings of names whose value is a password.
const PASSWORDS: [&str; 5] = [
    "password",
    "passphrase",
    "clientsecret",
    "privatekey",
    "proxyuser",
];

/// What the name at the end of `run` announces; none when it is no secret.
///
/// In a URL that is encoded inside another, the run reaches back over the encoded path: only what
/// stands behind the last separator is the name.
pub(super) fn kind_of(run: &str) -> Option<NameKind> {
    let mut name = run.to_owned();
    for _ in 0..4 {
        if !name.contains('%') {
            break;
        }
        name = percent_decode_str(&name).decode_utf8_lossy().into_owned();
    }
    let plain: String = name
        .rsplit(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '_'))
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    if plain == "sig" || TOKENS.iter().any(|ending| plain.ends_with(ending)) {
        Some(NameKind::Token)
    } else if PASSWORDS.iter().any(|ending| plain.ends_with(ending)) {
        Some(NameKind::Free)
    } else if plain.ends_with("authorization") {
        Some(NameKind::Authorization)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_every_spelling() {
        for (run, expected) in [
            ("X-Amz-Signature", Some(NameKind::Token)),
            ("x%2damz%2Dsignature", Some(NameKind::Token)),
            ("X%252DAmz%252DSignature", Some(NameKind::Token)),
            ("%58-Amz-Signature", Some(NameKind::Token)),
            ("https%3A%2F%2Fb%2Fk%3Fsig", Some(NameKind::Token)),
            ("AWS_SESSION_TOKEN", Some(NameKind::Token)),
            ("SecretAccessKey", Some(NameKind::Token)),
            ("--client-secret", Some(NameKind::Free)),
            ("Proxy-Authorization", Some(NameKind::Authorization)),
            ("X-Amz-Credential", None),
            ("X-Amz-SignedHeaders", None),
            ("AWSAccessKeyId", None),
            ("design", None),
            ("sigma", None),
            ("SignatureDoesNotMatch", None),
            ("signatureVersion", None),
            ("", None),
            ("%", None),
        ] {
            assert_eq!(kind_of(run), expected, "{run}");
        }
    }
}
