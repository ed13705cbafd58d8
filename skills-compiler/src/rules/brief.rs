//! Text of a skill inside a message.

use crate::diagnostics::without_secrets;

/// How many characters of it a message shows.
const SHOWN: usize = 100;

/// How many of them are the end of a path that is cut in the middle.
const END: usize = 60;

/// The path, without its middle where it is too long for a message: the name of the file is at its end.
pub(super) fn brief_path(path: &str) -> String {
    // Half a secret is not known for one any more.
    let path = without_secrets(path);
    let length = path.chars().count();
    if length <= SHOWN {
        return path.into_owned();
    }
    let start: String = path.chars().take(SHOWN - END).collect();
    let end: String = path.chars().skip(length - END).collect();
    format!("{start}…{end}")
}

/// The text, cut where it is too long for a message.
pub(super) fn brief(text: &str) -> String {
    let text = without_secrets(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_covered_before_it_is_cut() {
        let secret = "ghp_R7kQ2mVx9LpT4wZs8NcB1yHd6FgJ3aKe5UoX";
        for blanks in SHOWN - 40..=SHOWN {
            let text = format!("{}{secret}", " ".repeat(blanks));
            let path = format!("{text}/{}", "d".repeat(END - 20));
            for shown in [brief(&text), brief_path(&path)] {
                assert!(!shown.contains("R7kQ") && !shown.contains("UoX"), "{shown}");
            }
        }
    }

    #[test]
    fn a_long_path_keeps_its_file() {
        let path = format!("{}/file.md", "directory/".repeat(20));
        assert!(brief_path(&path).ends_with("directory//file.md"));
        assert_eq!(brief_path(&path).chars().count(), SHOWN + 1);
        assert_eq!(brief_path("a.md"), "a.md");
    }
}
