//! The parts of a prepared answer, and what is put between them.

use std::borrow::Cow;

use crate::catalog::Slice;

/// A prepared answer: what it is made of, in order.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// How the result begins.
    opening: &'static str,
    /// The greater part of it.
    body: Cow<'static, str>,
    /// The cursor of the page after this one.
    next: Option<Cow<'static, str>>,
    /// How the result and the message end.
    closing: &'static str,
}

impl Answer {
    pub(super) const fn new(
        opening: &'static str,
        body: &'static str,
        closing: &'static str,
    ) -> Self {
        Self {
            opening,
            body: Cow::Borrowed(body),
            next: None,
            closing,
        }
    }

    /// A page: as it was prepared, or cut for a caller who does not see all. The two look the same, because nobody is to see that
    /// something is hidden.
    pub(super) fn page(opening: &'static str, page: Slice, closing: &'static str) -> Self {
        let Slice { items, next } = page;
        Self {
            opening,
            body: items,
            next,
            closing,
        }
    }

    /// What stands before the body in the answer to the request of an id, which is JSON.
    pub(crate) fn before(&self, id: &str) -> String {
        [
            "{\"jsonrpc\":\"2.0\",\"id\":",
            id,
            ",\"result\":",
            self.opening,
        ]
        .concat()
    }

    /// The greater part of the answer.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// The same, for who keeps it longer than the answer.
    #[cfg(feature = "http")]
    pub(crate) fn into_body(self) -> Cow<'static, str> {
        self.body
    }

    /// What stands between the body and the end; a cursor is text that needs no escapes.
    pub(crate) fn between(&self) -> Option<String> {
        let next = self.next.as_deref()?;
        Some([",\"nextCursor\":\"", next, "\""].concat())
    }

    /// What stands at the end.
    pub(crate) const fn closing(&self) -> &'static str {
        self.closing
    }
}
