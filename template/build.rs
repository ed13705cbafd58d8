//! Compiles the folder `skills/`; what is wrong with a skill is an error of this build.

use std::process::ExitCode;

fn main() -> ExitCode {
    skills_compiler::build("skills")
}
