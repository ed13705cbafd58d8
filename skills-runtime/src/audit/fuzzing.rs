//! For the fuzzer: what has to hold for any file that is checked.

use std::path::PathBuf;

use super::summary::summary;
use super::verify::verify;

/// Checks a file and sums it up. It has no more lines than it has line ends and a rest, and what is said of a line is said of
/// one that is there.
#[expect(clippy::disallowed_methods, reason = "files are what is checked")]
pub fn audit_file(bytes: &[u8]) {
    let name = format!("skills-fuzz-{}.jsonl", std::process::id());
    let path = PathBuf::from("/dev/shm").join(name);
    std::fs::write(&path, bytes).expect("the file can be written");
    let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
    if let Ok(report) = verify(std::slice::from_ref(&path), None) {
        assert!(report.lines <= lines);
        assert!(
            report
                .remarks
                .iter()
                .all(|remark| remark.line >= 1 && remark.line <= lines)
        );
        assert_eq!(report.seals, None, "without a key, no seal is right");
    }
    if let Ok(summary) = summary(&[path]) {
        serde_json::to_string(&summary).expect("a summary can be shown");
    }
}
