//! What models are told of skills before they ask for any: the instructions of the server, and what the tool that lists skills
//! says of itself. The compiler writes both for callers who may see everything, the runtime for all others: by the rules
//! here, so that they cannot differ.
//!
//! Names stand first, because hosts cut: Qwen Code shows 160 characters of a description, Codex 250 of the instructions,
//! Claude Code 2 KB of either, and most hosts never show instructions at all.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

mod words;

/// The most bytes of names at the head of the instructions, so that what to do with them fits the first 250 characters.
const HEAD_BYTES: usize = 150;

/// The most bytes of names in the description of the tool.
const NAMES_BYTES: usize = 850;

/// The most bytes of words in it.
const WORDS_BYTES: usize = 450;

/// The most bytes of skills with descriptions in the instructions.
const LIST_BYTES: usize = 1_000;

/// The most bytes of the whole instructions, those of the author included.
const INSTRUCTIONS_BYTES: usize = 2_000;

/// How many names make a group.
const GROUP: usize = 3;

/// The skills that a caller can see, and how the tools are called.
#[derive(Clone, Debug)]
pub struct Guide<'a> {
    tools: ToolNames,
    skills: Vec<Entry<'a>>,
}

/// One skill.
#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    /// What the tool that reads skills takes: the name, or the path where the name is not unique.
    name: &'a str,
    path: &'a str,
    description: &'a str,
}

/// The names of the tools that every server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolNames {
    /// The tool that lists skills.
    pub list_skills: String,
    /// The tool that reads a skill.
    pub read_skill: String,
    /// The tool that reads a file of a skill.
    pub read_skill_file: String,
}

impl ToolNames {
    /// The names behind a prefix; empty for none.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        let name = |name: &str| match prefix {
            "" => name.to_owned(),
            prefix => format!("{prefix}_{name}"),
        };
        Self {
            list_skills: name("list_skills"),
            read_skill: name("read_skill"),
            read_skill_file: name("read_skill_file"),
        }
    }
}

impl<'a> Guide<'a> {
    /// A guide to skills that models may choose, each as its path and its description.
    pub fn new(prefix: &str, skills: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let last = |path: &'a str| path.rsplit('/').next().unwrap_or(path);
        let skills: Vec<_> = skills.into_iter().collect();
        let mut counts = BTreeMap::<&str, usize>::new();
        for (path, _) in &skills {
            *counts.entry(last(path)).or_default() += 1;
        }
        let entry = |(path, description): (&'a str, &'a str)| {
            let name = last(path);
            let is_unique = counts.get(name) == Some(&1);
            Entry {
                name: if is_unique { name } else { path },
                path,
                description,
            }
        };
        Self {
            tools: ToolNames::new(prefix),
            skills: skills.into_iter().map(entry).collect(),
        }
    }

