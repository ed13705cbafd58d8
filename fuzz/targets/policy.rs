//! The policy file and its quotas.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| skills_runtime::fuzzing::policy(text));
