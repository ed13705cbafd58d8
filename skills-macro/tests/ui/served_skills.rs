//! A bundle without a build script, and references to its skills by name and by path.

extern crate self as skills_runtime;
use skills_model as model;

skills_macro::bundle!("skills");

fn main() {
    let names: Vec<_> = BUNDLE.skills.iter().map(|skill| skill.name()).collect();
    assert_eq!(names, ["refunds", "pdf-forms"]);
    assert_eq!(skills_macro::skill!("pdf-forms").resources().len(), 2);
    assert_eq!(skills_macro::skill!("acme/refunds").name(), "refunds");
}
