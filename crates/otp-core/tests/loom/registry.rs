//! The entries of a registry, as they are.

#[path = "../../src/registry/tables.rs"]
pub(crate) mod tables;
