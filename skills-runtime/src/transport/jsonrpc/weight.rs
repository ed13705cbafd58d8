//! What a message costs in memory, estimated from what is in it, and how much of what one message may have.

use std::fmt;

/// What is bounded in a message, besides its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Values of any kind, those in others included.
    Values,
    /// Members of all objects together.
    Members,
    /// Arrays and objects in one another.
    Levels,
}

impl Limit {
    /// How many there may be.
    ///
    /// A request of MCP has some twenty values, and a tool that takes a table of a thousand rows some ten thousand. An object takes
    /// 640 bytes in memory as soon as it has a member, whatever that is, so that members are what costs most. Nobody nests
    /// arguments more than ten levels deep; what is nested is read by recursion, here and in tools.
    pub(crate) const fn most(self) -> usize {
        match self {
            Self::Values => 16_384,
            Self::Members => 8_192,
            Self::Levels => 64,
        }
    }

    /// Whether a number of these is still within the limit.
    pub(crate) const fn keep(self, count: usize) -> Result<(), Self> {
        if count > self.most() {
            return Err(self);
        }
        Ok(())
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.most();
        match self {
            Self::Values => write!(formatter, "a message has at most {most} values"),
            Self::Members => write!(formatter, "a message has at most {most} object members"),
            Self::Levels => write!(
                formatter,
                "arrays and objects are nested at most {most} levels deep"
            ),
        }
    }
}

/// What is in a message, as far as it decides how much memory its tree takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    pub(super) bytes: usize,
    pub(super) values: usize,
    pub(super) members: usize,
    /// Objects that have a member.
    pub(super) objects: usize,
}

impl Weight {
    /// Copies of its text: as it was received, in the strings of the tree, and where an answer repeats what was asked for.
    const COPIES: usize = 3;
    /// A value in an array that has grown by doubling, and the smallest piece of memory that its text can have.
    const VALUE: usize = 3 * 32 + 32;
    /// The smallest piece of memory for a key that is not empty, and a place in a node that is half full.
    const MEMBER: usize = 32 + 2 * 56;
    /// A node of a B-tree: eleven keys of 24 bytes, eleven values of 32, and its head.
    const OBJECT: usize = 11 * (24 + 32) + 24;

    pub(super) const fn of_text(text: &str) -> Self {
        Self {
            bytes: text.len(),
            values: 0,
            members: 0,
            objects: 0,
        }
    }

    /// What the largest message of so many bytes weighs.
    #[cfg(feature = "http")]
    pub(crate) const fn most(bytes: usize) -> Self {
        Self {
            bytes,
            values: Limit::Values.most(),
            members: Limit::Members.most(),
            objects: Limit::Members.most(),
        }
    }

    pub(super) const fn add_value(&mut self) -> Result<(), Limit> {
        self.values += 1;
        Limit::Values.keep(self.values)
    }

    pub(super) const fn add_member(&mut self, is_first: bool) -> Result<(), Limit> {
        self.members += 1;
        self.objects += is_first as usize;
        Limit::Members.keep(self.members)
    }

    /// An upper bound of the memory that the message takes while it is answered, in bytes.
    pub(crate) const fn memory(&self) -> usize {
        Self::COPIES * self.bytes
            + Self::VALUE * self.values
            + Self::MEMBER * self.members
            + Self::OBJECT * self.objects
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_estimate_knows_how_large_values_are() {
        assert_eq!(size_of::<Value>(), 32);
        assert_eq!(size_of::<String>(), 24);
    }

    #[test]
    fn a_small_request_costs_little_and_the_worst_a_few_mebibytes() {
        let small = Weight {
            bytes: 300,
            values: 12,
            members: 11,
            objects: 4,
        };
        assert!(small.memory() < 16 * 1024);
        let worst = Weight {
            values: Limit::Values.most(),
            members: Limit::Members.most(),
            objects: Limit::Members.most(),
            ..small
        };
        assert!(worst.memory() < 10 * 1024 * 1024);
    }
}
