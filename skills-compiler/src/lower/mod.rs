//! From checked skills to everything the server will answer, as plain data: the [`BundlePlan`].
//!
//! Whatever is the same for every request is computed here: URIs, digests, media types, listing pages, JSON.

mod access;
mod blob;
mod contents;
mod discovery;
mod json;
mod listing;
pub(crate) mod media_type;
mod tables;
mod uri;

use std::collections::BTreeMap;

use discovery::Packed;
use sha2::{Digest as _, Sha256};
use skills_model::limits::SKILL_FILE;
use skills_model::{Guide, Scopes, Tables};
use tables::{Contents, Listings};

pub use blob::{Blob, BytesPart, TextPart};
pub use discovery::{ArchivePlan, IndexPlan};
pub use listing::PagePlan;

use crate::config::{Configuration, Server};
use crate::parallel;
use crate::provenance::Origin;
use crate::rules::CheckedSkill;
use crate::source::{FileId, SourceFile, SourceTree};

/// A bundle, ready to be written down.
#[derive(Debug)]
pub struct BundlePlan {
    /// The bytes that the tables point into.
    pub blob: Blob,
    /// Where in the blob everything is.
    pub tables: Tables,
    /// What the server says of itself.
    pub server: Server,
    /// What models are told of all skills.
    pub guide: GuidePlan,
    /// The skills, in the order of their table: ascending by URI.
    pub skills: Vec<SkillPlan>,
    /// Their files, ascending by URI.
    pub resources: Vec<ResourcePlan>,
    /// What was computed from all files: see `skills_model::Bundle::digest`.
    pub digest: [u8; 32],
}

/// See `skills_model::Telling`.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "field for field the type that it becomes")]
pub struct GuidePlan {
    pub instructions: String,
    pub list_description: String,
    pub search_hint: String,
}

/// See `skills_model::Skill`.
#[derive(Debug)]
#[expect(missing_docs, reason = "field for field the type that it becomes")]
pub struct SkillPlan {
    pub path: String,
    pub uri: String,
    /// Its directory in the tree.
    pub source: String,
    pub name: String,
    pub description: String,
    pub origin: Origin,
    pub frontmatter: TextPart,
    pub entry: TextPart,
    pub document: TextPart,
    pub body: TextPart,
    pub prompt: TextPart,
    /// The first of its resources and their number.
    pub resources: (usize, usize),
    pub digest: [u8; 32],
    pub is_for_models: bool,
    /// Whether indexes of Agent Skills Discovery can list it.
    pub is_offered: bool,
    pub archive: ArchivePlan,
    pub required: Scopes,
    pub index_entry: TextPart,
    pub old_index_entry: TextPart,
}

/// See `skills_model::Resource`.
#[derive(Debug)]
#[expect(missing_docs, reason = "field for field the type that it becomes")]
pub struct ResourcePlan {
    pub uri: String,
    pub path: String,
    pub name: String,
    pub media_type: &'static str,
    pub content: ContentPlan,
    pub contents: TextPart,
    pub digest: [u8; 32],
    pub size: u64,
    pub executable: bool,
    pub entry: TextPart,
    /// The CRC-32 of the raw bytes.
    pub checksum: u32,
    pub gzip: BytesPart,
    pub required: Scopes,
}

/// Where the bytes of a file are.
#[derive(Clone, Copy, Debug)]
pub enum ContentPlan {
    /// In the text of the blob.
    Text(TextPart),
    /// In its bytes.
    Blob(BytesPart),
}

/// See `skills_model::Directory`.
#[derive(Debug)]
#[expect(missing_docs, reason = "field for field the type that it becomes")]
pub struct DirectoryPlan {
    pub uri: String,
    pub pages: Vec<PagePlan>,
}

