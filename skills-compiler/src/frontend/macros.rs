//! The door for procedural macros: total functions from tokens to tokens, so that tests can call them.
//!
//! `bundle!` has no `OUT_DIR` to write to, so the blob becomes literals in the code. That is right for a handful of
//! skills; for large trees the build script is the better door.
#![expect(
    clippy::disallowed_methods,
    reason = "a macro learns from its environment where the package is"
)]

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::config::Configuration;
use crate::diagnostics::{Level, Style, render, summary};
use crate::emit::{self, Parts};
use crate::frontend::environment::{LINTS, apply_environment};
use crate::frontend::names::Names;
use crate::provenance::{Crates, Package, Provenance};
use crate::source::SourceTree;
use crate::{Compilation, Options, compile, lower};

/// `bundle!("skills")`: the items of a bundle, `pub static BUNDLE` among them.
#[must_use]
pub fn bundle(input: TokenStream) -> TokenStream {
    let (directory, span) = match text_argument(input, "a directory, such as `bundle!(\"skills\")`")
    {
        Ok(argument) => argument,
        Err((span, error)) => return nothing(span, &error),
    };
    let root = package().join(&directory);
    let mut options = Options::default();
    if let Err(problem) = apply_environment(&mut options) {
        return nothing(span, &problem);
    }
    match compile(&root, &directory, &options) {
        Ok(mut compilation) => {
            provenance(&compilation).embed(&mut compilation.plan);
            expand(&compilation, &root, span)
        }
        Err(error) => nothing(
            span,
            &format!("the skills in `{directory}` cannot be compiled: {error}"),
        ),
    }
}

/// What is known without a build script: the skills.
fn provenance(compilation: &Compilation) -> Provenance {
    let package = Package::from_variables(|name| env::var(name).ok());
    let reason = "the bundle was compiled by a macro, which cannot ask cargo; a build script can";
    Provenance::of(compilation, &package, &Crates::Unknown(reason.to_owned()))
}

/// `skill!("name")`: a reference to one skill of `crate::BUNDLE`; an error of the compiler if there is none.
///
/// The names come from what the build script wrote, or else from the directory `skills`.
#[must_use]
pub fn skill(input: TokenStream) -> TokenStream {
    let (wanted, span) =
        match text_argument(input, "the name of a skill, such as `skill!(\"pdf\")`") {
            Ok(argument) => argument,
            Err((span, error)) => return error_at(span, &error),
        };
    let names = match names() {
        Ok(names) => names,
        Err(error) => return error_at(span, &error),
    };
    match names.find(&wanted) {
        // The bundle's own errors say what is wrong; one about a table without rows would only distract.
        _ if names.broken => {
            quote! { crate::BUNDLE.skills.get(0).unwrap() }
        }
        Ok(index) => reference(index, &names),
        Err(error) => error_at(span, &error),
    }
}

/// One skill of `crate::BUNDLE`, at the place where the names have it. That is looked up again while the program is
/// compiled: a bundle of another directory would have another skill there.
fn reference(index: usize, names: &Names) -> TokenStream {
    let path = names.skills.get(index).map_or("", |(path, _)| path);
    let index = Literal::usize_unsuffixed(index);
    quote! { const { crate::BUNDLE.known_skill(#index, #path) } }
}

fn expand(compilation: &Compilation, root: &Path, span: Span) -> TokenStream {
    let plan = &compilation.plan;
    let text = Literal::string(&plan.blob.text);
    let bytes = Literal::byte_string(&plan.blob.bytes);
    let tables = Literal::byte_string(&plan.tables.to_bytes());
    let items = emit::bundle(&Parts {
        model: quote! { ::skills_runtime::model },
        text: quote! { #text },
        bytes: quote! { #bytes },
        tables: quote! { #tables },
        server: plan.server.clone(),
        guide: plan.guide.clone(),
    });
    let denied = compilation
        .denied()
        .map(|finding| item_error(span, &render(&compilation.tree, finding, Style::Rustc)));
    let warnings = warnings(compilation, span);
    let tracked = tracked(compilation, root);
    quote! {
        #(#denied)*
        mod __skills_bundle {
            #items
            #warnings
            const _: Option<&str> = option_env!(#LINTS);
            #(#tracked)*
        }
        pub use __skills_bundle::BUNDLE;
    }
}

/// An error and a bundle without skills, so that what is said of `BUNDLE` elsewhere is no second error.
fn nothing(span: Span, error: &str) -> TokenStream {
    let tree = SourceTree::default();
    let plan = lower::lower(&tree, &[], &Configuration::default());
    let empty = Compilation {
        tree,
        findings: Vec::new(),
        allowed: Vec::new(),
        plan,
    };
    let (error, items) = (item_error(span, error), expand(&empty, Path::new(""), span));
    quote! { #error #items }
}

/// Makes rustc depend on every file, so that an edit rebuilds; nothing of it is kept.
fn tracked<'a>(
    compilation: &'a Compilation,
    root: &'a Path,
) -> impl Iterator<Item = TokenStream> + 'a {
    let real = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let tree = &compilation.tree;
    let files = tree.files().map(move |(_, file)| real.join(&file.path));
    let settings = tree
        .configurations()
        .map(|(_, file)| package().join(tree.display(&file.path)));
    files.chain(settings).filter_map(|path| {
        let path = path.to_str()?.to_owned();
        Some(quote! { const _: &[u8] = include_bytes!(#path); })
    })
}

/// Warnings, in the only way that stable Rust has for a macro to warn: the use of something deprecated.
fn warnings(compilation: &Compilation, span: Span) -> TokenStream {
    let warnings = compilation
        .findings
        .iter()
        .filter(|finding| finding.level == Level::Warn);
    let warnings = warnings.map(|finding| {
        let text = summary(&compilation.tree, finding);
        quote_spanned! { span =>
            const _: () = {
                #[deprecated(note = #text)]
                #[allow(non_upper_case_globals)]
                const skill: () = ();
                skill
            };
        }
    });
    quote! { #(#warnings)* }
}

fn names() -> Result<Names, String> {
    if let Some(out) = env::var_os("OUT_DIR")
        && let Ok(text) = fs::read_to_string(PathBuf::from(out).join(Names::FILE))
    {
        return Ok(Names::from_text(&text));
    }
    let compilation = compile(&package().join("skills"), "skills", &Options::default());
    compilation.map(|compilation| Names::of(&compilation)).map_err(|error| {
        format!("the names of the skills are not known: no build script compiled any, and `skills` cannot be read: {error}")
    })
}

fn package() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default()
}

/// The one string literal of a macro's input, or what to say where.
fn text_argument(input: TokenStream, expected: &str) -> Result<(String, Span), (Span, String)> {
    let mut tokens = input.into_iter();
    let (first, rest) = (tokens.next(), tokens.next());
    let span = first.as_ref().map_or_else(Span::call_site, TokenTree::span);
    let literal = match (&first, rest) {
        (Some(TokenTree::Literal(literal)), None) => {
            syn::parse_str::<syn::LitStr>(&literal.to_string()).ok()
        }
        _ => None,
    };
    literal
        .map(|text| (text.value(), span))
        .ok_or_else(|| (span, format!("expected {expected}")))
}

/// An error where an expression is expected; a `;` there would be a second error.
fn error_at(span: Span, text: &str) -> TokenStream {
    quote_spanned! { span => ::core::compile_error!(#text) }
}

/// An error where items are expected.
fn item_error(span: Span, text: &str) -> TokenStream {
    quote_spanned! { span => ::core::compile_error!(#text); }
}
