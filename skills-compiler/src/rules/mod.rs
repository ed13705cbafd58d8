//! The lint rules: one file each, pure, in the order of their codes.
//!
//! A rule's doc comment is its user documentation; its Example and Instead are executed by `tests/rules.rs`.

pub(crate) mod rule;

mod checked;
mod page;

mod absence;
mod brief;
mod charset;
mod circular_description;
mod claim;
mod claimed_priority;
mod code;
mod copies;
mod described;
mod destination;
mod disabled_safeguard;
mod disputed_notation;
mod field;
mod folding;
mod link_repair;
mod link_to_protected;
mod listed;
mod mention;
mod metadata;
mod misread;
mod name;
mod named_path;
mod occurrence;
mod owner;
mod phrase;
mod quoted;
mod section;
mod shared_description;
mod shell;
mod similar;
mod size;
mod target;
mod template;
mod token;
mod tool;
mod unseen;
mod value;
mod yaml_message;

mod absolute_link;
mod access_mismatch;
mod allowed_tools_comma;
mod allowed_tools_not_string;
mod ambiguous_scalar;
mod archive;
mod auto_executed_file;
mod backslash_path;
mod bad_quotes;
mod bare_bash;
mod bidi_control;
mod body_too_long;
mod body_too_many_tokens;
mod bom;
mod broken_anchor;
mod broken_link;
mod case_collision;
mod client_only_feature;
mod comment_truncates_value;
mod compatibility_length;
mod confusable_name;
mod control_char;
mod credential_url;
mod crlf_script;
mod cross_origin_reference;
mod deep_reference;
mod description_cut_off;
mod description_markup;
mod description_multiline;
mod description_person;
mod description_too_long;
mod description_too_short;
mod description_when;
mod duplicate_key;
mod duplicate_name;
mod emphasis_density;
mod empty_body;
mod encoded_blob;
mod executable_bit;
mod file_too_large;
mod flow_collection;
mod forbidden_level;
mod frontmatter_not_json;
mod hardcoded_secret;
mod heading_structure;
mod hidden_file;
mod hidden_instructions;
mod home_path;
mod injection_phrase;
mod invalid_allow;
mod invalid_configuration;
mod invalid_yaml;
mod invisible_unicode;
mod junk_file;
mod lfs_pointer;
mod line_endings;
mod link_escapes_skill;
mod listing_budget;
mod local_path_variable;
mod memory_write;
mod metadata_nested;
mod metadata_not_string;
mod mime_unknown;
mod misdecoded_text;
mod missing_description;
mod missing_frontmatter;
mod missing_mentioned_file;
mod missing_name;
mod missing_skill_md;
mod misspelled_field;
mod name_dir_mismatch;
mod name_format;
mod name_too_long;
mod native_binary;
mod nested_skill;
mod no_license;
mod no_skills;
mod non_utf8_text;
mod not_a_mapping;
mod not_utf8;
mod orphan_file;
mod permissions_ignored;
mod pipe_to_shell;
mod placeholder_text;
mod reference_toc;
mod reserved_indicator;
mod reserved_metadata_key;
mod reserved_name;
mod root_relative_link;
mod run;
mod skill_too_large;
mod symlink;
mod todo_in_reference;
mod trailing_newline;
mod unclosed_fence;
mod unclosed_frontmatter;
mod unknown_field;
mod unknown_rule;
mod unknown_setting;
mod unknown_tool;
mod unmatched_pattern;
mod unpinned_runner;
mod unportable_filename;
mod unportable_yaml;
mod unquoted_colon;
mod unreadable_file;
mod unused_allow;
mod uri_prefix;
mod vague_name;
mod wrong_type;

use std::collections::BTreeMap;

use crate::config::Configuration;
use crate::diagnostics::{Allowed, Finding, Level, Place};
use crate::parallel;
use crate::source::SourceTree;
use crate::syntax::ParsedSkill;

pub use checked::CheckedSkill;
pub use page::page;
pub use rule::{Group, Rule};

