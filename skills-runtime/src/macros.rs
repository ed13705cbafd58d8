//! The door between a build script and a program.

/// Brings in the bundle that `skills_compiler::build` made in the build script, as `pub static BUNDLE`.
///
/// What the compiler found wrong with the skills stands at this line as errors of rustc.
///
/// ```text
/// skills_runtime::include_bundle!();
///
/// fn main() -> std::process::ExitCode {
///     skills_runtime::run(&BUNDLE)
/// }
/// ```
#[macro_export]
macro_rules! include_bundle {
    () => {
        mod __skills_bundle {
            use $crate::model;
            include!(concat!(env!("OUT_DIR"), "/bundle.rs"));
            __skills_findings! { $crate::include_bundle }
        }
        pub use __skills_bundle::BUNDLE;
    };
    (@findings $($file:literal)*) => {
        $( compile_error!(include_str!(concat!(env!("OUT_DIR"), "/", $file))); )*
    };
}
