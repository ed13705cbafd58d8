//! The facts that the build script left in `OUT_DIR`: `skills_compiler::provenance` writes them.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use skills_compiler::provenance::Provenance;

use super::{Error, Executable, surroundings};

/// What a build says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Facts {
    #[serde(deserialize_with = "known_format", rename = "format")]
    _format: (),
    /// The version of `skills-compiler`.
    pub(super) compiler: String,
    pub(super) server: Server,
    /// The crates; nothing where cargo could not tell.
    pub(super) crates: Option<Vec<Crate>>,
    pub(super) skills: Vec<Skill>,
}

/// What the server and its package say of themselves; a text that they do not have is empty.
#[derive(Debug, Deserialize)]
pub(super) struct Server {
    pub(super) name: String,
    pub(super) version: String,
    description: String,
    pub(super) license: String,
    pub(super) authors: Vec<String>,
    pub(super) repository: String,
    pub(super) homepage: String,
}

/// A crate in the executable.
#[derive(Debug, Deserialize)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) purl: String,
    pub(super) sha256: Option<String>,
}

/// A skill in the executable.
#[derive(Debug, Deserialize)]
pub(super) struct Skill {
    pub(super) path: String,
    pub(super) uri: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) version: Option<String>,
    pub(super) license: Option<String>,
    pub(super) author: Option<String>,
    pub(super) digest: String,
    pub(super) files: Vec<File>,
    pub(super) notices: Vec<Notice>,
}

/// A file of a skill.
#[derive(Debug, Deserialize)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) digest: String,
}

/// Something that was found in a skill and did not fail the build.
#[derive(Debug, Deserialize)]
pub(super) struct Notice {
    pub(super) code: String,
    pub(super) rule: String,
    pub(super) message: String,
    pub(super) path: String,
    pub(super) line: Option<u64>,
    /// Why it is allowed; nothing where it is a warning.
    pub(super) reason: Option<String>,
}

impl Facts {
    /// The facts of the build that made an executable.
    pub(super) fn read(executable: &Executable) -> Result<Self, Error> {
        let path = executable.out_dir.join(Provenance::FACTS_FILE);
        let bytes = surroundings::read(&path).map_err(|_| Error::no_facts(executable))?;
        serde_json::from_slice(&bytes).map_err(|source| Error::Facts { path, source })
    }

    /// What the server is, in one line of at most so many characters.
    pub(super) fn description(&self, most: usize) -> String {
        let words: Vec<_> = self.server.description.split_whitespace().collect();
        let text = match words.is_empty() {
            false => words.join(" "),
            true if self.skills.len() == 1 => "One Agent Skill over MCP".to_owned(),
            true => format!("{} Agent Skills over MCP", self.skills.len()),
        };
        if text.chars().count() <= most {
            return text;
        }
        let kept: String = text.chars().take(most.saturating_sub(3)).collect();
        format!("{}...", kept.trim_end())
    }
}

/// The layout that is known here is the first one.
fn known_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    match u32::deserialize(deserializer)? {
        1 => Ok(()),
        other => Err(D::Error::custom(format!("the format is {other}, not 1"))),
    }
}
