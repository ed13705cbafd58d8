//! The compiler of skills as macros. Nothing lives here but the doors; see `skills_compiler::frontend::macros`.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;

/// Compiles a directory of skills, without a build script, into `pub static BUNDLE`.
///
/// ```text
/// skills_macro::bundle!("skills");
///
/// fn main() -> std::process::ExitCode {
///     skills_runtime::run(&BUNDLE)
/// }
/// ```
///
/// The path is relative to the package. The package needs `skills-runtime` as a dependency. Editing or deleting a file
/// rebuilds the crate; a *new* file is seen with the next edit, because cargo tells a crate without a build script
/// nothing of new files. Where that matters, or where there are many skills, use the build script.
#[proc_macro]
pub fn bundle(input: TokenStream) -> TokenStream {
    skills_compiler::frontend::macros::bundle(input.into()).into()
}

/// A `Skill` of `crate::BUNDLE`, by name or path; a compile error with a suggestion if there is none.
///
/// ```text
/// let skill = skills_macro::skill!("writing-skills");
/// println!("{}", skill.description);
/// ```
#[proc_macro]
pub fn skill(input: TokenStream) -> TokenStream {
    skills_compiler::frontend::macros::skill(input.into()).into()
}
