//! The indexes that Agent Skills Discovery finds skills by.
//!
//! In an index a name is all that tells skills apart, and it is the name of the directory that an installer writes. So an
//! index lists only what has a name of its own: of `acme/refunds` and `globex/refunds`, the index of the whole bundle has
//! neither, because a guess would install the wrong one for half of its readers. Each prefix has an index of its own at
//! `/acme/.well-known/...`, where the names are told apart; installers look there for `https://example.com/acme`.
//!
//! A prefix that lies in a skill has no index: `https://example.com/tool` has to mean the skill `tool`, not what is nested
//! in it. Nested skills are listed like others, and their files are also in the archive of the skill around them.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};
use skills_model::limits::SKILL_FILE;

use super::{IndexPlan, files, gzip, relative_path};
use crate::emit::hexadecimal;
use crate::lower::{Blob, ResourcePlan, SkillPlan, json};
use crate::source::ancestors;

/// The version of the format, which is also how a client knows it (Agent Skills Discovery 0.2.0, "Versioning").
const SCHEMA: &str = "https://schemas.agentskills.io/discovery/0.2.0/schema.json";

/// Where an index of this format is served, below the prefix.
const PATH: &str = ".well-known/agent-skills/index.json";

/// The same of version 0.1.0, which `npx skills` reads up to its version 1.5.6.
const OLD_PATH: &str = ".well-known/skills/index.json";

/// All indexes, ascending by path. That of the whole bundle is there even if it is empty.
pub(in crate::lower) fn indexes(
    skills: &[SkillPlan],
    resources: &[ResourcePlan],
    blob: &mut Blob,
) -> Vec<IndexPlan> {
    let mut indexes = Vec::new();
    for (prefix, skills) in scopes(skills) {
        let entries = skills.iter().map(|skill| entry(skill, resources));
        let head = format!("\"$schema\":{},", json::string(SCHEMA));
        indexes.push(index(prefix, PATH, &head, entries, blob));
        let entries = skills
            .iter()
            .filter_map(|skill| old_entry(skill, resources));
        indexes.push(index(prefix, OLD_PATH, "", entries, blob));
    }
    indexes.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    indexes
}

/// What each index lists, by prefix: the skills below the prefix that have a name of their own there, ascending by it.
fn scopes(skills: &[SkillPlan]) -> BTreeMap<&str, Vec<&SkillPlan>> {
    let paths = skills.iter().map(|skill| skill.path.as_str()).collect();
    let mut by_prefix = BTreeMap::<_, BTreeMap<_, Vec<_>>>::from([("", BTreeMap::new())]);
    for skill in skills {
        for prefix in std::iter::once("").chain(prefixes(skill, &paths)) {
            let names = by_prefix.entry(prefix).or_default();
            names.entry(skill.name.as_str()).or_default().push(skill);
        }
    }
    let scopes = by_prefix.into_iter().map(|(prefix, names)| {
        let listed = names.into_values().filter_map(|skills| match skills[..] {
            [skill] => skill.is_offered.then_some(skill),
            _ => None,
        });
        (prefix, listed.collect::<Vec<_>>())
    });
    scopes
        .filter(|(prefix, listed)| prefix.is_empty() || !listed.is_empty())
        .collect()
}

/// The directories above a skill that lie in no other skill.
fn prefixes<'a>(
    skill: &'a SkillPlan,
    paths: &BTreeSet<&str>,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let outermost = ancestors(&skill.path)
        .filter(|path| paths.contains(path))
        .last();
    ancestors(outermost.unwrap_or(&skill.path))
}

fn index(
    prefix: &str,
    path: &str,
    head: &str,
    entries: impl Iterator<Item = String>,
    blob: &mut Blob,
) -> IndexPlan {
    let entries = entries.collect::<Vec<_>>().join(",");
    let document = format!("{{{head}\"skills\":[{entries}]}}");
    IndexPlan {
        path: match prefix {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        },
        gzip: blob.add_bytes(&gzip::gzip(document.as_bytes())),
        digest: Sha256::digest(&document).into(),
        document: blob.add_text(&document),
    }
}

/// The URL is relative, so that a server can stand behind any path of a proxy, and has the digest in it, so that a cache
/// never gives one version of a skill for another.
fn entry(skill: &SkillPlan, resources: &[ResourcePlan]) -> String {
    let SkillPlan { name, archive, .. } = skill;
    let (kind, digest, rest) = match files(skill, resources) {
        [document] => ("skill-md", document.digest, format!("/{SKILL_FILE}")),
        _ => ("archive", archive.digest, ".zip".to_owned()),
    };
    let (digest, description) = (hexadecimal(&digest), json::string(&skill.description));
    format!(
        "{{\"name\":\"{name}\",\"type\":\"{kind}\",\"description\":{description},\
         \"url\":\"{name}@{digest}{rest}\",\"digest\":\"sha256:{digest}\"}}"
    )
}

/// A skill of which a file cannot be asked for is left out: a part of it would be worse, and one such path makes
/// `npx skills` drop the whole index.
fn old_entry(skill: &SkillPlan, resources: &[ResourcePlan]) -> Option<String> {
    let files = files(skill, resources).iter();
    let mut paths: Vec<_> = files.map(|file| relative_path(skill, file)).collect();
    if !paths.iter().all(|path| is_old_path(path)) {
        return None;
    }
    // The document comes first.
    paths.sort_by_key(|path| *path != SKILL_FILE);
    let paths: Vec<_> = paths.into_iter().map(json::string).collect();
    Some(format!(
        "{{\"name\":\"{}\",\"description\":{},\"files\":[{}]}}",
        skill.name,
        json::string(&skill.description),
        paths.join(",")
    ))
}

/// Clients put these paths into URLs as they are, so what is not plain means something else there.
fn is_old_path(path: &str) -> bool {
    let is_plain = |byte| {
        matches!(byte, b' '..=b'~') && !matches!(byte, b'\\' | b'?' | b'#' | b'%' | b'[' | b']')
    };
    path.bytes().all(is_plain) && !path.contains("..") && path.trim() == path
}
