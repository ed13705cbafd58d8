//! A small bundle written by hand, so that the tests of this crate need no compiler: two skills of one name, a name with a
//! space, a binary file, a script, text with control characters, a skill that users may not invoke, and two pages.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use skills_model::{
    ArchiveRow, Bundle, Data, Digest, DirectoryRow, IndexRow, Page, PageRow, Place, ResourceRow,
    Scopes, Server, SkillRow, Table, Tables, Telling, Tools,
};

const DIGEST: Digest = Digest::new([0xab; 32]);

/// An empty folder, which goes away with what is returned.
pub(crate) fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for temporary files")
}

/// The bundle of the tests.
pub(crate) static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    let mut writer = Writer::default();
    let resources = FILES.iter().map(|file| writer.resource(file)).collect();
    let skills: Vec<_> = SKILLS.iter().map(|skill| writer.skill(skill)).collect();
    let [first, second, third, fourth] = SKILLS.each_ref().map(entry);
    let skill_pages = writer.pages(&[("", &[&first, &second]), ("2", &[&third, &fourth])]);
    let resource_pages = writer.pages(&[("", &[
        r#"{"uri":"skill://commit-message/SKILL.md","name":"commit-message","mimeType":"text/markdown"}"#,
    ])]);
    let prompt_pages = writer.pages(&[(
        "",
        &[r#"{"name":"commit-message","description":"Write a Git commit message."}"#],
    )]);
    let directories = [
        ("skill://commit-message", r#"{"uri":"skill://commit-message/references","name":"references","mimeType":"inode/directory"}"#),
        ("skill://commit-message/references", r#"{"uri":"skill://commit-message/references/style%20guide.md","name":"style guide.md","mimeType":"text/markdown"}"#),
    ]
    .map(|(uri, child)| DirectoryRow {
        pages: writer.pages(&[("", &[child])]),
        uri: writer.text(uri),
    });
    let indexes = INDEXES.map(|path| writer.index(path));
    let sbom = writer.text(SBOM);
    let tables = Tables {
        digest: *DIGEST.as_bytes(),
        skills,
        skills_by_name: vec![1, 3, 0, 2],
        resources,
        directories: directories.to_vec(),
        pages: writer.pages,
        skill_pages,
        resource_pages,
        prompt_pages,
        indexes: indexes.to_vec(),
        scopes: Vec::new(),
        sbom,
    };
    bundle(writer.text, writer.bytes, &tables)
});

/// A bill of materials with what is read of one.
const SBOM: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:0","components":[
{"type":"library"},{"type":"library"},{"type":"data"}],
"compositions":[{"aggregate":"complete","dependencies":["executable"]}]}
"#;

/// A bundle that lives as long as the tests do.
fn bundle(text: String, bytes: Vec<u8>, tables: &Tables) -> Bundle {
    let server = Server {
        name: "sample",
        version: "1.2.3",
        introduction: "Read a skill before you act on it.",
        guide: Telling {
            instructions: "Read a skill before you act on it.",
            list_description: "Skills: commit-message.",
            search_hint: "commit message",
        },
        tools: Tools::DEFAULT,
        compiler: "0.0.0",
    };
    let data = Data::new(text.leak(), bytes.leak(), tables.to_bytes().leak());
    Bundle::new(server, Box::leak(Box::new(data)))
}

/// Pages of a listing on their own, each with the cursor that asks for it.
pub(crate) fn pages(pages: &[(&str, &[&str])]) -> Table<Page> {
    let mut writer = Writer::default();
    let tables = Tables {
        skill_pages: writer.pages(pages),
        pages: writer.pages,
        ..Tables::default()
    };
    bundle(writer.text, writer.bytes, &tables).listings.skills
}

struct Skill {
    path: &'static str,
    name: &'static str,
    description: &'static str,
    body: &'static str,
    is_prompt: bool,
    files: Place,
}

static SKILLS: [Skill; 4] = [
    Skill {
        path: "acme/refunds",
        name: "refunds",
        description: "Refund a customer of Acme.",
        body: "# Refunds\n",
        is_prompt: true,
        files: (0, 1),
    },
    Skill {
        path: "commit-message",
        name: "commit-message",
        description: "Write a Git commit message.",
        body: "# Commit messages\n\nSee [the style](references/style%20guide.md).\n",
        is_prompt: true,
        files: (1, 4),
    },
    Skill {
        path: "globex/refunds",
        name: "refunds",
        description: "Refund a customer of Globex.",
        body: "# Refunds\n",
        is_prompt: true,
        files: (5, 1),
    },
    Skill {
        path: "internal-notes",
        name: "internal-notes",
        description: "Notes \u{1b}[31mred.",
        body: "Body \u{1b}]0;title\u{7} with \u{9b}31m and \u{202e}bidi.\n",
        is_prompt: false,
        files: (6, 1),
    },
];

struct File {
    path: &'static str,
    media_type: &'static str,
    content: &'static [u8],
    is_executable: bool,
}

const fn file(path: &'static str, media_type: &'static str, content: &'static [u8]) -> File {
    File {
        path,
        media_type,
        content,
        is_executable: false,
    }
}

