//! For the fuzzer: what has to hold for any path of a request.

use super::path::{Place, Target};

/// Reads a path. It names nothing outside of what is served, and nothing that another reader of the path would see as two places.
pub fn discovery_path(path: &str) {
    let Some(Some(place)) = Place::new(path) else {
        return;
    };
    let (name, file) = match &place.target {
        Target::Index(_) => ("", ""),
        Target::Archive { name, .. } => (name.as_str(), ""),
        Target::File { name, path, .. } => (name.as_str(), path.as_str()),
    };
    for part in [&place.prefix, name, file] {
        let is_sound = |segment: &str| !matches!(segment, "." | "..");
        assert!(part.split('/').all(is_sound), "{path}");
        assert!(
            part.is_empty() || !part.split('/').any(str::is_empty),
            "{path}"
        );
    }
    assert!(!name.contains('/'), "{path}");
}
