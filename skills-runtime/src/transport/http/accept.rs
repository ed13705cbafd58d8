//! The forms of an answer that a client accepts (RFC 9110, section 12.5.1): JSON, a stream of events, or both.
//!
//! Malformed ranges are passed over instead of refused: clients send many, and a request is only refused if nothing that this
//! server can send is acceptable.

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::body::Body;
use super::refusal::Refusal;

/// What most clients send.
const BOTH: &[u8] = b"application/json, text/event-stream";

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// The forms that a client accepts; at least one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accepted {
    Both,
    /// `application/json` only: requests whose answer is a stream are refused.
    Json,
    /// `text/event-stream` only: an answer that would be JSON is sent as a stream of one event.
    Events,
}

impl Accepted {
    /// A response in a form that is accepted. An error is JSON for everybody, because its status says what it is.
    pub(super) fn form(self, response: Response<Body>) -> Result<Response<Body>, Refusal> {
        if self == Self::Both {
            return Ok(response);
        }
        let is_stream = response.headers().get(CONTENT_TYPE) == Some(&EVENT_STREAM);
        match self {
            Self::Json if is_stream => Err(Refusal::OnlyAsStream),
            Self::Events if !is_stream && response.status() == StatusCode::OK => {
                Ok(one_event(response))
            }
            _ => Ok(response),
        }
    }
}

/// A message as the only event of a stream. It has no line breaks, so that it is one line.
fn one_event(response: Response<Body>) -> Response<Body> {
    let mut response = response
        .map(|body| body.between(Bytes::from_static(b"data: "), Bytes::from_static(b"\n\n")));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, EVENT_STREAM);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// How closely a media range names a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    /// `*/*`
    Any,
    /// `application/*`
    Type,
    /// `application/json`
    Exact,
}

impl Accepted {
    /// The forms that the headers of a request accept; nothing if there is none.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(ACCEPT).iter();
        if let (Some(value), None) = (values.next(), values.next())
            && value.as_bytes() == BOTH
        {
            return Some(Self::Both);
        }
        let texts = headers
            .get_all(ACCEPT)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()));
        let header: String = texts.collect::<Vec<_>>().join(",");
        if header.split(',').all(|range| range.trim().is_empty()) {
            return Some(Self::Both);
        }
        let accepts = |main, sub| accepts(&header, main, sub);
        match (
            accepts("application", "json"),
            accepts("text", "event-stream"),
        ) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Json),
            (false, true) => Some(Self::Events),
            (false, false) => None,
        }
    }
}

/// Whether the most precise range for a type has a weight above zero.
fn accepts(header: &str, main: &str, sub: &str) -> bool {
    let ranges = ranges(header).filter_map(|range| {
        let mut parts = range.split(';');
        let precision = matches(parts.next()?.trim(), main, sub)?;
        Some((precision, weight(parts)))
    });
    // Of two that are as precise, the heavier one counts.
    let best = ranges.max_by(|one, other| (one.0.cmp(&other.0)).then(one.1.total_cmp(&other.1)));
    best.is_some_and(|(_, weight)| weight > 0.0)
}

/// The ranges of a header. A comma in a quoted parameter is no end.
fn ranges(header: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    header.split(move |character| {
        let is_end = character == ',' && !is_quoted;
        is_quoted ^= character == '"' && !is_escaped;
        is_escaped = is_quoted && character == '\\' && !is_escaped;
        is_end
    })
}

fn matches(range: &str, main: &str, sub: &str) -> Option<Precision> {
    // Java sends a lone asterisk.
    let (range_main, range_sub) = range.split_once('/').unwrap_or((range, range));
    match (range_main.trim(), range_sub.trim()) {
        ("*", "*") => Some(Precision::Any),
        (one, "*") if one.eq_ignore_ascii_case(main) => Some(Precision::Type),
        (one, other) if one.eq_ignore_ascii_case(main) && other.eq_ignore_ascii_case(sub) => {
            Some(Precision::Exact)
        }
        _ => None,
    }
}

/// The weight among the parameters of a range, 1 without one that can be read.
fn weight<'a>(parameters: impl Iterator<Item = &'a str>) -> f32 {
    let mut weights = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_weight = name.trim().eq_ignore_ascii_case("q");
        is_weight.then(|| value.trim().parse().ok()).flatten()
    });
    weights.next().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&'static str], expected: Option<Accepted>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT, http::HeaderValue::from_static(value));
        }
        assert_eq!(Accepted::of(&headers), expected, "{values:?}");
    }

    #[test]
    fn a_client_that_accepts_anything_that_can_be_sent_is_served() {
        for both in [
            &[][..],
            &[""],
            &[" , "],
            &["application/json, text/event-stream"],
            &["text/event-stream;q=0.1,APPLICATION/JSON; charset=utf-8"],
            &["application/json", "text/event-stream"],
            &["*/*"],
            &["*/*;q=0.8"],
            &["application/*, text/*"],
            &["application/*, text/event-stream"],
            &["text/html, image/gif, *; q=.2, */*; q=.2"],
            &["text/html;title=\"a,b;q=0\", */*"],
        ] {
            check(both, Some(Accepted::Both));
        }
    }

    #[test]
    fn one_form_alone_is_enough() {
        check(&["application/json"], Some(Accepted::Json));
        check(&["application/*"], Some(Accepted::Json));
        check(&["*/*, text/event-stream;q=0"], Some(Accepted::Json));
        check(&["*/*, text/*; q=0.000"], Some(Accepted::Json));
        check(&["text/event-stream"], Some(Accepted::Events));
        check(&["application/json;q=0, */*;q=0.1"], Some(Accepted::Events));
    }

    #[test]
    fn a_client_that_accepts_nothing_that_can_be_sent_is_refused() {
        for none in [
            &["text/html"][..],
            &["*/*;q=0"],
            &["application/json;q=0, text/event-stream;q=0"],
            &["application/jsonx"],
            &["nonsense"],
        ] {
            check(none, None);
        }
    }
}
