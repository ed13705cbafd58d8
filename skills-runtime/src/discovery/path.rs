//! Paths of requests: `/PREFIX/.well-known/agent-skills/REST`, each in one spelling only, so that a cache has each file once.

use skills_model::IndexFormat;

/// The directories below `.well-known`: what is there is the same, but for the index.
const DIRECTORIES: [&str; 2] = ["agent-skills", "skills"];

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The organisational prefix; empty for the whole bundle.
    pub(super) prefix: String,
    pub(super) target: Target,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// An index of a format.
    Index(IndexFormat),
    /// `NAME.zip`, or `NAME@DIGEST.zip`.
    Archive {
        name: String,
        digest: Option<String>,
    },
    /// `NAME/PATH`, or `NAME@DIGEST/PATH`.
    File {
        name: String,
        digest: Option<String>,
        path: String,
    },
}

impl Place {
    /// `None` for a path that is none of discovery, and `Some(None)` for one at which nothing can be.
    #[expect(
        clippy::option_option,
        reason = "two ways of being nothing: not here, and not there"
    )]
    pub(super) fn new(path: &str) -> Option<Option<Self>> {
        let segments: Vec<_> = path.strip_prefix('/')?.split('/').collect();
        let well_known = segments.windows(2).position(|window| match window {
            [first, second] => *first == ".well-known" && DIRECTORIES.contains(second),
            _ => false,
        })?;
        Some(Self::below(&segments, well_known))
    }

    fn below(segments: &[&str], well_known: usize) -> Option<Self> {
        let segments: Vec<String> = segments
            .iter()
            .map(|segment| decoded(segment))
            .collect::<Option<_>>()?;
        let (prefix, rest) = segments.split_at_checked(well_known)?;
        let prefix = prefix.join("/");
        let path = rest.join("/");
        let mut formats = IndexFormat::ALL.into_iter();
        if let Some(format) = formats.find(|format| format.path() == path) {
            let target = Target::Index(format);
            return Some(Self { prefix, target });
        }
        let target = match rest.get(2..)? {
            [file] => {
                let (name, digest) = versioned(file.strip_suffix(".zip")?);
                Target::Archive { name, digest }
            }
            [directory, path @ ..] => {
                let (name, digest) = versioned(directory);
                let path = path.join("/");
                Target::File { name, digest, path }
            }
            [] => return None,
        };
        Some(Self { prefix, target })
    }
}

fn versioned(name: &str) -> (String, Option<String>) {
    match name.split_once('@') {
        Some((name, digest)) => (name.to_owned(), Some(digest.to_owned())),
        None => (name.to_owned(), None),
    }
}

/// A segment without its percent-encoding. Nothing where it is empty, a dot segment, or encodes what needs no encoding: a
/// dot or a slash that is hidden from others who read the path is asked for with no good intention.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_first_chunk::<2>()?;
        let byte = digit(digits[0])? << 4 | digit(digits[1])?;
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            return None;
        }
        bytes.push(byte);
        rest = after;
    }
    let text = String::from_utf8(bytes).ok()?;
    (!matches!(text.as_str(), "" | "." | "..")).then_some(text)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, prefix: &str, target: Target) {
        let prefix = prefix.to_owned();
        assert_eq!(
            Place::new(path),
            Some(Some(Place { prefix, target })),
            "{path}"
        );
    }

    fn file(name: &str, digest: Option<&str>, path: &str) -> Target {
        Target::File {
            name: name.to_owned(),
            digest: digest.map(str::to_owned),
            path: path.to_owned(),
        }
    }

    #[test]
    fn a_path_says_prefix_and_target() {
        let path = "/.well-known/agent-skills/index.json";
        check(path, "", Target::Index(IndexFormat::Current));
        let path = "/a/b/.well-known/skills/index.json";
        check(path, "a/b", Target::Index(IndexFormat::Old));
        let archive = |digest: Option<&str>| Target::Archive {
            name: "pdf".to_owned(),
            digest: digest.map(str::to_owned),
        };
        check("/.well-known/agent-skills/pdf.zip", "", archive(None));
        check(
            "/.well-known/agent-skills/pdf@ab.zip",
            "",
            archive(Some("ab")),
        );
        check(
            "/.well-known/agent-skills/pdf@ab/SKILL.md",
            "",
            file("pdf", Some("ab"), "SKILL.md"),
        );
        check(
            "/acme/.well-known/skills/pdf/a%20b/%c3%A4@2x.md",
            "acme",
            file("pdf", None, "a b/ä@2x.md"),
        );
    }

    #[test]
    fn other_paths_are_none_of_discovery() {
        for path in [
            "",
            "/",
            "/mcp",
            ".well-known/agent-skills/index.json",
            "/.well-known/oauth-protected-resource",
            "/.well-known/agent-skills-other/index.json",
            "/.well-known%2fagent-skills/index.json",
        ] {
            assert_eq!(Place::new(path), None, "{path}");
        }
    }

    #[test]
    fn nothing_is_at_a_path_in_a_second_spelling() {
        for rest in [
            "",
            "/",
            "/pdf",
            "/pdf/",
            "//pdf/SKILL.md",
            "/pdf//SKILL.md",
            "/pdf/../pdf/SKILL.md",
            "/pdf/./SKILL.md",
            "/pdf/%2e%2e/SKILL.md",
            "/pdf%2FSKILL.md",
            "/pdf/%53KILL.md",
            "/pdf/SKILL.md%",
            "/pdf/SKILL.md%2",
            "/pdf/SKILL.md%zz",
            "/pdf/%ff.md",
        ] {
            let path = format!("/.well-known/agent-skills{rest}");
            assert_eq!(Place::new(&path), Some(None), "{path}");
        }
        let path = "//.well-known/agent-skills/index.json";
        assert_eq!(Place::new(path), Some(None));
    }
}
