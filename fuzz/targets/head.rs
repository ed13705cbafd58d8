//! The head of a request: credentials, `Origin`, `Forwarded` and `X-Forwarded-For`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| skills_runtime::fuzzing::head(bytes));
