//! What a caller has to be granted to see a skill: scopes of OAuth (RFC 6749, section 3.3), as bits.

use core::fmt;

use crate::data::{Data, Place};
use crate::rows::row;
use crate::table::Row;
use crate::table::sealed::Sealed;

row! {
    /// One scope that some skill requires.
    Scope, 2 words, shown by name
}

impl Scope {
    /// The most that a bundle can tell apart.
    pub const MOST: usize = 64;

    /// Its name, such as `skills:internal`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.text(0)
    }
}

/// What the compiler knows of a [`Scope`].
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "field for field what the row says")]
pub struct ScopeRow {
    pub name: Place,
}

/// A set of the scopes in [`Bundle::scopes`](crate::Bundle::scopes): one bit for each, the first the lowest.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes(u64);

impl Scopes {
    /// No scope.
    pub const NONE: Self = Self(0);

    /// Every scope, of any bundle.
    pub const ALL: Self = Self(u64::MAX);

    /// The set with these bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The bits of the set.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The first so many scopes.
    #[must_use]
    pub const fn first(count: usize) -> Self {
        match count {
            0..Scope::MOST => Self((1 << count) - 1),
            _ => Self::ALL,
        }
    }

    /// The set of one scope, by its index.
    #[must_use]
    pub const fn of(index: usize) -> Self {
        match index {
            0..Scope::MOST => Self(1 << index),
            _ => Self::NONE,
        }
    }

    /// The scopes of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The scopes that are in both.
    #[must_use]
    pub const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether all of these are in the set.
    #[must_use]
    pub const fn contains(self, all: Self) -> bool {
        self.0 & all.0 == all.0
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scopes({:#b})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Scopes};

    #[test]
    fn a_set_contains_what_was_put_in_and_the_empty_set() {
        let both = Scopes::of(0).with(Scopes::of(63));
        assert!(both.contains(Scopes::of(63)) && both.contains(Scopes::NONE));
        assert!(!both.contains(Scopes::of(1)) && !Scopes::NONE.contains(both));
        assert_eq!(both.common(Scopes::first(5)), Scopes::of(0));
        assert_eq!(Scopes::first(Scope::MOST), Scopes::ALL);
        assert_eq!(Scopes::first(2), Scopes::of(0).with(Scopes::of(1)));
        assert!(Scopes::first(0).is_empty());
    }
}
