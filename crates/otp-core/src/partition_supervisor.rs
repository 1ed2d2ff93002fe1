//! PartitionSupervisor: several copies of one child, and a name that leads to one of them by a key.
//!
//! It takes the load off a process that everybody uses: each key always leads to the same copy, and
//! different keys spread over all of them. It is a [`Supervisor`](crate::Supervisor), whose children have the
//! ids 0, 1, 2 and so on, and is found as one, too.
//!
//! # When (not) to use a partition supervisor
//!
//! Use one when a single process is too slow, and its state can be divided by a key: by customer, by room. Work that
//! needs all of the state at once cannot be divided.
//!
//! # Differences from OTP
//!
//! - The function that makes the specification gets the number of the partition. Arguments that depend on it are made
//!   there.
//! - Which partition a key that is no number leads to differs from Elixir, as the hash functions do.
//!
//! # Examples
//!
//! ```
//! use otp_core::prelude::*;
//! use otp_core::PartitionSupervisor;
//!
//! struct Counter(u64);
//!
//! enum Call {
//!     Next(ReplyTo<u64>),
//! }
//!
//! #[gen_server]
//! impl GenServer for Counter {
//!     type Call = Call;
//!
//!     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
//!         Ok(Init::state(Self(0)))
//!     }
//!
//!     async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
//!         let Call::Next(from) = call;
//!         self.0 += 1;
//!         from.reply(self.0)
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let node = Node::new();
//! let outcome = node.run(async {
//!     let copy = |_partition| ChildSpec::worker("counter", || Counter::start_link(()));
//!     let counters = PartitionSupervisor::new("counters", copy)
//!         .partitions(4)
//!         .start_link()
//!         .await?;
//!     let yoshi = ServerName::<Counter>::new(counters.route("yoshi"));
//!     yoshi.call(Call::Next).await?;
//!     let second = yoshi.call(Call::Next).await?;
//!     counters.supervisor().stop().await?;
//!     Ok::<_, ExitReason>(second)
//! });
//! assert_eq!(outcome.await, Ok(Ok(2)));
//! # }
//! ```

mod builder;
mod key;
mod partition_supervisor_ref;
mod partitions;

pub use builder::PartitionSupervisor;
pub use key::RouteKey;
pub use partition_supervisor_ref::{PartitionSupervisorRef, ResizeError};
pub use partitions::route;
