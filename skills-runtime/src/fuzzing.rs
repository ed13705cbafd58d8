//! The door for the fuzz targets in `fuzz/`: what reads the text of strangers, each with what has to hold for any text. It is
//! there only in builds of the fuzzer (`--cfg fuzzing`), and is no part of the API.

#[cfg(feature = "http")]
pub use crate::audit::fuzzing::audit_file;
#[cfg(feature = "http")]
pub use crate::discovery::fuzzing::discovery_path;
#[cfg(feature = "http")]
pub use crate::guard::fuzzing::{key_file, policy};
#[cfg(feature = "oauth")]
pub use crate::oauth::fuzzing::{key_set, token};
#[cfg(feature = "http")]
pub use crate::transport::http::fuzzing::{head, name_patterns, request};
pub use crate::transport::jsonrpc::fuzzing::message;
pub use crate::transport::stdio::fuzzing::lines;
