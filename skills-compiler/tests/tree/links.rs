//! Symbolic links: those inside of the tree stand for what they lead to, all others are odd.

use std::collections::BTreeSet;
use std::path::PathBuf;

use skills_compiler::source::OddityKind;

use crate::directory::{Directory, check, files};

#[test]
fn a_link_inside_of_the_tree_stands_for_what_it_leads_to() {
    let directory = Directory::new("link-inside")
        .skill("pdf")
        .file("pdf/references/a.md", "# A\n")
        .link("pdf/b.md", "references/a.md")
        .link("pdf/more", "references");
    let compilation = directory.compile();
    let expected = [
        "pdf/SKILL.md",
        "pdf/b.md",
        "pdf/more/a.md",
        "pdf/references/a.md",
    ];
    assert_eq!(files(&compilation.tree), expected);
    let links: Vec<_> = compilation
        .tree
        .files()
        .map(|(_, file)| file.link.as_ref().map(|link| link.target.as_str()))
        .collect();
    assert_eq!(
        links,
        [None, Some("references/a.md"), Some("references"), None]
    );
    let originals = compilation.tree.files().filter_map(|(_, file)| {
        let link = file.link.as_ref()?;
        Some(link.original.as_str())
    });
    assert_eq!(originals.collect::<Vec<_>>(), ["pdf/references/a.md"; 2]);
    assert_eq!(compilation.tree.oddities().len(), 0);
}

#[test]
fn a_link_out_of_the_tree_is_not_followed() {
    let secret = Directory::new("link-outside-secret").file("secret.txt", "secret");
    for (name, target) in [
        (
            "link-escapes-relative",
            PathBuf::from("../../link-outside-secret/secret.txt"),
        ),
        (
            "link-escapes-directory",
            PathBuf::from("../../link-outside-secret"),
        ),
        ("link-escapes-absolute", secret.0.join("secret.txt")),
    ] {
        let directory = Directory::new(name).skill("pdf").link("pdf/x", &target);
        let target = target.to_string_lossy().into_owned();
        check(&directory, "pdf/x", &OddityKind::LinkEscapes(target));
        let compilation = directory.compile();
        assert!(!format!("{:?}", compilation.plan).contains("secret"));
    }
}

#[test]
fn a_link_whose_neighbour_has_a_longer_name_does_not_pass_for_inside() {
    let outside = Directory::new("prefix-and-more").file("x.md", "x");
    let directory = Directory::new("prefix")
        .skill("pdf")
        .link("pdf/x.md", outside.0.join("x.md"));
    let target = outside.0.join("x.md").to_string_lossy().into_owned();
    check(&directory, "pdf/x.md", &OddityKind::LinkEscapes(target));
}

#[test]
fn a_link_to_nothing_is_odd() {
    let directory = Directory::new("link-dangles")
        .skill("pdf")
        .link("pdf/x.md", "gone.md");
    check(
        &directory,
        "pdf/x.md",
        &OddityKind::LinkDangles("gone.md".to_owned()),
    );
    let directory = Directory::new("link-to-itself")
        .skill("pdf")
        .link("pdf/x.md", "x.md");
    check(
        &directory,
        "pdf/x.md",
        &OddityKind::LinkDangles("x.md".to_owned()),
    );
}

#[test]
fn a_link_to_a_directory_around_it_is_not_walked_for_ever() {
    for (name, target) in [("cycle-own", "."), ("cycle-root", "..")] {
        let directory = Directory::new(name).skill("pdf").link("pdf/again", target);
        check(
            &directory,
            "pdf/again",
            &OddityKind::LinkCycle(target.to_owned()),
        );
    }
    let directory = Directory::new("cycle-of-two")
        .skill("pdf")
        .link("pdf/a/b", "../c")
        .link("pdf/c/d", "../a");
    let kinds: Vec<_> = directory
        .compile()
        .tree
        .oddities()
        .iter()
        .map(|odd| odd.kind.clone())
        .collect();
    let expected = [
        OddityKind::LinkCycle("../a".to_owned()),
        OddityKind::LinkCycle("../c".to_owned()),
    ];
    assert_eq!(kinds.len(), 2);
    assert!(
        expected.iter().all(|kind| kinds.contains(kind)),
        "{kinds:?}"
    );
}

