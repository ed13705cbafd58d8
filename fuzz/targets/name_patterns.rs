//! Hosts and origins that operators allow.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| skills_runtime::fuzzing::name_patterns(text));
