//! The tables of a bundle. The short texts that they name go to the end of the blob, close together: what a lookup
//! touches is a few pages of memory, however large the skills are.

use std::collections::HashMap;

use skills_model::{
    ArchiveRow, DirectoryRow, IndexRow, PageRow, Place, ResourceRow, ScopeRow, SkillRow, Tables,
};

use super::{
    ArchivePlan, Blob, BytesPart, ContentPlan, DirectoryPlan, IndexPlan, PagePlan, ResourcePlan,
    SkillPlan, TextPart,
};

/// The listings of a bundle.
pub(super) struct Listings {
    pub(super) skills: Vec<PagePlan>,
    pub(super) resources: Vec<PagePlan>,
    pub(super) prompts: Vec<PagePlan>,
}

/// What the tables hold.
pub(super) struct Contents<'a> {
    pub(super) digest: [u8; 32],
    pub(super) skills: &'a [SkillPlan],
    pub(super) resources: &'a [ResourcePlan],
    pub(super) directories: &'a [DirectoryPlan],
    pub(super) listings: &'a Listings,
    pub(super) indexes: &'a [IndexPlan],
    pub(super) scopes: &'a [String],
}

pub(super) fn tables(contents: &Contents<'_>, blob: &mut Blob) -> Tables {
    let Contents {
        digest,
        skills,
        resources,
        directories,
        listings,
        indexes,
        scopes,
    } = *contents;
    let mut texts = Texts {
        blob,
        known: HashMap::new(),
    };
    let mut pages = Vec::new();
    let mut listing = |plans: &[PagePlan], texts: &mut Texts<'_>| {
        let first = pages.len();
        pages.extend(plans.iter().map(|PagePlan { cursor, items }| PageRow {
            cursor: texts.place(cursor),
            items: text(*items),
        }));
        numbers(first, plans.len())
    };
    Tables {
        digest,
        resources: resources
            .iter()
            .map(|plan| resource(plan, &mut texts))
            .collect(),
        skills: skills.iter().map(|plan| skill(plan, &mut texts)).collect(),
        skills_by_name: by_name(skills),
        directories: directories
            .iter()
            .map(|DirectoryPlan { uri, pages }| DirectoryRow {
                uri: texts.place(uri),
                pages: listing(pages, &mut texts),
            })
            .collect(),
        skill_pages: listing(&listings.skills, &mut texts),
        resource_pages: listing(&listings.resources, &mut texts),
        prompt_pages: listing(&listings.prompts, &mut texts),
        pages,
        indexes: indexes.iter().map(|plan| index(plan, &mut texts)).collect(),
        scopes: scopes
            .iter()
            .map(|name| ScopeRow {
                name: texts.place(name),
            })
            .collect(),
        // Written last, by who knows of the crates.
        sbom: (0, 0),
    }
}

fn index(plan: &IndexPlan, texts: &mut Texts<'_>) -> IndexRow {
    let IndexPlan {
        path,
        document,
        gzip,
        digest,
    } = plan;
    IndexRow {
        path: texts.place(path),
        document: text(*document),
        gzip: bytes(*gzip),
        digest: *digest,
    }
}

fn resource(plan: &ResourcePlan, texts: &mut Texts<'_>) -> ResourceRow {
    let ResourcePlan {
        uri,
        path,
        name,
        media_type,
        content,
        contents,
        digest,
        size: _,
        executable,
        entry,
        checksum: _,
        gzip,
        required,
    } = plan;
    let (is_text, content) = match *content {
        ContentPlan::Text(part) => (true, text(part)),
        ContentPlan::Blob(part) => (false, bytes(part)),
    };
    ResourceRow {
        uri: texts.place(uri),
        path: texts.place(path),
        name: texts.place(name),
        media_type: texts.place(media_type),
        entry: text(*entry),
        content,
        contents: text(*contents),
        digest: *digest,
        is_text,
        is_executable: *executable,
        gzip: bytes(*gzip),
        required: *required,
    }
}

fn skill(plan: &SkillPlan, texts: &mut Texts<'_>) -> SkillRow {
    let SkillPlan {
        path,
        uri,
        source: _,
        name,
        description,
        origin: _,
        frontmatter,
        entry,
        document,
        body,
        prompt,
        resources: (first, count),
        digest,
        is_for_models,
        is_offered: _,
        archive: ArchivePlan {
            headers,
            digest: archive_digest,
        },
        required,
        index_entry,
        old_index_entry,
    } = plan;
    SkillRow {
        path: texts.place(path),
        uri: texts.place(uri),
        name: texts.place(name),
        description: texts.place(description),
        frontmatter: text(*frontmatter),
        entry: text(*entry),
        document: text(*document),
        body: text(*body),
        prompt: text(*prompt),
        resources: numbers(*first, *count),
        digest: *digest,
        is_for_models: *is_for_models,
        archive: ArchiveRow {
            headers: bytes(*headers),
            digest: *archive_digest,
        },
        required: *required,
        index_entry: text(*index_entry),
        old_index_entry: text(*old_index_entry),
    }
}

fn by_name(skills: &[SkillPlan]) -> Vec<u32> {
    let mut order: Vec<_> = skills.iter().zip(0u32..).collect();
    order.sort_by(|(left, _), (right, _)| (&left.name, &left.uri).cmp(&(&right.name, &right.uri)));
    order.into_iter().map(|(_, index)| index).collect()
}

/// Texts at the end of the blob, each once.
struct Texts<'a> {
    blob: &'a mut Blob,
    known: HashMap<String, Place>,
}

impl Texts<'_> {
    fn place(&mut self, wanted: &str) -> Place {
        if let Some(place) = self.known.get(wanted) {
            return *place;
        }
        let place = text(self.blob.add_text(wanted));
        self.known.insert(wanted.to_owned(), place);
        place
    }
}

fn text(TextPart { start, len }: TextPart) -> Place {
    numbers(start, len)
}

fn bytes(BytesPart { start, len }: BytesPart) -> Place {
    numbers(start, len)
}

/// Numbers that fit: `compile` refuses what is larger than [`Blob::MOST`].
fn numbers(start: usize, len: usize) -> Place {
    (start as u32, len as u32)
}
