//! Access tokens of authorization servers that nobody here wrote: what is accepted, what is not, and what clients are told.

mod accepted;
mod authorization_server;
mod clients;
mod clocks;
mod failures;
mod glewlwyd;
mod guarded;
mod hostile;
mod keys;
mod private;
mod tiers;
