//! Two broken skills: the findings of both, and nothing about `BUNDLE` or `skill!`.

skills_macro::bundle!("broken");

fn main() {
    println!("{}", BUNDLE.skills.len());
}
