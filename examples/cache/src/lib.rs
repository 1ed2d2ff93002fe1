//! A cache whose values expire and are computed once; see the README beside it.

mod api;
mod boundary;
mod core;
mod supervision;

pub use api::Cache;
pub use boundary::owner::Computed;
pub use boundary::{Key, Value};
