//! The server: the folder `skills/` as one executable.

use std::process::ExitCode;

skills_runtime::include_bundle!();

fn main() -> ExitCode {
    skills_runtime::server(&BUNDLE)
        // Tools of your own, beside the skills: turn on the feature `tools` in Cargo.toml, write them in src/tools.rs as
        // rmcp's `#[tool_router]` wants them, say `mod tools;` above, and add them here:
        // .tools(tools::Clock::default(), tools::Clock::tool_router())
        .run()
}
