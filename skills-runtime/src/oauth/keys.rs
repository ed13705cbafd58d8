//! The keys of an authorization server (RFC 7517): those of its set that can verify a signature that is accepted here.

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;

use super::algorithm::Algorithm;

/// The most keys of a set that are looked at.
const KEYS: usize = 100;

/// The most keys that are tried for one token: only keys of one name and kind are that many.
const TRIES: usize = 4;

/// The shortest RSA modulus, in bytes (RFC 7518, section 3.3).
const MODULUS: usize = 256;

/// Keys that verify.
#[derive(Debug)]
pub(super) struct KeySet(Vec<Key>);

struct Key {
    name: Option<String>,
    algorithms: Vec<Algorithm>,
    half: DecodingKey,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Key({:?}, {:?})", self.name, self.algorithms)
    }
}

/// What comes of looking at a signature with the keys that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// One of them made it.
    Good,
    /// None of those that fit did.
    Bad,
    /// None fits.
    NoKey,
    /// The token names no key, and more than one fits.
    Ambiguous,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a set. Keys that are for something else, or of a kind that is not known here, are left out: a set may have any.
    pub(super) fn parse(text: &[u8], algorithms: &[Algorithm]) -> Result<Self, String> {
        let document: Document =
            serde_json::from_slice(text).map_err(|error| format!("it is no key set: {error}"))?;
        let keys = document.keys.into_iter().take(KEYS);
        let keys: Vec<Key> = keys.filter_map(|key| Key::new(key, algorithms)).collect();
        if keys.is_empty() {
            return Err("there is no key in it that verifies an accepted algorithm".into());
        }
        Ok(Self(keys))
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Judges a signature.
    pub(super) fn verify(
        &self,
        name: Option<&str>,
        algorithm: Algorithm,
        message: &str,
        signature: &str,
    ) -> Verdict {
        let fits = |key: &&Key| {
            key.algorithms.contains(&algorithm)
                && name.is_none_or(|name| key.name.as_deref() == Some(name))
        };
        let candidates: Vec<_> = self.0.iter().filter(fits).take(TRIES).collect();
        match candidates.as_slice() {
            [] => Verdict::NoKey,
            [_, _, ..] if name.is_none() => Verdict::Ambiguous,
            keys => {
                let mut keys = keys.iter();
                let good = keys.any(|key| algorithm.verify(&key.half, message, signature));
                if good { Verdict::Good } else { Verdict::Bad }
            }
        }
    }
}

impl Key {
    fn new(value: Value, accepted: &[Algorithm]) -> Option<Self> {
        // RFC 9864 has names for `alg` that jsonwebtoken does not know.
        let named = match value.get("alg") {
            None | Some(Value::Null) => None,
            Some(name) => Some(Algorithm::named(name.as_str()?)?),
        };
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        let is_for_signatures = match &jwk.common.public_key_use {
            None | Some(PublicKeyUse::Signature) => true,
            Some(_) => false,
        };
        let operations = jwk.common.key_operations.as_ref();
        let verifies = operations.is_none_or(|all| all.contains(&KeyOperations::Verify));
        if !is_for_signatures || !verifies {
            return None;
        }
        let mut algorithms = kinds(&jwk.algorithm);
        algorithms
            .retain(|kind| named.is_none_or(|named| named == *kind) && accepted.contains(kind));
        if algorithms.is_empty() {
            return None;
        }
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        if let jsonwebtoken::DecodingKeyKind::RsaModulusExponent { n, .. } = key.kind()
            && n.len() < MODULUS
        {
            return None;
        }
        Some(Self {
            name: jwk.common.key_id,
            algorithms,
            half: key,
        })
    }
}

/// The algorithms that a key works with, by its kind. A symmetric one is a secret, and has no business in a set for everyone.
fn kinds(parameters: &AlgorithmParameters) -> Vec<Algorithm> {
    match parameters {
        AlgorithmParameters::RSA(_) => Algorithm::RSA.to_vec(),
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => Vec::new(),
        },
        AlgorithmParameters::OctetKeyPair(key) => match key.curve {
            EllipticCurve::Ed25519 => vec![Algorithm::EdDSA],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Signer;
    use super::*;

    const MESSAGE: &str = "header.claims";

    fn set(keys: &[Value]) -> Result<KeySet, String> {
        KeySet::parse(
            json!({ "keys": keys }).to_string().as_bytes(),
            &Algorithm::DEFAULT,
        )
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    #[track_caller]
    fn check(keys: &[Value], name: Option<&str>, signer: &Signer, expected: Verdict) {
        let set = set(keys).expect("there are keys");
        let signature = signer.sign(MESSAGE);
        let algorithm = signer.algorithm();
        assert_eq!(set.verify(name, algorithm, MESSAGE, &signature), expected);
    }

    #[test]
    fn a_signature_is_that_of_the_key_that_the_token_names() {
        let (one, two) = (Signer::p256(), Signer::p256());
        let keys = [one.jwk("1"), two.jwk("2")];
        check(&keys, Some("1"), &one, Verdict::Good);
        check(&keys, Some("2"), &one, Verdict::Bad);
        check(&keys, Some("3"), &one, Verdict::NoKey);
        check(&keys, None, &one, Verdict::Ambiguous);
        check(&keys[..1], None, &one, Verdict::Good);
        check(&keys[..1], None, &two, Verdict::Bad);
    }

    #[test]
    fn one_name_may_be_that_of_several_keys() {
        let (one, two, ed) = (Signer::p256(), Signer::p256(), Signer::ed25519());
        let keys = [one.jwk("1"), two.jwk("1"), ed.jwk("1")];
        for signer in [&one, &two, &ed] {
            check(&keys, Some("1"), signer, Verdict::Good);
        }
    }

    #[test]
    fn a_changed_message_is_not_what_was_signed() {
        let signer = Signer::ed25519();
        let set = set(&[signer.jwk("1")]).expect("there is a key");
        let signature = signer.sign(MESSAGE);
        let verify =
            |message, signature: &str| set.verify(Some("1"), Algorithm::EdDSA, message, signature);
        assert_eq!(verify("header.claim", &signature), Verdict::Bad);
        assert_eq!(verify(MESSAGE, ""), Verdict::Bad);
        assert_eq!(verify(MESSAGE, &format!("{signature}=")), Verdict::Bad);
        assert_eq!(
            set.verify(Some("1"), Algorithm::ES256, MESSAGE, &signature),
            Verdict::NoKey
        );
    }

    #[test]
    fn keys_for_something_else_are_left_out() {
        let key = || Signer::p256().jwk("1");
        for key in [
            with(key(), "use", json!("enc")),
            with(key(), "key_ops", json!(["sign"])),
            with(key(), "alg", json!("ES384")),
            with(key(), "alg", json!("ECDH-ES")),
            with(key(), "alg", json!(7)),
            with(key(), "crv", json!("P-384")),
            with(key(), "crv", json!("secp256k1")),
            with(key(), "kid", json!(7)),
            json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "1" }),
            json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "1" }),
            json!({ "kty": "new", "kid": "1" }),
            json!("key"),
        ] {
            assert!(set(std::slice::from_ref(&key)).is_err(), "{key}");
            // And they do not spoil the others.
            let good = Signer::p256();
            check(&[key, good.jwk("2")], Some("2"), &good, Verdict::Good);
        }
    }

    #[test]
    fn what_is_no_key_set_is_none() {
        for text in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[]}"#, "<html>"] {
            assert!(
                KeySet::parse(text.as_bytes(), &Algorithm::DEFAULT).is_err(),
                "{text}"
            );
        }
    }
}
