//! Tells the crate for which target and in which profile it is compiled; `about` shows it.
#![expect(
    clippy::disallowed_methods,
    reason = "the environment is a build script's input"
)]

fn main() {
    for fact in ["TARGET", "PROFILE"] {
        let value = std::env::var(fact).unwrap_or_else(|_| "unknown".into());
        println!("cargo::rustc-env=SKILLS_{fact}={value}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
