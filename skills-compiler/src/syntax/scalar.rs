//! The values of plain scalars after the YAML 1.2 core schema (YAML 1.2.2, 10.3.2).

/// What a scalar means.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; beyond 128 bits it saturates, and a rule refuses it long before that.
    Int(i128),
    /// Any other number, which may be infinite or not a number.
    Float(f64),
    /// Text: quoted, a block, or a plain scalar that is nothing else.
    Text(String),
}

impl Scalar {
    /// Resolves a plain scalar.
    #[must_use]
    pub fn of_plain(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Bool(true),
            "false" | "False" | "FALSE" => Self::Bool(false),
            ".nan" | ".NaN" | ".NAN" => Self::Float(f64::NAN),
            _ => infinity(text)
                .or_else(|| integer(text))
                .or_else(|| float(text))
                .unwrap_or_else(|| Self::Text(text.to_owned())),
        }
    }

    /// The word for the kind of value, for messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
        }
    }
}

fn infinity(text: &str) -> Option<Scalar> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1.0, text.get(1..)?),
        b'+' => (1.0, text.get(1..)?),
        _ => (1.0, text),
    };
    matches!(rest, ".inf" | ".Inf" | ".INF").then_some(Scalar::Float(sign * f64::INFINITY))
}

fn integer(text: &str) -> Option<Scalar> {
    let (digits, radix) = match text.get(..2) {
        Some("0o") => (text.get(2..)?, 8),
        Some("0x") => (text.get(2..)?, 16),
        _ => (text.strip_prefix(['-', '+']).unwrap_or(text), 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, radix).unwrap_or(i128::MAX);
    Some(Scalar::Int(if text.starts_with('-') {
        -magnitude
    } else {
        magnitude
    }))
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn float(text: &str) -> Option<Scalar> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = unsigned
        .split_once(['e', 'E'])
        .map_or((unsigned, "0"), |(left, right)| (left, right));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let all_digits = [whole, fraction, exponent]
        .iter()
        .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    (all_digits && has_digits && !exponent.is_empty())
        .then(|| text.parse().ok().map(Scalar::Float))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &Scalar) {
        assert_eq!(Scalar::of_plain(text), *expected, "{text:?}");
    }

    #[test]
    fn the_core_schema_decides_what_a_plain_scalar_is() {
        check("", &Scalar::Null);
        check("~", &Scalar::Null);
        check("TRUE", &Scalar::Bool(true));
        check("-12", &Scalar::Int(-12));
        check("0o17", &Scalar::Int(15));
        check("0xff", &Scalar::Int(255));
        check("017", &Scalar::Int(17));
        check("1.0", &Scalar::Float(1.0));
        check("1.", &Scalar::Float(1.0));
        check("-.5e3", &Scalar::Float(-500.0));
        check("-.INF", &Scalar::Float(f64::NEG_INFINITY));
    }

    #[test]
    fn what_only_yaml_1_1_knows_is_text() {
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "2026-01-02",
            "1_000",
            "12:30",
            "1.0.0",
            ".",
            "e5",
            "1e",
            "+",
            "0b1",
            "0x",
        ] {
            check(text, &Scalar::Text(text.to_owned()));
        }
    }
}
