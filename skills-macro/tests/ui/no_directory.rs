//! `bundle!` without its argument.

extern crate self as skills_runtime;
use skills_model as model;

skills_macro::bundle!();

fn main() {
    println!("{}", BUNDLE.skills.len());
}
