//! Key sets of authorization servers.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| skills_runtime::fuzzing::key_set(bytes));
