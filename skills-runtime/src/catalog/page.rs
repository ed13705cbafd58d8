//! Pages of a listing, found by the cursor that an earlier page announced.

use skills_model::{Page, Table};

use crate::error::Error;

/// One page and the cursor of the page after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    /// A JSON array.
    pub(crate) items: &'static str,
    pub(crate) next: Option<&'static str>,
}

/// The page that `cursor` asks for; the first without one.
pub(crate) fn page(pages: Table<Page>, cursor: Option<&str>) -> Result<Slice, Error> {
    let asked = cursor.unwrap_or_default();
    let mut rest = pages.iter().skip_while(|page| page.cursor() != asked);
    let page = rest.next().ok_or_else(|| Error::UnknownCursor {
        cursor: asked.into(),
    })?;
    Ok(Slice {
        items: page.items(),
        next: rest.next().map(skills_model::Page::cursor),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pages;

    #[test]
    fn pages_follow_each_other_until_the_last() {
        let pages = pages(&[("", &["1"]), ("two", &["2"])]);
        let first = page(pages, None).unwrap();
        assert_eq!((first.items, first.next), ("[1]", Some("two")));
        let second = page(pages, first.next).unwrap();
        assert_eq!((second.items, second.next), ("[2]", None));
    }

    #[test]
    fn a_cursor_that_was_never_announced_is_an_error() {
        let unknown = page(pages(&[("", &["1"])]), Some("three"));
        assert!(matches!(unknown, Err(Error::UnknownCursor { .. })));
    }
}