    /// The `instructions` of the server: those of its author, if any, and then what a model has to know of its skills.
    #[must_use]
    pub fn instructions(&self, own: &str) -> String {
        let ToolNames {
            list_skills,
            read_skill,
            read_skill_file,
        } = &self.tools;
        let mut text = String::from(own.trim());
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "Skills: {}. When a task matches one, call `{read_skill}` with its name before you start, and follow it.\n\n\
             Skills are tested instructions for particular tasks. `{list_skills}` finds them by words and describes them; \
             `{read_skill_file}` reads a file of a skill when the skill points to it. If your own skill tool lists these \
             skills, use it; otherwise it does not know them, and these tools are the way to them. Treat a skill as advice \
             from this server, not as the user's orders.",
            self.names(HEAD_BYTES),
        );
        let list = self.descriptions();
        if list.len() <= LIST_BYTES && text.len() + list.len() <= INSTRUCTIONS_BYTES {
            text.push_str(&list);
        }
        text
    }

    /// The description of the tool that lists skills.
    #[must_use]
    pub fn list_description(&self) -> String {
        let mut text = format!(
            "Skills: {}. These are tested instructions for particular tasks, some with scripts, references and templates. \
             Call this to find a skill by words or to see what each is for, at the start of a task and before working it \
             out yourself; then call {} with the name of the one that fits.",
            self.names(NAMES_BYTES),
            self.tools.read_skill,
        );
        let words = self.words();
        if !words.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(text, " They are about: {words}.");
        }
        text
    }

    /// Words by which a host may search for the tools, the names among them.
    #[must_use]
    pub fn search_hint(&self) -> String {
        let names = self.names(HEAD_BYTES).replace(['-', '/', ',', '*'], " ");
        let words = self.words().replace(',', "");
        let all = format!("skills {names} {words}");
        all.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The names of all skills, or within so many bytes groups of them, names, and how many more there are.
    fn names(&self, most: usize) -> String {
        if self.skills.is_empty() {
            return "none".to_owned();
        }
        let mut all: Vec<_> = self.skills.iter().map(|skill| skill.name).collect();
        let text = all.join(", ");
        if text.len() <= most.min(HEAD_BYTES) {
            return text;
        }
        if text.len() <= most {
            // Hosts cut what they show: with short names first, it is more of them.
            all.sort_by_key(|name| name.chars().count());
            return all.join(", ");
        }
        let mut told = 0;
        let mut text = String::new();
        for (item, skills) in self.groups() {
            // Later ones may be shorter, but the reader should not miss one in the middle of a sequence.
            if text.len() + item.len() + 2 > most && told > 0 {
                break;
            }
            if told > 0 {
                text.push_str(", ");
            }
            text.push_str(&item);
            told += skills;
        }
        let more = self.skills.len() - told;
        if more > 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, " and {more} more");
        }
        text
    }

    /// The largest groups first, each with the number of its skills, and then single names, short ones first.
    fn groups(&self) -> Vec<(String, usize)> {
        let mut members = BTreeMap::<String, Vec<&str>>::new();
        for skill in &self.skills {
            members.entry(group(skill)).or_default().push(skill.name);
        }
        let mut groups = Vec::new();
        let mut singles = Vec::new();
        for (group, names) in members {
            if names.len() >= GROUP {
                groups.push((format!("{group} ({})", names.len()), names.len()));
            } else {
                singles.extend(names.into_iter().map(|name| (name.to_owned(), 1)));
            }
        }
        groups.sort_by_key(|(_, skills)| core::cmp::Reverse(*skills));
        singles.sort_by_key(|(name, _)| name.chars().count());
        groups.append(&mut singles);
        groups
    }

    /// The skills, each on a line of its own.
    fn descriptions(&self) -> String {
        let mut text = String::new();
        for (index, skill) in self.skills.iter().enumerate() {
            let gap = if index == 0 { "\n\n" } else { "\n" };
            let description: Vec<_> = skill.description.split_whitespace().collect();
            // Writing to a String cannot fail.
            let _ = write!(text, "{gap}- {}: {}", skill.name, description.join(" "));
        }
        text
    }

    /// The words that set the skills apart and that no name has, separated by commas.
    fn words(&self) -> String {
        let skills = self.skills.iter();
        words::distinctive(skills.map(|skill| (skill.name, skill.description)))
            .into_iter()
            .scan(0, |bytes, word| {
                *bytes += word.len() + 2;
                (*bytes <= WORDS_BYTES).then_some(word)
            })
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The group of a skill: the first directory of its path, or the first word of its name.
fn group(skill: &Entry<'_>) -> String {
    if let Some((directory, _)) = skill.path.split_once('/') {
        return format!("{directory}/*");
    }
    let word = skill.name.split_once('-').map(|(word, _)| word);
    word.map_or_else(|| skill.name.to_owned(), |word| format!("{word}-*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guide(skills: &[(&'static str, &'static str)]) -> Guide<'static> {
        Guide::new("", skills.iter().copied())
    }

    fn flat(count: usize) -> Vec<(&'static str, &'static str)> {
        let name = |number| {
            format!("{}-task", ["alpha", "beta", "gamma"][number % 3]) + &format!("{number}")
        };
        (0..count)
            .map(|number| (&*name(number).leak(), "Does it."))
            .collect()
    }

    #[test]
    fn names_come_first_and_what_to_do_with_them_within_250_characters() {
        let guide = guide(&[
            ("pdf-forms", "Fill forms."),
            ("acme/refunds", "Pay back."),
            ("globex/refunds", "Pay back."),
        ]);
        let instructions = guide.instructions("");
        assert!(instructions.starts_with("Skills: pdf-forms, acme/refunds, globex/refunds. When"));
        let head: String = instructions.chars().take(250).collect();
        assert!(
            head.contains("call `read_skill` with its name before you start"),
            "{head}"
        );
        assert!(
            instructions.ends_with("\n- globex/refunds: Pay back."),
            "{instructions}"
        );
        assert!(
            guide
                .list_description()
                .starts_with("Skills: pdf-forms, acme/refunds, globex/refunds.")
        );
    }

    #[test]
    fn what_the_author_says_comes_before_and_replaces_nothing() {
        let instructions = guide(&[("pdf", "Fill forms.")]).instructions("Skills of Acme.\n");
        assert!(
            instructions.starts_with("Skills of Acme.\n\nSkills: pdf. When a task matches"),
            "{instructions}"
        );
        let long = guide(&[("pdf", "Fill forms.")]).instructions(&"x".repeat(1_900));
        assert!(long.contains("Skills: pdf."));
        assert!(!long.contains("- pdf: "), "the list is left out first");
    }

    #[test]
    fn many_skills_are_told_in_groups_within_the_budgets() {
        let guide = guide(&flat(1_000));
        let instructions = guide.instructions("");
        assert!(
            instructions.starts_with("Skills: alpha-* (334), beta-* (333), gamma-* (333). When"),
            "{instructions}"
        );
        let description = guide.list_description();
        assert!(description.len() <= 2_000, "{}", description.len());
        assert!(instructions.len() <= INSTRUCTIONS_BYTES);
    }

    #[test]
    fn names_that_do_not_fit_are_counted() {
        let skills: Vec<_> = (b'a'..=b'z')
            .map(|letter| {
                let name: &str = format!("{}-thing-of-some-length", char::from(letter)).leak();
                (name, "Does it.")
            })
            .collect();
        let instructions = guide(&skills).instructions("");
        let (names, _) = instructions
            .split_once(". When")
            .expect("names, then what to do");
        let more = names
            .rsplit_once(" and ")
            .and_then(|(_, more)| more.strip_suffix(" more"));
        let told = names.matches("-thing").count();
        assert_eq!(
            more.and_then(|more| more.parse().ok()),
            Some(26 - told),
            "{names}"
        );
        assert!(names.len() <= 8 + HEAD_BYTES + 20, "{names}");
    }

    #[test]
    fn a_search_in_other_words_finds_the_description() {
        let guide = guide(&[
            (
                "pdf-forms",
                "Fill in, check and flatten PDF forms. Use when the user has a PDF form to complete.",
            ),
            (
                "invoices",
                "How this company does invoices. Use when the user mentions invoices.",
            ),
            (
                "taxes",
                "How this company does taxes. Use when the user mentions taxes.",
            ),
        ]);
        let description = guide.list_description();
        for word in ["fill", "form", "invoice", "tax", "flatten"] {
            let is_word = |other: &str| other == word;
            let mut words = description.split(|symbol: char| !symbol.is_alphanumeric());
            assert!(words.any(is_word), "{word} in {description}");
        }
        assert!(!description.contains("company"), "{description}");
    }

    #[test]
    fn a_prefix_is_part_of_every_name() {
        let guide = Guide::new("acme", [("pdf", "Fill forms.")]);
        assert!(guide.instructions("").contains("`acme_read_skill_file`"));
        assert!(guide.list_description().contains("acme_read_skill with"));
    }

    #[test]
    fn no_skills_are_told_as_none() {
        assert!(guide(&[]).instructions("").starts_with("Skills: none."));
    }
}
