//! Audit logs that are checked and summed up.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| skills_runtime::fuzzing::audit_file(bytes));
