//! Addresses.

#[path = "../../src/address/error.rs"]
pub(crate) mod error;
#[path = "../../src/address/name.rs"]
pub(crate) mod name;
#[path = "../../src/address/target.rs"]
pub(crate) mod target;
#[path = "../../src/address/via.rs"]
pub(crate) mod via;

pub use target::Target;
