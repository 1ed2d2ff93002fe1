//! The solution of exercise 4.4: characters on several nodes, each found by a name that says where it is.
//!
//! It is in section 4.4 of the guide `chapters/4-dynamic.md`. The layers, each knowing only those below it:
//!
//! - [`cli`]: the program `ch4-nodes`, and the only place that prints.
//! - [`api`]: nodes and characters by their addresses, and the only place that calls and casts.
//! - [`supervision`]: the tree of a node.
//! - [`boundary`]: the registry behind the names.
//! - [`core`]: what an address is.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;
pub mod supervision;
