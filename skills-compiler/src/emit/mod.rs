//! A bundle written down as Rust: static tables that point into a blob, and findings as `compile_error!`.
//!
//! `front ends` decide where the blob and the findings go; the tables are the same for both.

mod tables;

use std::fmt::Write as _;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::lower::BundlePlan;

/// What the tables need to know of the place they are written for.
#[derive(Debug)]
pub struct Surroundings {
    /// The path of `skills_model` there.
    pub model: TokenStream,
    /// An expression for the text of the blob.
    pub text: TokenStream,
    /// An expression for the bytes of the blob.
    pub bytes: TokenStream,
    /// An expression for the server's name.
    pub name: TokenStream,
    /// An expression for the server's version.
    pub version: TokenStream,
}

/// The items that make up a bundle, each a stream of its own so that it can have a line of its own; the last one is
/// `pub static BUNDLE`.
#[must_use]
pub fn bundle(plan: &BundlePlan, surroundings: &Surroundings) -> Vec<TokenStream> {
    let Surroundings {
        model,
        text,
        bytes,
        name,
        version,
    } = surroundings;
    let compiler = env!("CARGO_PKG_VERSION");
    let instructions = &plan.instructions;
    let digest = Literal::byte_string(&plan.digest);
    let order = &plan.skills_by_name;
    let order_count = order.len();
    let mut items = vec![
        quote! {
            #[allow(unused_imports)]
            use #model::{Bundle, Content, Digest, Directory, Listings, Page, Resource, Skill, rows};
        },
        // Who reads clippy's opinion of a program has no use for one of offsets; hence the allowance on the rows.
        // A bundle may be without text files or, more often, without others.
        quote! { #[allow(dead_code)] static TEXT: &str = #text; },
        quote! { #[allow(dead_code)] static BYTES: &[u8] = #bytes; },
        quote! { static SKILLS_BY_NAME: [u32; #order_count] = [#(#order),*]; },
    ];
    items.push(tables::resources(&plan.resources));
    items.push(tables::skills(&plan.skills));
    items.extend(tables::directories(&plan.directories));
    items.push(tables::listing("SKILL_PAGES", &plan.skill_pages));
    items.push(tables::listing("RESOURCE_PAGES", &plan.resource_pages));
    items.push(tables::listing("PROMPT_PAGES", &plan.prompt_pages));
    items.push(quote! {
        /// The skills of this server.
        pub static BUNDLE: Bundle = Bundle {
            name: #name,
            version: #version,
            instructions: #instructions,
            compiler: #compiler,
            digest: Digest::new(*#digest),
            skills: &SKILLS,
            skills_by_name: &SKILLS_BY_NAME,
            resources: &RESOURCES,
            directories: &DIRECTORIES,
            listings: Listings { skills: &SKILL_PAGES, resources: &RESOURCE_PAGES, prompts: &PROMPT_PAGES },
        };
    });
    items
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
