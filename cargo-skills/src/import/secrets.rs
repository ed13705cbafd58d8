//! What must not come along. Whatever a project holds is committed sooner or later, and what is printed ends up in logs: keys and
//! passwords are covered in the whole configuration before anything of it is mapped.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::{Map, Value};
use skills_compiler::diagnostics::without_secrets;

/// What members are called that hold keys: `apiKeys`, `api_keys` and so on, without case and signs.
const KEYS: &str = "apikeys";

/// What the key itself is called, where each is an object.
const FIELDS: [&str; 7] = [
    "key", "apiKey", "api_key", "token", "secret", "value", "hash",
];

/// Words that are in keys, and not in the names of those who have them.
const MARKS: [&str; 8] = [
    "sk", "pk", "rk", "secret", "password", "apikey", "bearer", "token",
];

/// The fewest bytes of a key that is looked for elsewhere; shorter ones are in many words.
const SHORTEST: usize = 6;

/// The longest name of somebody that can be told from a key by its length alone.
const LONGEST_NAME: usize = 15;

/// The configuration with `*` in place of everything secret, in names as in values.
pub(super) fn covered(root: Map<String, Value>) -> Option<Map<String, Value>> {
    let mut keys = BTreeSet::new();
    let security = root.get("security").and_then(Value::as_object);
    for (name, value) in root.iter().chain(security.into_iter().flatten()) {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        if letters.collect::<String>().eq_ignore_ascii_case(KEYS) {
            collect(value, &mut keys);
        }
    }
    let cover = Cover::new(&keys)?;
    Some(cover.members(root))
}

/// The keys of `apiKeys`: a list, an object from keys to their owners or the reverse, or objects with a key each.
fn collect<'a>(value: &'a Value, keys: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(key) => add(key, keys),
        Value::Array(items) => items.iter().for_each(|item| match item {
            Value::Object(members) => collect_fields(members, keys),
            item => keys.extend(item.as_str().filter(|key| key.len() >= SHORTEST)),
        }),
        Value::Object(members) => {
            for (name, value) in members {
                let texts = [Some(name.as_str()), value.as_str()];
                for text in texts.into_iter().flatten() {
                    if text.len() > LONGEST_NAME || is_secret_like(text) {
                        add(text, keys);
                    }
                }
                match value {
                    Value::Object(members) if name != "keys" => collect_fields(members, keys),
                    Value::Object(_) | Value::Array(_) => collect(value, keys),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn collect_fields<'a>(members: &'a Map<String, Value>, keys: &mut BTreeSet<&'a str>) {
    for (name, value) in members {
        if let Some(text) = value.as_str()
            && (FIELDS.contains(&name.as_str()) || is_secret_like(text))
        {
            add(text, keys);
        }
    }
}

fn add<'a>(key: &'a str, keys: &mut BTreeSet<&'a str>) {
    keys.extend(Some(key).filter(|key| key.len() >= SHORTEST));
}

/// Covers the keys of one configuration, and what is a secret anywhere.
struct Cover(AhoCorasick);

impl Cover {
    fn new(keys: &BTreeSet<&str>) -> Option<Self> {
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostLongest);
        builder.build(keys).ok().map(Self)
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => Value::Object(self.members(members)),
            other => other,
        }
    }

    fn members(&self, members: Map<String, Value>) -> Map<String, Value> {
        let mut covered = Map::new();
        for (name, value) in members {
            let mut name = self.text(&name);
            // Two secrets of one length look alike.
            while covered.contains_key(&name) {
                name = format!("{name} ({})", covered.len());
            }
            covered.insert(name, self.value(value));
        }
        covered
    }

    fn text(&self, text: &str) -> String {
        let mut covered = String::with_capacity(text.len());
        self.0
            .replace_all_with(text, &mut covered, |_, key, covered| {
                covered.extend(key.chars().map(|_| '*'));
                true
            });
        without_secrets(&covered).into_owned()
    }
}

/// Whether a word looks as if somebody could use it to get in. In doubt it does: what is not copied can be looked up.
pub(super) fn is_secret_like(text: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "-_.+/=~".contains(letter);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    text.chars().all(is_word)
        && (digits > 4
            || words.any(|word| {
                MARKS.iter().any(|mark| word.eq_ignore_ascii_case(mark)) || looks_random(word)
            }))
}

/// Whether nobody would think of such a word: it is long, without vowels, or its letters, cases and digits change often.
fn looks_random(word: &str) -> bool {
    let is_consonant =
        |letter: &u8| letter.is_ascii_alphabetic() && !b"aeiouyAEIOUY".contains(letter);
    let consonants = word.as_bytes().split(|letter| !is_consonant(letter));
    let pairs = || word.bytes().zip(word.bytes().skip(1));
    let changes = pairs().filter(|(one, next)| one.is_ascii_digit() != next.is_ascii_digit());
    let begins =
        pairs().filter(|(one, next)| one.is_ascii_lowercase() && next.is_ascii_uppercase());
    word.len() > 20
        || consonants.map(<[u8]>::len).max() > Some(5)
        || changes.count() > 1
        || begins.count() > 3
}

