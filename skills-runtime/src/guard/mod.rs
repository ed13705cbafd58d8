//! Who may do what, the same for all transports: a caller is met, identified, and let in to what it asks for. What is read of a
//! bundle is read with a [`Permit`], and only a caller that was let in has one.

mod permit;
#[cfg(feature = "stdio")]
mod session;

#[cfg(feature = "http")]
mod bearers;
#[cfg(feature = "http")]
mod call;
#[cfg(feature = "http")]
mod counters;
#[cfg(feature = "http")]
mod counting;
#[cfg(feature = "http")]
mod defence;
#[cfg(feature = "http")]
mod denial;
#[cfg(feature = "http")]
pub(crate) mod files;
#[cfg(feature = "http")]
mod gate;
#[cfg(feature = "http")]
pub(crate) mod keys;
#[cfg(feature = "http")]
mod limits;
#[cfg(feature = "http")]
mod policy;
#[cfg(feature = "http")]
mod principal;
#[cfg(feature = "http")]
mod record;
#[cfg(feature = "http")]
mod rules;
#[cfg(feature = "redis")]
mod shared;
#[cfg(feature = "http")]
mod telling;
#[cfg(feature = "http")]
mod upkeep;

pub(crate) use permit::Permit;
#[cfg(feature = "stdio")]
pub(crate) use session::Session;

#[cfg(feature = "http")]
pub(crate) use {
    call::Call,
    denial::Denial,
    gate::{Credential, Guard},
    principal::{Means, Principal},
    record::Asked,
    rules::Sources,
};
