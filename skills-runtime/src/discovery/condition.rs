//! What a client takes, and what it has already (RFC 9110, 12.5.3 and 13.1). Parsed here: there is no library of the few
//! fields that are needed without a dozen others.

use http::header::{self, HeaderMap, HeaderName};

/// Whether gzip is at least as welcome as the bytes as they are.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let (mut gzip, mut identity, mut others) = (None, None, None);
    for item in items(headers, header::ACCEPT_ENCODING) {
        let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = Some(weight_of(weight));
        match coding.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => gzip = gzip.max(weight),
            "identity" => identity = weight,
            "*" => others = weight,
            _ => {}
        }
    }
    let gzip = gzip.or(others).unwrap_or(0);
    // Nobody who does not say so prefers the bytes as they are.
    gzip > 0 && gzip >= identity.unwrap_or(0)
}

/// A weight in thousandths, such as 500 of `q=0.5`; 0 of what is no weight.
fn weight_of(parameter: &str) -> u32 {
    let parameter = parameter.trim();
    if parameter.is_empty() {
        return 1000;
    }
    let value = parameter
        .strip_prefix("q=")
        .or_else(|| parameter.strip_prefix("Q="))
        .and_then(|value| value.trim().parse::<f32>().ok())
        .filter(|value| (0.0..=1.0).contains(value));
    #[expect(clippy::cast_sign_loss, reason = "it is between 0 and 1000")]
    value.map_or(0, |value| (value * 1000.0).round() as u32)
}

/// Whether the client has what this tag stands for (`If-None-Match`, compared weakly).
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let mut known = items(headers, header::IF_NONE_MATCH);
    known.any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag)
}

/// Whether a range is wanted of what this tag stands for (`If-Range`, compared strongly). Nothing here has a date.
pub(super) fn is_range_wanted(headers: &HeaderMap, tag: &str) -> bool {
    let condition = headers.get(header::IF_RANGE);
    condition.is_none_or(|condition| condition.as_bytes() == tag.as_bytes())
}

/// The items of a field that is a list. Our tags have no comma in them, so one inside of a tag only makes two strangers of a
/// stranger.
fn items(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn check(accepted: &str, expected: bool) {
        let value = HeaderValue::from_str(accepted).unwrap();
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]);
        assert_eq!(takes_gzip(&headers), expected, "{accepted}");
    }

    #[test]
    fn gzip_is_sent_to_who_likes_it_best() {
        for accepted in [
            "gzip",
            "gzip, deflate, br",
            "deflate, GZIP;q=1.0",
            "x-gzip",
            "*",
            "identity;q=0.5, gzip;q=0.5",
            "gzip; q=0.001",
        ] {
            check(accepted, true);
        }
        for accepted in [
            "",
            "br",
            "identity",
            "gzip;q=0",
            "gzip;q=0, *",
            "*;q=0",
            "gzip;q=0.5, identity;q=0.6",
            "gzip;q=much",
            "gzip;q=2",
        ] {
            check(accepted, false);
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
