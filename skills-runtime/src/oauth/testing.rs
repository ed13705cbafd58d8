//! What the tests of this module share: an authorization server that signs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use super::algorithm::{self, Algorithm};

/// A key pair.
pub(super) enum Signer {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    pub(super) fn p256() -> Self {
        algorithm::install();
        let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let pair = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key pair");
        let pair = EcdsaKeyPair::from_pkcs8(kind, pair.as_ref(), &random);
        Self::P256(pair.expect("a key pair"))
    }

    pub(super) fn ed25519() -> Self {
        algorithm::install();
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key pair");
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(pair.as_ref()).expect("a key pair"))
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::ES256,
            Self::Ed25519(_) => Algorithm::EdDSA,
        }
    }

    /// The public half.
    pub(super) fn jwk(&self, name: &str) -> Value {
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (encoded(&point[1..33]), encoded(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": name })
            }
            Self::Ed25519(pair) => {
                let x = encoded(pair.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": name })
            }
        }
    }

    pub(super) fn sign(&self, message: &str) -> String {
        let signature = match self {
            Self::P256(pair) => pair.sign(&SystemRandom::new(), message.as_bytes()),
            Self::Ed25519(pair) => Ok(pair.sign(message.as_bytes())),
        };
        URL_SAFE_NO_PAD.encode(signature.expect("a signature"))
    }
}
