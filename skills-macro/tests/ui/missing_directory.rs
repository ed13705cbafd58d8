//! A directory that is not there; `BUNDLE` is, so that nothing is said of `main`.

extern crate self as skills_runtime;
use skills_model as model;

skills_macro::bundle!("skils");

fn main() {
    println!("{}", BUNDLE.skills.len());
}
