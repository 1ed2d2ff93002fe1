//! Soaks otp-core: everything it can do, at once, on several threads and for a long time.
//!
//! A soak is a number of rounds on one node. In each a small *world* is started: supervisors of every kind with their
//! children, registries, process groups, tables, an agent, and watchers that monitor whatever they are told to. *Drivers* then
//! do to it what comes to their minds, by a seeded generator: they call, cast, kill, link, name, start and stop, and hand over
//! values whose `Drop`, `Clone`, `Debug`, `Eq` and `Hash` panic or call back into the runtime. Each
//! operation checks by itself that what OTP promises holds: a call ends in time, a DOWN comes once, no name
//! leads to a dead process. What does not is a *complaint*.
//!
//! When a round is over the world must come to *rest*, exactly as it was when it had been started; then it is stopped, and
//! there must be nothing left of it. What is, is a *leftover*. The memory in use after each round must not
//! go on growing.
//!
//! The order of what happens depends on the threads as well as on the seed: the same seed asks for the same things, and cannot
//! promise the same accidents.

pub mod cli;
mod driver;
mod hostile;
mod ledger;
mod listener;
mod memory;
mod plan;
mod progress;
mod report;
mod round;
mod soak;
mod stop;
mod survey;
mod watcher;
mod worker;
mod world;

pub use ledger::Ledger;
pub use plan::Plan;
pub use report::{Leftover, Report};
pub use soak::Soak;
pub use stop::Stop;
