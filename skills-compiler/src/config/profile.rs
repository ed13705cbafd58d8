//! Profiles: levels that belong together, by the name of what the skills are for.

use crate::diagnostics::Level::{self, Deny, Warn};

/// Levels that belong together.
#[derive(Debug)]
pub struct Profile {
    /// Its name in `skills.toml`.
    pub name: &'static str,
    /// The rules whose level differs from the default.
    pub levels: &'static [(&'static str, Level)],
    /// Whether fields that only some clients define count as unknown.
    pub only_specified_fields: bool,
}

/// Every profile; the first one is the default.
pub static PROFILES: &[Profile] = &[
    // The specification, as its clients read it.
    Profile {
        name: "spec",
        levels: &[],
        only_specified_fields: false,
    },
    // What every known loader accepts, with the same values.
    Profile {
        name: "portable",
        levels: &[
            ("unknown-field", Deny),
            ("wrong-type", Deny),
            ("metadata-not-string", Deny),
            ("metadata-nested", Deny),
            ("ambiguous-scalar", Deny),
            ("allowed-tools-not-string", Deny),
            ("bom", Deny),
            ("line-endings", Deny),
            ("flow-collection", Deny),
            ("disputed-notation", Deny),
            ("duplicate-name", Deny),
        ],
        only_specified_fields: true,
    },
    // What can be uploaded to the Claude API.
    Profile {
        name: "claude-upload",
        levels: &[
            ("description-markup", Deny),
            ("reserved-name", Deny),
            ("nested-skill", Deny),
            ("skill-too-large", Deny),
            ("unknown-field", Deny),
        ],
        only_specified_fields: true,
    },
    // What works over MCP, where a host reads skills as resources.
    Profile {
        name: "mcp",
        levels: &[("link-escapes-skill", Deny), ("permissions-ignored", Warn)],
        only_specified_fields: false,
    },
    // Skills of others, which cannot be mended here: what no loader can read is denied, and nothing else.
    Profile {
        name: "imported",
        levels: &[
            ("missing-skill-md", Warn),
            ("control-char", Warn),
            ("misspelled-field", Warn),
            ("description-too-long", Warn),
            ("compatibility-length", Warn),
            ("comment-truncates-value", Warn),
            ("placeholder-text", Warn),
            ("name-format", Warn),
            ("name-dir-mismatch", Warn),
            ("name-too-long", Warn),
            ("duplicate-name", Warn),
            ("confusable-name", Warn),
            ("broken-link", Warn),
            ("absolute-link", Warn),
            ("file-too-large", Warn),
            ("skill-too-large", Warn),
            ("symlink", Warn),
            ("case-collision", Warn),
            ("unportable-filename", Warn),
            ("lfs-pointer", Warn),
            ("native-binary", Warn),
            ("bidi-control", Warn),
            ("invisible-unicode", Warn),
            ("hardcoded-secret", Warn),
            ("reserved-metadata-key", Warn),
        ],
        only_specified_fields: false,
    },
];

impl Profile {
    /// The profile of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    #[test]
    fn a_profile_sets_rules_that_exist_to_another_level() {
        for profile in PROFILES {
            for (name, level) in profile.levels {
                let rule = rules::find(name).unwrap_or_else(|| panic!("{name}"));
                // A rule may warn of its milder cases although its level is `deny`.
                assert!(rule.default_level != *level || *level == Deny, "{name}");
            }
        }
    }
}
