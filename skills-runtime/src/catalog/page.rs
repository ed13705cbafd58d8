//! Pages of a listing, found by the cursor that an earlier page announced. A page is text that was prepared at build time; for
//! a caller who may not see all of it, the rest is left out, and the pages keep their cursors.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use skills_model::{Directory, Page, Table};

use super::Catalog;
use crate::error::Error;

/// One page and the cursor of the page after it.
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    /// A JSON array.
    pub(crate) items: Cow<'static, str>,
    pub(crate) next: Option<&'static str>,
}

/// What items of all listings have: skills, files and directories a URI, prompts only a name.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    uri: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
}

impl Catalog {
    /// The page of `skills/list` that `cursor` asks for; the first without one.
    pub(crate) fn skill_page(self, cursor: Option<&str>) -> Result<Slice, Error> {
        self.page(self.bundle.listings.skills, cursor)
    }

    /// The same of `resources/list`.
    pub(crate) fn resource_page(self, cursor: Option<&str>) -> Result<Slice, Error> {
        self.page(self.bundle.listings.resources, cursor)
    }

    /// The same of `prompts/list`.
    pub(crate) fn prompt_page(self, cursor: Option<&str>) -> Result<Slice, Error> {
        self.page(self.bundle.listings.prompts, cursor)
    }

    /// The same of what is in a directory.
    pub(crate) fn directory_page(
        self,
        directory: Directory,
        cursor: Option<&str>,
    ) -> Result<Slice, Error> {
        self.page(directory.pages(), cursor)
    }

    fn page(self, pages: Table<Page>, cursor: Option<&str>) -> Result<Slice, Error> {
        let mut slice = page(pages, cursor)?;
        if !self.is_whole() {
            slice.items = self.visible(&slice.items)?.into();
        }
        Ok(slice)
    }

    /// The items that this caller may see.
    fn visible(self, items: &str) -> Result<String, Error> {
        let items: Vec<&RawValue> = serde_json::from_str(items)?;
        let mut visible = Vec::with_capacity(items.len());
        for item in items {
            if self.shows(&serde_json::from_str(item.get())?) {
                visible.push(item.get());
            }
        }
        Ok(["[", &visible.join(","), "]"].concat())
    }

    fn shows(self, item: &Item<'_>) -> bool {
        match item {
            Item { uri: Some(uri), .. } => {
                self.file_at(uri).is_some() || self.directory_at(uri).is_some()
            }
            Item {
                name: Some(name), ..
            } => self.prompt(name).is_ok(),
            _ => false,
        }
    }
}

fn page(pages: Table<Page>, cursor: Option<&str>) -> Result<Slice, Error> {
    let asked = cursor.unwrap_or_default();
    let mut rest = pages.iter().skip_while(|page| page.cursor() != asked);
    let page = rest.next().ok_or_else(|| Error::UnknownCursor {
        cursor: asked.into(),
    })?;
    Ok(Slice {
        items: page.items().into(),
        next: rest.next().map(Page::cursor),
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
        assert_eq!((&*first.items, first.next), ("[1]", Some("two")));
        let second = page(pages, first.next).unwrap();
        assert_eq!((&*second.items, second.next), ("[2]", None));
    }

    #[test]
    fn a_cursor_that_was_never_announced_is_an_error() {
        let unknown = page(pages(&[("", &["1"])]), Some("three"));
        assert!(matches!(unknown, Err(Error::UnknownCursor { .. })));
    }
}
