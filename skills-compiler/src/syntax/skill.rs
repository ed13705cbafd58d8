//! Which directories of a tree are skills, and what each of them says.

use std::collections::{BTreeMap, HashSet};

use super::{
    Allowance, Fault, FaultKind, Fence, Frontmatter, Outline, allowance, fence, markdown, yaml,
};
use crate::parallel;
use crate::source::{FileId, SourceTree, ancestors};

/// A directory with a `SKILL.md`, as far as it could be understood.
#[derive(Debug)]
pub struct ParsedSkill<'tree> {
    /// The directory below the root of the tree; empty where the root itself is the skill.
    pub directory: &'tree str,
    /// The `<skill-path>` that the directory gives it: `directory`, or the name of the root.
    pub path: &'tree str,
    /// Its `SKILL.md`.
    pub document: FileId,
    /// The text of its `SKILL.md`; empty where that is not UTF-8.
    pub text: &'tree str,
    /// Where frontmatter and body stand in `text`, if there is a fence.
    pub fence: Option<Fence>,
    /// The frontmatter, if there is a mapping; single values in it may still be faulty.
    pub frontmatter: Option<Frontmatter>,
    /// What could not be understood.
    pub faults: Vec<Fault>,
    /// All its files, those of nested skills included, ascending by path.
    pub files: Vec<FileId>,
    /// Its own files: those that no nested skill has.
    pub own_files: Vec<FileId>,
    /// The texts of its own files that are UTF-8.
    pub texts: BTreeMap<FileId, &'tree str>,
    /// The outlines of its own Markdown files, the body of `SKILL.md` among them.
    pub outlines: BTreeMap<FileId, Outline>,
    /// The comments in its own Markdown files that allow rules.
    pub allowances: Vec<(FileId, Allowance)>,
}

impl ParsedSkill<'_> {
    /// The last segment of the path, which `name` has to equal.
    #[must_use]
    pub fn directory_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// Finds and parses every skill of a tree, ascending by path.
#[must_use]
pub fn parse(tree: &SourceTree) -> Vec<ParsedSkill<'_>> {
    let documents: Vec<_> = tree.skills().collect();
    let directories: HashSet<_> = documents.iter().map(|(directory, _)| *directory).collect();
    let mut skills = parallel::map(&documents, |&(directory, document)| {
        skill(tree, directory, document, &directories)
    });
    skills.sort_unstable_by(|left, right| left.path.cmp(right.path));
    skills
}

fn skill<'tree>(
    tree: &'tree SourceTree,
    directory: &'tree str,
    document: FileId,
    directories: &HashSet<&str>,
) -> ParsedSkill<'tree> {
    let reading = tree.reading();
    let is_elsewhere = |path: &str| reading.is_elsewhere(path);
    let files = tree.below(directory);
    let files = files.filter(|(_, file)| !is_elsewhere(&file.path));
    let files: Vec<_> = files.map(|(id, _)| id).collect();
    let own_files: Vec<_> = files
        .iter()
        .copied()
        .filter(|&id| owner(directories, &tree.file(id).path) == directory)
        .collect();
    let texts = own_files.iter().filter_map(|&id| {
        let text = std::str::from_utf8(&tree.file(id).bytes).ok()?;
        Some((id, text))
    });
    let texts = texts.collect();
    let (text, fence, frontmatter, faults) = read_document(&tree.file(document).bytes);
    let mut skill = ParsedSkill {
        directory,
        path: if directory.is_empty() {
            tree.root_name()
        } else {
            directory
        },
        document,
        text,
        fence,
        frontmatter,
        faults,
        files,
        own_files,
        texts,
        outlines: BTreeMap::new(),
        allowances: Vec::new(),
    };
    skill.outlines = outlines(tree, &skill);
    skill.allowances = allowances(&skill);
    skill
}

/// The innermost skill directory that holds a file.
fn owner<'path>(directories: &HashSet<&str>, path: &'path str) -> &'path str {
    let mut above = ancestors(path);
    above
        .find(|directory| directories.contains(directory))
        .unwrap_or_default()
}

type Document<'tree> = (&'tree str, Option<Fence>, Option<Frontmatter>, Vec<Fault>);

fn read_document(bytes: &[u8]) -> Document<'_> {
    if let Some(at) = memchr::memchr(0, bytes) {
        let fault = Fault {
            kind: FaultKind::NotUtf8,
            span: at..at + 1,
        };
        return ("", None, None, vec![fault]);
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            return (
                "",
                None,
                None,
                vec![Fault {
                    kind: FaultKind::NotUtf8,
                    span: at..at + 1,
                }],
            );
        }
    };
    match fence::find(text) {
        Err(fault) => (text, None, None, vec![fault]),
        Ok(fence) => {
            let (frontmatter, faults) = yaml::parse(text, fence.frontmatter.clone());
            (text, Some(fence), frontmatter, faults)
        }
    }
}

fn outlines(tree: &SourceTree, skill: &ParsedSkill<'_>) -> BTreeMap<FileId, Outline> {
    let body = skill.fence.as_ref().map(|fence| {
        (
            skill.document,
            markdown::outline(skill.text, fence.body.clone()),
        )
    });
    let pages = skill
        .texts
        .iter()
        .filter(|&(&id, _)| id != skill.document && is_markdown(&tree.file(id).path));
    let pages = pages.map(|(&id, text)| (id, markdown::outline(text, 0..text.len())));
    body.into_iter().chain(pages).collect()
}

fn allowances(skill: &ParsedSkill<'_>) -> Vec<(FileId, Allowance)> {
    let of_file = |(&file, outline): (&FileId, &Outline)| {
        let text = skill.texts.get(&file).copied().unwrap_or_default();
        let found = allowance::find(text, outline).into_iter();
        found
            .map(move |allowance| (file, allowance))
            .collect::<Vec<_>>()
    };
    skill.outlines.iter().flat_map(of_file).collect()
}

fn is_markdown(path: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| matches!(extension, "md" | "markdown"))
}
