#![doc = include_str!("../docs/guide.md")]

#[doc = include_str!("../docs/coming_from_elixir.md")]
pub mod coming_from_elixir {}

#[doc = include_str!("../docs/coming_from_actors.md")]
pub mod coming_from_actors {}

#[doc = include_str!("../docs/state_machines.md")]
pub mod state_machines {}

#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

#[doc = include_str!("../docs/blocking_work.md")]
pub mod blocking_work {}

#[doc = include_str!("../docs/shutting_down.md")]
pub mod shutting_down {}

#[doc = include_str!("../docs/sharing_a_tokio_program.md")]
pub mod sharing_a_tokio_program {}

#[doc = include_str!("../docs/spans.md")]
pub mod spans {}

#[doc = include_str!("../docs/metrics.md")]
pub mod metrics {}
