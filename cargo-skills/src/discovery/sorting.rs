//! From a listing to the skills that are checked: which folder each is read with, and which are none. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use skills_compiler::source::{NoSkill, Reading, RepositoryFiles, ancestors, is_below};

use super::listing::{Listing, below, is_at_or_below, join, parent};
use super::place::{folder_of, is_host_folder, left_out, material};
use super::plugin::{Plugin, plugin_of, plugins};
use super::{Copy, Discovery, Folder, LeftOut, Why};

/// Sorts what lies at and below `start`, and above it.
pub(super) fn sort_out(listing: &Listing, start: &str) -> Discovery {
    let mut sorting = Sorting {
        listing,
        start,
        plugins: plugins(listing),
        linked: BTreeMap::new(),
        accepted: BTreeMap::new(),
        folders: BTreeMap::new(),
        files: Arc::clone(&listing.files),
        found: Discovery {
            unsearched: listing.unsearched.iter().cloned().collect(),
            is_cut: listing.is_cut,
            ..Discovery::default()
        },
    };
    sorting.follow_links();
    for path in &listing.documents {
        sorting.document(path);
    }
    sorting.keep_what_needs_a_word();
    sorting.finish()
}

/// A folder of skills, or the skill at the top: two trees may have one root.
type Key = (String, bool);

struct Sorting<'a> {
    listing: &'a Listing,
    start: &'a str,
    plugins: Vec<Plugin>,
    /// The links that lead to skills, by where they stand, with the skill.
    linked: BTreeMap<String, String>,
    /// The skills, each with its folder.
    accepted: BTreeMap<String, Key>,
    folders: BTreeMap<Key, Why>,
    files: Arc<RepositoryFiles>,
    found: Discovery,
}

