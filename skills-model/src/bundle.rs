//! A compiled bundle. Order is part of the contract: lookups are binary searches.

use crate::data::Data;
use crate::{Digest, Directory, Index, Page, Resource, Scope, Skill, Table};

/// The number that the tables begin with. It changes with the layout of any table.
pub(crate) const FORMAT: u32 = u32::from_le_bytes(*b"skl7");

/// Everything one server serves.
#[derive(Debug)]
pub struct Bundle {
    /// Who serves it.
    pub server: Server,
    /// The digest of the whole content: every path, mode and file digest in order. The same tree gives the same digest
    /// everywhere.
    pub digest: Digest,
    /// The skills, ascending by [`Skill::uri`].
    pub skills: Table<Skill>,
    /// Indices into `skills`, ascending by [`Skill::name`] and then by URI.
    pub skills_by_name: Table<u32>,
    /// The files of all skills, ascending by [`Resource::uri`]; each file once.
    pub resources: Table<Resource>,
    /// The directories of all skills, and the prefixes above them, ascending by [`Directory::uri`].
    pub directories: Table<Directory>,
    /// The pages that MCP's list methods answer with.
    pub listings: Listings,
    /// The indexes of Agent Skills Discovery, ascending by [`Index::path`].
    pub indexes: Table<Index>,
    /// The scopes that skills require, at most [`Scope::MOST`]; each is required by some skill.
    pub scopes: Table<Scope>,
    /// The bill of materials: the crates and skills that the executable holds, as one CycloneDX document in JSON.
    pub sbom: &'static str,
}

/// What a server says of itself.
#[derive(Debug)]
pub struct Server {
    /// Its name, by default the name of the package that embeds the bundle.
    pub name: &'static str,
    /// Its version, by default the version of the package that embeds the bundle.
    pub version: &'static str,
    /// What its author wants models to know before they use it; empty where nothing was written.
    pub introduction: &'static str,
    /// What models are told of its skills.
    pub guide: Telling,
    /// How its tools are named and how they answer.
    pub tools: Tools,
    /// The version of `skills-compiler` that made the bundle.
    pub compiler: &'static str,
}

/// What a [`Guide`](crate::Guide) to all skills says, for callers who may see all of them.
#[derive(Clone, Copy, Debug)]
pub struct Telling {
    /// The whole `instructions` of MCP, the introduction included.
    pub instructions: &'static str,
    /// The description of the tool that lists skills.
    pub list_description: &'static str,
    /// Words by which a host may search for the tools.
    pub search_hint: &'static str,
}

impl Telling {
    /// Says nothing.
    pub const NONE: Self = Self {
        instructions: "",
        list_description: "",
        search_hint: "",
    };
}

/// How the tools of a server are named and how they answer.
#[derive(Clone, Copy, Debug)]
pub struct Tools {
    /// What the names of the tools begin with, before an underscore; empty for nothing.
    pub prefix: &'static str,
    /// Whether results are given as data, too (MCP `structuredContent`), for programs.
    pub structured_content: bool,
    /// The most bytes of text in an answer for which no more was asked.
    pub answer_bytes: u32,
}

impl Tools {
    /// No prefix and text only, in parts of a size that all but two of the hosts that were tried hand on whole.
    pub const DEFAULT: Self = Self {
        prefix: "",
        structured_content: false,
        answer_bytes: 18_000,
    };
}

/// The listings of who may see all skills, at least one page each.
#[derive(Debug)]
pub struct Listings {
    /// Pages of `skills/list`: arrays of skill entries.
    pub skills: Table<Page>,
    /// Pages of `resources/list`: arrays of MCP `Resource` objects.
    pub resources: Table<Page>,
    /// Pages of `prompts/list`: arrays of MCP `Prompt` objects.
    pub prompts: Table<Page>,
}

impl Bundle {
    /// The bundle in what the compiler wrote.
    ///
    /// # Panics
    ///
    /// If a `skills-compiler` of another version wrote it. The constant is evaluated by rustc, so that this is an error of
    /// the build.
    #[must_use]
    pub const fn new(server: Server, data: &'static Data) -> Self {
        assert!(
            data.word(0) == FORMAT,
            "skills-compiler and skills-runtime are of different versions; give both the same in Cargo.toml"
        );
        Self {
            server,
            digest: data.digest(1),
            skills: Table::new(data, data.place(9)),
            skills_by_name: Table::new(data, data.place(11)),
            resources: Table::new(data, data.place(13)),
            directories: Table::new(data, data.place(15)),
            listings: Listings {
                skills: Table::new(data, data.place(17)),
                resources: Table::new(data, data.place(19)),
                prompts: Table::new(data, data.place(21)),
            },
            indexes: Table::new(data, data.place(23)),
            scopes: Table::new(data, data.place(25)),
            sbom: data.text(27),
        }
    }

    /// The skill at an index of `skills`, which has this path; what `skill!` expands to.
    ///
    /// # Panics
    ///
    /// If another skill is there. The call is evaluated by rustc, so that this is an error of the build.
    #[doc(hidden)]
    #[must_use]
    pub const fn known_skill(&self, index: u32, path: &str) -> Skill {
        let (data, start) = self.skills.place_of(index);
        let skill = Skill::new(data, start);
        assert!(
            index < self.skills.len() as u32 && same(skill.path(), path),
            "`skill!` knows the skills of the build script or else of the directory `skills`; the bundle has others"
        );
        skill
    }
}

/// Whether two texts are the same, which `==` cannot say in a constant.
const fn same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    while let ([first, one_rest @ ..], [second, other_rest @ ..]) = (one, other) {
        if *first != *second {
            return false;
        }
        (one, other) = (one_rest, other_rest);
    }
    one.is_empty() && other.is_empty()
}
