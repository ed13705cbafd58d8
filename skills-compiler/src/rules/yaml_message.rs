//! What the YAML parser's kinds of error mean to the author of a skill: what is wrong, and what to do.

use crate::syntax::ErrorKind;

/// The message and the help for a kind of error.
pub(super) fn described(kind: &ErrorKind) -> (String, &'static str) {
    let (what, help) = match kind {
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return (
                format!("`{open}` is closed with `{close}`"),
                "close it with its own bracket; if it is text, quote the value",
            );
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            return (
                format!("`{open}` is never closed"),
                "close the bracket; if it is text, quote the value",
            );
        }
        ErrorKind::UnexpectedCharacter { character } => {
            return (
                format!("a line of YAML cannot begin with {}", named(*character)),
                "quote what begins with it, or remove it",
            );
        }
        kind => of_structure(kind).or_else(|| of_notation(kind)).unwrap_or((
            "this is not valid YAML",
            "quote the value if it is text; if not, compare it with the lines around it",
        )),
    };
    let parser = if what == "this is not valid YAML" {
        format!("{what}: {kind}")
    } else {
        what.to_owned()
    };
    (parser, help)
}

fn named(symbol: char) -> String {
    if symbol == '`' {
        "a backtick".to_owned()
    } else {
        format!("`{symbol}`")
    }
}

/// Errors in how lines and brackets fit together.
const fn of_structure(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    use ErrorKind as Kind;
    Some(match kind {
        Kind::UnexpectedEofFlowSequence
        | Kind::ExpectedFlowSequenceSeparator
        | Kind::InvalidColonPlacement => (
            "this list is not closed, or a comma is missing in it",
            "separate the items with commas and close the list with `]`; if it is text, quote the value",
        ),
        Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofImplicitFlowMapping
        | Kind::ExpectedFlowMappingSeparator => (
            "this mapping is not closed, or a comma is missing in it",
            "close it with `}` before the next key, and separate its entries with commas",
        ),
        Kind::MisplacedFlowCollectionEnd => (
            "this bracket closes nothing",
            "remove it; if it is text, quote the value",
        ),
        Kind::BlockEntryInFlowCollection => (
            "a `-` cannot begin an item inside brackets",
            "separate the items with commas",
        ),
        Kind::InvalidFlowScalarIndent => (
            "this line of a list in brackets is not indented",
            "indent it more than its key",
        ),
        Kind::ExpectedDocumentStart => (
            "this line is indented less than the lines above it",
            "begin every top-level key in the first column",
        ),
        Kind::ExpectedBlockMappingKey => (
            "this line fits neither the value above it nor the keys around it",
            "indent it as far as the lines it belongs to",
        ),
        Kind::ExpectedBlockSequenceEntry => (
            "this line stands among the items of a list, but is none",
            "begin it with `- `, or indent it differently",
        ),
        Kind::BlockSequenceEntryNotAllowed => (
            "a list cannot begin on the line of its key",
            "begin every item, the first too, on a line of its own",
        ),
        Kind::MappingKeyNotAllowed | Kind::InvalidSimpleKey | Kind::MappingValueNotAllowed => (
            "no mapping can begin here",
            "quote the value if it is text; if not, begin it on a line of its own",
        ),
        Kind::UnexpectedEof
        | Kind::UnexpectedEofBlockMapping
        | Kind::UnexpectedEofBlockSequence
        | Kind::ExpectedNodeContent => (
            "a value is missing or unfinished here",
            "write the value, or remove the key",
        ),
        Kind::InvalidIndentation => (
            "this line is indented in a way that fits nothing",
            "indent it as far as its neighbours",
        ),
        Kind::RecursionLimitExceeded => (
            "the frontmatter is nested more than 32 levels deep",
            "make it flatter",
        ),
        _ => return None,
    })
}

/// Errors in how a single value is written.
const fn of_notation(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    use ErrorKind as Kind;
    Some(match kind {
        kind if is_tab_error(kind) => (
            "a tab stands where YAML allows only blanks",
            "put blanks in its place",
        ),
        Kind::CommentInterceptedScalar => (
            "a comment stands in the middle of this value",
            "move the comment to a line of its own",
        ),
        Kind::ExpectedWhitespace
        | Kind::InvalidBlockEntryWhitespace
        | Kind::InvalidMappingValueWhitespace => (
            "a blank is missing here",
            "put a blank between the sign and the text",
        ),
        Kind::ZeroBlockScalarIndent | Kind::InvalidBlockScalarHeader => (
            "only `>` or `|`, with `-` or `+`, can stand here",
            "begin the text on the next line, and indent it",
        ),
        Kind::InvalidBlockScalarIndent => (
            "the lines of this text are indented unevenly",
            "indent its first line no more than the others",
        ),
        Kind::PlainScalarStartsWithDashFlowIndicator | Kind::UnexpectedEndOfPlainScalar => {
            ("no unquoted value can begin like this", "quote the value")
        }
        Kind::MissingAnchorOrAliasName => (
            "`&` and `*` need a name",
            "if this is text, quote the value",
        ),
        Kind::TooManyComments => (
            "too many comments stand in a row here",
            "keep notes below the closing `---`",
        ),
        Kind::ExpectedTagBang
        | Kind::InvalidGlobalTagCharacter
        | Kind::UndeclaredTagHandle
        | Kind::InvalidTagTerminator
        | Kind::MissingTagUri
        | Kind::UnclosedVerbatimTag
        | Kind::InvalidTagEscape => (
            "this is no valid YAML tag",
            "if this is text, quote the value; if not, remove the tag",
        ),
        Kind::InvalidDocumentEnd => (
            "text follows the end of the YAML document",
            "remove the `...` line",
        ),
        _ => return None,
    })
}

/// Whether the parser found a tab where it wants blanks.
pub(super) const fn is_tab_error(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
    )
}
