//! The cursors of pages. The compiler writes them for pages that it prepares; the runtime makes them for callers from whom some
//! skills are hidden, whose pages nobody can prepare.

use alloc::format;
use alloc::string::String;

use crate::Digest;

/// The cursors of all listings of some skills.
///
/// A cursor carries a stamp of the skills, so that one of another build is refused instead of skipping entries. The stamp says
/// nothing of skills that are not listed.
#[derive(Clone, Copy, Debug)]
pub struct Cursors {
    stamp: u32,
}

/// An odd number without a pattern (the golden ratio), which spreads the bits of what is multiplied by it.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Cursors {
    /// The cursors of listings of the skills with these digests, in the order of their URIs.
    pub fn new(skills: impl IntoIterator<Item = Digest>) -> Self {
        let stamp = skills.into_iter().fold(0_u64, |stamp, digest| {
            let start = digest.as_bytes().first_chunk();
            let start = start.map_or(0, |bytes| u64::from_be_bytes(*bytes));
            (stamp.rotate_left(5) ^ start).wrapping_mul(SPREAD)
        });
        Self {
            stamp: (stamp >> 32) as u32,
        }
    }

    /// The cursor that asks for a page, counted from zero; empty for the first, which is asked for without one.
    #[must_use]
    pub fn of(self, page: usize) -> String {
        match page {
            0 => String::new(),
            page => format!("{:08x}-{page}", self.stamp),
        }
    }

    /// The page that a cursor asks for.
    #[must_use]
    pub fn page(self, cursor: &str) -> Option<usize> {
        if cursor.is_empty() {
            return Some(0);
        }
        let (_, page) = cursor.rsplit_once('-')?;
        let page = page.parse().ok()?;
        (page > 0 && self.of(page) == cursor).then_some(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKILLS: [Digest; 2] = [Digest::new([1; 32]), Digest::new([2; 32])];

    #[test]
    fn a_cursor_asks_for_the_page_it_was_made_for() {
        let cursors = Cursors::new(SKILLS);
        for page in [0, 1, 9, 10, 1_000_000] {
            assert_eq!(cursors.page(&cursors.of(page)), Some(page));
        }
        let stamp = cursors.of(1);
        let stamp = stamp.strip_suffix("-1").unwrap();
        for other in ["-0", "-01", "-+1", "-", "", "-99999999999999999999"] {
            assert_eq!(cursors.page(&format!("{stamp}{other}")), None, "{other}");
        }
        assert_eq!(cursors.page("1"), None);
        assert_eq!(cursors.page("-1"), None);
    }

    #[test]
    fn other_skills_have_other_cursors() {
        let [first, second] = SKILLS;
        let all = [
            Cursors::new(SKILLS),
            Cursors::new([second, first]),
            Cursors::new([first]),
            Cursors::new([second]),
            Cursors::new([]),
        ];
        for (index, cursors) in all.iter().enumerate() {
            for (other, cursor) in all.iter().map(|cursors| cursors.of(1)).enumerate() {
                assert_eq!(cursors.page(&cursor).is_some(), index == other, "{cursor}");
            }
        }
    }
}