#[test]
fn links_that_multiply_a_tree_come_to_an_end() {
    // Every level doubles what is below it: ten of them make 2,047 paths of one file.
    let mut directory = Directory::new("multiply")
        .skill("pdf")
        .file("pdf/d10/x.md", "x");
    for level in 0..10 {
        let next = format!("../d{}", level + 1);
        directory = directory
            .link(&format!("pdf/d{level}/a"), &next)
            .link(&format!("pdf/d{level}/b"), &next);
    }
    let compilation = directory.compile();
    assert_eq!(files(&compilation.tree).len(), 2_047 + 1);
    let findings = compilation.findings.iter();
    let links = findings.filter(|finding| finding.rule.code == "SK303");
    assert_eq!(links.count(), 2 * 10, "each link is reported once");
}

#[test]
fn links_that_multiply_a_tree_without_end_are_stopped() {
    let mut directory = Directory::new("multiplied").skill("pdf");
    for level in 0..30 {
        for name in ["x", "y"] {
            let next = format!("../d{}", level + 1);
            directory = directory.link(&format!("pdf/d{level}/{name}"), next);
        }
    }
    let directory = directory.file("pdf/d30/end.md", "The end.\n");
    let compilation = directory.compile();
    let codes: BTreeSet<_> = compilation
        .denied()
        .map(|finding| finding.rule.code)
        .collect();
    assert!(codes.contains("SK302"), "{codes:?}");
}

#[test]
fn links_that_multiply_a_large_file_are_stopped() {
    let mut directory = Directory::new("multiplied-file").skill("pdf");
    for level in 0..7 {
        for name in ["x", "y"] {
            let next = format!("../d{}", level + 1);
            directory = directory.link(&format!("pdf/d{level}/{name}"), next);
        }
    }
    let large = vec![0xff; 4 * 1024 * 1024];
    let compilation = directory.file("pdf/d7/large.bin", large).compile();
    let read = compilation.tree.total_bytes();
    assert!(read <= 261 * 1024 * 1024, "{read} bytes were read");
    let messages = compilation.denied().map(|finding| finding.message.as_str());
    let expected = "links make more than 256 MiB of copies; what comes after this was not read";
    assert_eq!(messages.filter(|said| *said == expected).count(), 1);
}

#[test]
fn a_link_does_not_bring_in_what_is_left_out() {
    let directory = Directory::new("junk-links")
        .skill("pdf")
        .file("pdf/.env", "A=1\n")
        .file(".git/config", "x\n")
        .link("pdf/cfg", ".env")
        .link("pdf/store", "../.git");
    let compilation = directory.compile();
    assert_eq!(files(&compilation.tree), ["pdf/SKILL.md"]);
    let skipped: Vec<_> = compilation
        .tree
        .skipped()
        .iter()
        .map(|skipped| &*skipped.path)
        .collect();
    assert_eq!(skipped, [".git", "pdf/.env", "pdf/cfg", "pdf/store"]);
}

#[test]
fn what_is_wrong_in_a_skill_is_not_told_of_its_copy() {
    let check = |directory: &Directory, expected: &[(&str, &str)]| {
        let compilation = directory.compile();
        let found = compilation.findings.iter();
        let found: Vec<_> = found
            .map(|finding| (finding.rule.code, finding.path(&compilation.tree)))
            .collect();
        assert_eq!(found, expected);
    };
    let broken = "See [the fields](fields.md).\n";
    let whole = Directory::new("copy-whole")
        .skill("sets/pdf")
        .file("sets/pdf/notes.md", broken)
        .link("own", "sets");
    let expected = [("SK303", "own"), ("SK205", "sets/pdf/notes.md")];
    check(&whole, &expected);
    // Here the link leads to the `SKILL.md` alone, and the files beside it are others.
    let document = Directory::new("copy-document")
        .skill("sets/pdf")
        .file("sets/pdf/notes.md", broken)
        .file("own/pdf/notes.md", "See [the gaps](fields.md).\n")
        .link("own/pdf/SKILL.md", "../../sets/pdf/SKILL.md");
    let expected = [
        ("SK303", "own/pdf/SKILL.md"),
        ("SK205", "own/pdf/notes.md"),
        ("SK205", "sets/pdf/notes.md"),
    ];
    check(&document, &expected);
}

