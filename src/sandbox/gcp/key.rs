//! The RSA key of this place's service accounts: one for all of them, made when it is first needed.
//!
//! It signs nothing of worth: nobody outside of this process believes it.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn pair() -> Option<&'static KeyPair> {
    static PAIR: OnceLock<Option<KeyPair>> = OnceLock::new();
    PAIR.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).ok())
        .as_ref()
}

/// The private key, as the JSON file of a service account has it.
pub(super) fn private_pem() -> Option<String> {
    let der: Pkcs8V1Der<'static> = pair()?.as_der().ok()?;
    let text = STANDARD.encode(der.as_ref());
    let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Some(pem)
}

/// Signs as the service accounts of this place do (RSA, PKCS #1, SHA-256).
pub(super) fn sign(message: &[u8]) -> Option<Vec<u8>> {
    let pair = pair()?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message,
        &mut signature,
    )
    .ok()?;
    Some(signature)
}

/// Whether a signature is of that message and of this key.
pub(super) fn verify(message: &[u8], signature: &[u8]) -> bool {
    pair().is_some_and(|pair| {
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key());
        public.verify(message, signature).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_its_message_alone() {
        let signature = sign(b"message").unwrap();
        assert!(verify(b"message", &signature));
        assert!(!verify(b"another", &signature));
        assert!(!verify(b"message", &signature[1..]));
    }
}
