//! Listings: the page that a cursor asks for, read back from the JSON that was prepared at build time, so that there is
//! one truth about what an item looks like.

use crate::catalog::Slice;
use crate::error::Error;
use rmcp::model::PaginatedRequestParams;
use serde::de::DeserializeOwned;

/// The items of a page, and the cursor of the page after it.
pub(super) type Items<T> = (Vec<T>, Option<String>);

/// The items of a page.
pub(super) fn items<T: DeserializeOwned>(slice: &Slice) -> Result<Items<T>, Error> {
    let items = serde_json::from_str(&slice.items)?;
    Ok((items, slice.next.as_deref().map(Into::into)))
}

/// The cursor of a list request.
pub(super) fn cursor(params: Option<PaginatedRequestParams>) -> Option<String> {
    params.and_then(|params| params.cursor)
}

/// Accepts the request for the only page of a listing; it was announced with no cursor.
pub(super) fn only_page(params: Option<PaginatedRequestParams>) -> Result<(), Error> {
    match cursor(params) {
        Some(cursor) if !cursor.is_empty() => Err(Error::UnknownCursor { cursor }),
        _ => Ok(()),
    }
}

/// Sets what all paginated results have in common; rmcp gives each its own type but no trait.
macro_rules! listing {
    ($result:ident, $items:expr, $scope:expr) => {{
        let (items, next_cursor) = $items;
        let mut result = rmcp::model::$result::with_all_items(items)
            .with_ttl_ms($crate::protocol::identity::TTL_MS)
            .with_cache_scope($scope);
        result.next_cursor = next_cursor;
        result
    }};
}
pub(super) use listing;
