//! The gate: what every request goes through on its way to what it asks for. It is met, identified and admitted: each step takes
//! what the one before gave, and the last gives the permit.

mod guard;

mod meet;

mod identify;

mod admit;

mod denial;
mod principal;

mod policy;
mod rules;

mod bearers;
pub(crate) mod keys;
mod tiers;

mod call;
mod counting;
mod defence;
mod limits;
#[cfg(test)]
mod model;
mod recent;
#[cfg(feature = "redis")]
mod shared;

mod counters;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod record;
mod repeats;
mod telling;
mod upkeep;

use super::{Client, Permit};
#[cfg(feature = "stdio")]
pub(super) use record::decided;

pub(crate) use call::Call;
pub(crate) use denial::{Denial, Rate};
pub(crate) use guard::Guard;
pub(crate) use identify::Credential;
pub(crate) use principal::{Means, Principal};
pub(crate) use record::Asked;
pub(crate) use rules::Sources;
