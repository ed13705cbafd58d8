//! `bundle!` without its argument.

skills_macro::bundle!();

fn main() {}
