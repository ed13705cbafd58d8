//! Pages of a listing, found by the cursor that an earlier page announced. For who may see all, a page is text that was prepared
//! at build time. For others, what they may see is cut into pages anew, so that neither their number nor how full they are says
//! how much is hidden.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use skills_model::limits::PAGE_ITEMS;
use skills_model::{Cursors, Directory, Page, Resource, Skill, Table};

use super::{Catalog, Prompt};
use crate::error::Error;

/// One page and the cursor of the page after it.
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    /// A JSON array.
    pub(crate) items: Cow<'static, str>,
    pub(crate) next: Option<Cow<'static, str>>,
}

impl Slice {
    /// The only page of a listing.
    pub(crate) fn whole(items: impl Into<Cow<'static, str>>) -> Self {
        Self {
            items: items.into(),
            next: None,
        }
    }
}

/// What files and directories have.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    uri: Cow<'a, str>,
}

impl Catalog {
    /// The page of `skills/list` that `cursor` asks for; the first without one.
    pub(crate) fn skill_page(self, cursor: Option<&str>) -> Result<Slice, Error> {
        if self.is_whole() {
            return page(self.bundle.listings.skills, cursor);
        }
        self.cut(self.skills().map(Skill::entry), cursor)
    }

    /// The same of `resources/list`.
    pub(crate) fn resource_page(self, cursor: Option<&str>) -> Result<Slice, Error> {
        if self.is_whole() {
            return page(self.bundle.listings.resources, cursor);
        }
        let files = self.bundle.resources.iter();
        let files = files.filter(|file| self.permit.covers(file.required()));
        self.cut(files.map(Resource::entry), cursor)
    }

    /// The same of `prompts/list`.
    pub(crate) fn prompt_page(self, cursor: Option<&str>) -> Result<Slice, Error> {
        if self.is_whole() {
            return page(self.bundle.listings.prompts, cursor);
        }
        self.cut(self.prompts().into_iter().map(prompt), cursor)
    }

    /// The same of what is in a directory.
    pub(crate) fn directory_page(
        self,
        directory: Directory,
        cursor: Option<&str>,
    ) -> Result<Slice, Error> {
        if self.is_whole() {
            return page(directory.pages(), cursor);
        }
        let mut visible = Vec::new();
        for page in directory.pages() {
            let items: Vec<&'static RawValue> = serde_json::from_str(page.items())?;
            for item in items {
                let Item { uri } = serde_json::from_str(item.get())?;
                if self.file_at(&uri).is_some() || self.directory_at(&uri).is_some() {
                    visible.push(item.get());
                }
            }
        }
        self.cut(visible.into_iter(), cursor)
    }

    /// One of the pages that items make.
    fn cut(
        self,
        mut items: impl Iterator<Item = impl Into<Cow<'static, str>>>,
        cursor: Option<&str>,
    ) -> Result<Slice, Error> {
        let cursor = cursor.unwrap_or_default();
        let unknown = || Error::UnknownCursor {
            cursor: cursor.into(),
        };
        let cursors = Cursors::new(self.skills().map(Skill::digest));
        let number = cursors.page(cursor).ok_or_else(unknown)?;
        let before = number.saturating_mul(PAGE_ITEMS);
        if before > 0 && items.by_ref().take(before).count() < before {
            return Err(unknown());
        }
        let page = items.by_ref().take(PAGE_ITEMS).map(Into::into);
        let page: Vec<Cow<'static, str>> = page.collect();
        if before > 0 && page.is_empty() {
            return Err(unknown());
        }
        let next = items.next().map(|_| cursors.of(number + 1).into());
        let items = ["[", &page.join(","), "]"].concat().into();
        Ok(Slice { items, next })
    }
}

/// The MCP `Prompt` object of a prompt.
fn prompt(Prompt { name, skill }: Prompt) -> String {
    let name = serde_json::Value::from(name);
    format!("{{\"name\":{name}{}", skill.prompt().unwrap_or_default())
}

fn page(pages: Table<Page>, cursor: Option<&str>) -> Result<Slice, Error> {
    let asked = cursor.unwrap_or_default();
    let mut rest = pages.iter().skip_while(|page| page.cursor() != asked);
    let page = rest.next().ok_or_else(|| Error::UnknownCursor {
        cursor: asked.into(),
    })?;
    Ok(Slice {
        items: page.items().into(),
        next: rest.next().map(|page| page.cursor().into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Permit;
    use crate::testing::{BUNDLE, pages};

    #[test]
    fn pages_follow_each_other_until_the_last() {
        let pages = pages(&[("", &["1"]), ("two", &["2"])]);
        let first = page(pages, None).unwrap();
        assert_eq!((&*first.items, first.next.as_deref()), ("[1]", Some("two")));
        let second = page(pages, first.next.as_deref()).unwrap();
        assert_eq!((&*second.items, second.next), ("[2]", None));
    }

    #[test]
    fn a_cursor_that_was_never_announced_is_an_error() {
        let unknown = page(pages(&[("", &["1"])]), Some("three"));
        assert!(matches!(unknown, Err(Error::UnknownCursor { .. })));
    }

    #[test]
    fn what_a_caller_may_see_makes_full_pages() {
        let catalog = Catalog::new(&BUNDLE, Permit::owner());
        let items: Vec<_> = (0..120_u32)
            .map(|number| &*number.to_string().leak())
            .collect();
        let mut cursor = None;
        let mut pages = Vec::new();
        loop {
            let page = catalog
                .cut(items.iter().copied(), cursor.as_deref())
                .unwrap();
            pages.push(serde_json::from_str::<Vec<u32>>(&page.items).unwrap());
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let lengths: Vec<_> = pages.iter().map(Vec::len).collect();
        assert_eq!(lengths, [50, 50, 20]);
        assert!(pages.concat().into_iter().eq(0..120));
        let none = catalog.cut(std::iter::empty::<&str>(), None).unwrap();
        assert_eq!((&*none.items, none.next), ("[]", None));
        let first = Cursors::new(BUNDLE.skills.iter().map(Skill::digest)).of(1);
        for cursor in [&first.replace("-1", "-3"), "1", "-1", "cdcdcdcd-1"] {
            let unknown = catalog.cut(items.iter().copied(), Some(cursor));
            assert!(
                matches!(unknown, Err(Error::UnknownCursor { .. })),
                "{cursor}"
            );
        }
        let full = catalog.cut(items.iter().copied().take(50), None).unwrap();
        assert_eq!(full.next, None);
    }
}
