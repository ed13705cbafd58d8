//! Paths of the static files.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| skills_runtime::fuzzing::discovery_path(text));
