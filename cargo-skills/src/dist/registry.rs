//! The entry for the MCP Registry: `server.json` after the schema of 2025-12-11.

use serde_json::json;

use super::Executable;
use super::facts::Facts;

const SCHEMA: &str = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

/// The most characters of a description.
const MOST: usize = 100;

/// The entry, for a release at GitHub that has the MCP bundle with this digest among its files; or why there is none.
pub(super) fn entry(
    executable: &Executable,
    facts: &Facts,
    package_digest: &str,
) -> Result<String, String> {
    let server = &facts.server;
    let missing =
        "the package has no `repository` at GitHub in Cargo.toml, of which its name is made";
    let name = name(executable, facts).ok_or(missing)?;
    let repository = server.repository.trim_end_matches(".git");
    let package = format!(
        "{repository}/releases/download/v{}/{}.mcpb",
        server.version, executable.name
    );
    let entry = json!({
        "$schema": SCHEMA,
        "name": name,
        "description": facts.description(MOST),
        "version": server.version,
        "repository": { "url": repository, "source": "github" },
        "packages": [{
            "registryType": "mcpb",
            "identifier": package,
            "fileSha256": package_digest,
            "transport": { "type": "stdio" },
        }],
    });
    Ok(format!("{entry:#}\n"))
}

/// The name that the owner of a repository at GitHub can use, such as `io.github.acme/skills`.
pub(super) fn name(executable: &Executable, facts: &Facts) -> Option<String> {
    let repository = facts
        .server
        .repository
        .strip_prefix("https://github.com/")?;
    let (owner, project) = repository.split_once('/')?;
    let is_plain = |text: &str| {
        let fits =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
        !text.is_empty() && text.chars().all(fits)
    };
    let fits = is_plain(owner) && is_plain(project) && is_plain(&executable.name);
    fits.then(|| format!("io.github.{owner}/{}", executable.name))
}
