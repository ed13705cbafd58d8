//! A directory that is not there.

skills_macro::bundle!("skils");

fn main() {}
