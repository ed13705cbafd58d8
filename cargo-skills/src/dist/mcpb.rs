//! The MCP bundle that desktop hosts install: a zip archive with a manifest (MCPB manifest 0.3) and the executable.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::facts::Facts;
use super::{Error, Executable};

/// The bytes of the archive: the same for the same executable, because all its files are as old as such archives can say.
pub(super) fn package(
    executable: &Executable,
    facts: &Facts,
    bytes: &[u8],
) -> Result<Vec<u8>, Error> {
    let manifest = manifest(executable, facts).to_string() + "\n";
    let path = entry_point(executable);
    let written = zip_of(&[
        ("manifest.json", 0o644, manifest.as_bytes()),
        (&path, 0o755, bytes),
    ]);
    written.map_err(|error| Error::writing(&executable.path)(error.into()))
}

fn zip_of(files: &[(&str, u32, &[u8])]) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, mode, bytes) in files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::DEFAULT)
            .unix_permissions(*mode);
        archive.start_file(*path, options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn entry_point(executable: &Executable) -> String {
    format!("server/{}", executable.file_name())
}

fn manifest(executable: &Executable, facts: &Facts) -> Value {
    let server = &facts.server;
    let path = entry_point(executable);
    let mut manifest = json!({
        "manifest_version": "0.3",
        "name": server.name,
        "version": server.version,
        "description": facts.description(usize::MAX),
        "author": { "name": author(facts) },
        "server": {
            "type": "binary",
            "entry_point": path,
            "mcp_config": {
                "command": format!("${{__dirname}}/{path}"),
                "args": ["stdio"],
                "env": {},
            },
        },
        "tools_generated": true,
        "prompts_generated": true,
    });
    let Value::Object(members) = &mut manifest else {
        return manifest;
    };
    if let Some(platform) = platform(&executable.target) {
        let platforms = json!({ "platforms": [platform] });
        members.insert("compatibility".to_owned(), platforms);
    }
    for (member, value) in [("license", &server.license), ("homepage", &server.homepage)] {
        if !value.is_empty() {
            members.insert(member.to_owned(), json!(value));
        }
    }
    if !server.repository.is_empty() {
        let repository = json!({ "type": "git", "url": server.repository });
        members.insert("repository".to_owned(), repository);
    }
    manifest
}

/// The first author without an address, or else the server: the manifest has to name somebody.
fn author(facts: &Facts) -> &str {
    let author = facts.server.authors.first();
    let name = author.map(|author| author.split('<').next().unwrap_or_default().trim());
    name.filter(|name| !name.is_empty())
        .unwrap_or(&facts.server.name)
}

/// What hosts call the system of a triple.
fn platform(target: &str) -> Option<&'static str> {
    match target {
        _ if target.contains("-linux-") => Some("linux"),
        _ if target.contains("-apple-darwin") => Some("darwin"),
        _ if target.contains("-windows-") => Some("win32"),
        _ => None,
    }
}
