//! The tables of a bundle: for each its rows, which are literals only, and the call that makes the table of them.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use crate::lower::{
    BytesPart, ContentPlan, DirectoryPlan, PagePlan, ResourcePlan, SkillPlan, TextPart,
};

/// A table: its rows, and the item made of them. `make` is the function of `skills_model::rows`, `rest` its arguments
/// after the rows.
fn table(
    name: &str,
    [row, item, make]: [&str; 3],
    rows: impl ExactSizeIterator<Item = TokenStream>,
    rest: &TokenStream,
) -> TokenStream {
    let ident = |name: &str| Ident::new(name, Span::call_site());
    let (row, item, make) = (ident(row), ident(item), ident(make));
    let (name, rows_name) = (ident(name), format_ident!("{name}_ROWS"));
    let count = rows.len();
    quote! {
        #[allow(clippy::unreadable_literal)]
        const #rows_name: [rows::#row; #count] = [#(#rows),*];
        #[allow(long_running_const_eval)]
        static #name: [#item; #count] = rows::#make(&#rows_name, #rest);
    }
}

pub(super) fn resources(resources: &[ResourcePlan]) -> TokenStream {
    let kinds = ["ResourceRow", "Resource", "resources"];
    let rows = resources.iter().map(resource);
    table("RESOURCES", kinds, rows, &quote! { &TEXT, &BYTES })
}

fn resource(plan: &ResourcePlan) -> TokenStream {
    let ResourcePlan {
        uri,
        path,
        name,
        media_type,
        content,
        digest,
        size: _,
        executable,
        entry,
    } = plan;
    let (is_text, content) = match *content {
        ContentPlan::Text(TextPart { start, len }) => (true, place(start, len)),
        ContentPlan::Blob(BytesPart { start, len }) => (false, place(start, len)),
    };
    let (digest, entry) = (Literal::byte_string(digest), text(*entry));
    quote! {
        rows::ResourceRow {
            uri: #uri, path: #path, name: #name, media_type: #media_type, is_text: #is_text, content: #content,
            digest: #digest, executable: #executable, entry: #entry
        }
    }
}

pub(super) fn skills(skills: &[SkillPlan]) -> TokenStream {
    let kinds = ["SkillRow", "Skill", "skills"];
    let rows = skills.iter().map(skill);
    table("SKILLS", kinds, rows, &quote! { &TEXT, &RESOURCES })
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
        digest,
        size,
    } = plan;
    let (frontmatter, entry) = (text(*frontmatter), text(*entry));
    let (document, body) = (text(*document), text(*body));
    let prompt = prompt
        .as_ref()
        .map_or_else(|| quote! { None }, |prompt| quote! { Some(#prompt) });
    let (digest, resources) = (
        Literal::byte_string(digest),
        place(resources.0, resources.1),
    );
    quote! {
        rows::SkillRow {
            path: #path, uri: #uri, name: #name, description: #description, frontmatter: #frontmatter, entry: #entry,
            document: #document, body: #body, prompt: #prompt, resources: #resources, digest: #digest, size: #size
        }
    }
}

pub(super) fn directories(directories: &[DirectoryPlan]) -> [TokenStream; 2] {
    let pages: Vec<_> = directories
        .iter()
        .flat_map(|directory| &directory.pages)
        .map(page)
        .collect();
    let mut first = 0;
    let rows: Vec<_> = directories
        .iter()
        .map(|DirectoryPlan { uri, pages }| {
            let place = place(first, pages.len());
            first += pages.len();
            quote! { (#uri, #place) }
        })
        .collect();
    let kinds = ["DirectoryRow", "Directory", "directories"];
    [
        page_table("DIRECTORY_PAGES", pages),
        table(
            "DIRECTORIES",
            kinds,
            rows.into_iter(),
            &quote! { &DIRECTORY_PAGES },
        ),
    ]
}

pub(super) fn listing(name: &str, pages: &[PagePlan]) -> TokenStream {
    page_table(name, pages.iter().map(page).collect())
}

fn page_table(name: &str, rows: Vec<TokenStream>) -> TokenStream {
    let kinds = ["PageRow", "Page", "pages"];
    table(name, kinds, rows.into_iter(), &quote! { &TEXT })
}

fn page(PagePlan { cursor, items }: &PagePlan) -> TokenStream {
    let items = text(*items);
    quote! { (#cursor, #items) }
}

fn text(part: TextPart) -> TokenStream {
    place(part.start, part.len)
}

fn place(start: usize, len: usize) -> TokenStream {
    let (start, len) = (
        Literal::usize_unsuffixed(start),
        Literal::usize_unsuffixed(len),
    );
    quote! { (#start, #len) }
}
