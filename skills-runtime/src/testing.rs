//! A small bundle written by hand, so that the tests of this crate need no compiler: two skills of one name, a name with a
//! space, a binary file, a script, text with control characters, a skill that users may not invoke, and two pages.

use skills_model::{
    Bundle, Bytes, Content, Digest, Directory, Listings, Page, Resource, Skill, Text,
};

const DIGEST: Digest = Digest::new([0xab; 32]);

macro_rules! file {
    ($path:literal, $uri:literal, $name:literal, $media:literal, $content:expr, $executable:literal) => {
        Resource {
            uri: $uri,
            path: $path,
            name: $name,
            media_type: $media,
            content: $content,
            digest: DIGEST,
            executable: $executable,
            entry: Text::all(&concat!(
                r#"{"uri":""#,
                $uri,
                r#"","name":""#,
                $name,
                r#"","mimeType":""#,
                $media,
                r#""}"#
            )),
        }
    };
}

macro_rules! skill {
    ($path:literal, $name:literal, $description:literal, $body:literal, $prompt:expr, $files:expr) => {
        Skill {
            path: $path,
            uri: concat!("skill://", $path, "/SKILL.md"),
            name: $name,
            description: $description,
            frontmatter: Text::all(&concat!(r#"{"name":""#, $name, r#""}"#)),
            entry: Text::all(&entry!($path, $name, $description)),
            document: Text::all(&concat!(
                "---\nname: ",
                $name,
                "\ndescription: ",
                $description,
                "\n---\n",
                $body
            )),
            body: Text::all(&$body),
            prompt: $prompt,
            resources: $files,
            digest: DIGEST,
            size: 100,
        }
    };
}

macro_rules! entry {
    ($path:literal, $name:literal, $description:literal) => {
        concat!(
            r#"{"uri":"skill://"#,
            $path,
            r#"/SKILL.md","frontmatter":{"name":""#,
            $name,
            r#"","description":""#,
            $description,
            r#""},"resources":[{"uri":"skill://"#,
            $path,
            r#"/SKILL.md","digest":"sha256:abababababababababababababababababababababababababababababababab","size":100}]}"#
        )
    };
}

/// The bundle of the tests.
pub(crate) static BUNDLE: Bundle = Bundle {
    name: "sample",
    version: "1.2.3",
    instructions: "Read a skill before you act on it.",
    compiler: "0.0.0",
    digest: DIGEST,
    skills: &SKILLS,
    skills_by_name: &[1, 3, 0, 2],
    resources: &RESOURCES,
    directories: &DIRECTORIES,
    listings: Listings {
        skills: &[
            Page {
                cursor: "",
                items: Text::all(&concat!(
                    "[",
                    entry!("acme/refunds", "refunds", "Refund a customer of Acme."),
                    ",",
                    entry!(
                        "commit-message",
                        "commit-message",
                        "Write a Git commit message."
                    ),
                    "]"
                )),
            },
            Page {
                cursor: "2",
                items: Text::all(&concat!(
                    "[",
                    entry!("globex/refunds", "refunds", "Refund a customer of Globex."),
                    ",",
                    entry!("internal-notes", "internal-notes", "Notes \\u001b[31mred."),
                    "]"
                )),
            },
        ],
        resources: &[Page {
            cursor: "",
            items: Text::all(
                &r#"[{"uri":"skill://commit-message/SKILL.md","name":"commit-message","mimeType":"text/markdown"}]"#,
            ),
        }],
        prompts: &[Page {
            cursor: "",
            items: Text::all(
                &r#"[{"name":"commit-message","description":"Write a Git commit message."}]"#,
            ),
        }],
    },
};

static SKILLS: [Skill; 4] = [
    skill!(
        "acme/refunds",
        "refunds",
        "Refund a customer of Acme.",
        "# Refunds\n",
        Some("acme/refunds"),
        RESOURCES.split_at(1).0
    ),
    skill!(
        "commit-message",
        "commit-message",
        "Write a Git commit message.",
        "# Commit messages\n\nSee [the style](references/style%20guide.md).\n",
        Some("commit-message"),
        RESOURCES.split_at(1).1.split_at(4).0
    ),
    skill!(
        "globex/refunds",
        "refunds",
        "Refund a customer of Globex.",
        "# Refunds\n",
        Some("globex/refunds"),
        RESOURCES.split_at(5).1.split_at(1).0
    ),
    skill!(
        "internal-notes",
        "internal-notes",
        "Notes \u{1b}[31mred.",
        "Body \u{1b}]0;title\u{7} with \u{9b}31m and \u{202e}bidi.\n",
        None,
        RESOURCES.split_at(6).1
    ),
];

static RESOURCES: [Resource; 7] = [
    file!(
        "acme/refunds/SKILL.md",
        "skill://acme/refunds/SKILL.md",
        "refunds",
        "text/markdown",
        Content::Text(Text::all(&"---\nname: refunds\n---\n# Refunds\n")),
        false
    ),
    file!(
        "commit-message/SKILL.md",
        "skill://commit-message/SKILL.md",
        "commit-message",
        "text/markdown",
        Content::Text(Text::all(
            &"---\nname: commit-message\n---\n# Commit messages\n"
        )),
        false
    ),
    file!(
        "commit-message/assets/logo.png",
        "skill://commit-message/assets/logo.png",
        "logo.png",
        "image/png",
        Content::Blob(Bytes::all(&(b"\x89PNG\r\n\x1a\n" as &[u8]))),
        false
    ),
    file!(
        "commit-message/references/style guide.md",
        "skill://commit-message/references/style%20guide.md",
        "style guide.md",
        "text/markdown",
        Content::Text(Text::all(&"Use the imperative.\n")),
        false
    ),
    file!(
        "commit-message/scripts/check.sh",
        "skill://commit-message/scripts/check.sh",
        "check.sh",
        "application/x-sh",
        Content::Text(Text::all(&"#!/bin/sh\ntrue\n")),
        true
    ),
    file!(
        "globex/refunds/SKILL.md",
        "skill://globex/refunds/SKILL.md",
        "refunds",
        "text/markdown",
        Content::Text(Text::all(&"---\nname: refunds\n---\n")),
        false
    ),
    file!(
        "internal-notes/SKILL.md",
        "skill://internal-notes/SKILL.md",
        "internal-notes",
        "text/markdown",
        Content::Text(Text::all(&"---\nname: internal-notes\n---\n")),
        false
    ),
];

static DIRECTORIES: [Directory; 2] = [
    Directory {
        uri: "skill://commit-message",
        pages: &[Page {
            cursor: "",
            items: Text::all(
                &r#"[{"uri":"skill://commit-message/references","name":"references","mimeType":"inode/directory"}]"#,
            ),
        }],
    },
    Directory {
        uri: "skill://commit-message/references",
        pages: &[Page {
            cursor: "",
            items: Text::all(
                &r#"[{"uri":"skill://commit-message/references/style%20guide.md","name":"style guide.md","mimeType":"text/markdown"}]"#,
            ),
        }],
    },
];
