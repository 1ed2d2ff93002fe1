#![doc = include_str!("../docs/front.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// So that the code of the macros can name this crate inside of the crate, too.
extern crate self as otp_core;

mod address;
pub mod agent;
pub mod application;
pub mod blocking;
pub mod child_spec;
pub mod drain;
pub mod dynamic_supervisor;
pub mod event_manager;
mod exit;
#[cfg(feature = "explore")]
pub mod explore;
pub mod gen_server;
pub mod guard;
pub mod guide;
mod large;
mod node;
pub mod overload;
pub mod partition_supervisor;
pub mod pg;
mod pid;
pub mod prelude;
pub mod proc_lib;
pub mod process;
pub mod pub_sub;
mod recipient;
pub mod registry;
pub mod remote;
pub mod report;
pub mod schedule;
pub mod state_machine;
mod stop;
pub mod supervisor;
pub mod sys;
pub mod table;
pub mod task;
pub mod task_supervisor;
#[cfg(feature = "test-util")]
pub mod test;
mod time;
mod time_limit;
pub mod timer;
#[cfg(feature = "tower")]
pub mod tower;
mod util;
pub mod worker_pool;

pub use address::error::{NoSuchName, RegisterError, SendError};
use address::name;
pub use address::name::{Name, RemoteName};
pub use address::via::{NameRegistry, Via};
pub use agent::Agent;
pub use application::{Application, ApplicationSpec, Applications};
pub use child_spec::{Child, ChildId, ChildSpec, Restart, Shutdown};
pub use dynamic_supervisor::{DynamicSupervisor, DynamicSupervisorRef};
pub use event_manager::EventManager;
pub use exit::{ExitReason, Outcome, PanicInfo, SharedError, Term};
pub use gen_server::{
    CallError, Context, GenServer, Info, Init, Next, Reply, ReplyTo, ServerName, ServerRef,
    StartError, StopError,
};
pub use node::Node;
use node::scope;
pub use node::scope::{NodeGuard, NodeScope};
/// Completes an `impl GenServer`: supplies the items that the server does not use.
///
/// Message kinds without messages need neither their type nor their callback, and `Args` is `()` by default. A type
/// without its callback, and a callback without its type, are compile errors that name the missing item. Callbacks may
/// return a `Result` in place of the type that the trait names: an error stops the server with that reason.
///
/// A callback without `.await` is compiled as a plain function, since a future would copy its arguments. One that calls a macro which is not
/// known to never wait, or that has an attribute of another crate, stays an `async fn`.
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
/// Completes an `impl StateMachine`: supplies the items that the machine does not use.
///
/// `Args` is `()` by default; `Call`, `Cast`, `Info`, `Internal` and `Timer` are [`Never`], whose events need no arm in
/// a match. `init`, `handle` and `enter` may return a `Result` in place of the type that the trait names: an error
/// stops the machine with that reason.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// struct Sum(u32);
///
/// #[state_machine]
/// impl StateMachine for Sum {
///     type State = ();
///     type Cast = String;
///
///     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
///         Ok(Initial::state((), Self(0)))
///     }
///
///     async fn handle(
///         &mut self,
///         (): &(),
///         event: Event<Self>,
///         _: &mut Context<Machine<Self>>,
///     ) -> Result<Transition<Self>, Stop> {
///         if let Event::Cast(number) = event {
///             self.0 += number.parse::<u32>()?;
///         }
///         Ok(Transition::keep())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let sum = Sum::start(()).await?;
/// sum.cast("4".to_owned());
/// sum.cast("four".to_owned());
/// assert!(matches!(sum.wait().await, ExitReason::Error(_)));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub use otp_macros::state_machine;
/// Runs an async test as a process of a new node, with a paused clock; feature `test-util`.
///
/// Options, separated by commas: `real_clock` runs the test with a running clock; `workers = 2` runs it on that many
/// threads, with a running clock; `reports` collects the test's [reports](test::Reports). The test may return a
/// `Result`, as any test may.
///
/// # Examples
///
/// ```test_harness
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
pub use pub_sub::PubSub;
pub use recipient::Recipient;
pub use registry::Registry;
pub use state_machine::{Entered, Event, Initial, Machine, StateMachine, Transition};
pub use stop::Stop;
pub use supervisor::{Strategy, Supervisor, SupervisorRef};
pub use table::Table;
pub use task::Task;
pub use task_supervisor::{TaskSupervisor, TaskSupervisorRef};
pub use time_limit::TimeLimit;
pub use timer::TimerRef;
pub use util::never::Never;
use util::{never, numbered};

/// The example of the crate's README, which is run as all others.
#[cfg(doctest)]
#[doc(hidden)]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;
