//! Addresses: names of processes, and what a monitor is set on. Plain values.

pub(crate) mod name;
mod target;

pub use target::Target;
