//! Signatures of tokens: the asymmetric ones, because whoever verifies must not be able to sign. `ring` does the work, which
//! TLS has brought along anyway; what jsonwebtoken would bring is slower, or C, or has an advisory (RUSTSEC-2023-0071).

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::signature as ring_signature;
use ring::signature::{
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;

/// An algorithm that tokens may be signed with.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// RSA PKCS #1 1.5 with SHA-256.
    RS256,
    /// RSA PKCS #1 1.5 with SHA-384.
    RS384,
    /// RSA PKCS #1 1.5 with SHA-512.
    RS512,
    /// RSA PSS with SHA-256.
    PS256,
    /// RSA PSS with SHA-384.
    PS384,
    /// RSA PSS with SHA-512.
    PS512,
    /// Ed25519.
    EdDSA,
}

impl Algorithm {
    /// What is accepted if nothing is said.
    pub(super) const DEFAULT: [Self; 4] = [Self::ES256, Self::RS256, Self::PS256, Self::EdDSA];

    /// All that work with RSA keys.
    pub(super) const RSA: [Self; 6] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
    ];

    /// The one that an `alg` names. `Ed25519` is the name of `EdDSA` since RFC 9864.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ES256" => Self::ES256,
            "ES384" => Self::ES384,
            "RS256" => Self::RS256,
            "RS384" => Self::RS384,
            "RS512" => Self::RS512,
            "PS256" => Self::PS256,
            "PS384" => Self::PS384,
            "PS512" => Self::PS512,
            "EdDSA" | "Ed25519" => Self::EdDSA,
            _ => return None,
        })
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::EdDSA => "EdDSA",
        }
    }

    const fn of_library(self) -> jsonwebtoken::Algorithm {
        use jsonwebtoken::Algorithm as Library;
        match self {
            Self::ES256 => Library::ES256,
            Self::ES384 => Library::ES384,
            Self::RS256 => Library::RS256,
            Self::RS384 => Library::RS384,
            Self::RS512 => Library::RS512,
            Self::PS256 => Library::PS256,
            Self::PS384 => Library::PS384,
            Self::PS512 => Library::PS512,
            Self::EdDSA => Library::EdDSA,
        }
    }

    /// Whether this is the key's signature of the message.
    pub(super) fn verify(self, key: &DecodingKey, message: &str, signature: &str) -> bool {
        let algorithm = self.of_library();
        let verified = jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, algorithm);
        verified.unwrap_or(false)
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Has jsonwebtoken use `ring`. To be called before anything is verified; more than once does no harm.
pub(super) fn install() {
    let _ = PROVIDER.install_default();
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is jsonwebtoken's"
)]
fn signer(_: &jsonwebtoken::Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    Err(ErrorKind::InvalidAlgorithm.into())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is jsonwebtoken's"
)]
fn verifier(
    algorithm: &jsonwebtoken::Algorithm,
    key: &DecodingKey,
) -> Result<Box<dyn JwtVerifier>> {
    let family = algorithm.family();
    if family == AlgorithmFamily::Hmac || family != key.family() {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    Ok(Box::new(Ring {
        algorithm: *algorithm,
        key: key.clone(),
    }))
}

/// A key, as it verifies.
struct Ring {
    algorithm: jsonwebtoken::Algorithm,
    key: DecodingKey,
}

impl JwtVerifier for Ring {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        self.algorithm
    }
}

impl Verifier<Vec<u8>> for Ring {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let verified = match self.key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => {
                let parameters = rsa(self.algorithm).ok_or_else(Error::new)?;
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
            }
            DecodingKeyKind::SecretOrDer(point) => {
                let algorithm = curve(self.algorithm).ok_or_else(Error::new)?;
                UnparsedPublicKey::new(algorithm, point).verify(message, signature)
            }
        };
        verified.map_err(|_| Error::new())
    }
}

fn rsa(algorithm: jsonwebtoken::Algorithm) -> Option<&'static RsaParameters> {
    use jsonwebtoken::Algorithm as Library;
    Some(match algorithm {
        Library::RS256 => &ring_signature::RSA_PKCS1_2048_8192_SHA256,
        Library::RS384 => &ring_signature::RSA_PKCS1_2048_8192_SHA384,
        Library::RS512 => &ring_signature::RSA_PKCS1_2048_8192_SHA512,
        Library::PS256 => &ring_signature::RSA_PSS_2048_8192_SHA256,
        Library::PS384 => &ring_signature::RSA_PSS_2048_8192_SHA384,
        Library::PS512 => &ring_signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn curve(algorithm: jsonwebtoken::Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    use jsonwebtoken::Algorithm as Library;
    Some(match algorithm {
        Library::ES256 => &ring_signature::ECDSA_P256_SHA256_FIXED,
        Library::ES384 => &ring_signature::ECDSA_P384_SHA384_FIXED,
        Library::EdDSA => &ring_signature::ED25519,
        _ => return None,
    })
}
