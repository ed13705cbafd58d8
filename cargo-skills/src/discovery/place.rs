//! What the path of a `SKILL.md` says of it: which folder of skills it lies in, or why it is none of the skills of a repository.

use super::listing::{join, name, parent};

/// Whether hosts look for skills in a folder because of its name: `skills` in a directory of a client, such as `.claude`.
pub(super) fn is_host_folder(path: &str) -> bool {
    matches!(name(path), "skills" | "skill") && name(parent(path)).starts_with('.')
}

/// The folder of skills that a path lies in, by the names of directories; nothing if none is called so.
pub(super) fn folder_of(path: &str) -> Option<&str> {
    let mut end = 0;
    let mut common = None;
    for segment in path.split('/') {
        let start = end;
        end += segment.len() + 1;
        let folder = path.get(..end - 1)?;
        if is_host_folder(folder) {
            return Some(folder);
        }
        if segment == "skills" && common.is_none() {
            common = Some(folder);
        }
        debug_assert!(start < end);
    }
    common
}

/// Directories of skills that nobody is meant to use: parts of a path that say so wherever they stand.
const NEVER: [&str; 15] = [
    "__fixtures__",
    "__tests__",
    "fixture",
    "fixtures",
    "mocks",
    "skill-template",
    "template",
    "template-skill",
    "templates",
    "testdata",
    "test-data",
    "test_data",
    "test-fixtures",
    "third_party",
    "vendor",
];

/// The same, where they stand outside of a folder of skills; in one they may be a category, or a skill about the matter.
const NOT_OUTSIDE: [&str; 7] = [
    "e2e", "eval", "evals", "scripts", "test", "tests", "testing",
];

/// The same, where they stand at the top; further down they may be a category.
const NOT_AT_TOP: [&str; 5] = ["doc", "docs", "spec", "specs", "website"];

/// Directories of a skill in which a `SKILL.md` is material, such as a template or an example.
const MATERIAL: [&str; 16] = [
    "asset",
    "assets",
    "data",
    "eval",
    "evals",
    "example",
    "examples",
    "reference",
    "references",
    "resource",
    "resources",
    "sample",
    "samples",
    "scripts",
    "test",
    "tests",
];

/// The first part of a path, up to the directory that says why a skill there is not meant to be used. `path` is that of the
/// skill, `folder` the folder of skills that it lies in.
pub(super) fn left_out<'path>(path: &'path str, folder: Option<&str>) -> Option<&'path str> {
    let inside = folder.map_or(usize::MAX, |folder| folder.len() + 1);
    let mut end = 0;
    for segment in path.split('/') {
        let start = end;
        end += segment.len() + 1;
        let is_inside = start >= inside;
        let is_client = path
            .get(end..)
            .is_some_and(|rest| rest.starts_with("skill") && folder.is_some());
        let lower = segment.to_ascii_lowercase();
        let says_so = NEVER.contains(&&*lower)
            || segment.starts_with('_')
            || !is_inside
                && (NOT_OUTSIDE.contains(&&*lower)
                    || start == 0 && NOT_AT_TOP.contains(&&*lower)
                    || segment.starts_with('.') && !is_client);
        if says_so {
            return path.get(..end - 1);
        }
    }
    None
}

/// The first part of a path below a skill that makes what lies there material of the skill.
pub(super) fn material<'path>(path: &'path str, skill: &str) -> Option<&'path str> {
    let mut end = if skill.is_empty() { 0 } else { skill.len() + 1 };
    for segment in path.get(end..)?.split('/') {
        end += segment.len() + 1;
        let lower = segment.to_ascii_lowercase();
        let says_so = MATERIAL.contains(&&*lower)
            || NEVER.contains(&&*lower)
            || segment.starts_with(['_', '.']);
        if says_so {
            return path.get(..end - 1);
        }
    }
    None
}

/// A path of which one segment is left open, to name several folders at once: `plugins/*/skills`.
pub(super) fn pattern(path: &str, open: usize) -> Option<String> {
    let count = path.split('/').count();
    if open >= count {
        return None;
    }
    let segments = path.split('/').enumerate();
    let segments = segments.map(|(index, segment)| if index == open { "*" } else { segment });
    Some(segments.fold(String::new(), |path, segment| join(&path, segment)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_skills_are_known_by_name() {
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(folder_of(path), expected, "{path}");
        };
        check(".claude/skills/pdf", Some(".claude/skills"));
        check("skills/.curated/pdf", Some("skills"));
        check("plugins/post/skills/a/b", Some("plugins/post/skills"));
        check(".opencode/skill/pdf", Some(".opencode/skill"));
        check("documents/pdf", None);
    }

    #[test]
    fn tests_templates_and_documentation_hold_no_skills_to_use() {
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(left_out(path, folder_of(path)), expected, "{path}");
        };
        check("tests/fixtures/skills/pdf", Some("tests"));
        check("skills/test/x", None);
        check("skills/docs", None);
        check("docs/skills/pdf", Some("docs"));
        check("product/docs/pdf", None);
        check("skills/_shared", Some("skills/_shared"));
        check("template", Some("template"));
        check(".claude/skills/pdf", None);
        check(".hidden/pdf", Some(".hidden"));
    }

    #[test]
    fn templates_of_a_skill_are_its_material() {
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(material(path, "skills/maker"), expected, "{path}");
        };
        check("skills/maker/assets/blank", Some("skills/maker/assets"));
        check("skills/maker/forms", None);
    }
}
