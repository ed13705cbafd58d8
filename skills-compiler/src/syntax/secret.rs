//! Tokens and keys that somebody could use: what they look like, and where a text holds one.
//!
//! The rule against them and the renderer share this, so that no message, label or source line ever shows one. Only what
//! its issuer gave a prefix is recognised; guessing at "password = ..." would blame every tutorial.

use std::ops::Range;
use std::sync::LazyLock;

use super::plausible::{is_sample_jwt, looks_encoded, looks_issued};
use super::url_passwords;
use crate::words::Words;

/// A token or key that looks real.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secret {
    /// What it is, with its article.
    pub(crate) kind: &'static str,
    /// Whether it may well be harmless: expired, or public by design.
    pub(crate) doubtful: bool,
    /// What to point at: the token, or the first line of a key.
    pub(crate) span: Range<usize>,
    /// The bytes that must not be shown.
    pub(crate) hidden: Range<usize>,
}

/// All that must not be shown of a text, ascending and apart: secrets, and passwords in addresses.
pub(crate) fn hidden(text: &str) -> Vec<Range<usize>> {
    let secrets = find(text).into_iter().map(|secret| secret.hidden);
    let passwords = url_passwords(text)
        .into_iter()
        .map(|password| password.hidden);
    let mut all: Vec<_> = secrets.chain(passwords).collect();
    all.sort_unstable_by_key(|range| range.start);
    let mut apart = Vec::<Range<usize>>::new();
    for range in all {
        match apart.last_mut().filter(|last| range.start < last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => apart.push(range),
        }
    }
    apart
}

/// How the tokens of one issuer look: a prefix, and how many characters of which kind follow it.
struct Form {
    prefix: &'static str,
    kind: &'static str,
    is_part: fn(u8) -> bool,
    length: Range<usize>,
    /// Something that the part after the prefix always contains.
    mark: &'static str,
}

const fn form(
    prefix: &'static str,
    kind: &'static str,
    is_part: fn(u8) -> bool,
    length: Range<usize>,
) -> Form {
    Form {
        prefix,
        kind,
        is_part,
        length,
        mark: "",
    }
}

/// How a JSON Web Token and a private key begin.
const WEB_TOKEN: &str = "eyJ";
const PRIVATE_KEY: &str = "-----BEGIN ";

/// Every form, the more specific of two that begin alike first.
static FORMS: &[Form] = &[
    form("AKIA", "an AWS access key ID", is_upper, 16..17),
    form("ASIA", "a temporary AWS access key ID", is_upper, 16..17),
    form("AIza", "a Google API key", is_url_safe, 35..36),
    form(
        "ghp_",
        "a GitHub personal access token",
        is_alphanumeric,
        36..256,
    ),
    form("gho_", "a GitHub OAuth token", is_alphanumeric, 36..256),
    form("ghu_", "a GitHub user token", is_alphanumeric, 36..256),
    form(
        "ghs_",
        "a GitHub installation token",
        is_alphanumeric,
        36..256,
    ),
    form("ghr_", "a GitHub refresh token", is_alphanumeric, 36..256),
    form(
        "github_pat_",
        "a GitHub personal access token",
        is_url_safe,
        60..256,
    ),
    form(
        "glpat-",
        "a GitLab personal access token",
        is_url_safe,
        20..300,
    ),
    form("hf_", "a Hugging Face token", is_letter, 34..35),
    form("npm_", "an npm token", is_alphanumeric, 36..37),
    form("pypi-AgE", "a PyPI token", is_url_safe, 60..1000),
    form(
        "rk_live_",
        "a restricted Stripe key",
        is_alphanumeric,
        24..256,
    ),
    form("sk_live_", "a secret Stripe key", is_alphanumeric, 24..256),
    form("sk-ant-", "an Anthropic key", is_url_safe, 40..256),
    form("sk-proj-", "an OpenAI key", is_url_safe, 40..256),
    form("sk-svcacct-", "an OpenAI key", is_url_safe, 40..256),
    form("sk-admin-", "an OpenAI key", is_url_safe, 40..256),
    Form {
        mark: "T3BlbkFJ",
        ..form("sk-", "an OpenAI key", is_alphanumeric, 48..49)
    },
    form(
        "sk-",
        "a key of DeepSeek, DashScope or the like",
        is_lower_hex,
        32..33,
    ),
    form(
        "LTAI",
        "an Alibaba Cloud access key ID",
        is_alphanumeric,
        16..27,
    ),
    form("xoxa-", "a Slack token", is_slack, 24..256),
    form("xoxb-", "a Slack bot token", is_slack, 24..256),
    form("xoxp-", "a Slack user token", is_slack, 24..256),
    form("xoxr-", "a Slack refresh token", is_slack, 24..256),
    form("xoxs-", "a Slack session token", is_slack, 24..256),
];

