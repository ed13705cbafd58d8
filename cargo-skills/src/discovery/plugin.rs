//! What manifests say of plugins: where each lies, and where its skills are.

use serde_json::Value;

use super::listing::{Listing, Manifest, is_at_or_below};

/// A plugin of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plugin {
    pub(super) name: String,
    pub(super) directory: String,
    /// The directories that it says are skills or folders of skills.
    pub(super) declared: Vec<String>,
}

/// The plugins of all manifests, those of marketplaces last: a plugin knows itself best.
pub(super) fn plugins(listing: &Listing) -> Vec<Plugin> {
    let mut plugins: Vec<Plugin> = Vec::new();
    let (markets, own): (Vec<_>, Vec<_>) = listing
        .manifests
        .iter()
        .partition(|manifest| manifest.is_marketplace);
    for manifest in own.into_iter().chain(markets) {
        for plugin in read(manifest) {
            if !plugins.contains(&plugin) {
                plugins.push(plugin);
            }
        }
    }
    plugins
}

/// The plugin that installs the skill in a directory: the one that names it, or the innermost around it.
pub(super) fn plugin_of<'plugins>(
    plugins: &'plugins [Plugin],
    path: &str,
) -> Option<&'plugins str> {
    let declares = |plugin: &&Plugin| {
        let mut declared = plugin.declared.iter();
        declared.any(|directory| is_at_or_below(path, directory))
    };
    let around = || {
        let around = plugins
            .iter()
            .filter(|plugin| is_at_or_below(path, &plugin.directory) && plugin.declared.is_empty());
        around.max_by_key(|plugin| plugin.directory.len())
    };
    let found = plugins.iter().find(declares).or_else(around)?;
    Some(&found.name)
}

fn read(manifest: &Manifest) -> Vec<Plugin> {
    let Ok(value) = serde_json::from_str::<Value>(&manifest.text) else {
        return Vec::new();
    };
    if !manifest.is_marketplace {
        return vec![plugin(&value, manifest.directory.clone())];
    }
    let base = value
        .pointer("/metadata/pluginRoot")
        .and_then(Value::as_str);
    let entries = value.get("plugins").and_then(Value::as_array);
    let entries = entries.into_iter().flatten().filter_map(|entry| {
        let source = entry.get("source").and_then(Value::as_str)?;
        let directory = resolved(&manifest.directory, source).filter(|_| base.is_none());
        let below = || resolved(&resolved(&manifest.directory, base?)?, source);
        Some(plugin(entry, directory.or_else(below)?))
    });
    entries.collect()
}

fn plugin(value: &Value, directory: String) -> Plugin {
    let name = value.get("name").and_then(Value::as_str);
    let declared = match value.get("skills") {
        Some(Value::String(path)) => vec![path.as_str()],
        Some(Value::Array(paths)) => paths.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let declared = declared.into_iter();
    Plugin {
        name: name.unwrap_or(&directory).to_owned(),
        declared: declared
            .filter_map(|path| resolved(&directory, path))
            .collect(),
        directory,
    }
}

/// A path as a manifest writes it, from the top of the repository; nothing if it leaves that.
fn resolved(directory: &str, path: &str) -> Option<String> {
    let is_path = !path.contains("://");
    is_path
        .then(|| skills_compiler::source::resolved(directory, path))
        .flatten()
}
