//! Where what is embedded comes from: the bill of materials of the executable, and the facts of a build for those who ship it.
//!
//! All of it is computed from what was compiled and from what cargo says of the crates; `crates/ask.rs` is the only file here
//! that meets the world. Nothing depends on the time, on the machine or on the directory.

mod crates;
mod facts;
mod license;
mod origin;
mod package;
mod purl;
mod sbom;

pub use crates::{Crate, Crates, Origin as CrateOrigin, Question, Toolchain, ask};
pub use origin::Origin;
pub use package::Package;

use crate::Compilation;
use crate::lower::BundlePlan;

/// What there is to say of where an executable comes from.
#[derive(Debug)]
pub struct Provenance {
    /// The bill of materials: a CycloneDX document in JSON.
    pub sbom: String,
    /// The facts of the build that whoever ships the executable needs, in JSON.
    pub facts: String,
}

impl Provenance {
    /// The name of the bill of materials in `OUT_DIR`.
    pub const SBOM_FILE: &'static str = "sbom.cdx.json";

    /// The name of the facts in `OUT_DIR`.
    pub const FACTS_FILE: &'static str = "facts.json";

    /// What there is to say of a bundle in a package with these crates.
    #[must_use]
    pub fn of(compilation: &Compilation, package: &Package, crates: &Crates) -> Self {
        let package = package.under(&compilation.plan.server);
        Self {
            sbom: sbom::document(&compilation.plan, &package, crates),
            facts: facts::document(compilation, &package, crates),
        }
    }

    /// Puts the bill of materials into the bundle.
    pub fn embed(&self, plan: &mut BundlePlan) {
        let part = plan.blob.add_text(&self.sbom);
        plan.tables.sbom = (part.start as u32, part.len as u32);
    }
}
