//! `new`: a project to start from, whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use skills_compiler::source::{self, OddityKind, SourceTree};
use tempfile::TempDir;

use super::template::{self, File};
use super::{Libraries, Name};
use crate::error::Error;
use crate::machine;

/// What to make.
#[derive(Debug)]
pub(crate) struct Order {
    /// Where; the last segment is what it is called.
    pub(crate) path: PathBuf,
    /// The folder of skills to begin with; the template's example otherwise.
    pub(crate) skills: Option<PathBuf>,
    /// The checkout to take libraries from.
    pub(crate) checkout: Option<PathBuf>,
}

/// What is different in a project from the template.
#[derive(Debug, Default)]
pub(crate) struct Draft(Vec<Change>);

#[derive(Debug)]
enum Change {
    Add {
        path: &'static str,
        text: String,
    },
    Edit {
        path: &'static str,
        before: String,
        after: String,
    },
}

impl Draft {
    /// Has a file in the project, in place of the template's if it has one.
    pub(crate) fn add(&mut self, path: &'static str, text: &str) {
        let text = text.to_owned();
        self.0.push(Change::Add { path, text });
    }

    /// Has other words in a file of the template.
    pub(crate) fn edit(&mut self, path: &'static str, before: &str, after: &str) {
        let (before, after) = (before.to_owned(), after.to_owned());
        self.0.push(Change::Edit {
            path,
            before,
            after,
        });
    }

    fn apply(self, files: &mut Vec<File>) {
        for change in self.0 {
            match change {
                Change::Add { path, text } => {
                    files.retain(|file| file.path != Path::new(path));
                    files.push(File {
                        path: path.into(),
                        contents: text.into_bytes(),
                        is_executable: false,
                    });
                }
                Change::Edit {
                    path,
                    before,
                    after,
                } => {
                    for file in files.iter_mut().filter(|file| file.path == Path::new(path)) {
                        let text =
                            String::from_utf8_lossy(&file.contents).replacen(&before, &after, 1);
                        file.contents = text.into_bytes();
                    }
                }
            }
        }
    }
}

/// Makes the project, and returns its name.
pub(crate) fn new(order: &Order) -> Result<Name, Error> {
    make(order, Draft::default())
}

/// Makes a project that differs from the template, and returns its name.
pub(crate) fn make(order: &Order, draft: Draft) -> Result<Name, Error> {
    let place =
        std::path::absolute(&order.path).map_err(|source| unreadable(&order.path, source))?;
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let name = Name::new(&name)?;
    let libraries = Libraries::find(order.checkout.as_deref())?;
    if fs::symlink_metadata(&place).is_ok() {
        return Err(Error::ProjectExists {
            path: order.path.clone(),
        });
    }
    // Before anything is written, which may be among the skills.
    let skills = order.skills.as_deref().map(Skills::read);
    let skills = skills.transpose()?;
    let parent = place.parent().unwrap_or(&place);
    let failed = |source| unwritable(&order.path, source);
    fs::create_dir_all(parent).map_err(failed)?;
    let made = TempDir::with_prefix_in(".new-", parent).map_err(failed)?;
    let mut files = template::files(&name, order.skills.is_none());
    draft.apply(&mut files);
    for file in &files {
        write(made.path(), file)?;
    }
    if let Some(settings) = settings(&libraries) {
        write(made.path(), &settings)?;
    }
    if let Some(skills) = &skills {
        skills.put(made.path())?;
    }
    open_to_others(made.path()).map_err(failed)?;
    fs::rename(made.path(), &place).map_err(failed)?;
    // There is nothing left to be cleaned up.
    let _ = made.keep();
    Ok(name)
}

/// The file that leads cargo to libraries of a checkout.
fn settings(libraries: &Libraries) -> Option<File> {
    let settings = libraries.settings();
    if settings.is_empty() {
        return None;
    }
    let text = format!(
        "# The libraries of the checkout that this project was made with. Without this file, cargo takes the published ones.\n{}\n",
        settings.join("\n")
    );
    Some(File {
        path: ".cargo/config.toml".into(),
        contents: text.into_bytes(),
        is_executable: false,
    })
}

/// Skills that a project takes over, as the compiler reads them, and what is configured for them.
#[derive(Debug)]
struct Skills {
    tree: SourceTree,
    /// Where they go in the project.
    below: PathBuf,
}

impl Skills {
    fn read(skills: &Path) -> Result<Self, Error> {
        let failed = |source| unreadable(skills, source);
        let place = std::path::absolute(skills).map_err(failed)?;
        let label = skills.display().to_string();
        let tree = source::read_everything(&place, &label).map_err(failed)?;
        if let Some(oddity) = tree.oddities().first() {
            return Err(Error::NotCopied {
                path: skills.join(&oddity.path),
                reason: reason(&oddity.kind),
            });
        }
        let is_skill = tree.files().any(|(_, file)| file.path == "SKILL.md");
        let mut below = PathBuf::from("skills");
        if is_skill {
            // `..` has no name of its own.
            let real = fs::canonicalize(&place).map_err(failed)?;
            below.push(real.file_name().unwrap_or_default());
        }
        Ok(Self { tree, below })
    }

    fn put(&self, project: &Path) -> Result<(), Error> {
        let Self { tree, below } = self;
        for (_, file) in tree.files() {
            let file = File {
                path: below.join(&file.path),
                contents: file.bytes.clone(),
                is_executable: file.executable,
            };
            write(project, &file)?;
        }
        let mut settings = tree.configurations().map(|(_, file)| file);
        if let Some(file) = settings.find(|file| file.path.ends_with("skills.toml")) {
            let file = File {
                path: "skills.toml".into(),
                contents: file.bytes.clone(),
                is_executable: false,
            };
            write(project, &file)?;
        }
        Ok(())
    }
}

/// Why something has no content that could be copied.
fn reason(kind: &OddityKind) -> String {
    match kind {
        OddityKind::LinkEscapes(target) | OddityKind::LinkInRepository(target) => {
            format!("it is a link to `{target}`, out of the folder")
        }
        OddityKind::LinkDangles(target) => {
            format!("it is a link to `{target}`, which is not there")
        }
        OddityKind::LinkCycle(target) => format!("it is a link to `{target}`, which contains it"),
        OddityKind::Special(what) => format!("it is {what}"),
        OddityKind::NameNotUtf8 => "its name is not UTF-8".to_owned(),
        OddityKind::Unreadable(message) => message.clone(),
        OddityKind::TooLarge(size) => format!("it has {size} bytes, more than any skill may have"),
        OddityKind::TooDeep => "it lies too deep".to_owned(),
        OddityKind::TooMany(_) | OddityKind::TooMuch(_) | OddityKind::TooManyCopies(_) => {
            "there is too much in it".to_owned()
        }
    }
}

fn write(project: &Path, file: &File) -> Result<(), Error> {
    let path = project.join(&file.path);
    let failed = |source| unwritable(&file.path, source);
    fs::create_dir_all(path.parent().unwrap_or(project)).map_err(failed)?;
    machine::write(&path, &file.contents).map_err(failed)?;
    if file.is_executable {
        machine::set_executable(&path).map_err(failed)?;
    }
    Ok(())
}

/// A temporary folder is its owner's alone; a project is as other folders are.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> io::Result<()> {
    let sample = folder.join("src");
    let mode = fs::metadata(sample)?.permissions();
    fs::set_permissions(folder, mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> io::Result<()> {
    Ok(())
}

fn unreadable(path: &Path, source: io::Error) -> Error {
    Error::Read {
        path: path.to_owned(),
        source,
    }
}

fn unwritable(path: &Path, source: io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}
