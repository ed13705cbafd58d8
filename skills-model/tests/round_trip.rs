//! What the compiler writes is what the server reads.

use skills_model::{
    ArchiveRow, Bundle, Content, Data, DirectoryRow, IndexFormat, IndexRow, Page, PageRow, Place,
    ResourceRow, ScopeRow, Scopes, Server, Skill, SkillRow, Table, Tables, Telling, Tools,
};

const SERVER: Server = Server {
    name: "server",
    version: "1.0.0",
    introduction: "",
    guide: Telling::NONE,
    tools: Tools::DEFAULT,
    compiler: "",
};

/// Every field of every row in a text of its own.
const TEXT: &str = "path uri name description frontmatter entry document body prompt cursor items \
                    contents sbom";

fn place(word: &str) -> Place {
    let start = TEXT.find(word).unwrap_or_default();
    (start as u32, word.len() as u32)
}

fn tables() -> Tables {
    let skill = SkillRow {
        path: place("path"),
        uri: place("uri"),
        name: place("name"),
        description: place("description"),
        frontmatter: place("frontmatter"),
        entry: place("entry"),
        document: place("document"),
        body: place("body"),
        prompt: place("prompt"),
        resources: (1, 1),
        digest: [1; 32],
        is_for_models: true,
        archive: ArchiveRow::default(),
        required: Scopes::ALL,
        index_entry: (0, 0),
        old_index_entry: (0, 0),
    };
    let resource = ResourceRow {
        uri: place("uri"),
        path: place("path"),
        name: place("name"),
        media_type: place("items"),
        entry: place("entry"),
        content: place("body"),
        contents: place("contents"),
        digest: [2; 32],
        is_text: true,
        is_executable: false,
        gzip: (0, 0),
        required: Scopes::NONE,
    };
    let binary = ResourceRow {
        content: (1, 2),
        is_text: false,
        is_executable: true,
        gzip: (0, 3),
        required: Scopes::of(40),
        ..resource
    };
    let page = |cursor| PageRow {
        cursor,
        items: place("items"),
    };
    Tables {
        digest: [3; 32],
        skills: vec![
            SkillRow {
                prompt: (0, 0),
                is_for_models: false,
                archive: ArchiveRow {
                    headers: (1, 3),
                    digest: [4; 32],
                },
                required: Scopes::of(1).with(Scopes::of(33)),
                index_entry: place("entry"),
                old_index_entry: place("path"),
                ..skill
            },
            skill,
        ],
        skills_by_name: vec![1, 0],
        resources: vec![resource, binary],
        directories: vec![DirectoryRow {
            uri: place("uri"),
            pages: (1, 2),
        }],
        pages: vec![page((0, 0)), page(place("cursor")), page(place("uri"))],
        skill_pages: (0, 1),
        resource_pages: (0, 3),
        prompt_pages: (2, 1),
        indexes: vec![IndexRow {
            path: place("path"),
            document: place("items"),
            gzip: (2, 2),
            digest: [5; 32],
        }],
        scopes: vec![ScopeRow {
            name: place("name"),
        }],
        sbom: place("sbom"),
    }
}

fn bundle(text: &'static str, bytes: &'static [u8]) -> Bundle {
    let data = Data::new(text, bytes, tables().to_bytes().leak());
    Bundle::new(SERVER, Box::leak(Box::new(data)))
}

#[test]
fn every_field_is_read_as_it_was_written() {
    let bundle = bundle(TEXT, b"0123");
    assert_eq!(bundle.digest.as_bytes(), &[3; 32]);
    let [first, second] = bundle.skills.iter().collect::<Vec<_>>()[..] else {
        panic!("there are two skills");
    };
    assert_eq!((first.prompt(), second.prompt()), (None, Some("prompt")));
    assert_eq!(
        (first.is_for_models(), second.is_for_models()),
        (false, true)
    );
    assert_eq!(
        (first.path(), first.uri(), first.name()),
        ("path", "uri", "name")
    );
    assert_eq!(
        (first.description(), first.frontmatter()),
        ("description", "frontmatter")
    );
    assert_eq!(
        (first.entry(), first.document(), first.body()),
        ("entry", "document", "body")
    );
    assert_eq!(first.digest().as_bytes(), &[1; 32]);
    let entries = |skill: Skill| IndexFormat::ALL.map(|format| skill.index_entry(format));
    assert_eq!(entries(first), [Some("entry"), Some("path")]);
    assert_eq!(entries(second), [None, None]);
    let archive = first.archive().unwrap();
    assert_eq!(archive.digest().as_bytes(), &[4; 32]);
    assert_eq!(archive.pieces(), [b"123"]);
    assert!(second.archive().is_none());
    assert_eq!(bundle.skills_by_name.iter().collect::<Vec<_>>(), [1, 0]);

    let required = (first.required(), second.required());
    assert_eq!(required, (Scopes::of(1).with(Scopes::of(33)), Scopes::ALL));
    let scopes = bundle.scopes.iter().map(skills_model::Scope::name);
    assert_eq!(scopes.collect::<Vec<_>>(), ["name"]);

    let own = first.resources().get(0).unwrap();
    assert_eq!(own.required(), Scopes::of(40));
    assert_eq!(
        (own.is_executable(), own.size(), first.size()),
        (true, 2, 2)
    );
    assert!(matches!(own.content(), Content::Blob(b"12")));
    let text = bundle.resources.get(0).unwrap();
    assert!(matches!(text.content(), Content::Text("body")));
    assert_eq!(text.contents(), "contents");
    assert_eq!((own.gzip(), text.gzip()), (Some(&b"012"[..]), None));
    assert_eq!((text.media_type(), text.is_executable()), ("items", false));
    assert_eq!(text.digest().as_bytes(), &[2; 32]);

    let directory = bundle.directories.get(0).unwrap();
    let cursors: Vec<_> = directory.pages().iter().map(Page::cursor).collect();
    assert_eq!((directory.uri(), cursors), ("uri", vec!["cursor", "uri"]));
    let listings = bundle.listings;
    assert_eq!(
        [listings.skills, listings.resources, listings.prompts].map(Table::len),
        [1, 3, 1]
    );
    assert_eq!(listings.prompts.get(0).unwrap().items(), "items");

    let index = bundle.indexes.get(0).unwrap();
    assert_eq!((index.path(), index.document()), ("path", "items"));
    assert_eq!(index.gzip(), Some(&b"23"[..]));
    assert_eq!(index.digest().as_bytes(), &[5; 32]);

    assert_eq!(bundle.sbom, "sbom");
}

#[test]
fn a_place_that_is_not_there_reads_as_nothing() {
    for text in ["", "päth", "path uri na"] {
        let bundle = bundle(text, b"");
        for skill in bundle.skills {
            assert!(TEXT.contains(skill.description()));
            assert_eq!(skill.size(), 0);
        }
        assert!(bundle.resources.get(2).is_none());
    }
}

#[test]
fn a_table_is_searched_and_walked_from_both_ends() {
    let order = bundle(TEXT, b"").skills_by_name;
    assert_eq!(order.partition_point(|row| row > 0), 1);
    assert_eq!(order.iter().rev().collect::<Vec<_>>(), [0, 1]);
    assert_eq!(order.iter().len(), 2);
}

#[test]
#[should_panic(expected = "of different versions")]
fn tables_of_another_version_are_refused() {
    let _ = Bundle::new(SERVER, &const { Data::new("", b"", b"what is this?") });
}
