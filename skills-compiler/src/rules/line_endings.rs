//! SK027: line ends that another checkout would not have.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;

declare_rule! {
    /// Lines of a Markdown file end in a carriage return.
    ///
    /// ## Why
    ///
    /// The digest of a file is that of its bytes. Git can be set to write CRLF in one checkout and LF in another, so that the
    /// same commit gives two digests, and hosts that compare them refuse the skill. A lone carriage return ends a line for some
    /// readers and none for others.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md escaped
    /// ---\r
    /// name: pdf\r
    /// description: Fills PDF forms. Use when the user has a form to fill.\r
    /// ---\r
    /// Open the form and fill it.\r
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    LINE_ENDINGS = "SK027", "line-endings", Format, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let bytes = |file: FileId| &cx.tree.file(file).bytes;
    let has_return = |file: &FileId| bytes(*file).contains(&b'\r');
    // `SKILL.md` first; what is not text has no outline.
    let pages = cx.skill.outlines.keys().copied();
    let pages = pages.filter(|&file| file != cx.skill.document);
    let document = cx.skill.fence.is_some().then_some(cx.skill.document);
    let mut found = document.into_iter().chain(pages).filter(has_return);
    let Some(first) = found.next() else {
        return;
    };
    let text = std::str::from_utf8(bytes(first)).unwrap_or_default();
    let ends = Ends::of(text);
    let more = match found.count() {
        0 => String::new(),
        1 => ", and in one more file".to_owned(),
        more => format!(", and in {more} more files"),
    };
    let (at, message) = match (ends.lone, ends.unix) {
        (Some(at), _) => (at, "a carriage return stands here without a line feed"),
        (None, 0) => (ends.first, "lines end in CRLF"),
        (None, _) => (ends.first, "some lines end in CRLF and others in LF"),
    };
    let finding = Finding::at(&LINE_ENDINGS, first, at..at + 1, format!("{message}{more}"));
    out.push(if ends.lone.is_some() {
        finding
            .note("to some readers a line ends here, to others it goes on")
            .help("write a line feed in its place, or remove it")
    } else {
        finding
            .note("a checkout with other line ends has another digest, and hosts refuse a skill whose digest is wrong")
            .help("convert it to LF, and put `*.md text eol=lf` into .gitattributes")
    });
}

/// How the lines of a text end.
struct Ends {
    /// The first carriage return.
    first: usize,
    /// The first carriage return without a line feed.
    lone: Option<usize>,
    /// How many line feeds have no carriage return.
    unix: usize,
}

impl Ends {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let returns = || text.match_indices('\r').map(|(at, _)| at);
        let is_lone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
        let feeds = text.matches('\n').count();
        let pairs = returns().filter(|at| !is_lone(at)).count();
        Self {
            first: returns().next().unwrap_or_default(),
            lone: returns().find(is_lone),
            unix: feeds.saturating_sub(pairs),
        }
    }
}
