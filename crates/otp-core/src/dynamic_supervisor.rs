//! DynamicSupervisor: a supervisor for children that come and go.
//!
//! It starts with none; each is added with a specification of its own, and named by its pid from then on. It
//! restarts a child alone, and when it ends itself it stops all its children at the same time.
//!
//! # When (not) to use a dynamic supervisor
//!
//! Use one for many children of a kind whose number is not known beforehand: one for each connection, game or customer.
//! Children that depend on each other, or that must run before others, belong under a
//! [`Supervisor`](crate::Supervisor).
//!
//! A child that has to be stopped is unlinked first, as in Elixir. So if the supervisor is killed while it waits for
//! the child, the child still has the exit signal that stops it, and no other.
//!
//! # Differences from OTP
//!
//! - It is the counterpart of Elixir's `DynamicSupervisor` and of the strategy `simple_one_for_one` of `supervisor`: in
//!   place of one specification whose start function takes arguments there is a function of yours that makes
//!   specifications.
//! - Extra arguments are one value, of a type of your own, and reach those start functions that ask for
//!   them: [`ChildSpec::worker_with`](crate::ChildSpec::worker_with).
//!
//! # Examples
//!
//! ```
//! use otp_core::prelude::*;
//! use otp_core::process;
//!
//! fn game(number: u32) -> ChildSpec {
//!     ChildSpec::worker("game", move || async move {
//!         process::spawn_link(move |_: Mailbox<Never>| async move {
//!             process::set_label(format!("game {number}"));
//!             std::future::pending::<()>().await;
//!         })
//!     })
//!     .restart(Restart::Temporary)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let node = Node::new();
//! let outcome = node.run(async {
//!     let games = DynamicSupervisor::new().max_children(100).start_link().await?;
//!     let first = games.start_child(game(1)).await?;
//!     games.start_child(game(2)).await?;
//!     games.terminate_child(first.pid().expect("it runs")).await?;
//!     let active = games.count_children().await?.active;
//!     games.stop().await?;
//!     Ok::<_, ExitReason>(active)
//! });
//! assert_eq!(outcome.await, Ok(Ok(1)));
//! # }
//! ```

mod boundary;
mod builder;
mod children;
mod core;
mod dynamic_supervisor_ref;

pub use builder::DynamicSupervisor;
pub use dynamic_supervisor_ref::DynamicSupervisorRef;
