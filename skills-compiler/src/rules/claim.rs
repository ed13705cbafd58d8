//! Which rule speaks of a YAML error. The parser's kinds of error say what it stumbled over, the rules what the author
//! did; here every fault gets exactly one of them.

use std::ops::Range;

use crate::rules::field;
use crate::rules::value::PlainValue;
use crate::syntax::{Construct, ErrorKind, Fault, FaultKind, ParsedSkill};

/// What a fault in the YAML comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// SK005: a plain value with a colon in it, at this offset.
    Colon(PlainValue, usize),
    /// SK006: a plain value that begins with a character that YAML has reserved.
    Indicator(PlainValue),
    /// SK007: quotes that do not match, or bad escapes in them.
    Quotes(Option<PlainValue>),
    /// SK011: a character that no text may hold.
    Control,
    /// SK012: YAML that loaders do not agree on.
    Unportable(Construct),
    /// SK020: a comment inside a value.
    Comment(PlainValue),
    /// SK004: anything else.
    Other,
}

/// Decides about a fault; nothing if it is not one of the YAML.
pub(super) fn claim(skill: &ParsedSkill<'_>, fault: &Fault) -> Option<Claim> {
    match &fault.kind {
        FaultKind::Yaml(kind) => Some(of_error(skill, kind, &fault.span)),
        FaultKind::Unportable(construct) => Some(of_construct(skill, *construct, fault.span.start)),
        _ => None,
    }
}

fn of_error(skill: &ParsedSkill<'_>, kind: &ErrorKind, span: &Range<usize>) -> Claim {
    match kind {
        ErrorKind::UnexpectedCharacter { character } if is_control(*character) => {
            return Claim::Control;
        }
        kind if is_quote_error(kind) => {
            return Claim::Quotes(PlainValue::around(skill, span.start));
        }
        _ => {}
    }
    // A colon at the very place of the error is not yet the value's, whatever stands before it.
    let Some(value) = PlainValue::around(skill, span.start) else {
        return Claim::Other;
    };
    let text = value.text(skill);
    match (kind, text.chars().next()) {
        (ErrorKind::CommentInterceptedScalar, _) if value.is_prose() => Claim::Comment(value),
        (ErrorKind::MappingValueNotAllowed, Some('"' | '\'')) => Claim::Quotes(Some(value)),
        (_, Some(first)) if is_indicator(skill, kind, &value, first, span) => {
            Claim::Indicator(value)
        }
        (ErrorKind::MappingValueNotAllowed, Some(first))
            if !"[{|>".contains(first) && !is_misplaced_key(skill, &value, span.start) =>
        {
            Claim::Colon(value, span.start)
        }
        _ => Claim::Other,
    }
}

/// Whether the error comes from the first character of the value, which its author took for text.
fn is_indicator(
    skill: &ParsedSkill<'_>,
    kind: &ErrorKind,
    value: &PlainValue,
    first: char,
    span: &Range<usize>,
) -> bool {
    let text = value.text(skill);
    let at_start = span.start == value.span.start;
    match first {
        '@' | '`' | '%' | ',' | ']' | '}' => at_start,
        // A list that begins on the line of its key has more items below.
        '-' | '?' => at_start && !text.contains('\n') && value.is_prose(),
        '*' | '&' | '!' => !text.contains('\n') || value.is_prose(),
        '[' | '{' => {
            value.is_prose()
                && !matches!(
                    kind,
                    ErrorKind::RecursionLimitExceeded | ErrorKind::TabInIndentation
                )
        }
        _ => false,
    }
}

/// Whether the colon at `at` ends a field of its own, on a line that is indented by mistake.
pub(super) fn is_misplaced_key(skill: &ParsedSkill<'_>, value: &PlainValue, at: usize) -> bool {
    let before = skill.text.get(value.span.start..at).unwrap_or_default();
    let Some((_, line)) = before.rsplit_once('\n') else {
        return false;
    };
    let key = line.trim();
    let is_word = !key.is_empty()
        && key
            .chars()
            .all(|symbol| symbol.is_alphanumeric() || "-_.".contains(symbol));
    is_word && (field::is_known(key) || value.key == "metadata" || value.indent > 0)
}

fn of_construct(skill: &ParsedSkill<'_>, construct: Construct, at: usize) -> Claim {
    let value =
        PlainValue::around(skill, at).filter(|value| value.span.start == at && value.is_prose());
    let Some(value) = value else {
        return Claim::Unportable(construct);
    };
    let text = value.text(skill);
    let other = |wanted| {
        skill
            .faults
            .iter()
            .any(|fault| fault.kind == FaultKind::Unportable(wanted))
    };
    let is_text = match construct {
        Construct::Tag => !text.starts_with("!!") && !text.starts_with("!<"),
        Construct::Anchor => text.contains(' ') && !other(Construct::Alias),
        Construct::Alias => !other(Construct::Anchor),
        _ => false,
    };
    if is_text {
        Claim::Indicator(value)
    } else {
        Claim::Unportable(construct)
    }
}

/// Characters that neither YAML nor any text file has a use for.
pub(super) fn is_control(symbol: char) -> bool {
    (symbol.is_control() && !matches!(symbol, '\t' | '\n' | '\r' | '\u{85}'))
        || matches!(symbol, '\u{fffe}' | '\u{ffff}')
}

const fn is_quote_error(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::DocumentIndicatorInQuotedScalar
            | ErrorKind::InvalidTrailingSingleQuotedScalar
            | ErrorKind::InvalidTrailingDoubleQuotedScalar
            | ErrorKind::UnknownQuotedScalarEscape
            | ErrorKind::InvalidQuotedScalarHexEscape
            | ErrorKind::InvalidLowSurrogateHexEscape
            | ErrorKind::InvalidLowSurrogate
            | ErrorKind::MissingLowSurrogate
            | ErrorKind::UnpairedLowSurrogate
            | ErrorKind::InvalidUnicodeEscape
    )
}
