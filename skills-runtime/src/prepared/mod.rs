//! The fast path: requests whose answer is a constant of the bundle are answered with bytes that were prepared at build
//! time, into which only the request's id is put. Pages for callers who do not see all are put together from such bytes, so
//! that they look the same. Everything else, errors included, is for rmcp to answer.
//!
//! What is found here is what rmcp would have said; `tests/suite` compares the two, request by request.

mod answer;
mod request;

use std::sync::LazyLock;

pub(crate) use answer::Answer;
#[cfg(feature = "http")]
pub(crate) use request::STATELESS;
pub(crate) use request::{Request, Version};

use rmcp::model::CacheScope;
use skills_model::Bundle;

use crate::catalog::{Catalog, Slice};
use crate::error::Error;
use crate::guard::Permit;
use crate::protocol::constants;

/// What is made when it is first asked for.
type Lazy = LazyLock<Option<String>, Box<dyn FnOnce() -> Option<String> + Send>>;

/// The prepared answers of one bundle.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The results that are not in the bundle, made when they are first asked for; nothing where that failed.
    tools: Lazy,
    /// Whether what is told of tools depends on the version of the protocol, which is not known here.
    has_output_schemas: bool,
    tellings: [Telling; 2],
}

/// What is said of answers and of the server, to callers that are told apart or are not.
#[derive(Debug)]
struct Telling {
    scope: CacheScope,
    discovery: Lazy,
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
    pub(crate) fn new(bundle: &'static Bundle) -> Result<&'static Self, Error> {
        let prepared = Self {
            tools: LazyLock::new(Box::new(move || logged(constants::tools(whole(bundle))))),
            has_output_schemas: bundle.server.tools.structured_content,
            tellings: [
                Telling::new(bundle, CacheScope::Public)?,
                Telling::new(bundle, CacheScope::Private)?,
            ],
        };
        Ok(Box::leak(Box::new(prepared)))
    }

    /// The answer to a request, if it is a constant, or a page that is cut from constants for a caller who does not see all.
    pub(crate) fn answer(
        &'static self,
        catalog: Catalog,
        request: &Request<'_>,
        era: Era,
    ) -> Option<Answer> {
        let [shared, personal] = &self.tellings;
        let telling = if catalog.is_personal() {
            personal
        } else {
            shared
        };
        let closings = match era {
            Era::Initialized => &telling.initialized,
            Era::Stateless => &telling.stateless,
        };
        let listing = |opening, page: Result<Slice, Error>| {
            Some(Answer::page(opening, page.ok()?, &closings.item))
        };
        let cursor = request.cursor();
        match (request.method(), request.uri(), cursor) {
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
                listing("{\"resources\":", catalog.directory_page(directory, cursor))
            }
            ("skills/list", None, _) => listing("{\"skills\":", catalog.skill_page(cursor)),
            ("resources/list", None, _) => {
                listing("{\"resources\":", catalog.resource_page(cursor))
            }
            ("prompts/list", None, _) => listing("{\"prompts\":", catalog.prompt_page(cursor)),
            // What tools and the server say of themselves names the skills that the caller can see.
            ("tools/list", None, None) if self.is_settled(era) => {
                let tools = self.tools(catalog)?;
                Some(Answer::page("{\"tools\":", tools, &closings.item))
            }
            ("server/discover", None, None) if era == Era::Stateless => {
                Some(Answer::page("", telling.discovery(catalog)?, "}"))
            }
            _ => None,
        }
    }
}

impl Prepared {
    /// Whether the tools are told of in one way to all clients of an era.
    fn is_settled(&self, era: Era) -> bool {
        !(self.has_output_schemas && era == Era::Initialized)
    }

    /// The tools as a caller is told of them: from a constant, or made for one who does not see all skills.
    fn tools(&'static self, catalog: Catalog) -> Option<Slice> {
        if catalog.is_whole() {
            return self.tools.as_deref().map(Slice::whole);
        }
        logged(constants::tools(catalog)).map(Slice::whole)
    }
}

impl Telling {
    fn new(bundle: &'static Bundle, scope: CacheScope) -> Result<Self, Error> {
        Ok(Self {
            discovery: LazyLock::new(Box::new(move || {
                logged(constants::discovery(whole(bundle), scope))
            })),
            scope,
            initialized: Closings::new(&constants::plain_hints(scope)?),
            stateless: Closings::new(&constants::signed_hints(bundle, scope)?),
        })
    }
}

impl Telling {
    /// What the server says of itself to a caller, likewise.
    fn discovery(&'static self, catalog: Catalog) -> Option<Slice> {
        if catalog.is_whole() {
            return self.discovery.as_deref().map(Slice::whole);
        }
        logged(constants::discovery(catalog, self.scope)).map(Slice::whole)
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

const fn whole(bundle: &'static Bundle) -> Catalog {
    Catalog::new(bundle, Permit::owner())
}

fn logged(result: Result<String, Error>) -> Option<String> {
    result
        .inspect_err(|error| tracing::error!(target: crate::logging::PROTOCOL, "{error}"))
        .ok()
}
