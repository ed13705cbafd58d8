//! What clients read from a compiled bundle: documents, and archives opened by another implementation.

use std::io::{Cursor, Read as _};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use skills_model::{Archive, Bundle, Data, Index, IndexFormat, Server, Skill, Telling, Tools};
use zip::ZipArchive;

use crate::emit::hexadecimal;
use crate::{Options, config, fixture, lower, rules, syntax};

const SERVER: Server = Server {
    name: "server",
    version: "1.0.0",
    introduction: "",
    guide: Telling::NONE,
    tools: Tools::DEFAULT,
    compiler: "",
};

/// A skill with a script, one with a nested skill, one alone, and two of one name.
const TREE: &str = "\
=== acme/refunds/SKILL.md
---
name: refunds
description: Refunds a customer of Acme. Use when an Acme customer wants money back.
---
Refund.
=== globex/refunds/SKILL.md
---
name: refunds
description: Refunds a customer of Globex. Use when a Globex customer wants money back.
---
Refund.
=== pdf-forms/SKILL.md
---
name: pdf-forms
description: Fills \"PDF\" forms. Use when the user has a form to fill.
disable-model-invocation: true
---
Run [the script](scripts/fill.sh), with [data](assets/data.bin), see [style](assets/ä%20b.md).
=== pdf-forms/assets/data.bin escaped
\\xff\\xfe
=== pdf-forms/assets/ä\\x20b.md padded:4000
Style.
=== pdf-forms/assets/same.md padded:4000
Style.
=== pdf-forms/scripts/fill.sh executable padded:300
#!/bin/sh
=== tools/outer/SKILL.md
---
name: outer
description: Does things. Use when things are to be done.
---
See the nested skill [inner](inner/SKILL.md).
=== tools/outer/inner/SKILL.md
---
name: inner
description: Does inner things. Use when inner things are to be done.
---
Do it.
";

/// Compiles a tree, whatever the rules say of it unless it is essential.
fn bundle(text: &str) -> Bundle {
    let tree = fixture::tree(text);
    let configuration = config::configure(&tree, &Options::default());
    let (checked, findings, _) = rules::check(&tree, syntax::parse(&tree), &configuration);
    assert_eq!(checked.is_empty(), text.is_empty(), "{findings:?}");
    let lower::BundlePlan { blob, tables, .. } = lower::lower(&tree, &checked, &configuration);
    let data = Data::new(
        blob.text.leak(),
        blob.bytes.leak(),
        tables.to_bytes().leak(),
    );
    Bundle::new(SERVER, Box::leak(Box::new(data)))
}

fn skill(bundle: &Bundle, path: &str) -> Skill {
    let mut skills = bundle.skills.iter();
    skills.find(|skill| skill.path() == path).unwrap()
}

/// The files of an archive: name, mode, content.
fn unpacked(archive: Vec<u8>) -> Vec<(String, u32, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).unwrap();
    let files = (0..archive.len()).map(|index| {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        // The reader compares the checksum.
        file.read_to_end(&mut content).unwrap();
        let mode = file.unix_mode().unwrap();
        (file.name().to_owned(), mode, content)
    });
    files.collect()
}

fn index(bundle: &Bundle, path: &str) -> Value {
    let mut indexes = bundle.indexes.iter();
    let index = indexes.find(|index| index.path() == path).unwrap();
    let document = index.document();
    assert_eq!(
        index.digest().as_bytes(),
        Sha256::digest(document).as_slice()
    );
    if let Some(gzip) = index.gzip() {
        let mut text = String::new();
        GzDecoder::new(gzip).read_to_string(&mut text).unwrap();
        assert_eq!(text, document);
    }
    serde_json::from_str(document).unwrap()
}

fn names(index: &Value) -> Vec<&str> {
    let skills = index["skills"].as_array().unwrap().iter();
    skills
        .map(|skill| skill["name"].as_str().unwrap())
        .collect()
}

#[test]
fn an_archive_holds_the_files_of_its_skill_with_their_modes() {
    let bundle = bundle(TREE);
    let skill = skill(&bundle, "pdf-forms");
    let archive = skill.archive().unwrap();
    let bytes = archive.pieces().concat();
    assert_eq!(
        archive.digest().as_bytes(),
        Sha256::digest(&bytes).as_slice()
    );
    assert!((bytes.len() as u64) < skill.size() / 2);
    let expected = skill.resources().iter().map(|file| {
        let name = file.path().strip_prefix("pdf-forms/").unwrap().to_owned();
        let mode = if file.is_executable() {
            0o100_755
        } else {
            0o100_644
        };
        (name, mode, file.content().as_bytes().to_vec())
    });
    let files = unpacked(bytes);
    assert_eq!(files, expected.collect::<Vec<_>>());
    assert!(files.iter().any(|(name, ..)| name == "assets/ä b.md"));
    assert!(files.iter().any(|(_, mode, _)| *mode == 0o100_755));
}

