//! What the skills extension asks of a host before it trusts a skill, done twice by programs in other languages with YAML
//! parsers of their own.

use std::process::Command;

use crate::installation::{javascript, python, run};
use crate::server::EXECUTABLE;
use crate::service::Service;
use crate::tree::{self, FILES};

fn check(command: &mut Command) {
    let output = run(command);
    let counts: Vec<usize> = output
        .split_whitespace()
        .map(|count| count.parse().expect("a number"))
        .collect();
    assert_eq!(counts, [tree::skills().len(), FILES.len()]);
}

#[test]
fn every_file_and_every_frontmatter_is_what_the_entry_says_to_python() {
    let service = Service::start(&[]);
    for server in [EXECUTABLE, service.url()] {
        check(python("host.py").arg(server).arg(tree::folder()));
    }
}

#[test]
fn every_file_and_every_frontmatter_is_what_the_entry_says_to_javascript() {
    check(javascript("host.mjs").arg(EXECUTABLE));
}
