//! The fast path: requests whose answer is a constant of the bundle are answered with bytes that were prepared at build
//! time, into which only the request's id is put. Everything else, errors included, is for rmcp to answer.
//!
//! What is found here is what rmcp would have said; `tests/suite` compares the two, request by request.

mod answer;
mod request;

use std::sync::LazyLock;

pub(crate) use answer::Answer;
#[cfg(feature = "http")]
pub(crate) use request::STATELESS;
pub(crate) use request::{Request, Version};

use crate::catalog::{Catalog, page};
use crate::error::Error;
use crate::protocol::constants;

/// The prepared answers of one bundle.
#[derive(Debug)]
pub(crate) struct Prepared {
    catalog: Catalog,
    /// The results that are not in the bundle, made when they are first asked for; nothing where that failed.
    tools: LazyLock<Option<String>>,
    discovery: LazyLock<Option<String>, Box<dyn FnOnce() -> Option<String> + Send>>,
    initialized: Closings,
    stateless: Closings,
}

/// How results end, in one era of the protocol.
#[derive(Debug)]
struct Closings {
    /// After a listing or a single item.
    item: String,
    /// After the contents of a resource, which are an array of one.
    contents: String,
}

/// What a client has settled before its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// It began with `initialize`; results are plain.
    Initialized,
    /// Each request stands alone; each result says that it is complete and whose it is (protocol 2026-07-28).
    Stateless,
}

impl Prepared {
    /// Prepares what the bundle does not hold. It lives as long as the process, because answers point into it.
    pub(crate) fn new(catalog: Catalog) -> Result<&'static Self, Error> {
        let prepared = Self {
            catalog,
            tools: LazyLock::new(|| logged(constants::tools())),
            discovery: LazyLock::new(Box::new(move || logged(constants::discovery(catalog)))),
            initialized: Closings::new(&constants::plain_hints()?),
            stateless: Closings::new(&constants::signed_hints(catalog)?),
        };
        Ok(Box::leak(Box::new(prepared)))
    }

    /// The answer to a request, if it is a constant.
    pub(crate) fn answer(&'static self, request: &Request<'_>, era: Era) -> Option<Answer> {
        let closings = match era {
            Era::Initialized => &self.initialized,
            Era::Stateless => &self.stateless,
        };
        let catalog = self.catalog;
        let listings = &catalog.bundle().listings;
        let listing = |opening, pages| {
            let page = page(pages, request.cursor()).ok()?;
            Some(Answer::page(opening, page, &closings.item))
        };
        match (request.method(), request.uri(), request.cursor()) {
            ("resources/read", Some(uri), None) => {
                let contents = catalog.file_at(uri)?.contents();
                let closing = &closings.contents;
                Some(Answer::new("{\"contents\":[", contents, closing))
            }
            ("skills/get", Some(uri), None) => {
                let entry = catalog.skill_with(uri)?.entry();
                Some(Answer::new("{\"skill\":", entry, &closings.item))
            }
            ("resources/directory/read", Some(uri), _) => {
                let directory = catalog.directory_at(uri)?;
                listing("{\"resources\":", directory.pages())
            }
            ("skills/list", None, _) => listing("{\"skills\":", listings.skills),
            ("resources/list", None, _) => listing("{\"resources\":", listings.resources),
            ("prompts/list", None, _) => listing("{\"prompts\":", listings.prompts),
            ("tools/list", None, None) => {
                let tools = self.tools.as_deref()?;
                Some(Answer::new("{\"tools\":", tools, &closings.item))
            }
            ("server/discover", None, None) if era == Era::Stateless => {
                let discovery = self.discovery.as_deref()?;
                Some(Answer::new("", discovery, "}"))
            }
            _ => None,
        }
    }
}

impl Closings {
    /// From the members that all results have, as a JSON object.
    fn new(hints: &str) -> Self {
        let members = hints.strip_prefix('{').unwrap_or(hints);
        Self {
            item: format!(",{members}}}"),
            contents: format!("],{members}}}"),
        }
    }
}

fn logged(result: Result<String, Error>) -> Option<String> {
    result
        .inspect_err(|error| tracing::error!(target: crate::logging::PROTOCOL, "{error}"))
        .ok()
}
