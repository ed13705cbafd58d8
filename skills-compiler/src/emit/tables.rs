//! The tables of a bundle, one `static` each.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use crate::lower::{ContentPlan, DirectoryPlan, PagePlan, ResourcePlan, SkillPlan, TextPart};

pub(super) fn digest(bytes: &[u8; 32]) -> TokenStream {
    let bytes = Literal::byte_string(bytes);
    quote! { Digest::new(*#bytes) }
}

fn text(part: TextPart) -> TokenStream {
    let (start, len) = (
        Literal::usize_unsuffixed(part.start),
        Literal::usize_unsuffixed(part.len),
    );
    quote! { text_part(TEXT, #start, #len) }
}

/// A table: its head, one stream a row, and its end; an array, because a slice would need a second static to point to.
fn table(name: &str, item: &str, rows: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    let (name, item) = (
        Ident::new(name, Span::call_site()),
        Ident::new(item, Span::call_site()),
    );
    let count = rows.len();
    quote! { static #name: [#item; #count] = [#(#rows),*]; }
}

pub(super) fn resources(resources: &[ResourcePlan]) -> Vec<TokenStream> {
    vec![table(
        "RESOURCES",
        "Resource",
        resources.iter().map(resource),
    )]
}

fn resource(plan: &ResourcePlan) -> TokenStream {
    let ResourcePlan {
        uri,
        path,
        name,
        media_type,
        content,
        digest: bytes,
        size: _,
        executable,
        entry,
    } = plan;
    let (digest, entry) = (digest(bytes), text(*entry));
    let content = match content {
        ContentPlan::Text(part) => {
            let text = text(*part);
            quote! { Content::Text(#text) }
        }
        ContentPlan::Blob(part) => {
            let (start, len) = (
                Literal::usize_unsuffixed(part.start),
                Literal::usize_unsuffixed(part.len),
            );
            quote! { Content::Blob(part(BYTES, #start, #len)) }
        }
    };
    quote! {
        Resource {
            uri: #uri, path: #path, name: #name, media_type: #media_type, content: #content, digest: #digest,
            executable: #executable, entry: #entry
        }
    }
}

pub(super) fn skills(skills: &[SkillPlan]) -> Vec<TokenStream> {
    vec![table("SKILLS", "Skill", skills.iter().map(skill))]
}

fn skill(plan: &SkillPlan) -> TokenStream {
    let SkillPlan {
        path,
        uri,
        name,
        description,
        frontmatter,
        entry,
        document,
        body,
        prompt,
        resources,
        digest: bytes,
        size,
    } = plan;
    let (frontmatter, entry, document, body) = (
        text(*frontmatter),
        text(*entry),
        text(*document),
        text(*body),
    );
    let prompt = prompt
        .as_ref()
        .map_or_else(|| quote! { None }, |prompt| quote! { Some(#prompt) });
    let digest = digest(bytes);
    let (first, count) = (
        Literal::usize_unsuffixed(resources.0),
        Literal::usize_unsuffixed(resources.1),
    );
    quote! {
        Skill {
            path: #path, uri: #uri, name: #name, description: #description, frontmatter: #frontmatter, entry: #entry,
            document: #document, body: #body, prompt: #prompt, resources: part(&RESOURCES, #first, #count),
            digest: #digest, size: #size
        }
    }
}

pub(super) fn directories(directories: &[DirectoryPlan]) -> Vec<TokenStream> {
    let pages = directories
        .iter()
        .flat_map(|directory| &directory.pages)
        .map(page)
        .collect::<Vec<_>>();
    let mut first = 0;
    let rows: Vec<_> = directories
        .iter()
        .map(|DirectoryPlan { uri, pages }| {
            let (start, count) = (
                Literal::usize_unsuffixed(first),
                Literal::usize_unsuffixed(pages.len()),
            );
            first += pages.len();
            quote! { Directory { uri: #uri, pages: part(&DIRECTORY_PAGES, #start, #count) } }
        })
        .collect();
    vec![
        table("DIRECTORY_PAGES", "Page", pages.into_iter()),
        table("DIRECTORIES", "Directory", rows.into_iter()),
    ]
}

pub(super) fn listing(name: &str, pages: &[PagePlan]) -> Vec<TokenStream> {
    vec![table(name, "Page", pages.iter().map(page))]
}

fn page(PagePlan { cursor, items }: &PagePlan) -> TokenStream {
    let items = text(*items);
    quote! { Page { cursor: #cursor, items: #items } }
}
