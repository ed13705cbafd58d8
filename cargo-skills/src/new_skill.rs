//! `new-skill`: a skill to start from, which has nothing wrong with it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use skills_compiler::Options;
use skills_compiler::source::SourceTree;

use crate::error::Error;

/// The name stands where a skill has it: in the frontmatter and as the heading.
const TEMPLATE: &str = include_str!("new_skill.md");

/// Makes the folder `name` in `directory` with a `SKILL.md`. Where that is.
pub(crate) fn new_skill(name: &str, directory: &Path) -> Result<PathBuf, Error> {
    let text = TEMPLATE
        .replace("{name}", name)
        .replace("{title}", &title(name));
    accept(name, &text)?;
    let folder = directory.join(name);
    let failed = |path: &Path, source| Error::Write {
        path: path.to_owned(),
        source,
    };
    if fs::symlink_metadata(&folder).is_ok() {
        return Err(Error::Exists { path: folder });
    }
    fs::create_dir_all(&folder).map_err(|source| failed(&folder, source))?;
    let path = folder.join("SKILL.md");
    let written = fs::File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| failed(&path, source))?;
    Ok(path)
}

/// The rules decide what a skill can be called; whatever they find in the template can only come from the name.
fn accept(name: &str, text: &str) -> Result<(), Error> {
    let refused = |reason: &str| Error::Name {
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return Err(refused("it has to be one name of a folder"));
    }
    let tree = SourceTree::new("skills", "skills").with_file(&format!("{name}/SKILL.md"), text);
    match skills_compiler::lint(&tree, &Options::default()).first() {
        Some(finding) => Err(refused(&finding.message)),
        None => Ok(()),
    }
}

/// `pdf-forms` as a heading: `Pdf forms`.
fn title(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
