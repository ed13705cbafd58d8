//! How much memory a process takes, as Linux counts it, and messages that are made to take much of it.

use std::fs;

/// A million bytes and a little more: just below the longest body that is read.
pub(crate) const BODY_BYTES: usize = 1_040_000;

/// The largest resident set that a process has had, in KiB.
pub(crate) fn peak(process: u32) -> usize {
    field(process, "VmHWM:")
}

/// The resident set of a process now, in KiB.
pub(crate) fn resident(process: u32) -> usize {
    field(process, "VmRSS:")
}

fn field(process: u32, name: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number
        .and_then(|number| number.parse().ok())
        .expect("a number of KiB")
}

/// Calls of a tool of about this many bytes, each of a kind that grows in another way when it is read.
pub(crate) fn growing(bytes: usize) -> Vec<String> {
    let units = [
        r#"{"":1}"#,
        r#"{"":{"":1}}"#,
        r#"{"a":[],"b":{},"c":""}"#,
        "[[]]",
        "1",
        r#""a""#,
        "-1e-300",
        r#""\u0001""#,
    ];
    let repeated = units.map(|unit| filled(unit, bytes));
    let nested = filled(&format!("{}{}", "[".repeat(50), "]".repeat(50)), bytes);
    let members: Vec<_> = (0..bytes / 12)
        .map(|index| format!("\"{index:06}\":1"))
        .collect();
    let wide = call(&format!("{{{}}}", members.join(",")));
    let text = call(&format!("\"{}\"", "x".repeat(bytes)));
    let escaped = call(&format!("\"{}\"", "\\u00e9".repeat(bytes / 6)));
    let digits = call(&format!("1{}", "0".repeat(250)));
    // The most that is read: as many objects with a member as a message may have.
    let most = call(&format!("[{}]", vec![r#"{"":1}"#; 8_000].join(",")));
    let deep = call(&format!(
        "[{}]",
        vec![r#"{"":{"":{"":{"":[]}}}}"#; 2_000].join(",")
    ));
    let mut calls = vec![nested, wide, text, escaped, digits, most, deep];
    calls.extend(repeated);
    calls
}

fn filled(unit: &str, bytes: usize) -> String {
    let count = bytes.saturating_sub(200) / (unit.len() + 1);
    call(&format!("[{}]", vec![unit; count].join(",")))
}

/// A call of a tool with such an argument.
fn call(argument: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"list_skills","arguments":{{"x":{argument}}}}}}}"#
    )
}