/// Lowers a tree whose skills have all passed.
#[must_use]
pub fn lower(
    tree: &SourceTree,
    skills: &[CheckedSkill<'_>],
    configuration: &Configuration,
) -> BundlePlan {
    let Configuration { server, access, .. } = configuration;
    let mut blob = Blob::default();
    let places = Served::new(skills);
    let mut resources = resources(tree, skills, &places, &mut blob);
    let digest = digest_of(&resources);
    let mut skills: Vec<_> = places
        .skills()
        .map(|(path, skill)| skill_plan(path, skill, &resources))
        .collect();
    skills.sort_unstable_by(|left, right| left.uri.cmp(&right.uri));
    let pages = listing::Pages::new(&skills);
    let entries: Vec<_> = resources
        .iter()
        .map(|resource| listing::resource(resource, &places))
        .collect();
    let resource_pages = listing::resources(&mut resources, &entries, &pages, &mut blob);
    let directories = listing::directories(&resources, &entries, &pages, &mut blob);
    let scopes = access::require(access, &places, &mut skills, &mut resources);
    let skill_pages = listing::skills(&mut skills, &places, &resources, &pages, &mut blob);
    discovery::add_archives(&mut skills, &resources, &mut blob);
    let indexes = discovery::indexes(&mut skills, &resources, &mut blob);
    let listings = Listings {
        skills: skill_pages,
        resources: resource_pages,
        prompts: listing::prompts(&mut skills, &places, &pages, &mut blob),
    };
    let contents = Contents {
        digest,
        skills: &skills,
        resources: &resources,
        directories: &directories,
        listings: &listings,
        indexes: &indexes,
        scopes: &scopes,
    };
    let tables = tables::tables(&contents, &mut blob);
    BundlePlan {
        blob,
        tables,
        guide: guide(server, &skills),
        server: server.clone(),
        skills,
        resources,
        digest,
    }
}

/// What models are told of skills by a server that shows all of them.
fn guide(server: &Server, skills: &[SkillPlan]) -> GuidePlan {
    // What only users may start is no business of a model that reads this, and everybody reads it.
    let told = skills.iter().filter(|skill| skill.is_for_models);
    let prefix = server.tools.prefix.as_deref().unwrap_or_default();
    let guide = Guide::new(
        prefix,
        told.map(|skill| (&*skill.path, &*skill.description)),
    );
    GuidePlan {
        instructions: guide.instructions(server.instructions.as_deref().unwrap_or_default()),
        list_description: guide.list_description(),
        search_hint: guide.search_hint(),
    }
}

/// The paths under which skills are served: the last segment of a skill's path is its name, whatever its directory is
/// called (where configuration lets the two differ).
struct Served<'a> {
    names: BTreeMap<&'a str, &'a str>,
    skills: BTreeMap<String, &'a CheckedSkill<'a>>,
}

impl<'a> Served<'a> {
    fn new(skills: &'a [CheckedSkill<'a>]) -> Self {
        let names = skills
            .iter()
            .map(|skill| (skill.directory(), skill.name()))
            .collect();
        let mut served = Self {
            names,
            skills: BTreeMap::new(),
        };
        served.skills = skills
            .iter()
            .map(|skill| (served.path(skill.directory()), skill))
            .collect();
        served
    }

    /// The served path of a file or directory of the tree.
    fn path(&self, path: &str) -> String {
        let mut served: Vec<&str> = self.names.get("").copied().into_iter().collect();
        let ends = path
            .match_indices('/')
            .map(|(slash, _)| slash)
            .chain([path.len()]);
        for directory in ends
            .filter_map(|end| path.get(..end))
            .filter(|directory| !directory.is_empty())
        {
            let segment = directory.rsplit('/').next().unwrap_or(directory);
            served.push(self.names.get(directory).copied().unwrap_or(segment));
        }
        served.join("/")
    }

    /// The skill that is served at a path.
    fn skill(&self, path: &str) -> Option<&'a CheckedSkill<'a>> {
        self.skills.get(path).copied()
    }

    /// The skills, ascending by served path.
    fn skills(&self) -> impl Iterator<Item = (&str, &'a CheckedSkill<'a>)> {
        self.skills
            .iter()
            .map(|(path, skill)| (path.as_str(), *skill))
    }
}

