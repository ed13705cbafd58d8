//! The reference server: the folder `skills/` as one executable.
#![forbid(unsafe_code)]

use std::process::ExitCode;

skills_runtime::include_bundle!();

fn main() -> ExitCode {
    skills_runtime::run(&BUNDLE)
}
