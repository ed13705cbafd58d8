//! Findings as text in the look of rustc, by rustc's own renderer.
//!
//! Text of skills is hostile until proven otherwise: it may hold escape sequences, line breaks and lines that a CI system
//! would take for commands. Source lines are neutralised by [`Shown`], everything else by [`visible`].

use std::borrow::Cow;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level as Title, Origin, Renderer, Snippet,
};

use super::hidden::{visible, visible_lines};
use super::line::{Window, position};
use super::shown::{Policy, Shown};
use super::{Finding, Help, Label, Level, Patch, Place};
use crate::source::{FileId, SourceTree};
use crate::syntax::hidden_secrets;

/// How wide the text may be. A build script has no terminal to ask.
const WIDTH: usize = 120;

/// The most lines that a snippet spans; related places further away are told apart.
const SNIPPET_LINES: usize = 60;

/// For whom a finding is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// For a person: `error[SK005]: ...`, without colour.
    Plain,
    /// For a person at a terminal.
    Coloured,
    /// For `compile_error!`, which puts `error: ` in front and indents all following lines.
    Rustc,
}

/// Renders one finding; several lines, no line break at the end.
#[must_use]
pub fn render(tree: &SourceTree, finding: &Finding, style: Style) -> String {
    let level = if finding.level == Level::Deny {
        Title::ERROR
    } else {
        Title::WARNING
    };
    let message = visible(&finding.message);
    let title = match style {
        Style::Rustc => level
            .no_name()
            .primary_title(format!("[{}] {message}", finding.rule.code)),
        Style::Plain | Style::Coloured => level.primary_title(message).id(finding.rule.code),
    };
    let mut main = title.elements(places(tree, finding));
    for note in &finding.notes {
        main = main.element(Title::NOTE.message(visible(note)));
    }
    main = main.element(Title::NOTE.message(visible(&setting(finding))));
    for help in finding.helps.iter().filter(|help| help.patches.is_empty()) {
        main = main.element(Title::HELP.message(visible(&help.text)));
    }
    let mut groups = vec![main];
    groups.extend(finding.helps.iter().filter_map(|help| repair(tree, help)));
    let renderer = if style == Style::Coloured {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer
        .term_width(WIDTH)
        .decor_style(DecorStyle::Ascii)
        .render(&groups)
}

/// One finding on one line: code, message, path, line and column.
#[must_use]
pub fn summary(tree: &SourceTree, finding: &Finding) -> String {
    let path = tree.display(finding.path(tree));
    let place = match &finding.place {
        Place::Path(_) => path,
        Place::Bytes(file, span) => {
            let (line, column) = position(&tree.file(*file).bytes, span.start);
            format!("{path}:{line}:{column}")
        }
    };
    visible(&format!(
        "[{}] {} ({}) --> {place}",
        finding.rule.code, finding.message, finding.rule.name
    ))
}

/// Which rule it was and where its level comes from, so that it can be looked up and changed.
fn setting(finding: &Finding) -> String {
    let verb = if finding.level == Level::Deny {
        "denied"
    } else {
        "warned about"
    };
    format!("`{}` is {verb} {}", finding.rule.name, finding.source)
}

/// The snippets of a finding: its own place and the related ones, one snippet a file.
fn places<'tree>(tree: &'tree SourceTree, finding: &'tree Finding) -> Vec<Element<'tree>> {
    let (file, span) = match &finding.place {
        Place::Path(path) => return vec![Origin::path(visible(&tree.display(path))).into()],
        Place::Bytes(file, span) => (*file, span),
    };
    let Some(text) = text_of(tree, file) else {
        return vec![byte_position(tree, file, span.start).into()];
    };
    let primary = Label {
        file,
        span: span.clone(),
        text: finding.label.clone(),
    };
    let line_at = |at| position(text.as_bytes(), at).0;
    let line = line_at(span.start);
    let near = |label: &&Label| {
        label.file == file && line_at(label.span.start).abs_diff(line) < SNIPPET_LINES
    };
    let labels: Vec<_> = finding.related.iter().filter(near).collect();
    let mut elements = vec![snippet(tree, text, Some(&primary), &labels).into()];
    for label in finding.related.iter().filter(|label| !near(label)) {
        match text_of(tree, label.file) {
            Some(text) => elements.push(snippet(tree, text, None, &[label]).into()),
            None => elements.push(byte_position(tree, label.file, label.span.start).into()),
        }
    }
    elements
}

fn snippet<'tree>(
    tree: &SourceTree,
    text: &'tree str,
    primary: Option<&Label>,
    labels: &[&Label],
) -> Snippet<'tree, Annotation<'tree>> {
    let all = || primary.into_iter().chain(labels.iter().copied());
    let start = all()
        .map(|label| label.span.start)
        .min()
        .unwrap_or_default();
    let end = all().map(|label| label.span.end).max().unwrap_or_default();
    let window = Window::around(text, &(start..end), 0);
    let keep_until = all().next().map_or(0, |label| label.span.start);
    let shown = shown(
        text,
        &window,
        keep_until,
        all().flat_map(|label| [label.span.start, label.span.end]),
    );
    let file = all()
        .next()
        .map(|label| tree.display(&tree.file(label.file).path))
        .unwrap_or_default();
    let secondary = labels.iter().map(|label| (AnnotationKind::Context, *label));
    let annotations: Vec<_> = primary
        .map(|label| (AnnotationKind::Primary, label))
        .into_iter()
        .chain(secondary)
        .map(|(kind, label)| {
            kind.span(shown.span(&label.span))
                .label(optional(visible(&label.text)))
        })
        .collect();
    let path = visible(&file);
    Snippet::source(shown.text)
        .line_start(window.line)
        .path(path)
        .annotations(annotations)
}

