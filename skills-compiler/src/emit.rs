//! A bundle written down as Rust: a few items that hold its three parts. What the parts say is computed before; rustc
//! only has to copy them.
//!
//! The front ends decide where the parts and the findings go.

use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::quote;

/// The parts of a bundle and what else its items need to know, each an expression.
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
    /// The server's name.
    pub name: TokenStream,
    /// The server's version.
    pub version: TokenStream,
    /// The server's instructions.
    pub instructions: String,
}

/// The items that make up a bundle, `pub static BUNDLE` among them.
#[must_use]
pub fn bundle(parts: &Parts) -> TokenStream {
    let Parts {
        model,
        text,
        bytes,
        tables,
        name,
        version,
        instructions,
    } = parts;
    let compiler = env!("CARGO_PKG_VERSION");
    quote! {
        use #model::{Bundle, Data, Server};
        static DATA: Data = Data::new(#text, #bytes, #tables);
        /// The skills of this server.
        pub static BUNDLE: Bundle = Bundle::new(
            Server { name: #name, version: #version, instructions: #instructions, compiler: #compiler },
            &DATA,
        );
    }
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