/// The paths at which links to what fewer may see were refused.
fn refused(directory: &Directory) -> Vec<String> {
    let compilation = directory.compile();
    let findings = compilation.denied();
    let leaks = findings.filter(|finding| finding.rule.code == "SK710");
    leaks
        .map(|finding| finding.path(&compilation.tree).to_owned())
        .collect()
}

#[test]
fn no_kind_of_link_shows_what_fewer_may_see() {
    let guarded = |name: &str| {
        Directory::new(name)
            .file(
                "skills.toml",
                "[access]\n\"internal/**\" = \"staff\"\n\"internal/payroll\" = \"payroll\"\n",
            )
            .skill("pdf")
            .skill("internal/onboarding")
            .skill("internal/payroll")
            .file("internal/payroll/pages/dates.md", "# Dates\n")
            .file("notes.md", "# Notes\n")
    };
    let check = |name: &str, links: &[(&str, &str)], expected: &[&str]| {
        let links = links.iter();
        let directory = links.fold(guarded(name), |directory, (path, target)| {
            directory.link(path, target)
        });
        assert_eq!(refused(&directory), expected, "{name}");
    };
    let dates = "../internal/payroll/pages/dates.md";
    check("leak-file", &[("pdf/dates.md", dates)], &["pdf/dates.md"]);
    check(
        "leak-directory",
        &[("pdf/pages", "../internal/payroll/pages")],
        &["pdf/pages"],
    );
    check("leak-parent", &[("pdf/all", "../internal")], &["pdf/all"]);
    check("leak-skill", &[("open", "internal/payroll")], &["open"]);
    check("leak-all", &[("open", "internal")], &["open"]);
    check(
        "leak-document",
        &[("open/payroll/SKILL.md", "../../internal/payroll/SKILL.md")],
        &["open/payroll/SKILL.md"],
    );
    check(
        "leak-chain",
        &[("pdf/a.md", "b.md"), ("pdf/b.md", dates)],
        &["pdf/a.md", "pdf/b.md"],
    );
    // The file is open, and the name under which the link finds it is not.
    check(
        "leak-way",
        &[
            ("pdf/a.md", "../internal/payroll/open.md"),
            ("internal/payroll/open.md", "../../notes.md"),
        ],
        &["pdf/a.md"],
    );
    check(
        "leak-below-link",
        &[
            ("pdf/pages", "../internal/onboarding/pages"),
            ("internal/onboarding/pages/a.md", "../../../notes.md"),
        ],
        &["pdf/pages/a.md"],
    );
    check(
        "leak-other-scopes",
        &[("internal/onboarding/dates.md", "../payroll/pages/dates.md")],
        &["internal/onboarding/dates.md"],
    );
    check(
        "leak-none",
        &[
            ("internal/payroll/pdf.md", "../../pdf/SKILL.md"),
            ("internal/payroll/more.md", "../onboarding/SKILL.md"),
            ("internal/payroll/more", "pages"),
            ("pdf/notes.md", "../notes.md"),
        ],
        &[],
    );
}

#[test]
fn a_hard_link_is_a_file_of_the_skill_that_it_lies_in() {
    let directory = Directory::new("hard-link")
        .file("skills.toml", "[access]\n\"payroll\" = \"payroll\"\n")
        .skill("pdf")
        .skill("payroll")
        .file("payroll/dates.md", "# Dates\n");
    let (from, to) = ("payroll/dates.md", "pdf/dates.md");
    std::fs::hard_link(directory.0.join(from), directory.0.join(to)).unwrap();
    assert_eq!(refused(&directory), [""; 0]);
    assert!(files(&directory.compile().tree).contains(&to));
}
