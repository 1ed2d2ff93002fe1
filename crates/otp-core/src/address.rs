//! Addresses: names of processes, and targets of monitors. Plain values.

pub(crate) mod error;
pub(crate) mod name;
mod target;
pub(crate) mod via;

pub use target::Target;
