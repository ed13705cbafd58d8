//! The facts of a build, for `cargo skills dist`: it reads them beside the bundle, so that it need not run an executable that may
//! be for another machine.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use serde_json::{Value, json};

use super::crates::{Crate, Crates};
use super::{Origin, Package, purl, sbom};
use crate::Compilation;
use crate::diagnostics::{Finding, Level, Place, position};
use crate::emit::hexadecimal;
use crate::lower::{ResourcePlan, SkillPlan};
use crate::source::ancestors;

/// The layout of the document; it changes when a reader of the last one would be wrong.
const FORMAT: u32 = 1;

/// The document, as one line of JSON.
pub(super) fn document(compilation: &Compilation, package: &Package, crates: &Crates) -> String {
    let plan = &compilation.plan;
    let notices = Notices::of(compilation);
    let owned = sbom::owned(plan);
    let skills = plan.skills.iter().zip(&owned);
    let skills = skills.map(|(skill, files)| of_skill(skill, files, &notices));
    let Package {
        name,
        version,
        description,
        license,
        authors,
        repository,
        homepage,
    } = package;
    let document = json!({
        "format": FORMAT,
        "compiler": env!("CARGO_PKG_VERSION"),
        "server": {
            "name": name,
            "version": version,
            "description": description,
            "license": license,
            "authors": authors,
            "repository": repository,
            "homepage": homepage,
        },
        "digest": digest(&plan.digest),
        "crates": of_crates(crates),
        "skills": skills.collect::<Vec<_>>(),
    });
    document.to_string() + "\n"
}

/// The crates but for the package itself; nothing where they are not known.
fn of_crates(crates: &Crates) -> Value {
    let Crates::Known(crates, _) = crates else {
        return Value::Null;
    };
    let crates = crates.iter().skip(1).map(|item| {
        let Crate {
            name,
            version,
            license,
            checksum,
            ..
        } = item;
        json!({
            "name": name,
            "version": version,
            "license": license,
            "purl": purl::of_crate(item),
            "sha256": checksum,
        })
    });
    crates.collect()
}

fn of_skill(skill: &SkillPlan, files: &[&ResourcePlan], notices: &Notices) -> Value {
    let Origin {
        version,
        license,
        author,
    } = &skill.origin;
    json!({
        "path": skill.path,
        "uri": skill.uri,
        "name": skill.name,
        "description": skill.description,
        "version": version,
        "license": license,
        "author": author,
        "digest": digest(&skill.digest),
        "files": files.iter().map(|file| of_file(file)).collect::<Vec<_>>(),
        "notices": notices.about(skill),
    })
}

fn of_file(file: &ResourcePlan) -> Value {
    json!({
        "path": file.path,
        "size": file.size,
        "mediaType": file.media_type,
        "digest": digest(&file.digest),
        "isExecutable": file.executable,
    })
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hexadecimal(bytes))
}

/// What was found and did not fail the build, by the directory of the innermost skill that it is about.
struct Notices(BTreeMap<String, Vec<Value>>);

impl Notices {
    fn of(compilation: &Compilation) -> Self {
        let tree = &compilation.tree;
        let skills = compilation.plan.skills.iter();
        let skills: BTreeSet<_> = skills.map(|skill| skill.source.as_str()).collect();
        let notice = |finding: &Finding, reason: Option<&str>| {
            let path = finding.path(tree);
            let line = match &finding.place {
                Place::Bytes(file, span) => Some(position(&tree.file(*file).bytes, span.start).0),
                Place::Path(_) => None,
            };
            let said = json!({
                "code": finding.rule.code,
                "rule": finding.rule.name,
                "message": finding.message,
                "path": path,
                "line": line,
                "reason": reason,
            });
            let mut around = iter::once(path).chain(ancestors(path)).chain([""]);
            Some((
                around.find(|place| skills.contains(place))?.to_owned(),
                said,
            ))
        };
        let allowed = compilation.allowed.iter();
        let allowed = allowed.filter_map(|allowed| notice(&allowed.finding, Some(&allowed.reason)));
        let warned = compilation.findings.iter();
        let warned = warned.filter(|finding| finding.level == Level::Warn);
        let mut notices: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (skill, said) in allowed.chain(warned.filter_map(|finding| notice(finding, None))) {
            notices.entry(skill).or_default().push(said);
        }
        Self(notices)
    }

    fn about(&self, skill: &SkillPlan) -> &[Value] {
        self.0.get(&skill.source).map_or(&[], Vec::as_slice)
    }
}
