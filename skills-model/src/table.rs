//! Tables whose rows are read when they are asked for.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Range;

use crate::data::{Data, Place};

/// What stands in the rows of a [`Table`]; implemented by the types of this crate only.
pub trait Row: Copy + sealed::Sealed {
    /// How many words a row has.
    #[doc(hidden)]
    const WORDS: u32;

    /// The row that starts at a word.
    #[doc(hidden)]
    fn at(data: &'static Data, start: u32) -> Self;
}

pub(crate) mod sealed {
    /// Keeps [`super::Row`] closed.
    pub trait Sealed {}
}

/// Rows in an order, as cheap to pass around as a slice.
pub struct Table<T> {
    data: &'static Data,
    /// The word at which the first row starts.
    start: u32,
    len: u32,
    rows: PhantomData<T>,
}

impl<T: Row> Table<T> {
    /// The rows from a word on.
    pub(crate) const fn new(data: &'static Data, (start, len): Place) -> Self {
        Self {
            data,
            start,
            len,
            rows: PhantomData,
        }
    }

    /// The number of rows.
    #[must_use]
    pub const fn len(self) -> usize {
        self.len as usize
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The row at an index.
    #[must_use]
    pub fn get(self, index: usize) -> Option<T> {
        let index = u32::try_from(index).ok().filter(|&index| index < self.len);
        index.map(|index| self.row(index))
    }

    /// The table's parts for a constant function, in which `get` cannot be called: where it is, and the word at which the
    /// row of an index starts.
    pub(crate) const fn place_of(self, index: u32) -> (&'static Data, u32) {
        (self.data, self.start + index * T::WORDS)
    }

    /// All rows in order.
    #[must_use]
    pub const fn iter(self) -> Rows<T> {
        Rows {
            table: self,
            rest: 0..self.len,
        }
    }

    /// The index of the first row that is not `before` what is looked for, in a table that ascends.
    pub fn partition_point(self, before: impl Fn(T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low.midpoint(high);
            if before(self.row(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low as usize
    }

    fn row(self, index: u32) -> T {
        let (data, start) = self.place_of(index);
        T::at(data, start)
    }
}

impl<T: Row> IntoIterator for Table<T> {
    type Item = T;
    type IntoIter = Rows<T>;

    fn into_iter(self) -> Rows<T> {
        self.iter()
    }
}

/// An iterator over the rows of a [`Table`].
#[derive(Clone, Debug)]
pub struct Rows<T: Row> {
    table: Table<T>,
    rest: Range<u32>,
}

impl<T: Row> Iterator for Rows<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.rest.next().map(|index| self.table.row(index))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }
}

impl<T: Row> DoubleEndedIterator for Rows<T> {
    fn next_back(&mut self) -> Option<T> {
        self.rest.next_back().map(|index| self.table.row(index))
    }
}

impl<T: Row> ExactSizeIterator for Rows<T> {}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Table<T> {}

impl<T: Row + fmt::Debug> fmt::Debug for Table<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl sealed::Sealed for u32 {}

impl Row for u32 {
    const WORDS: u32 = 1;

    fn at(data: &'static Data, start: u32) -> Self {
        data.word(start)
    }
}