/// Whether it is the name of somebody who has a key, and can stand in a command as it is.
pub(super) fn is_principal(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
        && !is_secret_like(name)
}

/// Whether it is a name of a tier and no key: words of letters, and a number of its own at most.
pub(super) fn is_tier(name: &str) -> bool {
    let is_number = |word: &str| word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_principal(name)
        && name.len() <= 32
        && name
            .split(['-', '_', '.'])
            .all(|word| is_word(word) || is_number(word))
}

/// What did the work of a tool so far, as far as it may be told: an address without user, password and query, or a program
/// without its variables and arguments.
pub(super) fn handler(text: &str) -> String {
    let is_variable = |word: &&str| {
        let name = word.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    };
    let mut words = text.split_whitespace().skip_while(is_variable);
    let shown = address(words.next().unwrap_or_default());
    match words.next() {
        Some(_) => format!("{shown} …"),
        None => shown,
    }
}

fn address(word: &str) -> String {
    let (scheme, rest) = match word.find("//") {
        Some(at) => word.split_at(at + 2),
        None => ("", word),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let port = authority.split_once(':').map_or("", |(_, port)| port);
    if host == authority && rest.contains('@') && !port.bytes().all(|byte| byte.is_ascii_digit()) {
        // A password with a sign that it should not have ends nowhere for sure.
        return format!("{scheme}…");
    }
    // Files have their functions behind `#`, addresses may have tokens there.
    let ends: &[char] = if scheme.is_empty() {
        &['?']
    } else {
        &['?', '#']
    };
    let path = path.split(ends).next().unwrap_or_default();
    format!("{scheme}{host}{path}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_covered_wherever_they_stand() {
        for (keys, secret) in [
            (json!({"sk-live-1": {"name": "alice"}}), "sk-live-1"),
            (
                json!({"ci": "correct-horse-battery"}),
                "correct-horse-battery",
            ),
            (json!(["hunter2"]), "hunter2"),
            (json!([{"name": "alice", "key": "hunter2"}]), "hunter2"),
            (json!({"enabled": true, "keys": ["hunter2"]}), "hunter2"),
            (
                json!({"keys": {"sk-live-1": {"name": "alice"}}}),
                "sk-live-1",
            ),
            (json!("hunter2"), "hunter2"),
        ] {
            let root = json!({
                "security": {"api_keys": keys},
                "tools": [{"name": format!("a {secret} b"), secret: 5}],
            });
            let Value::Object(root) = root else {
                unreachable!()
            };
            let covered = Value::Object(covered(root).unwrap()).to_string();
            assert!(!covered.contains(secret), "{covered}");
            assert_eq!(
                covered.contains("alice"),
                keys.to_string().contains("alice")
            );
        }
    }

    #[test]
    fn names_that_become_alike_stay_apart() {
        let Value::Object(root) = json!({"apiKeys": {"sk-live-1": 1, "sk-live-2": 2}}) else {
            unreachable!()
        };
        let covered = covered(root).unwrap();
        assert_eq!(covered["apiKeys"].as_object().unwrap().len(), 2);
    }

    #[test]
    fn names_of_people_and_tiers_are_told_from_keys() {
        for name in [
            "ci",
            "alice",
            "free",
            "tier-1",
            "internalUsers",
            "Pro_2",
            "read-only",
        ] {
            assert!(is_principal(name) && is_tier(name), "{name}");
        }
        for name in ["team42", "v2.1"] {
            assert!(is_principal(name) && !is_tier(name), "{name}");
        }
        for name in [
            "",
            "-x",
            "a b",
            "sk-live-SECRET2",
            "3f9a04c1d29b0c41",
            "550e8400-e29b-41d4-a716-446655440000",
            "xkqvrtlmnp",
            "a1b2c3",
            "aBcDeFgHi",
            "ghp_R7kQ2mVx9LpT4wZs8NcB1yHd6FgJ3aKe5UoX",
        ] {
            assert!(!is_principal(name) && !is_tier(name), "{name}");
        }
        assert!(!is_tier("hunter2"));
    }

    #[test]
    fn handlers_are_told_without_what_lets_somebody_in() {
        for (text, expected) in [
            ("handlers.forecast", "handlers.forecast"),
            ("./handlers/weather.js#now", "./handlers/weather.js#now"),
            ("https://user:hunter2@api.example/", "https://api.example/"),
            ("https://user:hun/ter@2@api.example/x", "https://…"),
            ("//user:hunter2@api.example/x", "//api.example/x"),
            ("user:hunter2@api.example/x", "api.example/x"),
            (
                "https://api.example:80/@a/x?token=5#6",
                "https://api.example:80/@a/x",
            ),
            ("https://api.example#hunter2", "https://api.example"),
            ("/run?token=hunter2", "/run"),
            ("TOKEN=hunter2 node weather.js", "node …"),
            ("curl -u a:hunter2 https://api.example", "curl …"),
            ("", ""),
        ] {
            assert_eq!(handler(text), expected, "{text}");
        }
    }
}