#[test]
fn an_archive_holds_nested_skills_too() {
    let bundle = bundle(TREE);
    let outer = skill(&bundle, "tools/outer").archive().unwrap();
    let names: Vec<_> = unpacked(outer.pieces().concat())
        .into_iter()
        .map(|(name, ..)| name)
        .collect();
    assert_eq!(names, ["SKILL.md", "inner/SKILL.md"]);
}

#[test]
fn a_file_is_compressed_once_and_only_where_that_helps() {
    let bundle = bundle(TREE);
    let mut streams = Vec::new();
    for file in bundle.resources {
        let raw = file.content();
        let Some(gzip) = file.gzip() else {
            assert!(raw.as_bytes().len() < 200, "{}", file.path());
            continue;
        };
        let mut text = Vec::new();
        GzDecoder::new(gzip).read_to_end(&mut text).unwrap();
        assert_eq!(text, raw.as_bytes());
        streams.push(gzip.as_ptr());
    }
    streams.sort_unstable();
    let files = streams.len();
    streams.dedup();
    assert_eq!((files, streams.len()), (4, 3), "two files are the same");
}

#[test]
fn the_index_says_where_each_skill_is_and_what_its_digest_is() {
    let bundle = bundle(TREE);
    let index = index(&bundle, ".well-known/agent-skills/index.json");
    let forms = skill(&bundle, "pdf-forms").archive().unwrap().digest();
    let inner = skill(&bundle, "tools/outer/inner");
    let document = inner.resources().get(0).unwrap().digest();
    let hexadecimal = |digest: skills_model::Digest| hexadecimal(digest.as_bytes());
    assert_eq!(
        index["$schema"],
        "https://schemas.agentskills.io/discovery/0.2.0/schema.json"
    );
    assert_eq!(names(&index), ["inner", "outer", "pdf-forms"]);
    assert_eq!(
        index["skills"][0],
        json!({
            "name": "inner",
            "type": "skill-md",
            "description": inner.description(),
            "url": format!("inner@{}/SKILL.md", hexadecimal(document)),
            "digest": document.to_string(),
        })
    );
    assert_eq!(
        index["skills"][2],
        json!({
            "name": "pdf-forms",
            "type": "archive",
            "description": "Fills \"PDF\" forms. Use when the user has a form to fill.",
            "url": format!("pdf-forms@{}.zip", hexadecimal(forms)),
            "digest": forms.to_string(),
        })
    );
}

#[test]
fn skills_of_one_name_are_told_apart_by_the_indexes_of_their_prefixes() {
    let bundle = bundle(TREE);
    let paths: Vec<_> = bundle.indexes.iter().map(Index::path).collect();
    assert_eq!(
        paths,
        [
            ".well-known/agent-skills/index.json",
            ".well-known/skills/index.json",
            "acme/.well-known/agent-skills/index.json",
            "acme/.well-known/skills/index.json",
            "globex/.well-known/agent-skills/index.json",
            "globex/.well-known/skills/index.json",
            "tools/.well-known/agent-skills/index.json",
            "tools/.well-known/skills/index.json",
        ]
    );
    for prefix in ["acme", "globex"] {
        let index = index(
            &bundle,
            &format!("{prefix}/.well-known/agent-skills/index.json"),
        );
        assert_eq!(names(&index), ["refunds"]);
    }
    let tools = index(&bundle, "tools/.well-known/agent-skills/index.json");
    assert_eq!(names(&tools), ["inner", "outer"]);
}

#[test]
fn the_old_index_lists_files_and_leaves_out_what_cannot_be_asked_for() {
    let bundle = bundle(TREE);
    let index = index(&bundle, ".well-known/skills/index.json");
    assert_eq!(names(&index), ["inner", "outer"], "`ä b.md` is not ASCII");
    assert_eq!(index.get("$schema"), None);
    assert_eq!(
        index["skills"][1]["files"],
        json!(["SKILL.md", "inner/SKILL.md"])
    );
}

#[test]
fn names_that_no_installer_takes_are_not_offered() {
    let text = "=== ../skills.toml\nunicode-names = true\n\
                === größe/SKILL.md\n---\nname: größe\ndescription: Says sizes. Use when a size is asked for.\n---\nSay it.\n";
    let bundle = bundle(text);
    let skill = bundle.skills.get(0).unwrap();
    assert!(skill.index_entry(IndexFormat::Current).is_none());
    let index = index(&bundle, ".well-known/agent-skills/index.json");
    assert_eq!(names(&index), Vec::<&str>::new());
}

#[test]
fn a_bundle_without_skills_has_an_empty_index() {
    let index = index(&bundle(""), ".well-known/agent-skills/index.json");
    assert_eq!(index["skills"], json!([]));
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let archives = || {
        let bundle = bundle(TREE);
        let skills = bundle.skills.iter();
        let archives = skills.filter_map(|skill| skill.archive().map(Archive::digest));
        archives.collect::<Vec<_>>()
    };
    assert_eq!(archives(), archives());
}
