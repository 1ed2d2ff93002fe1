#![doc = "Erlang/OTP's processes and servers for Rust, on tokio."]
//!
//! A tour, in the order in which one meets things:
//!
//! - A [`Node`] is a world of processes; [`Node::run`] enters it.
//! - A [process](mod@process) has a [`Pid`], a typed [`Mailbox`], links and monitors, and ends with an
//!   [`ExitReason`].
//! - A [`GenServer`] is a process that keeps state and answers calls; a [`ServerRef`] or a
//!   [`ServerName`] addresses it.
//! - A [`Supervisor`] starts processes, as [`ChildSpec`]s say, and starts them again when they end.
//! - An [`Application`] is a supervision tree that is started and stopped as a whole; [`application::run`] is
//!   for `main`.
//! - A [registry] finds processes by keys of any type.
//! - [Process groups](pg) have any number of members.
//! - [Tables](table) are data that many processes share.
//! - [`timer`] sends messages later.
//! - A [`Task`] computes one value in a process of its own.
//! - [`sys`] looks into a running server, and suspends it.
//! - [`report`] describes what is told of processes that fail.
//!
//! Where nothing else is said, things behave as in Erlang/OTP; where they do not, their
//! documentation has a paragraph "Differences from OTP". The first line of a report, the reason of a failed
//! call, the order of two signals: they are part of that.
//!
//! # Inside and outside of a process
//!
//! Code runs *inside* of a process if a process awaits it. A task that others spawn is *outside*, also if a process asked for
//! it: the handler of a web server, a `tokio::spawn`, a `JoinSet`, a `spawn_blocking`. A node can be current there, too:
//! [`Node::scope`] runs a future so, and [`Node::enter`] does it for code that does not await. In axum a handler's body goes
//! into `node.scope(async { .. }).await`, and a whole service into a layer that does this with its future.
//!
//! | | inside | outside, with a node | outside |
//! |---|---|---|---|
//! | what has its node in its arguments: [`ServerRef`], [`ProcessRef`], [`Recipient`], supervisors, registries, via names; [`process::exit`], [`process::register`], [`sys`], [`timer`] by reference or pid; `..on(&node)` | yes | yes | yes |
//! | calls, stops and [`sys`] by a [`Name`] or an unbound [`ServerName`] | yes | yes | [`CallError::Outside`], [`StopError::Outside`] |
//! | starts without a link | yes | yes | [`StartError::Outside`] |
//! | [`process::spawn`], [`process::node`], [`process::whereis`], [`process::send`], casts to an unbound [`ServerName`], [`timer`] by name | yes | yes | panics |
//! | starts with a link or a monitor | yes | [`StartError::Outside`] | [`StartError::Outside`] |
//! | [tables](table) made, tasks of a [`TaskSupervisorRef`] awaited, [`Registry::register`] | yes | an error `Outside` | an error `Outside` |
//! | what a process does to itself: [`process::current`], links, monitors, [`process::set_label`], its dictionary, [`Task::spawn`] | yes | panics | panics |
//!
//! A thread without a runtime makes [blocking calls](ServerRef::call_blocking).

// So that what the macros write names this crate inside of it, too.
extern crate self as otp_core;

mod address;
pub mod agent;
pub mod application;
pub mod child_spec;
pub mod dynamic_supervisor;
mod exit;
#[cfg(feature = "explore")]
pub mod explore;
pub mod gen_server;
mod node;
pub mod partition_supervisor;
pub mod pg;
mod pid;
pub mod prelude;
pub mod proc_lib;
pub mod process;
mod recipient;
pub mod registry;
pub mod remote;
pub mod report;
mod stop;
pub mod supervisor;
pub mod sys;
pub mod table;
pub mod task;
pub mod task_supervisor;
#[cfg(feature = "test-util")]
pub mod test;
mod time;
pub mod timer;
mod util;

use address::name;
pub use address::name::{
    Name, NameRegistry, NoSuchName, RegisterError, RemoteName, SendError, Via,
};
pub use agent::Agent;
pub use application::{Application, ApplicationSpec, Applications};
pub use child_spec::{Child, ChildId, ChildSpec, Restart, Shutdown};
pub use dynamic_supervisor::{DynamicSupervisor, DynamicSupervisorRef};
pub use exit::{ExitReason, Outcome, PanicInfo, Term};
pub use gen_server::{
    CallError, Context, GenServer, Info, Init, Next, Reply, ReplyTo, ServerName, ServerRef,
    StartError, StopError, Timeout,
};
pub use node::Node;
use node::scope;
pub use node::scope::{NodeGuard, NodeScope};
/// Completes an `impl GenServer`: what the server does not use is left out.
///
/// Message kinds without messages need neither their type nor their callback, and `Args` is `()` if it is not there. A type
/// without its callback, and a callback without its type, are compile errors that name the other. Callbacks may return a
/// `Result` in place of the type that the trait names: an error stops the server with that reason.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// struct Log(Vec<String>);
///
/// #[gen_server]
/// impl GenServer for Log {
///     type Cast = String;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self(Vec::new())))
///     }
///
///     async fn handle_cast(&mut self, line: String, _: &mut Context<Self>) -> Next<Self> {
///         self.0.push(line);
///         Next::NoReply
///     }
/// }
/// ```
pub use otp_macros::gen_server;
/// Runs an async test as a process of a new node, with a paused clock; feature `test-util`.
///
/// Options, separated by commas: `real_clock` lets the clock run; `workers = 2` runs the test on so many threads, with a
/// running clock. The test may return a `Result`, as any test may.
///
/// # Examples
///
/// ```
/// # use otp_core::prelude::*;
/// #[otp_core::test]
/// async fn a_process_ends_with_what_its_body_returns() {
///     let process = otp_core::process::spawn(|_: Mailbox<Never>| async { ExitReason::Shutdown });
///     assert_eq!(process.wait().await, ExitReason::Shutdown);
/// }
/// # fn main() {}
/// ```
#[cfg(feature = "test-util")]
pub use otp_macros::test;
pub use partition_supervisor::{PartitionSupervisor, PartitionSupervisorRef};
pub use pid::{MonitorRef, NodeId, ParsePidError, Pid};
pub use process::{Down, Exit, Mailbox, MailboxLimit, ProcessInfo, ProcessRef, Target};
pub use recipient::Recipient;
pub use registry::Registry;
pub use stop::Stop;
pub use supervisor::{Strategy, Supervisor, SupervisorRef};
pub use table::Table;
pub use task::Task;
pub use task_supervisor::{TaskSupervisor, TaskSupervisorRef};
pub use timer::TimerRef;
pub use util::never::Never;
use util::{never, numbered};
