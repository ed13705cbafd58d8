//! A request of HTTP: the headers that repeat what its message says, plain and in Base64.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| skills_runtime::fuzzing::request(bytes));
