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
    let name = name(executable, facts).ok_or_else(|| missing(executable, facts))?;
    let repository = plain(&server.repository);
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
    let owner = owner(&facts.server.repository)?;
    is_word(&executable.name).then(|| format!("io.github.{owner}/{}", executable.name))
}

/// Why there is no name.
fn missing(executable: &Executable, facts: &Facts) -> String {
    let repository = &facts.server.repository;
    if repository.is_empty() {
        let missing = "the package has no `repository` at GitHub in Cargo.toml";
        return format!("{missing}, of which its name is made");
    }
    if owner(repository).is_some() {
        let name = &executable.name;
        return format!("the registry takes no name with `{name}` in it");
    }
    format!("the `repository` of Cargo.toml, {repository}, is not https://github.com/OWNER/NAME")
}

/// Whose a repository at GitHub is.
fn owner(repository: &str) -> Option<&str> {
    let path = plain(repository).strip_prefix("https://github.com/")?;
    let (owner, project) = path.split_once('/')?;
    (is_word(owner) && is_word(project)).then_some(owner)
}

/// The address of a repository without what Git and browsers do not need.
fn plain(repository: &str) -> &str {
    let plain = repository.trim_end_matches('/');
    plain.strip_suffix(".git").unwrap_or(plain)
}

fn is_word(text: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
    !text.is_empty() && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_taken_as_git_and_browsers_have_them() {
        for repository in [
            "https://github.com/acme/skills",
            "https://github.com/acme/skills/",
            "https://github.com/acme/skills.git",
            "https://github.com/acme/skills.git/",
        ] {
            assert_eq!(owner(repository), Some("acme"), "{repository}");
            assert_eq!(plain(repository), "https://github.com/acme/skills");
        }
        for repository in [
            "https://github.com/acme",
            "https://github.com//skills",
            "https://github.com/acme/skills/tree/main",
            "https://example.com/acme/skills",
        ] {
            assert_eq!(owner(repository), None, "{repository}");
        }
    }
}
