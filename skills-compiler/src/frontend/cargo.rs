//! The door for build scripts: [`build`] for most, [`configure`] for the rest.
//!
//! It writes to `OUT_DIR` the three parts of the bundle, the items that include them, and the names of the skills for
//! `skill!`; for those who ship the executable, the bill of
//! materials and the facts of the build; with findings, also one text for each. `skills_runtime::include_bundle!()` picks them up, so that every error is an
//! error of rustc, without the path of a generated file in it. The script itself fails only when nothing can be read.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "this file is the edge to cargo"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use proc_macro2::TokenStream;
use quote::quote;

use crate::config::{Server, Tools};
use crate::diagnostics::{Level, Style, render, summary};
use crate::emit::{self, Parts};
use crate::frontend::environment::{LINTS, apply_environment};
use crate::frontend::names::Names;
use crate::provenance::{self, Crates, Package, Provenance, Question};
use crate::{Compilation, Options, compile};

/// The most warnings that are printed; cargo repeats them on every build.
const MAX_WARNINGS: usize = 20;

/// Compiles the skills below `directory`, a path relative to the package, for `skills_runtime::include_bundle!()`.
///
/// ```no_run
/// # use std::process::ExitCode;
/// fn main() -> ExitCode {
///     skills_compiler::build("skills")
/// }
/// ```
#[must_use = "return it from `main`, so that cargo learns of a directory that cannot be read"]
pub fn build(directory: impl AsRef<Path>) -> ExitCode {
    configure().build(directory)
}

/// Starts a configuration; [`Builder::build`] ends it.
pub fn configure() -> Builder {
    Builder {
        options: Options::default(),
        problems: Vec::new(),
    }
}

/// How to compile a bundle.
#[derive(Debug)]
#[must_use = "nothing happens before `build`"]
pub struct Builder {
    options: Options,
    problems: Vec<String>,
}

impl Builder {
    /// Names the server; the name of the package unless set. Hosts take it as a word of a command line.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        if !Server::is_name(&name) {
            self.problems.push(format!(
                "{name:?} cannot be the name of a server: it has to be one word"
            ));
        }
        self.options.server.name = Some(name);
        self
    }

    /// Sets the version of the server; the version of the package unless set.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.options.server.version = Some(version.into());
        self
    }

    /// Tells models what the server is for; what they should know of its skills follows it.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.options.server.instructions = Some(instructions.into());
        self
    }

    /// Puts a prefix and an underscore in front of the names of the tools, so that two servers fit into one host.
    pub fn tool_prefix(mut self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        if !Tools::is_prefix(&prefix) {
            let expected = Tools::PREFIX;
            self.problems.push(format!(
                "{prefix:?} cannot be the prefix of tools: it has to be {expected}"
            ));
        }
        self.options.server.tools.prefix = Some(prefix);
        self
    }

    /// Whether tools answer with data beside the text (MCP `structuredContent`), for programs; off unless set, because hosts
    /// show models the data instead of the text.
    pub fn structured_content(mut self, is_on: bool) -> Self {
        self.options.server.tools.structured_content = Some(is_on);
        self
    }

    /// Switches a rule off, by its name or code.
    pub fn allow(self, rule: &str) -> Self {
        self.level(rule, Level::Allow)
    }

    /// Lets a rule warn only, by its name or code.
    pub fn warn(self, rule: &str) -> Self {
        self.level(rule, Level::Warn)
    }

    /// Lets a rule fail the build, by its name or code.
    pub fn deny(self, rule: &str) -> Self {
        self.level(rule, Level::Deny)
    }

    fn level(mut self, rule: &str, level: Level) -> Self {
        if let Err(problem) = self.options.set_level(rule, level, "the build script") {
            self.problems.push(problem);
        }
        self
    }

    /// Compiles the skills below `directory`, a path relative to the package.
    #[must_use = "return it from `main`, so that cargo learns of a directory that cannot be read"]
    pub fn build(mut self, directory: impl AsRef<Path>) -> ExitCode {
        let directory = directory.as_ref();
        println!("cargo::rerun-if-env-changed={LINTS}");
        self.problems
            .extend(apply_environment(&mut self.options).err());
        match self.run(directory) {
            Ok(()) if self.problems.is_empty() => ExitCode::SUCCESS,
            Ok(()) => fail(&self.problems),
            Err(error) => {
                let advice = match error.kind() {
                    io::ErrorKind::NotFound => {
                        "; the path is relative to the directory of `Cargo.toml`"
                    }
                    _ => "",
                };
                let directory = directory.display();
                fail(&[format!(
                    "the skills in `{directory}` cannot be compiled: {error}{advice}"
                )])
            }
        }
    }

    fn run(&self, directory: &Path) -> io::Result<()> {
        println!(
            "cargo::rerun-if-changed={}",
            one_line(&directory.display().to_string())
        );
        let package = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
        let out = PathBuf::from(variable("OUT_DIR")?);
        let label = directory.display().to_string().replace('\\', "/");
        let mut compilation = compile(&package.join(directory), &label, &self.options)?;
        for (_, file) in compilation.tree.configurations() {
            let path = compilation.tree.display(&file.path);
            println!("cargo::rerun-if-changed={}", one_line(&path));
        }
        warn(&compilation);
        let crates = crates(&compilation, &package, &out)?;
        let manifest = Package::from_variables(|name| env::var(name).ok());
        let provenance = Provenance::of(&compilation, &manifest, &crates);
        provenance.embed(&mut compilation.plan);
        fs::write(out.join(Provenance::SBOM_FILE), &provenance.sbom)?;
        fs::write(out.join(Provenance::FACTS_FILE), &provenance.facts)?;
        write(&compilation, &out)
    }
}

