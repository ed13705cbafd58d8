//! Parts of a body (RFC 9110, 14). One range is answered, several with the whole, which is what the RFC has every client
//! expect.

use std::ops::Range;

use bytes::Bytes;
use http::header::{self, HeaderMap};

/// What a request asks for of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Requested {
    All,
    /// These bytes, at least one.
    Part(Range<usize>),
    /// Only bytes that are not there.
    Nothing,
}

pub(super) fn requested(headers: &HeaderMap, size: usize) -> Requested {
    let value = headers.get(header::RANGE);
    let text = value.and_then(|value| value.to_str().ok());
    text.and_then(|text| parsed(text, size))
        .unwrap_or(Requested::All)
}

/// `None` for what is no range, or several.
fn parsed(text: &str, size: usize) -> Option<Requested> {
    let (unit, range) = text.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let part = match (first, last) {
        ("", count) => size.saturating_sub(number(count)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(if part.is_empty() {
        Requested::Nothing
    } else {
        Requested::Part(part)
    })
}

/// A number of digits alone; more than there can be of anything for one that is too large.
fn number(text: &str) -> Option<usize> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(usize::MAX))
}

/// A part of a body that is in pieces.
pub(super) fn part(pieces: &[Bytes], wanted: Range<usize>) -> Vec<Bytes> {
    let mut start = 0;
    let parts = pieces.iter().filter_map(|piece| {
        let first = wanted.start.saturating_sub(start);
        let last = wanted.end.saturating_sub(start).min(piece.len());
        start += piece.len();
        (first < last).then(|| piece.slice(first..last))
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn check(range: &str, expected: &Requested) {
        let value = HeaderValue::from_str(range).unwrap();
        let headers = HeaderMap::from_iter([(header::RANGE, value)]);
        assert_eq!(requested(&headers, 10), *expected, "{range}");
    }

    #[test]
    fn a_range_is_understood_and_anything_else_ignored() {
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-", 2..10),
            ("bytes=2-5", 2..6),
            ("Bytes=2-99", 2..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
            ("bytes=0-99999999999999999999999", 0..10),
        ] {
            check(range, &Requested::Part(part));
        }
        for range in [
            "bytes=10-",
            "bytes=10-20",
            "bytes=-0",
            "bytes=99999999999999999999-",
        ] {
            check(range, &Requested::Nothing);
        }
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=0-1,3-4",
            "bytes=+1-2",
            "lines=0-1",
        ] {
            check(range, &Requested::All);
        }
        assert_eq!(requested(&HeaderMap::new(), 10), Requested::All);
        assert_eq!(parsed("bytes=0-", 0), Some(Requested::Nothing));
    }

    #[test]
    fn a_part_is_cut_out_of_pieces() {
        let pieces = ["abc", "d", "efg"].map(Bytes::from);
        for start in 0..7 {
            for end in start + 1..=7 {
                let expected = b"abcdefg".get(start..end).unwrap();
                assert_eq!(part(&pieces, start..end).concat(), expected);
            }
        }
    }
}