/// The largest private key that is looked for, in bytes after its first line.
const MAX_KEY: usize = 16 * 1024;

/// How secrets begin.
static BEGINNINGS: LazyLock<Words> = LazyLock::new(|| {
    let prefixes = FORMS.iter().map(|form| form.prefix);
    Words::new(prefixes.chain([WEB_TOKEN, PRIVATE_KEY]))
});

/// All secrets of a text, in order.
pub(crate) fn find(text: &str) -> Vec<Secret> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = next_candidate(text, from) {
        let secret = text.get(at..).and_then(|rest| secret(rest, at));
        from = secret
            .as_ref()
            .map_or(at + 1, |secret| secret.hidden.end.max(at + 1));
        let companion = secret.as_ref().and_then(|secret| companion(text, secret));
        found.extend(secret);
        if let Some(companion) = companion {
            from = companion.hidden.end;
            found.push(companion);
        }
    }
    found
}

/// The prefix of the key IDs of Alibaba Cloud, whose secrets have none.
const ALIBABA: &str = "LTAI";

/// The secret that stands near a key ID: thirty letters and digits, and nothing else to know it by.
fn companion(text: &str, id: &Secret) -> Option<Secret> {
    const LENGTH: usize = 30;
    const REACH: usize = 200;
    if !text.get(id.span.start..)?.starts_with(ALIBABA) {
        return None;
    }
    let mut end = (id.span.end + REACH).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut start = id.span.end;
    for word in text
        .get(start..end)?
        .split(|symbol: char| !symbol.is_ascii_alphanumeric())
    {
        if word.starts_with(ALIBABA) {
            return None;
        }
        if word.len() == LENGTH && looks_issued(word, true) {
            let span = start..start + LENGTH;
            return Some(Secret {
                kind: "an Alibaba Cloud access key secret",
                doubtful: false,
                hidden: span.clone(),
                span,
            });
        }
        start += word.len();
        start += text.get(start..)?.chars().next().map_or(1, char::len_utf8);
    }
    None
}

/// The next place at or after `from` where a word begins as a secret does.
fn next_candidate(text: &str, mut from: usize) -> Option<usize> {
    loop {
        let (at, _) = BEGINNINGS.next(text, from)?;
        let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
        if !before.is_some_and(|&byte| is_url_safe(byte)) {
            return Some(at);
        }
        from = at + 1;
    }
}

fn secret(rest: &str, at: usize) -> Option<Secret> {
    match rest.as_bytes().first()? {
        b'e' => web_token(rest, at),
        b'-' => private_key(rest, at),
        _ => token(rest, at),
    }
}

fn token(rest: &str, at: usize) -> Option<Secret> {
    let mut forms = FORMS.iter().filter(|form| rest.starts_with(form.prefix));
    forms.find_map(|form| of_form(rest, at, form))
}

fn of_form(rest: &str, at: usize, form: &Form) -> Option<Secret> {
    let tail = rest.get(form.prefix.len()..)?;
    let secret = tail.get(..run(tail, form.is_part, form.length.end))?;
    let after = tail.get(secret.len()..)?;
    let goes_on = after
        .trim_start_matches(['_', '-'])
        .starts_with(|symbol: char| symbol.is_ascii_alphanumeric());
    let whole = form.length.contains(&secret.len()) && !goes_on;
    let issued = whole && secret.contains(form.mark) && looks_issued(secret, form.prefix != "hf_");
    let end = at + form.prefix.len() + secret.len();
    // A key of Google may be meant for web pages, and a temporary one has expired.
    let doubtful = matches!(form.prefix, "AIza" | "ASIA");
    issued.then(|| Secret {
        kind: form.kind,
        doubtful,
        span: at..end,
        hidden: at + form.prefix.len()..end,
    })
}

