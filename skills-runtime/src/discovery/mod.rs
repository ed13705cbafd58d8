//! Agent Skills Discovery 0.2.0 and 0.1.0: the skills as static files over plain HTTP, below `/.well-known/`.
//!
//! A pure function from a request to an answer whose body is slices of the bundle. Where everybody gets the same answer, shared
//! caches may keep it; who may ask at all is decided before.

mod artifact;
mod condition;
mod indexes;
mod path;
mod range;

#[cfg(fuzzing)]
pub(crate) mod fuzzing;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use skills_model::Skill;

use crate::catalog::Catalog;
use artifact::Artifact;
pub(crate) use indexes::Indexes;
use path::Place;
use range::Requested;

/// How long answers may be kept where the digest is part of the URL: a year is "for ever".
const FOR_EVER: &str = "max-age=31536000, immutable";

/// How long elsewhere. An index that is older than the artifacts names some that are gone, and installers then miss skills; so
/// it is five minutes and not hours.
const FOR_NOW: &str = "max-age=300";

/// The answer to a request, or nothing where the path is none of discovery.
///
/// The body is empty for HEAD, with the headers of GET.
pub(crate) fn respond(
    indexes: &Indexes,
    catalog: Catalog,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Option<Response<Vec<Bytes>>> {
    let place = Place::new(path)?;
    let artifact = place.and_then(|place| Artifact::at(indexes, catalog, &place));
    let mut response = match artifact {
        None => not_found(),
        Some(_) if !matches!(*method, Method::GET | Method::HEAD) => not_allowed(),
        Some(artifact) => {
            // HEAD tells of the whole, whatever range it has (RFC 9110, 14.2).
            let keepers = if catalog.is_personal() {
                "private"
            } else {
                "public"
            };
            let lifetime = format!("{keepers}, {}", artifact.lifetime());
            found(&artifact, &lifetime, headers, *method == Method::GET)
        }
    };
    if *method == Method::HEAD {
        response.body_mut().clear();
    }
    Some(response)
}

/// What of the bundle the path of a request names, and the skill that it belongs to, where there is any.
pub(crate) fn subject(catalog: Catalog, path: &str) -> Option<(&'static str, Option<Skill>)> {
    artifact::subject(catalog, &Place::new(path)??)
}

fn found(
    artifact: &Artifact,
    lifetime: &str,
    headers: &HeaderMap,
    has_ranges: bool,
) -> Response<Vec<Bytes>> {
    let chosen = artifact.represented(condition::takes_gzip(headers));
    let size = chosen.pieces.iter().map(Bytes::len).sum();
    let is_known = condition::is_known(headers, &chosen.tag);
    let requested = if has_ranges && !is_known && condition::is_range_wanted(headers, &chosen.tag) {
        range::requested(headers, size)
    } else {
        Requested::All
    };
    let answer = match &requested {
        Requested::Nothing => return not_satisfiable(size),
        _ if is_known => Answer::new(StatusCode::NOT_MODIFIED),
        Requested::All => Answer::new(StatusCode::OK),
        Requested::Part(part) => {
            let last = part.end.saturating_sub(1);
            Answer::new(StatusCode::PARTIAL_CONTENT).with(
                header::CONTENT_RANGE,
                &format!("bytes {}-{last}/{size}", part.start),
            )
        }
    };
    let answer = answer
        .with(header::ETAG, &chosen.tag)
        .with(header::CACHE_CONTROL, lifetime)
        .with_some(header::VARY, artifact.vary());
    if is_known {
        return answer.0;
    }
    answer
        .with(header::ACCEPT_RANGES, "bytes")
        .with(header::CONTENT_TYPE, &artifact.media_type())
        .with_some(header::CONTENT_ENCODING, chosen.encoding)
        .with_body(match requested {
            Requested::Part(part) => range::part(&chosen.pieces, part),
            _ => chosen.pieces,
        })
}

fn not_found() -> Response<Vec<Bytes>> {
    // What is not there now may be there after the next start.
    let answer = Answer::new(StatusCode::NOT_FOUND).with(header::CACHE_CONTROL, "no-store");
    answer.with_text("not found\n")
}

fn not_allowed() -> Response<Vec<Bytes>> {
    let answer = Answer::new(StatusCode::METHOD_NOT_ALLOWED).with(header::ALLOW, "GET, HEAD");
    answer.with_text("only GET and HEAD are allowed here\n")
}

fn not_satisfiable(size: usize) -> Response<Vec<Bytes>> {
    let answer = Answer::new(StatusCode::RANGE_NOT_SATISFIABLE);
    let answer = answer.with(header::CONTENT_RANGE, &format!("bytes */{size}"));
    answer.with_text("the range is not satisfiable\n")
}

/// A response in the making.
struct Answer(Response<Vec<Bytes>>);

impl Answer {
    /// With what every answer says. Files of skills can be pages and pictures with scripts in them; a browser shows them,
    /// but runs nothing with the rights of this origin.
    fn new(status: StatusCode) -> Self {
        let mut response = Response::new(Vec::new());
        *response.status_mut() = status;
        Self(response)
            .with(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
            .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .with(
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; sandbox",
            )
    }

    fn with(mut self, name: HeaderName, value: &str) -> Self {
        // No value here has what a header cannot hold.
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers_mut().insert(name, value);
        }
        self
    }

    fn with_some(self, name: HeaderName, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn with_text(self, text: &'static str) -> Response<Vec<Bytes>> {
        let answer = self.with(header::CONTENT_TYPE, "text/plain; charset=utf-8");
        answer.with_body(vec![Bytes::from_static(text.as_bytes())])
    }

    fn with_body(self, pieces: Vec<Bytes>) -> Response<Vec<Bytes>> {
        let size: usize = pieces.iter().map(Bytes::len).sum();
        let mut response = self.with(header::CONTENT_LENGTH, &size.to_string()).0;
        *response.body_mut() = pieces;
        response
    }
}

#[cfg(test)]
mod tests;
