//! The copies of a file as it was before an entry came: `FILE.NAME.bak` beside it, or the next of `FILE.NAME.bak.1` and so on
//! that is free. What has such a name may be somebody else's, so that none is ever replaced.

use std::path::PathBuf;

use super::staged::{Model, Staged};
use super::{Found, exists, read};
use crate::cli::install::problem::Problem;

/// How many copies may stand beside a file. Whoever has that many has no use for another one.
const LIMIT: usize = 100;

/// A copy that is there, whoever made it.
#[derive(Debug)]
pub(in crate::cli::install) struct Backup {
    pub(in crate::cli::install) path: PathBuf,
    pub(in crate::cli::install) text: String,
}

impl Found {
    /// The copies from before an entry of this name, the newest first. What is no text is none.
    pub(in crate::cli::install) fn copies(&self, name: &str) -> Vec<Backup> {
        let paths = self.copy_paths(name).rev();
        let copies = paths.filter_map(|path| {
            let text = read(&path).ok()??;
            Some(Backup { path, text })
        });
        copies.collect()
    }

    /// Keeps the file as it is, beside itself.
    pub(in crate::cli::install) fn keep(&self, name: &str) -> Result<Option<PathBuf>, Problem> {
        let Some(text) = &self.text else {
            return Ok(None);
        };
        // After the last one, so that the order tells which is the newest.
        let newest = self.copy_paths(name).rposition(|path| exists(&path));
        let free = newest.map_or(0, |newest| newest + 1);
        let Some(path) = self.copy_paths(name).nth(free) else {
            return Err(Problem::TooManyCopies {
                path: self.path.clone(),
                limit: LIMIT,
            });
        };
        let model = Model {
            file: &self.path,
            mode: 0o600,
            is_binding: false,
        };
        Staged::new(&path, text, model)?.create()?;
        Ok(Some(path))
    }

    fn copy_paths(
        &self,
        name: &str,
    ) -> impl DoubleEndedIterator<Item = PathBuf> + ExactSizeIterator {
        (0..LIMIT).map(move |number| {
            let mut file = self.path.clone().into_os_string();
            file.push(format!(".{name}.bak"));
            if number > 0 {
                file.push(format!(".{number}"));
            }
            file.into()
        })
    }
}