/// A JSON Web Token: three parts, of which the first two are JSON objects.
fn web_token(rest: &str, at: usize) -> Option<Secret> {
    const MAX_PART: usize = 8 * 1024;
    let header = rest
        .starts_with(WEB_TOKEN)
        .then(|| run(rest, is_url_safe, MAX_PART))?;
    let claims = rest
        .get(header..)?
        .strip_prefix('.')
        .filter(|claims| claims.starts_with(WEB_TOKEN))?;
    let claims = claims.get(..run(claims, is_url_safe, MAX_PART))?;
    let signature = rest.get(header + 1 + claims.len()..)?.strip_prefix('.')?;
    let signature = signature.get(..run(signature, is_url_safe, MAX_PART))?;
    let long_enough = header >= 16 && claims.len() >= 16 && signature.len() >= 40;
    let issued = long_enough && !is_sample_jwt(claims) && looks_issued(signature, true);
    let end = at + header + claims.len() + signature.len() + 2;
    issued.then(|| Secret {
        kind: "a JSON Web Token",
        doubtful: true,
        span: at..end,
        hidden: at + 3..end,
    })
}

/// A private key in PEM, also inside a string that writes line breaks as `\n`. The first line alone is no secret.
fn private_key(rest: &str, at: usize) -> Option<Secret> {
    let label = rest.strip_prefix(PRIVATE_KEY)?;
    let label = label.get(..run(label, |byte| byte == b' ' || byte.is_ascii_uppercase(), 40))?;
    let header = PRIVATE_KEY.len() + label.len() + "-----".len();
    let complete = label.ends_with("PRIVATE KEY") && rest.get(..header)?.ends_with("-----");
    let body = rest.get(header..).filter(|_| complete)?;
    let body = body.get(..body.find("-----").unwrap_or(body.len()))?;
    let body = body.get(..run(body, |byte| byte.is_ascii(), MAX_KEY))?;
    let longest = body
        .split(|symbol| !is_base64(symbol))
        .max_by_key(|line| line.len())?;
    // Somebody has covered it already.
    if body.contains("**") {
        return None;
    }
    let key = body.get(..body.rfind(is_base64)? + 1)?;
    let issued = longest.len() >= 40 && looks_encoded(longest);
    let hidden = at + header..at + header + key.len();
    issued.then(|| Secret {
        kind: "a private key",
        doubtful: false,
        span: at..at + header,
        hidden,
    })
}

/// How many bytes at the start of a text are of a kind, at most `limit`.
fn run(text: &str, is_part: fn(u8) -> bool, limit: usize) -> usize {
    text.bytes()
        .take(limit)
        .take_while(|&byte| is_part(byte))
        .count()
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn is_slack(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_base64(symbol: char) -> bool {
    symbol.is_ascii_alphanumeric() || matches!(symbol, '+' | '/' | '=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, hidden: &str) {
        let found: Vec<_> = find(text)
            .into_iter()
            .map(|secret| text[secret.hidden].to_owned())
            .collect();
        assert_eq!(found.concat(), hidden, "{text}");
    }

    #[test]
    fn a_token_is_found_between_any_signs_but_not_inside_a_word() {
        let token = "R7kQ2mVx9LpT4wZs8NcB1yHd6FgJ3aKe5UoX";
        check(&format!("ghp_{token}"), token);
        check(&format!("https://ghp_{token}@github.com"), token);
        check(&format!("<!-- ghp_{token}-->"), token);
        check(&format!("xghp_{token}"), "");
        check(&format!("npm_{token}x"), "");
        check(&format!("npm_{token}-x"), "");
    }

    #[test]
    fn keys_without_a_prefix_of_their_own_are_found_beside_one_that_has_it() {
        let (id, key) = ("5tQh3mVx8Kp2Lw9RzYcN", "q7WmZ4xT9cVbL2nR8sKdF6gH1jPyUe");
        check(
            &format!("id `LTAI{id}`, secret `{key}`"),
            &format!("{id}{key}"),
        );
        check(&format!("secret `{key}`"), "");
        check(
            "sk-7c1f09d4be62a85f3d90c7e1b4a6258f",
            "7c1f09d4be62a85f3d90c7e1b4a6258f",
        );
        check("sk-7c1f09d4be62a85f3d90c7e1b4a6258f0", "");
    }

    #[test]
    fn samples_are_left_in_peace() {
        check("npm_abcdefghijklmnopqrstuvwxyz0123456789", "");
        check("npm_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8", "");
        check("npm_0000000000000000000000000000000000a1", "");
        check("npm_R7kQ2mVxEXAMPLEs8NcB1yHd6FgJ3aKe5UoX", "");
    }
}
