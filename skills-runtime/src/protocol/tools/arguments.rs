//! Arguments as models and hosts send them. Some make every parameter required, and then send an empty string, null or 0 for what
//! they do not mean; some send numbers as text. What is empty is absent.

use serde::{Deserialize, Deserializer};

use super::failure::Failure;

/// A number in any of the notations that hosts use for one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Integer(u64),
    Float(f64),
    Text(String),
}

/// A text; absent where it is empty.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}

/// A positive number; absent where it is 0 or empty.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    let wrong =
        || serde::de::Error::custom("a number of lines or columns is a whole number from 1 on");
    let number = Option::<Number>::deserialize(from).map_err(|_| wrong())?;
    let number = match number {
        None => return Ok(None),
        Some(Number::Integer(number)) => usize::try_from(number).unwrap_or(usize::MAX),
        // What a text of any length can have, a float holds exactly.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole and not negative"
        )]
        Some(Number::Float(number)) if number >= 0.0 && number.fract() == 0.0 => number as usize,
        Some(Number::Float(_)) => return Err(wrong()),
        Some(Number::Text(text)) if text.trim().is_empty() => 0,
        Some(Number::Text(text)) => text.trim().parse().map_err(|_| wrong())?,
    };
    Ok((number > 0).then_some(number))
}

/// An argument without which a tool can do nothing.
pub(super) fn required(name: &str, value: Option<String>) -> Result<String, Failure> {
    value.ok_or_else(|| missing(name))
}

pub(super) fn missing(name: &str) -> Failure {
    Failure::Arguments(format!("missing field `{name}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Nothing for what is no number.
    fn read(value: Value) -> Result<Option<usize>, ()> {
        number(value).map_err(drop)
    }

    #[test]
    fn a_number_is_taken_in_every_notation_and_nothing_is_none() {
        for value in [json!(7), json!(7.0), json!("7"), json!(" 7 ")] {
            assert_eq!(read(value.clone()), Ok(Some(7)), "{value}");
        }
        for value in [json!(null), json!(0), json!(""), json!("0"), json!(0.0)] {
            assert_eq!(read(value.clone()), Ok(None), "{value}");
        }
        for value in [json!(-1), json!(1.5), json!("x"), json!([1]), json!(true)] {
            assert_eq!(read(value.clone()), Err(()), "{value}");
        }
    }

    #[test]
    fn a_text_of_blanks_is_absent() {
        assert_eq!(text(json!("  ")).ok(), Some(None));
        assert_eq!(text(json!(null)).ok(), Some(None));
        assert_eq!(text(json!("a")).ok(), Some(Some("a".to_owned())));
        assert!(text(json!(1)).is_err());
    }
}
