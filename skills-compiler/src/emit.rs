//! A bundle written down as Rust: a few items that hold its three parts. What the parts say is computed before; rustc
//! only has to copy them.
//!
//! The front ends decide where the parts and the findings go.

use proc_macro2::TokenStream;
use quote::quote;

use crate::config::{Server, Tools};
use crate::lower::GuidePlan;

/// The parts of a bundle and what else its items need to know, each but the last an expression.
#[derive(Debug)]
pub struct Parts {
    /// The path of `skills_model`.
    pub model: TokenStream,
    /// The text of the blob.
    pub text: TokenStream,
    /// The other bytes of the blob.
    pub bytes: TokenStream,
    /// The tables.
    pub tables: TokenStream,
    /// What the server says of itself.
    pub server: Server,
    /// What models are told of all skills.
    pub guide: GuidePlan,
}

/// The items that make up a bundle, `pub static BUNDLE` among them.
#[must_use]
pub fn bundle(parts: &Parts) -> TokenStream {
    let Parts {
        model,
        text,
        bytes,
        tables,
        server,
        guide,
    } = parts;
    let or_package = |value: &Option<String>, variable: &str| {
        let value = value.as_ref().map(|value| quote! { #value });
        value.unwrap_or_else(|| quote! { env!(#variable) })
    };
    let name = or_package(&server.name, "CARGO_PKG_NAME");
    let version = or_package(&server.version, "CARGO_PKG_VERSION");
    let introduction = server.instructions.as_deref().unwrap_or_default();
    let telling = telling(guide);
    let tools = tools(&server.tools);
    let compiler = env!("CARGO_PKG_VERSION");
    quote! {
        use #model::{Bundle, Data, Server, Telling, Tools};
        static DATA: Data = Data::new(#text, #bytes, #tables);
        /// The skills of this server.
        pub static BUNDLE: Bundle = Bundle::new(
            Server {
                name: #name, version: #version, introduction: #introduction, guide: #telling, tools: #tools,
                compiler: #compiler,
            },
            &DATA,
        );
    }
}

fn telling(guide: &GuidePlan) -> TokenStream {
    let GuidePlan {
        instructions,
        list_description,
        search_hint,
    } = guide;
    quote! {
        Telling {
            instructions: #instructions, list_description: #list_description, search_hint: #search_hint,
        }
    }
}

/// What is not set stays as the server has it.
fn tools(tools: &Tools) -> TokenStream {
    let Tools {
        prefix,
        structured_content,
        answer_bytes,
    } = tools;
    let prefix = prefix.iter();
    let structured_content = structured_content.iter();
    let answer_bytes = answer_bytes.iter();
    quote! {
        Tools {
            #(prefix: #prefix,)*
            #(structured_content: #structured_content,)*
            #(answer_bytes: #answer_bytes,)*
            ..Tools::DEFAULT
        }
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or_default())
        .collect()
}
