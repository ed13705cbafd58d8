//! Two broken skills: the findings of both, and nothing about what `main` does with the bundle.

extern crate self as skills_runtime;
use skills_model as model;

skills_macro::bundle!("broken");

fn main() {
    println!("{}", BUNDLE.skills.len());
}
