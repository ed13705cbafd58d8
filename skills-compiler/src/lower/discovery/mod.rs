//! What Agent Skills Discovery serves over plain HTTP: indexes, and for each skill its `SKILL.md` or a .zip archive.
//!
//! No file is stored once more for it: each is compressed once, and that one deflate stream is what an archive holds and
//! what a single file is sent as where the client takes gzip. Archives are .zip and not .tar.gz for this reason; the
//! specification has every client read both.

mod gzip;
mod index;
mod zip;

pub(super) use gzip::Packed;
pub(super) use index::indexes;

use skills_model::limits::SKILL_FILE;

use super::{Blob, BytesPart, ContentPlan, ResourcePlan, SkillPlan, TextPart};
use crate::parallel;

/// See `skills_model::Archive`.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "field for field the type that it becomes")]
pub struct ArchivePlan {
    pub headers: BytesPart,
    pub digest: [u8; 32],
}

/// See `skills_model::Index`.
#[derive(Debug)]
#[expect(missing_docs, reason = "field for field the type that it becomes")]
pub struct IndexPlan {
    pub path: String,
    pub document: TextPart,
    pub gzip: BytesPart,
    pub digest: [u8; 32],
}

/// Makes the archive of every skill that is more than its `SKILL.md`. A skill too large for one is not offered.
pub(super) fn add_archives(skills: &mut [SkillPlan], resources: &[ResourcePlan], blob: &mut Blob) {
    let archives = parallel::map(skills, |skill| {
        let files = files(skill, resources);
        let needed = skill.is_offered && files.len() > 1;
        needed.then(|| {
            let members = files.iter().map(|file| member(skill, file, blob));
            zip::archive(&members.collect::<Vec<_>>())
        })
    });
    for (skill, archive) in skills.iter_mut().zip(archives) {
        match archive {
            None => {}
            Some(None) => skill.is_offered = false,
            Some(Some((headers, digest))) => {
                let headers = blob.add_bytes(&headers);
                skill.archive = ArchivePlan { headers, digest };
            }
        }
    }
}

fn member<'a>(skill: &SkillPlan, file: &'a ResourcePlan, blob: &'a Blob) -> zip::Member<'a> {
    let deflated = gzip::deflated(blob.bytes(file.gzip));
    let raw = match file.content {
        ContentPlan::Text(part) => blob.text(part).as_bytes(),
        ContentPlan::Blob(part) => blob.bytes(part),
    };
    zip::Member {
        name: relative_path(skill, file),
        stream: deflated.unwrap_or(raw),
        is_deflated: deflated.is_some(),
        checksum: file.checksum,
        size: raw.len(),
        is_executable: file.executable,
    }
}

/// The files of a skill, in the order of their table.
fn files<'a>(skill: &SkillPlan, resources: &'a [ResourcePlan]) -> &'a [ResourcePlan] {
    let (first, count) = skill.resources;
    resources.get(first..first + count).unwrap_or_default()
}

/// The path of a file below the directory of its skill.
fn relative_path<'a>(skill: &SkillPlan, file: &'a ResourcePlan) -> &'a str {
    file.path.get(skill.path.len() + 1..).unwrap_or(SKILL_FILE)
}

#[cfg(test)]
mod tests;
