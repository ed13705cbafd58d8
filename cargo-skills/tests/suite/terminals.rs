//! Colours, progress and readers that go away.

use std::io::pipe;
use std::process::Stdio;

use crate::folder::{BAD, Folder, GOOD};
use crate::process::{at_a_terminal, command, run};

const RED: &str = "\u{1b}[1m\u{1b}[91m";

fn is_coloured(folder: &Folder, arguments: &[&str], environment: &[(&str, &str)]) -> bool {
    let output = command(folder, arguments)
        .envs(environment.iter().copied())
        .output();
    let stdout = String::from_utf8(output.expect("it starts").stdout).expect("it is text");
    stdout.contains('\u{1b}')
}

#[test]
fn a_pipe_gets_colours_only_on_demand() {
    let folder = Folder::of(BAD);
    for arguments in [&["check"][..], &["explain", "SK005"]] {
        let with = |color: &'static str| [arguments, &["--color", color]].concat();
        assert!(!is_coloured(&folder, arguments, &[]));
        assert!(is_coloured(&folder, &with("always"), &[]));
        assert!(is_coloured(&folder, &with("always"), &[("NO_COLOR", "1")]));
        assert!(is_coloured(&folder, arguments, &[("CLICOLOR_FORCE", "1")]));
        assert!(!is_coloured(
            &folder,
            &with("never"),
            &[("CLICOLOR_FORCE", "1")]
        ));
        assert!(!is_coloured(
            &folder,
            arguments,
            &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]
        ));
    }
}

#[test]
fn programs_get_no_colours_whatever_is_wanted() {
    let folder = Folder::of(BAD);
    for format in ["short", "json", "rustc-json", "sarif", "github"] {
        let arguments = ["check", "--color", "always", "--format", format];
        assert!(!is_coloured(&folder, &arguments, &[]), "{format}");
    }
}

#[cfg(unix)]
#[test]
fn a_terminal_gets_colours_unless_they_are_refused() {
    let folder = Folder::of(BAD);
    let (code, shown) = at_a_terminal(&folder, &["check"], &[]);
    assert_eq!(code, Some(1));
    assert!(shown.contains(RED), "{shown:?}");
    for environment in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        let (_, shown) = at_a_terminal(&folder, &["check"], &[environment]);
        assert!(!shown.contains('\u{1b}'), "{environment:?}: {shown:?}");
    }
    let (_, shown) = at_a_terminal(&folder, &["check", "--color", "never"], &[]);
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}

#[cfg(unix)]
#[test]
fn what_takes_no_time_shows_no_progress() {
    let folder = Folder::of(GOOD);
    let (code, shown) = at_a_terminal(&folder, &["check", "--color", "never"], &[]);
    assert_eq!(
        (code, shown.as_str()),
        (Some(0), "1 skill checked in `skills`, nothing found\n")
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::of(BAD);
    for (arguments, code) in [
        (&["check"][..], 1),
        (&["rules"], 0),
        (&["explain", "SK005"], 0),
        (&["--help"], 0),
    ] {
        let (reader, writer) = pipe().expect("there are pipes");
        drop(reader);
        let output = command(&folder, arguments)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output();
        let output = output.expect("it starts");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn quiet_prints_findings_only() {
    assert_eq!(run(&Folder::of(GOOD), &["check", "-q"]).clean(), "");
    assert!(
        !run(&Folder::of(BAD), &["check", "--quiet"])
            .denied()
            .contains("checked")
    );
}
