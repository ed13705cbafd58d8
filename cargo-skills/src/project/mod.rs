//! Projects: a package with a folder of skills, made from the template, which is a real crate and built as it stands.

mod libraries;
mod name;
mod new;
mod quoted;
mod template;

pub(crate) use libraries::Libraries;
pub(crate) use name::Name;
pub(crate) use new::{Draft, Order, make, new};
pub(crate) use quoted::quoted;
pub(crate) use template::{lock, manifest};
