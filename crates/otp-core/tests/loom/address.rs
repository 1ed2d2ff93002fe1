//! Addresses.

#[path = "../../src/address/name.rs"]
pub(crate) mod name;
#[path = "../../src/address/target.rs"]
pub(crate) mod target;

pub use target::Target;
