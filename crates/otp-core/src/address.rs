//! Addresses: names of processes, and targets of monitors. Plain values.

pub(crate) mod name;
mod target;

pub use target::Target;
