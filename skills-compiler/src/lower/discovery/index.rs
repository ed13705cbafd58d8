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
use skills_model::IndexFormat;
use skills_model::limits::SKILL_FILE;

use super::{IndexPlan, files, gzip, relative_path};
use crate::emit::hexadecimal;
use crate::lower::{Blob, ResourcePlan, SkillPlan, TextPart, json};
use crate::source::ancestors;

/// All indexes, ascending by path. That of the whole bundle is there even if it is empty. Fills in the entries of the skills.
pub(in crate::lower) fn indexes(
    skills: &mut [SkillPlan],
    resources: &[ResourcePlan],
    blob: &mut Blob,
) -> Vec<IndexPlan> {
    let scopes = scopes(skills);
    let mut indexes = Vec::new();
    for format in IndexFormat::ALL {
        let entries: Vec<_> = skills
            .iter()
            .map(|skill| entry(format, skill, resources))
            .collect();
        let mut places = BTreeMap::new();
        for (prefix, listed) in &scopes {
            indexes.push(index(prefix, format, listed, &entries, &mut places, blob));
        }
        for (number, (skill, entry)) in skills.iter_mut().zip(&entries).enumerate() {
            let Some(entry) = entry else { continue };
            // A caller who does not see all skills may find in an index what is in none of these.
            let place = places.get(&number).copied();
            let place = place.unwrap_or_else(|| blob.add_text(entry));
            match format {
                IndexFormat::Current => skill.index_entry = place,
                IndexFormat::Old => skill.old_index_entry = place,
            }
        }
    }
    indexes.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    indexes
}

/// What a format says of a skill; nothing where it cannot list it.
fn entry(format: IndexFormat, skill: &SkillPlan, resources: &[ResourcePlan]) -> Option<String> {
    match format {
        _ if !skill.is_offered => None,
        IndexFormat::Current => Some(current_entry(skill, resources)),
        IndexFormat::Old => old_entry(skill, resources),
    }
}

/// What each index lists, by prefix: the skills below the prefix that have a name of their own there, ascending by it; each by where
/// it stands among all.
fn scopes(skills: &[SkillPlan]) -> BTreeMap<String, Vec<usize>> {
    let paths = skills.iter().map(|skill| skill.path.as_str()).collect();
    let mut by_prefix = BTreeMap::<_, BTreeMap<_, Vec<_>>>::from([("", BTreeMap::new())]);
    for (number, skill) in skills.iter().enumerate() {
        for prefix in std::iter::once("").chain(prefixes(skill, &paths)) {
            let names = by_prefix.entry(prefix).or_default();
            let same = names.entry(skill.name.as_str()).or_default();
            same.push((number, skill.is_offered));
        }
    }
    let scopes = by_prefix.into_iter().map(|(prefix, names)| {
        let listed = names.into_values().filter_map(|skills| match skills[..] {
            [(number, is_offered)] => is_offered.then_some(number),
            _ => None,
        });
        (prefix.to_owned(), listed.collect::<Vec<_>>())
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

/// The index of a prefix; `places` learns where in the blob the entries came to lie.
fn index(
    prefix: &str,
    format: IndexFormat,
    listed: &[usize],
    entries: &[Option<String>],
    places: &mut BTreeMap<usize, TextPart>,
    blob: &mut Blob,
) -> IndexPlan {
    let entry = |number: &usize| Some((*number, entries.get(*number)?.as_deref()?));
    let listed: Vec<_> = listed.iter().filter_map(entry).collect();
    let texts: Vec<_> = listed.iter().map(|(_, entry)| *entry).collect();
    let document = format.document(&texts);
    let whole = blob.add_text(&document);
    let mut start = format.opening().len();
    for (number, entry) in listed {
        places.insert(number, whole.inner(start, entry.len()));
        start += entry.len() + 1;
    }
    IndexPlan {
        path: match prefix {
            "" => format.path().to_owned(),
            prefix => format!("{prefix}/{}", format.path()),
        },
        gzip: blob.add_bytes(&gzip::gzip(document.as_bytes())),
        digest: Sha256::digest(&document).into(),
        document: whole,
    }
}

/// The URL is relative, so that a server can stand behind any path of a proxy, and has the digest in it, so that a cache
/// never gives one version of a skill for another.
fn current_entry(skill: &SkillPlan, resources: &[ResourcePlan]) -> String {
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