/// Every rule, ascending by code.
pub static RULES: &[&Rule] = &[
    &missing_skill_md::MISSING_SKILL_MD,
    &missing_frontmatter::MISSING_FRONTMATTER,
    &unclosed_frontmatter::UNCLOSED_FRONTMATTER,
    &invalid_yaml::INVALID_YAML,
    &unquoted_colon::UNQUOTED_COLON,
    &reserved_indicator::RESERVED_INDICATOR,
    &bad_quotes::BAD_QUOTES,
    &duplicate_key::DUPLICATE_KEY,
    &not_a_mapping::NOT_A_MAPPING,
    &not_utf8::NOT_UTF8,
    &control_char::CONTROL_CHAR,
    &unportable_yaml::UNPORTABLE_YAML,
    &unknown_field::UNKNOWN_FIELD,
    &misspelled_field::MISSPELLED_FIELD,
    &missing_name::MISSING_NAME,
    &missing_description::MISSING_DESCRIPTION,
    &wrong_type::WRONG_TYPE,
    &description_too_long::DESCRIPTION_TOO_LONG,
    &compatibility_length::COMPATIBILITY_LENGTH,
    &comment_truncates_value::COMMENT_TRUNCATES_VALUE,
    &metadata_not_string::METADATA_NOT_STRING,
    &metadata_nested::METADATA_NESTED,
    &ambiguous_scalar::AMBIGUOUS_SCALAR,
    &allowed_tools_not_string::ALLOWED_TOOLS_NOT_STRING,
    &allowed_tools_comma::ALLOWED_TOOLS_COMMA,
    &bom::BOM,
    &line_endings::LINE_ENDINGS,
    &flow_collection::FLOW_COLLECTION,
    &description_markup::DESCRIPTION_MARKUP,
    &placeholder_text::PLACEHOLDER_TEXT,
    &disputed_notation::DISPUTED_NOTATION,
    &description_cut_off::DESCRIPTION_CUT_OFF,
    &shared_description::SHARED_DESCRIPTION,
    &unknown_tool::UNKNOWN_TOOL,
    &name_format::NAME_FORMAT,
    &name_dir_mismatch::NAME_DIR_MISMATCH,
    &name_too_long::NAME_TOO_LONG,
    &duplicate_name::DUPLICATE_NAME,
    &reserved_name::RESERVED_NAME,
    &confusable_name::CONFUSABLE_NAME,
    &vague_name::VAGUE_NAME,
    &empty_body::EMPTY_BODY,
    &body_too_long::BODY_TOO_LONG,
    &body_too_many_tokens::BODY_TOO_MANY_TOKENS,
    &unclosed_fence::UNCLOSED_FENCE,
    &broken_link::BROKEN_LINK,
    &link_escapes_skill::LINK_ESCAPES_SKILL,
    &absolute_link::ABSOLUTE_LINK,
    &broken_anchor::BROKEN_ANCHOR,
    &root_relative_link::ROOT_RELATIVE_LINK,
    &missing_mentioned_file::MISSING_MENTIONED_FILE,
    &orphan_file::ORPHAN_FILE,
    &deep_reference::DEEP_REFERENCE,
    &home_path::HOME_PATH,
    &backslash_path::BACKSLASH_PATH,
    &heading_structure::HEADING_STRUCTURE,
    &misdecoded_text::MISDECODED_TEXT,
    &file_too_large::FILE_TOO_LARGE,
    &skill_too_large::SKILL_TOO_LARGE,
    &symlink::SYMLINK,
    &case_collision::CASE_COLLISION,
    &unportable_filename::UNPORTABLE_FILENAME,
    &junk_file::JUNK_FILE,
    &lfs_pointer::LFS_POINTER,
    &native_binary::NATIVE_BINARY,
    &nested_skill::NESTED_SKILL,
    &executable_bit::EXECUTABLE_BIT,
    &hidden_file::HIDDEN_FILE,
    &non_utf8_text::NON_UTF8_TEXT,
    &crlf_script::CRLF_SCRIPT,
    &archive::ARCHIVE,
    &unreadable_file::UNREADABLE_FILE,
    &bidi_control::BIDI_CONTROL,
    &invisible_unicode::INVISIBLE_UNICODE,
    &hardcoded_secret::HARDCODED_SECRET,
    &credential_url::CREDENTIAL_URL,
    &pipe_to_shell::PIPE_TO_SHELL,
    &hidden_instructions::HIDDEN_INSTRUCTIONS,
    &injection_phrase::INJECTION_PHRASE,
    &bare_bash::BARE_BASH,
    &auto_executed_file::AUTO_EXECUTED_FILE,
    &encoded_blob::ENCODED_BLOB,
    &unpinned_runner::UNPINNED_RUNNER,
    &memory_write::MEMORY_WRITE,
    &disabled_safeguard::DISABLED_SAFEGUARD,
    &claimed_priority::CLAIMED_PRIORITY,
    &frontmatter_not_json::FRONTMATTER_NOT_JSON,
    &reserved_metadata_key::RESERVED_METADATA_KEY,
    &uri_prefix::URI_PREFIX,
    &permissions_ignored::PERMISSIONS_IGNORED,
    &client_only_feature::CLIENT_ONLY_FEATURE,
    &local_path_variable::LOCAL_PATH_VARIABLE,
    &cross_origin_reference::CROSS_ORIGIN_REFERENCE,
    &listing_budget::LISTING_BUDGET,
    &mime_unknown::MIME_UNKNOWN,
    &description_when::DESCRIPTION_WHEN,
    &description_too_short::DESCRIPTION_TOO_SHORT,
    &description_person::DESCRIPTION_PERSON,
    &description_multiline::DESCRIPTION_MULTILINE,
    &trailing_newline::TRAILING_NEWLINE,
    &no_license::NO_LICENSE,
    &reference_toc::REFERENCE_TOC,
    &todo_in_reference::TODO_IN_REFERENCE,
    &emphasis_density::EMPHASIS_DENSITY,
    &circular_description::CIRCULAR_DESCRIPTION,
    &invalid_configuration::INVALID_CONFIGURATION,
    &unknown_setting::UNKNOWN_SETTING,
    &unknown_rule::UNKNOWN_RULE,
    &forbidden_level::FORBIDDEN_LEVEL,
    &invalid_allow::INVALID_ALLOW,
    &unused_allow::UNUSED_ALLOW,
    &unmatched_pattern::UNMATCHED_PATTERN,
    &no_skills::NO_SKILLS,
    &access_mismatch::ACCESS_MISMATCH,
    &link_to_protected::LINK_TO_PROTECTED,
];

