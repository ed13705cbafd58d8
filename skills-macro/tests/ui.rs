//! What users of the macros see: a program and the whole text of rustc for it, pair by pair.
//!
//! Of `skills-runtime` the macros need the model only, which the programs bring in themselves; building the whole server
//! for them would take a minute. `TRYBUILD=overwrite cargo test -p skills-macro --test ui` accepts new texts.
#![expect(clippy::disallowed_methods, reason = "a test is an edge")]

use std::path::Path;
use std::{fs, io};

/// The package that trybuild compiles the programs in, which is where the macros look for directories.
const PACKAGE: &str = concat!(
    env!("CARGO_TARGET_TMPDIR"),
    "/../tests/trybuild/skills-macro"
);

#[test]
fn users_see_what_is_wrong_and_nothing_else() {
    for directory in ["skills", "broken"] {
        let from = Path::new("tests/ui").join(directory);
        copy(&from, &Path::new(PACKAGE).join(directory)).expect("fixtures can be copied");
    }
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/served_skills.rs");
    for program in [
        "broken_skills",
        "missing_directory",
        "no_directory",
        "unknown_skill",
    ] {
        cases.compile_fail(format!("tests/ui/{program}.rs"));
    }
}

/// Makes `to` what `from` is, without what an earlier run may have left there.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if to.is_dir() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}
