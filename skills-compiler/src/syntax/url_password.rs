//! Passwords in addresses, `scheme://user:password@host`: where a text holds one that looks real.
//!
//! The rule against them and the renderer share this, so that no report ever shows one.

use std::ops::Range;

use memchr::memmem;

use super::plausible::is_placeholder;

/// An address with a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UrlPassword {
    /// The user and the password, as in `user:password`.
    pub(crate) span: Range<usize>,
    /// The password, which must not be shown.
    pub(crate) hidden: Range<usize>,
}

/// The longest part of an address in front of its host, in bytes.
const MAX_USER: usize = 512;

/// The shortest password that is worth the name.
const MIN_PASSWORD: usize = 6;

/// All of them, in order.
pub(crate) fn find(text: &str) -> Vec<UrlPassword> {
    memmem::find_iter(text.as_bytes(), "://")
        .filter_map(|colon| password(text, colon))
        .collect()
}

fn password(text: &str, colon: usize) -> Option<UrlPassword> {
    let has_scheme = text
        .as_bytes()
        .get(colon.checked_sub(1)?)?
        .is_ascii_alphanumeric();
    let start = colon + "://".len();
    let ends = |byte: &u8| !byte.is_ascii_graphic() || b"/?#\"'`<>()[]{},;|\\".contains(byte);
    let rest = text.as_bytes().get(start..)?;
    let length = rest
        .iter()
        .take(MAX_USER)
        .position(ends)
        .unwrap_or(rest.len().min(MAX_USER));
    let authority = text.get(start..start + length)?;
    let (credentials, host) = authority.rsplit_once('@')?;
    let (user, password) = credentials.split_once(':')?;
    let is_real = has_scheme
        && password.len() >= MIN_PASSWORD
        && is_public(host)
        && looks_chosen(user, password);
    let end = start + credentials.len();
    is_real.then(|| UrlPassword {
        span: start..end,
        hidden: end - password.len()..end,
    })
}

/// Whether others can reach a host: not one on this machine, in a container, or in an example.
fn is_public(host: &str) -> bool {
    let name = host
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_private = [
        "example",
        "localhost",
        "127.",
        "0.0.0.0",
        "192.168.",
        "10.",
        "host.",
    ]
    .iter()
    .any(|part| name.starts_with(part) || name.contains("example"));
    let is_reserved = [".test", ".local", ".internal", ".localhost", ".invalid"]
        .iter()
        .any(|end| name.ends_with(end));
    name.contains('.') && !name.contains("..") && !is_private && !is_reserved
}

/// Whether somebody chose or generated a password, and did not only show where it would stand.
fn looks_chosen(user: &str, password: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    let kinds: [fn(&u8) -> bool; 4] = [
        u8::is_ascii_lowercase,
        u8::is_ascii_uppercase,
        u8::is_ascii_digit,
        u8::is_ascii_punctuation,
    ];
    let kinds = kinds
        .iter()
        .filter(|kind| password.bytes().any(|byte| kind(&byte)))
        .count();
    let stands_for_another = password.contains(['$', '*', '='])
        || password.contains("...")
        || lower.starts_with("%s")
        || ["pass", "pwd", "user", "admin", "root", "key"]
            .iter()
            .any(|word| lower.contains(word));
    kinds >= 2
        && !stands_for_another
        && !is_placeholder(&lower)
        && !lower.eq_ignore_ascii_case(user)
        && !password
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, hidden: &str) {
        let found: Vec<_> = find(text)
            .into_iter()
            .map(|found| &text[found.hidden])
            .collect();
        assert_eq!(found.concat(), hidden, "{text}");
    }

    #[test]
    fn a_password_in_an_address_is_found() {
        check("postgres://app:kV7q2Rt9@db.acme.io:5432/x", "kV7q2Rt9");
        check("(https://me:a@b-7Q2z@acme.io)", "a@b-7Q2z");
        check("`redis://:kV7q2Rt9@cache.acme.io`", "kV7q2Rt9");
    }

    #[test]
    fn what_only_shows_the_form_is_left_in_peace() {
        for text in [
            "https://user:password@acme.io",
            "https://user:<password>@acme.io",
            "https://$USER:$PASS@acme.io",
            "https://x:${TOKEN}@acme.io",
            "https://postgres:postgres1@localhost/x",
            "https://app:kV7q2Rt9@db:5432/x",
            "https://app:kV7q2Rt9@example.com",
            "https://acme.io:8080/@scope/x",
            "https://acme.io/a:bcdef1@x.y",
            "https://app:DB_PASSWORD@acme.io",
            "https://app:xxxxxx12@acme.io",
        ] {
            check(text, "");
        }
    }
}