static FILES: [File; 7] = [
    file(
        "acme/refunds/SKILL.md",
        "text/markdown",
        b"---\nname: refunds\n---\n# Refunds\n",
    ),
    file(
        "commit-message/SKILL.md",
        "text/markdown",
        b"---\nname: commit-message\n---\n# Commit messages\n",
    ),
    file(
        "commit-message/assets/logo.png",
        "image/png",
        b"\x89PNG\r\n\x1a\n",
    ),
    file(
        "commit-message/references/style guide.md",
        "text/markdown",
        b"Use the imperative.\n",
    ),
    File {
        is_executable: true,
        ..file(
            "commit-message/scripts/check.sh",
            "application/x-sh",
            b"#!/bin/sh\ntrue\n",
        )
    },
    file(
        "globex/refunds/SKILL.md",
        "text/markdown",
        b"---\nname: refunds\n---\n",
    ),
    file(
        "internal-notes/SKILL.md",
        "text/markdown",
        b"---\nname: internal-notes\n---\n",
    ),
];

fn entry(skill: &Skill) -> String {
    let Skill {
        path,
        name,
        description,
        ..
    } = skill;
    let (uri, description) = (
        format!("skill://{path}/SKILL.md"),
        serde_json::json!(description),
    );
    format!(
        r#"{{"uri":"{uri}","frontmatter":{{"name":"{name}","description":{description}}},"resources":[{{"uri":"{uri}","digest":"{DIGEST}","size":100}}]}}"#
    )
}

/// Where the indexes are; what they say is for the tests of the compiler.
static INDEXES: [&str; 2] = [
    ".well-known/agent-skills/index.json",
    "acme/.well-known/agent-skills/index.json",
];

/// What stands for the gzip format: ten bytes, the stream, eight bytes.
pub(crate) const GZIP: &[u8] = b"[-header-]stream[-tail-]";

/// The size of the header of a file in an archive, without the name.
const LOCAL_HEADER: usize = 30;

#[derive(Default)]
struct Writer {
    text: String,
    bytes: Vec<u8>,
    pages: Vec<PageRow>,
}

impl Writer {
    fn text(&mut self, text: &str) -> Place {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        (start, text.len() as u32)
    }

    fn pages(&mut self, pages: &[(&str, &[&str])]) -> Place {
        let first = self.pages.len() as u32;
        for (cursor, items) in pages {
            let row = PageRow {
                cursor: self.text(cursor),
                items: self.text(&format!("[{}]", items.join(","))),
            };
            self.pages.push(row);
        }
        (first, pages.len() as u32)
    }

    fn skill(&mut self, skill: &Skill) -> SkillRow {
        let Skill {
            path,
            name,
            description,
            body,
            is_prompt,
            files,
        } = skill;
        let head = format!("---\nname: {name}\ndescription: {description}\n---\n");
        let (start, len) = self.text(&format!("{head}{body}"));
        SkillRow {
            path: self.text(path),
            uri: self.text(&format!("skill://{path}/SKILL.md")),
            name: self.text(name),
            description: self.text(description),
            frontmatter: self.text(&format!(r#"{{"name":"{name}"}}"#)),
            entry: self.text(&entry(skill)),
            document: (start, len),
            body: (start + head.len() as u32, body.len() as u32),
            prompt: self.text(if *is_prompt { "}" } else { "" }),
            resources: *files,
            digest: *DIGEST.as_bytes(),
            is_for_models: true,
            archive: self.archive(path, *files),
            required: Scopes::NONE,
            index_entry: self.text("{}"),
            old_index_entry: self.text("{}"),
        }
    }

    /// Headers that are names between dots; they have the right sizes.
    fn archive(&mut self, path: &str, (first, count): Place) -> ArchiveRow {
        if count == 1 {
            return ArchiveRow::default();
        }
        let files = FILES.iter().skip(first as usize).take(count as usize);
        let mut headers: Vec<_> = files
            .map(|file| format!("{:.<LOCAL_HEADER$}{}", "", &file.path[path.len() + 1..]))
            .collect();
        headers.push("directory".to_owned());
        ArchiveRow {
            headers: self.bytes(headers.concat().as_bytes()),
            digest: *DIGEST.as_bytes(),
        }
    }

    fn index(&mut self, path: &str) -> IndexRow {
        IndexRow {
            path: self.text(path),
            document: self.text(r#"{"skills":[]}"#),
            gzip: (0, 0),
            digest: *DIGEST.as_bytes(),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> Place {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        (start, bytes.len() as u32)
    }

    fn resource(&mut self, file: &File) -> ResourceRow {
        let File {
            path,
            media_type,
            content,
            is_executable,
        } = *file;
        let name = path.rsplit('/').next().unwrap_or_default();
        let uri = format!("skill://{}", path.replace(' ', "%20"));
        let text = std::str::from_utf8(content);
        ResourceRow {
            uri: self.text(&uri),
            path: self.text(path),
            name: self.text(name),
            media_type: self.text(media_type),
            entry: self.text(&format!(
                r#"{{"uri":"{uri}","name":"{name}","mimeType":"{media_type}"}}"#
            )),
            content: if let Ok(text) = text {
                self.text(text)
            } else {
                self.bytes(content)
            },
            contents: self.text(&contents(&uri, media_type, content)),
            digest: *DIGEST.as_bytes(),
            is_text: text.is_ok(),
            is_executable,
            gzip: if is_executable {
                self.bytes(GZIP)
            } else {
                (0, 0)
            },
            required: Scopes::NONE,
        }
    }
}

/// The MCP `ResourceContents` of a file.
fn contents(uri: &str, media_type: &str, content: &[u8]) -> String {
    let (member, content) = match std::str::from_utf8(content) {
        Ok(text) => ("text", text.to_owned()),
        Err(_) => ("blob", BASE64_STANDARD.encode(content)),
    };
    serde_json::json!({ "uri": uri, "mimeType": media_type, member: content }).to_string()
}