/// The crates of the package that this is the build script of. Not to know them is no reason to fail.
fn crates(compilation: &Compilation, package: &Path, out: &Path) -> io::Result<Crates> {
    if compilation.denied().next().is_some() {
        return Ok(Crates::Unknown("the build fails".to_owned()));
    }
    let (cargo, rustc) = (variable("CARGO")?, variable("RUSTC")?);
    let question = Question {
        cargo: cargo.as_ref(),
        rustc: rustc.as_ref(),
        directory: package,
        package: format!(
            "{}@{}",
            variable("CARGO_PKG_NAME")?,
            variable("CARGO_PKG_VERSION")?
        ),
        target: variable("TARGET")?,
        features: env::var("CARGO_CFG_FEATURE").unwrap_or_default(),
    };
    let (crates, inputs) = provenance::ask(&question, out);
    for input in inputs.iter().filter(|input| input.is_file()) {
        let input = one_line(&input.display().to_string());
        println!("cargo::rerun-if-changed={input}");
    }
    if let Crates::Unknown(reason) = &crates {
        let reason = one_line(reason);
        println!("cargo::warning=the bill of materials has no crates: {reason}");
    }
    Ok(crates)
}

/// Writes the bundle and what is wrong with it.
fn write(compilation: &Compilation, out: &Path) -> io::Result<()> {
    let plan = &compilation.plan;
    let items = emit::bundle(&Parts {
        model: quote! { model },
        text: quote! { include_str!("bundle.text") },
        bytes: quote! { include_bytes!("bundle.bytes") },
        tables: quote! { include_bytes!("bundle.tables") },
        server: plan.server.clone(),
        guide: plan.guide.clone(),
    });
    let findings = findings(compilation, out)?;
    fs::write(out.join("bundle.text"), &plan.blob.text)?;
    fs::write(out.join("bundle.bytes"), &plan.blob.bytes)?;
    fs::write(out.join("bundle.tables"), plan.tables.to_bytes())?;
    fs::write(out.join(Names::FILE), Names::of(compilation).to_text())?;
    fs::write(out.join("bundle.rs"), format!("{items}\n{findings}\n"))
}

/// Writes every deny finding into a file of its own, and returns the macro that hands the files to
/// `include_bundle!()`. The error then stands at the caller's line, not in a generated file.
fn findings(compilation: &Compilation, out: &Path) -> io::Result<TokenStream> {
    let denied: Vec<_> = compilation.denied().collect();
    for (number, finding) in denied.iter().enumerate() {
        let text = render(&compilation.tree, finding, Style::Rustc);
        fs::write(out.join(format!("finding-{number}.txt")), text)?;
    }
    let numbers = (0..denied.len()).map(|number| format!("finding-{number}.txt"));
    let files = numbers.map(|file| quote! { #file });
    Ok(quote! {
        macro_rules! __skills_findings {
            ($($report:tt)*) => { $($report)* ! { @findings #(#files)* } };
        }
    })
}

/// Prints the warnings as cargo shows them: one line each, and not more than anybody reads.
fn warn(compilation: &Compilation) {
    let tree = &compilation.tree;
    let warnings: Vec<_> = compilation
        .findings
        .iter()
        .filter(|finding| finding.level == Level::Warn)
        .collect();
    for finding in warnings.iter().take(MAX_WARNINGS) {
        println!("cargo::warning={}", one_line(&summary(tree, finding)));
    }
    if let Some(more) = warnings
        .len()
        .checked_sub(MAX_WARNINGS)
        .filter(|&more| more > 0)
    {
        let label = one_line(tree.label());
        println!(
            "cargo::warning=and {more} more warnings; `cargo skills check {label}` shows them all"
        );
    }
}

/// Text as one line of a build script's output, in which nothing can pass for an instruction to cargo.
fn one_line(text: &str) -> String {
    crate::diagnostics::visible(text)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|_| {
        io::Error::other(format!(
            "`{name}` is not set; call this from a build script"
        ))
    })
}

fn fail(problems: &[String]) -> ExitCode {
    for problem in problems {
        println!("cargo::error={}", one_line(problem));
    }
    ExitCode::FAILURE
}
