//! API keys and their fingerprints.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| skills_runtime::fuzzing::key_file(text));
