//! Pages to read before and after the reference: [`elixir_cluster`] and [`rust_nodes`].

#[doc = include_str!("../docs/elixir_cluster.md")]
pub mod elixir_cluster {}

#[doc = include_str!("../docs/rust_nodes.md")]
pub mod rust_nodes {}
