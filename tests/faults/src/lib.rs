//! What the load generator is made of. The fault proxy is one file, `bin/fault_proxy.rs`.

pub mod exchange;
pub mod histogram;
pub mod workload;
