//! The installer `skills`, which takes skills from a server's static files and writes them down for a host.

use std::fs;

use crate::installation::{offline, package, run};
use crate::service::{Service, folder};
use crate::tree;

#[test]
fn the_installer_writes_every_skill_as_it_is() {
    let service = Service::start(&[]);
    let server = service.url().trim_end_matches("/mcp");
    let folder = folder("installer");
    let mut command = package("skills/bin/cli.mjs");
    command
        .args(["add", server, "--skill", "*"])
        .args(["--agent", "claude-code", "--copy", "--yes"])
        .current_dir(&folder)
        .env("HOME", &folder)
        .env("DISABLE_TELEMETRY", "1");
    offline(&mut command);
    run(&mut command);
    let mut files = 0;
    for skill in tree::skills() {
        let name = skill.rsplit('/').next().expect("a name");
        let installed = folder.join(".claude/skills").join(name);
        let prefix = format!("{skill}/");
        for file in tree::FILES.iter() {
            let Some(path) = file.path.strip_prefix(&prefix) else {
                continue;
            };
            let bytes = fs::read(installed.join(path)).expect(path);
            assert_eq!(bytes, file.bytes, "{path} of {skill}");
            files += 1;
        }
    }
    assert!(files >= tree::FILES.len(), "{files} files");
}
