//! The entries of a registry, as they are.

#[path = "../../src/registry/held.rs"]
pub(crate) mod held;
#[path = "../../src/registry/tables.rs"]
pub(crate) mod tables;
