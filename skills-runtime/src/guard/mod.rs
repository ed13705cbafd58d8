//! Who may do what, the same for all transports: a caller is met, identified, and let in to what it asks for. What is read of a
//! bundle is read with a [`Permit`], and only a caller that was let in has one.

#[cfg(any(feature = "http", feature = "stdio"))]
#[cfg(feature = "http")]
mod client;
#[cfg(feature = "http")]
mod gate;
mod permit;
#[cfg(feature = "stdio")]
mod session;

#[cfg(any(feature = "http", feature = "stdio"))]
#[cfg(feature = "http")]
pub(crate) use client::Client;
pub(crate) use permit::Permit;
#[cfg(feature = "stdio")]
pub(crate) use session::{Admitted, Session};

#[cfg(all(fuzzing, feature = "http"))]
pub(crate) use gate::fuzzing;
#[cfg(feature = "http")]
pub(crate) use gate::{Asked, Call, Credential, Denial, Guard, Principal, Rate, Sources, keys};
