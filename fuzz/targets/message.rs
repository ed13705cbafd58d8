//! A JSON-RPC message: strict JSON, the envelope, the typed request, and the reader of prepared requests.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| skills_runtime::fuzzing::message(bytes));
