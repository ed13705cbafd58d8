//! For the fuzzer: what has to hold for any token and any set of keys.

use super::algorithm::{self, Algorithm};
use super::keys::{KeySet, Verdict};
use super::token::Token;

/// Takes a token apart. One whose header is accepted says the same algorithm to jsonwebtoken, and never that it has none.
pub fn token(text: &str) {
    let Ok(Token::Jwt(jwt)) = Token::parse(text) else {
        return;
    };
    assert_eq!(format!("{}.{}", jwt.message, jwt.signature), text);
    let types = ["at+jwt".to_owned(), "JWT".to_owned()];
    let Ok(algorithm) = jwt.header.accepted(&Algorithm::DEFAULT, &types) else {
        return;
    };
    assert!(!algorithm.name().eq_ignore_ascii_case("none"));
    if let Ok(header) = jsonwebtoken::decode_header(text) {
        assert_eq!(format!("{:?}", header.alg), algorithm.name(), "{text}");
    }
}

/// Reads a set of keys and checks a signature that none of them made.
pub fn key_set(bytes: &[u8]) {
    algorithm::install();
    let Ok(keys) = KeySet::parse(bytes, &Algorithm::DEFAULT) else {
        return;
    };
    assert!(keys.len() > 0);
    for algorithm in Algorithm::DEFAULT {
        let verdict = keys.verify(None, algorithm, "e30.e30", "AAAA");
        assert_ne!(verdict, Verdict::Good);
    }
}