/// Two files that would be served at one URI, if there are such: where a skill is served under its name and not under that of
/// its directory, it can come to lie where something else is.
pub(crate) fn collision(tree: &SourceTree, skills: &[CheckedSkill<'_>]) -> Option<[FileId; 2]> {
    let is_moved = |skill: &CheckedSkill<'_>| skill.path().rsplit('/').next() != Some(skill.name());
    if !skills.iter().any(is_moved) {
        return None;
    }
    let served = Served::new(skills);
    let (mut seen, mut directories) = (BTreeMap::new(), BTreeMap::new());
    tree.files().find_map(|(id, file)| {
        let path = served.path(&file.path);
        let parent = file.path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let served_parent = path
            .rsplit_once('/')
            .map_or("", |(parent, _)| parent)
            .to_owned();
        // Two directories that become one would mix their files, even of different names.
        let (first, first_parent) = *directories.entry(served_parent).or_insert((id, parent));
        let other = if first_parent == parent {
            seen.insert(path, id)
        } else {
            Some(first)
        };
        other.map(|other| [other, id])
    })
}

fn resources(
    tree: &SourceTree,
    skills: &[CheckedSkill<'_>],
    served: &Served<'_>,
    blob: &mut Blob,
) -> Vec<ResourcePlan> {
    let files: BTreeMap<_, _> = skills
        .iter()
        .flat_map(|skill| skill.files(tree))
        .map(|file| (&file.path, file))
        .collect();
    let files: Vec<_> = files.into_values().collect();
    let packed = parallel::map(&files, |file| Packed::new(file));
    let mut resources: Vec<_> = files
        .into_iter()
        .zip(&packed)
        .map(|(file, packed)| resource(file, packed, served, blob))
        .collect();
    // Licences and the like are the same in many skills.
    let mut known = BTreeMap::new();
    for (resource, Packed { digest, gzip, .. }) in resources.iter_mut().zip(&packed) {
        resource.gzip = *known.entry(digest).or_insert_with(|| blob.add_bytes(gzip));
    }
    resources.sort_unstable_by(|left, right| left.uri.cmp(&right.uri));
    let contents = parallel::map(&resources, |resource| contents::of_resource(resource, blob));
    for (resource, contents) in resources.iter_mut().zip(&contents) {
        resource.contents = blob.add_text(contents);
    }
    resources
}

fn resource(
    file: &SourceFile,
    packed: &Packed,
    served: &Served<'_>,
    blob: &mut Blob,
) -> ResourcePlan {
    let path = served.path(&file.path);
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    let content = match std::str::from_utf8(&file.bytes) {
        Ok(text) => ContentPlan::Text(blob.add_text(text)),
        Err(_) => ContentPlan::Blob(blob.add_bytes(&file.bytes)),
    };
    ResourcePlan {
        uri: uri::of_path(&path),
        media_type: media_type::of_file(&name, matches!(content, ContentPlan::Text(_))),
        content,
        digest: packed.digest,
        size: file.bytes.len() as u64,
        executable: file.executable,
        entry: TextPart::default(),
        contents: TextPart::default(),
        checksum: packed.checksum,
        gzip: BytesPart::default(),
        required: Scopes::NONE,
        path,
        name,
    }
}

fn skill_plan(path: &str, skill: &CheckedSkill<'_>, resources: &[ResourcePlan]) -> SkillPlan {
    let directory = format!("{}/", uri::of_path(path));
    let first = resources.partition_point(|resource| resource.uri < directory);
    let own: Vec<_> = resources
        .iter()
        .skip(first)
        .take_while(|resource| resource.uri.starts_with(&directory))
        .collect();
    let uri = format!("{directory}{SKILL_FILE}");
    let document = match own
        .iter()
        .find(|resource| resource.uri == uri)
        .map(|resource| resource.content)
    {
        Some(ContentPlan::Text(part)) => part,
        _ => TextPart::default(),
    };
    SkillPlan {
        uri,
        source: skill.directory().to_owned(),
        name: skill.name().to_owned(),
        description: skill.description().to_owned(),
        origin: Origin::of(skill),
        frontmatter: TextPart::default(),
        entry: TextPart::default(),
        document,
        body: document.after(skill.body_start()),
        prompt: TextPart::default(),
        resources: (first, own.len()),
        digest: digest_of(own.iter().copied()),
        is_for_models: !skill.says("disable-model-invocation", true),
        is_offered: skill.is_to_specification(),
        archive: ArchivePlan::default(),
        required: Scopes::NONE,
        index_entry: TextPart::default(),
        old_index_entry: TextPart::default(),
        path: path.to_owned(),
    }
}

/// The digest of files as a set: path, mode and digest of each, in order.
fn digest_of<'a>(resources: impl IntoIterator<Item = &'a ResourcePlan>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for resource in resources {
        hasher.update((resource.path.len() as u64).to_be_bytes());
        hasher.update(&resource.path);
        hasher.update([u8::from(resource.executable)]);
        hasher.update(resource.digest);
    }
    hasher.finalize().into()
}
