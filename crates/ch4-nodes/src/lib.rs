//! The solution of exercise 4.4: characters on several nodes, each with a name that contains its node.
//!
//! The guide is section 4.4 of `chapters/4-dynamic.md`. The layers, each of which uses only the layers below it:
//!
//! - [`cli`]: the program `ch4-nodes`; the only layer that prints.
//! - [`api`]: the operations of nodes and characters; the only layer that calls and casts.
//! - [`supervision`]: the supervision tree of a node.
//! - [`boundary`]: the registry behind the names.
//! - [`core`]: the addresses of characters.

pub mod api;
pub mod boundary;
pub mod cli;
pub mod core;
pub mod supervision;
