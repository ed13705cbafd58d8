//! The page about it: every command in it runs, and every file in it is where it says.

use std::process::Stdio;

use super::{HOSTS, Home};
use crate::server::EXECUTABLE;

const PAGE: &str = include_str!("../../../docs/install.md");

/// The lines of the `sh` blocks.
fn commands() -> impl Iterator<Item = &'static str> {
    let blocks = PAGE.split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split("```").next());
    blocks.flat_map(str::lines)
}

#[cfg(unix)]
#[test]
fn every_command_of_the_page_runs() {
    let home = Home::new("manual").file(".codex/config.toml", "");
    let mut count = 0;
    for line in commands() {
        let line = line.replace("my-server", &format!("'{EXECUTABLE}'"));
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &line]).stdin(Stdio::null());
        shell.current_dir(&home.0).env("HOME", &home.0);
        for variable in super::VARIABLES {
            shell.env_remove(variable);
        }
        let output = shell.output().expect("sh starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {stderr}");
        count += 1;
    }
    assert!(count > 8, "{count} commands");
}

#[test]
fn every_option_and_every_host_is_on_the_page() {
    let home = Home::new("options");
    for verb in ["install", "uninstall"] {
        let help = home.done(&[verb, "--help"]);
        let (_, options) = help.split_once("Options:").expect("there are some");
        let (options, _) = options.split_once("--log-level").expect("there is that");
        for word in options
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
        {
            let option = word.trim_end_matches(|symbol: char| !symbol.is_alphanumeric());
            assert!(PAGE.contains(option), "{option}");
        }
    }
    for (host, _) in HOSTS {
        assert!(PAGE.contains(&format!("`{host}`")), "{host}");
    }
}
