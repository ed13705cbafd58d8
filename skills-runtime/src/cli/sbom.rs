//! `sbom`: the bill of materials, as the compiler wrote it; and what `about` says of it.

use serde::{Deserialize, Serialize};
use skills_model::Bundle;

use crate::error::Error;
use crate::text::count;

/// What the bill of materials comes to.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    format: String,
    serial_number: String,
    /// How many crates the executable holds, the standard library among them; nothing where the build could not tell.
    crates: Option<usize>,
    skills: usize,
}

impl Summary {
    pub(super) fn of(bundle: &Bundle) -> Result<Self, Error> {
        let document: Document = serde_json::from_str(bundle.sbom)?;
        let count = |kind| {
            let components = document.components.iter();
            components
                .filter(|component| component.kind == kind)
                .count()
        };
        let mut compositions = document.compositions.iter();
        let is_complete = compositions.all(|composition| composition.aggregate == "complete");
        Ok(Self {
            format: format!("{} {}", document.bom_format, document.spec_version),
            crates: is_complete.then(|| count("library")),
            skills: count("data"),
            serial_number: document.serial_number,
        })
    }

    /// As a person reads it.
    pub(super) fn to_text(&self) -> String {
        let crates = match self.crates {
            Some(crates) => count(crates, "crate"),
            None => "unknown crates".to_owned(),
        };
        format!("{}, {crates}, {}", self.format, count(self.skills, "skill"))
    }
}

/// What is read of a CycloneDX document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    bom_format: String,
    spec_version: String,
    serial_number: String,
    components: Vec<Component>,
    compositions: Vec<Composition>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Composition {
    aggregate: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::BUNDLE;

    #[test]
    fn what_is_in_it_is_counted() {
        let summary = Summary::of(&BUNDLE).unwrap();
        assert_eq!(summary.to_text(), "CycloneDX 1.6, 2 crates, 1 skill");
    }
}