/// A repair that can be shown as an edit.
fn repair<'tree>(tree: &'tree SourceTree, help: &'tree Help) -> Option<Group<'tree>> {
    let text = text_of(tree, help.file?)?;
    let patches = in_sight(text, &help.patches);
    let first = patches.first()?;
    let last = patches.last()?;
    let window = Window::around(text, &(first.span.start..last.span.end), 0);
    let shown = shown(
        text,
        &window,
        0,
        patches
            .iter()
            .flat_map(|patch| [patch.span.start, patch.span.end]),
    );
    let patches: Vec<_> = patches
        .iter()
        .map(|patch| {
            annotate_snippets::Patch::new(
                shown.span(&patch.span),
                visible_lines(&patch.replacement),
            )
        })
        .collect();
    let path = visible(&tree.display(&tree.file(help.file?).path));
    let snippet = Snippet::source(shown.text)
        .line_start(window.line)
        .path(path)
        .patches(patches);
    Some(
        Title::HELP
            .secondary_title(visible(&help.text))
            .element(snippet),
    )
}

/// The edits that are shown: all of them, but where edits leave nothing of the beginnings of the lines below the first one, those of
/// the first one. The renderer takes what comes of such edits for one line, and fails at the columns of the others.
fn in_sight<'help>(text: &str, patches: &'help [Patch]) -> &'help [Patch] {
    let (Some(first), Some(last)) = (patches.first(), patches.last()) else {
        return patches;
    };
    let end_of_line = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        at + rest.find('\n').unwrap_or(rest.len())
    };
    let (first_end, end) = (end_of_line(first.span.start), end_of_line(last.span.end));
    let mut result = String::new();
    let mut at = first.span.start;
    for patch in patches {
        result.push_str(text.get(at..patch.span.start).unwrap_or_default());
        result.push_str(&patch.replacement);
        at = patch.span.end;
    }
    // After a line break it does not show what is left of the last line.
    if !result.ends_with('\n') {
        result.push_str(text.get(at..end).unwrap_or_default());
    }
    if first_end == end || result.trim_end_matches('\n').lines().count() > 1 {
        return patches;
    }
    let on_first = patches.partition_point(|patch| patch.span.start <= first_end);
    patches.get(..on_first).unwrap_or_default()
}

/// The lines of a window as they may be shown.
fn shown(
    text: &str,
    window: &Window<'_>,
    keep_until: usize,
    points: impl Iterator<Item = usize>,
) -> Shown {
    let mut points: Vec<_> = points.collect();
    points.sort_unstable();
    let secrets = hidden_secrets(text);
    Shown::new(
        window,
        Policy {
            keep_until,
            points: &points,
            secrets: &secrets,
        },
    )
}

/// The position in a file that cannot be shown: it is not text.
fn byte_position(tree: &SourceTree, file: FileId, at: usize) -> Origin<'static> {
    let source = tree.file(file);
    let (line, column) = position(&source.bytes, at);
    Origin::path(visible(&tree.display(&source.path)))
        .line(line)
        .char_column(column)
}

fn text_of(tree: &SourceTree, file: FileId) -> Option<&str> {
    std::str::from_utf8(&tree.file(file).bytes).ok()
}

fn optional(text: String) -> Option<Cow<'static, str>> {
    (!text.is_empty()).then_some(Cow::Owned(text))
}
