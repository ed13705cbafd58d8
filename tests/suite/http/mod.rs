//! The executable that serves HTTP, from outside: what it answers, what it refuses, how much it bears, and how it ends.

mod conformance;
