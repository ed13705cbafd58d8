//! Access tokens before anything is verified.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| skills_runtime::fuzzing::token(text));
