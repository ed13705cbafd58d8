//! What YAML 1.1 takes a plain scalar for, as far as YAML 1.2 differs. Its specification leaves much open; the loader that
//! decides in practice is `PyYAML`, whose patterns these are. `ruamel.yaml` reads 1.2 by its own account, but keeps dates and
//! underscores in numbers.

/// What means something as a key alone: to merge another mapping, and to stand for the whole mapping.
pub(crate) const KEYS: [&str; 2] = ["<<", "="];

/// Whether loaders see what a scalar is meant to be, and then fail to make it: `=`, a date that no calendar has, a number
/// without a digit.
pub(crate) fn is_error(text: &str) -> bool {
    KEYS.contains(&text)
        || is_date(text) && !is_possible(text)
        || (is_number(text) || is_lax_number(text)) && is_without_digits(text)
}

/// `0x_` or `._`
fn is_without_digits(number: &str) -> bool {
    let unsigned = number.trim_start_matches(['-', '+']);
    let prefix = ["0b", "0o", "0x"]
        .into_iter()
        .find(|prefix| unsigned.starts_with(prefix));
    let digits = unsigned
        .get(prefix.map_or(0, str::len)..)
        .unwrap_or_default();
    digits.starts_with(['_', '.']) && digits.bytes().all(|byte| matches!(byte, b'_' | b'.'))
        || unsigned.is_empty()
}

/// Whether the calendar and the clock have what is written as a date.
fn is_possible(date: &str) -> bool {
    let parts = date.split(|symbol: char| !symbol.is_ascii_digit());
    let numbers: Vec<u32> = parts.filter_map(|part| part.parse().ok()).collect();
    let number = |index: usize| numbers.get(index).copied().unwrap_or_default();
    let is_leap = (number(0) % 4 == 0 && number(0) % 100 != 0) || number(0) % 400 == 0;
    let days = match number(1) {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    number(0) > 0
        && (1..=days).contains(&number(2))
        && number(3) < 24
        && number(4) < 60
        && number(5) < 60
}

/// A boolean that YAML 1.2 does not know.
pub(crate) fn is_bool(text: &str) -> bool {
    matches!(
        text,
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF"
    )
}

/// `2026-01-02`, or `2026-1-2 10:00:00.5 +02:00`.
pub(crate) fn is_date(text: &str) -> bool {
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let (day, time) = match text.split_once(['T', 't', ' ']) {
        Some((day, time)) => (day, Some(time.trim_start())),
        None => (text, None),
    };
    let shortest = if time.is_some() { 1 } else { 2 };
    let mut parts = day.split('-');
    let is_day = parts.next().is_some_and(|year| is_digits(year, 4, 4))
        && parts
            .next()
            .is_some_and(|month| is_digits(month, shortest, 2))
        && parts.next().is_some_and(|day| is_digits(day, shortest, 2))
        && parts.next().is_none();
    is_day && time.is_none_or(is_time)
}

fn is_time(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let is_start = parts.next().is_some_and(|hour| is_digits(hour, 1, 2))
        && parts.next().is_some_and(|minute| is_digits(minute, 2, 2));
    let Some((second, rest)) = parts.next().and_then(|rest| rest.split_at_checked(2)) else {
        return false;
    };
    let zone = rest.strip_prefix('.').map_or(rest, |rest| {
        rest.trim_start_matches(|digit: char| digit.is_ascii_digit())
    });
    let zone = zone.trim_start();
    let is_zone = zone.is_empty()
        || zone == "Z"
        || zone.strip_prefix(['-', '+']).is_some_and(|offset| {
            let offset = offset.replacen(':', "", 1);
            is_digits(&offset, 1, 4)
        });
    is_start && is_digits(second, 2, 2) && is_zone
}

fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number, in whichever notation.
pub(crate) fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    is_special(text) || is_integer(unsigned) || is_float(unsigned, unsigned.len() < text.len())
}

/// A number to `ruamel.yaml`, which 1.1 need not know: `._1`, `08_`, `1_0e5`.
pub(crate) fn is_lax_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_digit = |byte: u8| byte == b'_' || byte.is_ascii_digit();
    let (mantissa, exponent) = unsigned
        .split_once(['e', 'E'])
        .map_or((unsigned, "0"), |(mantissa, exponent)| (mantissa, exponent));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_decimal = !mantissa.is_empty()
        && mantissa != "."
        && whole.bytes().chain(fraction.bytes()).all(is_digit)
        && is_digits(exponent, 1, exponent.len());
    let is_octal = unsigned
        .strip_prefix("0o")
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(is_digit));
    !text.starts_with('_') && (is_decimal || is_octal)
}

fn is_special(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// `1_000`, `0b11`, `0x1f`, `017`, `1:30`. Underscores alone count as digits, until they are to be made a number.
fn is_integer(unsigned: &str) -> bool {
    let of = |digits: &str, is_digit: fn(&u8) -> bool| {
        !digits.is_empty() && digits.bytes().all(|byte| byte == b'_' || is_digit(&byte))
    };
    if let Some(bits) = unsigned.strip_prefix("0b") {
        return of(bits, |byte| matches!(byte, b'0' | b'1'));
    }
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return of(digits, u8::is_ascii_hexdigit);
    }
    if unsigned.starts_with('0') {
        return of(unsigned, |byte| matches!(byte, b'0'..=b'7'));
    }
    is_grouped(unsigned) || is_sexagesimal(unsigned)
}

/// `1.5`, `.5e+3`, `1:30.5`; an exponent has a sign, and what begins with the point has none.
fn is_float(unsigned: &str, is_signed: bool) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_exponent = |exponent: &str| {
        exponent
            .strip_prefix(['-', '+'])
            .is_some_and(|digits| is_digits(digits, 1, digits.len()))
    };
    let Some((whole, fraction)) = mantissa.split_once('.') else {
        return false;
    };
    let is_whole = match whole {
        "" => !is_signed && is_grouped(fraction),
        _ => is_grouped(whole) || exponent.is_none() && is_sexagesimal(whole),
    };
    is_whole
        && (fraction.is_empty() || is_grouped(&format!("0{fraction}")))
        && exponent.is_none_or(is_exponent)
}

/// Digits with underscores between them.
fn is_grouped(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_digit())
}

/// `12:30:00`
fn is_sexagesimal(text: &str) -> bool {
    let is_sixtieth =
        |part: &str| is_digits(part, 1, 2) && part.parse::<u8>().is_ok_and(|part| part < 60);
    text.split_once(':')
        .is_some_and(|(first, rest)| is_grouped(first) && rest.split(':').all(is_sixtieth))
}
