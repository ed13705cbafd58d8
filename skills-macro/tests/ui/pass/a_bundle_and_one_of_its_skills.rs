//! The macro door alone: a bundle without a build script, and references to its skills by name and by path.

skills_macro::bundle!("skills");

fn main() {
    let names: Vec<_> = BUNDLE.skills.iter().map(|skill| skill.name).collect();
    assert_eq!(names, ["refunds", "pdf-forms"]);
    assert_eq!(skills_macro::skill!("pdf-forms").resources.len(), 2);
    assert_eq!(skills_macro::skill!("acme/refunds").name, "refunds");
}