/// The rule with this code or name.
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.is_called(code_or_name))
}

/// Where a rule stands in [`RULES`].
pub(crate) fn index(rule: &Rule) -> Option<usize> {
    RULES
        .binary_search_by(|other| other.code.cmp(rule.code))
        .ok()
}

/// The rules without which a skill could not be served: its frontmatter, its name, its description, its URI.
const ESSENTIAL: &[&str] = &[
    "SK002", "SK003", "SK004", "SK005", "SK006", "SK007", "SK009", "SK010", "SK012", "SK015",
    "SK016", "SK017", "SK501", "SK701", "SK709", "SK710",
];

/// Whether a rule cannot be switched off.
#[must_use]
pub fn is_essential(rule: &Rule) -> bool {
    ESSENTIAL.contains(&rule.code)
}

/// How many findings of one rule and level are reported in one file. Whoever has more has one fault that was made many times,
/// and a report that shows lines of the file for each would grow with the square of its size.
const MOST: usize = 100;

/// The findings without those that are too many; the last one before them says how many there are.
fn capped(findings: Vec<Finding>) -> Vec<Finding> {
    // How many there are of a kind, and where the last one is that is kept.
    let mut counts = BTreeMap::<_, (usize, usize)>::new();
    let mut kept = Vec::<Finding>::with_capacity(findings.len());
    for finding in findings {
        if let Place::Bytes(file, _) = finding.place {
            let key = (file, finding.rule.code, finding.level);
            let (count, last) = counts.entry(key).or_default();
            *count += 1;
            if *count > MOST {
                continue;
            }
            *last = kept.len();
        }
        kept.push(finding);
    }
    for (count, last) in counts.into_values().filter(|(count, _)| *count > MOST) {
        if let Some(finding) = kept.get_mut(last) {
            let more = count - MOST;
            finding
                .notes
                .push(format!("{more} more of these in this file are not shown"));
        }
    }
    kept
}

/// Runs every rule that is on, and lets the skills through if none of them was denied.
///
/// The findings come in the order in which they are reported, and so does what comments allow.
pub(crate) fn check<'tree>(
    tree: &'tree SourceTree,
    skills: Vec<ParsedSkill<'tree>>,
    configuration: &Configuration,
) -> (Vec<CheckedSkill<'tree>>, Vec<Finding>, Vec<Allowed>) {
    let (mut all, mut allowed) = run::run(tree, &skills, configuration);
    all.sort_by(|left, right| left.order(tree).cmp(&right.order(tree)));
    let mut findings = capped(all);
    allowed.sort_by(|left, right| left.finding.order(tree).cmp(&right.finding.order(tree)));
    let denied = findings.iter().any(|finding| finding.level == Level::Deny);
    if denied {
        parallel::free(skills);
        return (Vec::new(), findings, allowed);
    }
    let checked = checked::barrier(tree, skills).unwrap_or_else(|unservable| {
        findings.extend(unservable);
        Vec::new()
    });
    (checked, findings, allowed)
}