impl Sorting<'_> {
    /// A link in a folder of skills makes what it leads to a skill, which is checked where it is.
    fn follow_links(&mut self) {
        for (link, target) in &self.listing.links {
            let (Some(target), true) = (target, self.is_place_of_skills(link)) else {
                continue;
            };
            let documents = self.listing.documents.iter();
            for skill in documents.filter(|path| is_at_or_below(path, target)) {
                let place = join(link, below(skill, target));
                self.linked.insert(place.clone(), skill.clone());
                self.found.copies.push(Copy {
                    place,
                    original: skill.clone(),
                    is_link: true,
                });
            }
        }
    }

    /// Whether a link stands where skills do: in a folder of skills or in place of one, and in no skill.
    fn is_place_of_skills(&self, link: &str) -> bool {
        let (_, path) = self.split(link);
        let is_in_a_skill = ancestors(link).any(|above| self.listing.documents.contains(above));
        let folder = folder_of(path);
        folder.is_some() && left_out(path, folder).is_none() && !is_in_a_skill
    }

    /// A path as a directory that is looked at from, and the rest of it.
    fn split<'path>(&self, path: &'path str) -> (&str, &'path str) {
        if is_at_or_below(path, self.start) {
            (self.start, below(path, self.start))
        } else {
            ("", path)
        }
    }

    fn document(&mut self, path: &str) {
        let is_outer = |above: &&str| self.accepted.get(*above).is_some_and(|key| !key.1);
        let outer = ancestors(path).find(is_outer).map(str::to_owned);
        let is_meant = self.linked.values().any(|skill| skill == path) || self.is_declared(path);
        let (base, rest) = self.split(path);
        let base = base.to_owned();
        let folder = folder_of(rest);
        if !is_meant {
            let top = self.accepted.contains_key(&base).then_some(base.as_str());
            let inside = outer
                .as_deref()
                .or(top.filter(|_| folder.is_none() && !rest.is_empty()));
            let material = inside.and_then(|skill| Some((skill, material(path, skill)?)));
            if let Some((skill, place)) = material {
                let reason = format!("material of the skill `{skill}`");
                return self.leave_out(path, place, &reason);
            }
            if let Some(place) = left_out(rest, folder).filter(|_| outer.is_none()) {
                let place = join(&base, place);
                return self.leave_out(
                    path,
                    &place,
                    "tests, templates, documentation and the like",
                );
            }
        }
        let is_stray = folder == Some(rest);
        let mut documents = self.listing.documents.iter();
        if is_stray && documents.any(|other| is_below(other, path)) {
            return self.leave_out(
                path,
                path,
                "a `SKILL.md` beside the skills, in no directory of its own",
            );
        }
        let (key, why) = match (
            outer.and_then(|outer| self.accepted.get(&outer).cloned()),
            folder,
        ) {
            (Some(key), _) => {
                let why = self.folders.get(&key).cloned().unwrap_or(Why::Found);
                (key, why)
            }
            (_, Some(folder)) if !is_stray => {
                let folder = join(&base, folder);
                let why = if is_host_folder(&folder) {
                    Why::Host
                } else {
                    Why::Folder
                };
                ((folder, false), why)
            }
            _ if rest.is_empty() => ((base, true), Why::Top),
            _ => {
                let declared = self.declared(path).filter(|folder| folder != path);
                let why = declared.as_ref().map_or(Why::Found, |_| Why::Folder);
                (
                    (declared.unwrap_or_else(|| parent(path).to_owned()), false),
                    why,
                )
            }
        };
        self.folders.entry(key.clone()).or_insert(why);
        self.accepted.insert(path.to_owned(), key);
    }

    /// The directory by which a manifest says that a path is a skill.
    fn declared(&self, path: &str) -> Option<String> {
        let declared = self.plugins.iter().flat_map(|plugin| &plugin.declared);
        let mut around = declared.filter(|directory| is_at_or_below(path, directory));
        around.next().cloned()
    }

    fn is_declared(&self, path: &str) -> bool {
        let declared = self.declared(path);
        declared.is_some_and(|directory| directory == path || parent(path) == directory)
    }

    fn leave_out(&mut self, path: &str, place: &str, reason: &str) {
        self.found.left_out.push(LeftOut {
            path: path.to_owned(),
            place: place.to_owned(),
            reason: reason.to_owned(),
        });
    }

    /// Folders without a skill in which something was meant to be one, or is broken.
    fn keep_what_needs_a_word(&mut self) {
        let is_in_a_skill = |path: &str| {
            let mut around = std::iter::once(path).chain(ancestors(path));
            around.any(|above| self.listing.documents.contains(above))
        };
        let mut folders = BTreeSet::new();
        let mut empty = BTreeSet::new();
        for path in self
            .listing
            .misnamed
            .iter()
            .filter(|path| !is_in_a_skill(path))
        {
            let (base, rest) = self.split(path);
            let folder = folder_of(rest).filter(|folder| *folder != rest);
            if left_out(rest, folder).is_none() {
                folders.insert(match folder {
                    Some(folder) => join(base, folder),
                    None => parent(path).to_owned(),
                });
            }
        }
        for (path, has_content) in &self.listing.hosts {
            let (base, rest) = self.split(path);
            // A skill at the top may have its references in a folder of that name.
            let is_common = rest == "skills" && !self.accepted.contains_key(base);
            let is_known = is_host_folder(path) || is_common;
            if !is_known || is_in_a_skill(path) || left_out(rest, folder_of(rest)).is_some() {
                continue;
            }
            let has_links = self.listing.links.keys().any(|link| is_below(link, path));
            let has_skills = self.accepted.keys().any(|skill| is_below(skill, path));
            match (has_content, has_skills || has_links) {
                (_, true) => {}
                (true, false) if is_host_folder(path) => drop(folders.insert(path.clone())),
                _ => drop(empty.insert(path.clone())),
            }
        }
        for (link, target) in &self.listing.links {
            if target.is_none() && self.is_place_of_skills(link) {
                let (base, rest) = self.split(link);
                match folder_of(rest) {
                    Some(folder) if folder == rest => drop(empty.insert(link.clone())),
                    Some(folder) => drop(folders.insert(join(base, folder))),
                    None => {}
                }
            }
        }
        for folder in folders {
            self.folders.entry((folder, false)).or_insert(Why::Folder);
        }
        self.found.empty.extend(empty);
    }

    fn finish(mut self) -> Discovery {
        let folders = std::mem::take(&mut self.folders);
        let keys: Vec<_> = folders.keys().cloned().collect();
        for ((path, is_top), why) in folders {
            let key = (path, is_top);
            let reading = self.reading(&key, &keys);
            let skills = self.accepted.iter().filter(|(_, other)| **other == key);
            self.found.folders.push(Folder {
                skills: skills.map(|(skill, _)| skill.clone()).collect(),
                path: key.0,
                why,
                reading,
            });
        }
        self.found
    }

    /// What is known of the tree of a folder: what in it is looked at elsewhere, and which plugins its skills are installed with.
    fn reading(&self, key: &Key, keys: &[Key]) -> Reading {
        let is_of_client = key.0.split('/').any(|segment| segment == ".claude");
        let mut reading = Reading {
            is_for_claude_code: is_of_client,
            files: Arc::clone(&self.files),
            place: key.0.clone(),
            ..Reading::default()
        };
        let own = |path: &str| below(path, &key.0).to_owned();
        for (other, _) in keys
            .iter()
            .filter(|(other, _)| is_below_or_root(other, &key.0))
        {
            reading.no_skills.insert(own(other), NoSkill::Elsewhere);
        }
        for path in self
            .listing
            .documents
            .iter()
            .filter(|path| is_at_or_below(path, &key.0))
        {
            match self.accepted.get(path) {
                Some(other) if other == key => {
                    if let Some(plugin) =
                        plugin_of(&self.plugins, path).filter(|_| !is_host_folder(&key.0))
                    {
                        reading.plugins.insert(own(path), plugin.to_owned());
                    }
                    continue;
                }
                _ => {}
            }
            let is_inside = ancestors(path).any(|above| self.accepted.get(above) == Some(key));
            let is_material = !self.accepted.contains_key(path) && (is_inside || key.1);
            let kind = if is_material || path == &key.0 {
                NoSkill::Material
            } else {
                NoSkill::Elsewhere
            };
            if !reading.is_elsewhere(&own(path)) {
                reading.no_skills.insert(own(path), kind);
            }
        }
        for link in self
            .listing
            .links
            .keys()
            .filter(|link| is_below(link, &key.0))
        {
            if self.linked.keys().any(|place| is_at_or_below(place, link)) {
                reading.no_skills.insert(own(link), NoSkill::Elsewhere);
            }
        }
        reading
    }
}

/// Whether a path lies below another one and is not the same.
fn is_below_or_root(path: &str, directory: &str) -> bool {
    path != directory && is_below(path, directory)
}
