//! Whether what has the form of a token was issued by somebody, or only shows what one looks like.

use std::collections::BTreeMap;

/// What people write into tokens that are none.
const WORDS: &[&str] = &[
    "example",
    "sample",
    "placeholder",
    "your",
    "here",
    "dummy",
    "fake",
    "test",
    "redacted",
    "changeme",
    "secret",
    "token",
    "xxxx",
    "....",
    "abcdef",
    "deadbeef",
];

/// What the claims of well-known sample tokens hold: jwt.io, RFC 7519, and keys that are the same on every machine.
const SAMPLE_CLAIMS: &[&str] = &[
    "1234567890",
    "John Doe",
    "\"joe\"",
    "example",
    "supabase-demo",
    "\"anon\"",
    "test",
];

/// The fewest bits of information a character carries in a token that a generator made.
const MIN_ENTROPY: f64 = 3.0;

/// Whether a token looks random: no word, no run, no pattern.
pub(super) fn looks_issued(token: &str, has_digits: bool) -> bool {
    let lower = token.to_ascii_lowercase();
    let mixed = if has_digits {
        token.bytes().any(|byte| byte.is_ascii_digit())
            && token.bytes().any(|byte| byte.is_ascii_alphabetic())
    } else {
        token.bytes().any(|byte| byte.is_ascii_uppercase())
            && token.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    mixed
        && !is_placeholder(&lower)
        && longest_run(&lower, 0, 1) < 5
        && longest_run(&lower, 1, 1) < 6
        && longest_run(&lower, 1, 2) < 7
        && entropy(token) >= MIN_ENTROPY
}

/// Whether a text in lower case holds a word that people write where a secret would stand.
pub(super) fn is_placeholder(lower: &str) -> bool {
    WORDS.iter().any(|word| lower.contains(word))
}

/// Whether a line of a key looks random. Runs prove nothing here: the format itself pads with them.
pub(super) fn looks_encoded(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    line.bytes().any(|byte| byte.is_ascii_digit())
        && !WORDS
            .iter()
            .any(|word| word.len() > 4 && lower.contains(word))
        && entropy(line) >= MIN_ENTROPY + 1.0
}

/// Whether the claims of a JSON Web Token are those of a sample.
pub(super) fn is_sample_jwt(claims: &str) -> bool {
    let decoded = decode(claims);
    let text = String::from_utf8_lossy(&decoded);
    SAMPLE_CLAIMS.iter().any(|sample| text.contains(sample))
}

/// The longest row of characters of which each is `step` after the one `stride` before: `aaaa` for 0 and 1, `1234` for 1
/// and 1, `a1b2c3` for 1 and 2.
fn longest_run(token: &str, step: u8, stride: usize) -> usize {
    let pairs = token.bytes().zip(token.bytes().skip(stride));
    let (longest, _) = pairs.fold((stride, stride), |(longest, length), (earlier, later)| {
        let length = if earlier.checked_add(step) == Some(later) {
            length + 1
        } else {
            stride
        };
        (length.max(longest), length)
    });
    longest
}

/// Shannon's entropy in bits per character.
#[expect(
    clippy::cast_precision_loss,
    reason = "tokens have far fewer than 2^52 characters"
)]
fn entropy(token: &str) -> f64 {
    let mut counts = BTreeMap::<u8, usize>::new();
    token
        .bytes()
        .for_each(|byte| *counts.entry(byte).or_default() += 1);
    let total = token.len() as f64;
    counts
        .values()
        .map(|&count| count as f64 / total)
        .map(|share| -share * share.log2())
        .sum()
}

/// Decodes base64url without padding as far as it goes.
fn decode(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for value in text.bytes().map_while(sextet) {
        (bits, held) = (bits << 6 | u32::from(value), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    bytes
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}
