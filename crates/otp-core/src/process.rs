//! Processes: how to spawn them, and the operations of a process on itself and on other processes.
//!
//! A process is a task with a pid, a mailbox, links, monitors and names. It is spawned on a [`Node`], and everything
//! in this module is for use inside one: it acts on behalf of the *current* process, the one whose code is
//! running. [`Node`] has the counterparts for use from outside.
//!
//! Take a raw process for a small thing with a receive loop of its own, or to learn how they work; take a
//! [`GenServer`](crate::GenServer) for anything that answers calls.
//!
//! # Differences from OTP
//!
//! - A process is ended only where it awaits. Code that never awaits cannot be interrupted, not even by a kill; the
//!   process is dead for all others at once nevertheless. It keeps its thread, and the tasks that tokio has queued
//!   there.
//! - When a process is ended its future is dropped, so destructors run, where Erlang has none. They should not send. If
//!   a destructor panics, the exit signals and DOWNs of the process are sent all the same, with the same reason. Two
//!   destructors that panic in one value of yours, such as a `Vec`, end the program, as everywhere in Rust.
//! - No future of this crate is ready in a process whose end is decided. So a process does not see the result of a wait
//!   that has also ended it. Inside of a process do not use an executor that blocks the thread, such as
//!   `futures::executor::block_on`: a killed process would wait in it for ever.
//! - A panic is a crash. Programs built with `panic = "abort"` end as a whole.
//!
//! # Examples
//!
//! ```
//! use otp_core::{process, ExitReason, Mailbox, Node};
//!
//! enum Msg {
//!     Add(i64),
//!     Gone(ExitReason),
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let node = Node::new();
//! let reason = node
//!     .run_with(|mut mailbox: Mailbox<Msg>| async move {
//!         let adder = process::spawn(|mut mailbox: Mailbox<Msg>| async move {
//!             let mut total = 0;
//!             while let Msg::Add(n) = mailbox.receive().await {
//!                 total += n;
//!                 if total > 10 {
//!                     return ExitReason::other("too much");
//!                 }
//!             }
//!             ExitReason::Normal
//!         });
//!         mailbox.monitor(&adder, |down| Msg::Gone(down.reason));
//!         adder.send(Msg::Add(11));
//!         match mailbox.receive().await {
//!             Msg::Gone(reason) => reason,
//!             Msg::Add(_) => ExitReason::Normal,
//!         }
//!     })
//!     .await;
//! assert_eq!(reason, Ok(ExitReason::other("too much")));
//! # }
//! ```

pub(crate) mod inspection;
pub(crate) mod life;
pub(crate) mod mailbox;
pub(crate) mod process_ref;
pub(crate) mod relations;
pub(crate) mod reply;

use std::any::{Any, TypeId};

pub(crate) use inspection::contents;
pub use inspection::contents::{Contents, ContentsQuery, ContentsRow};
pub(crate) use inspection::info::snapshot;
pub use inspection::info::{ProcessInfo, ProcessState, ProcessStatus};
pub(crate) use inspection::meter;
pub use inspection::page::{ProcessOrder, ProcessPage, ProcessQuery};
pub(crate) use inspection::report;
pub(crate) use inspection::span;
pub use inspection::system_info::SystemInfo;
pub(crate) use inspection::telemetry;
pub use inspection::telemetry::{Activity, Callback, Observation, Totals};
pub use inspection::types::TypeTotals;
pub(crate) use life::birth::{Birth, Tie};
pub use life::spawn::{ProcessBody, spawn, spawn_link, spawn_monitor};
pub(crate) use life::{birth, block, current, group, own_thread, run, schedule, ties, watch};
#[doc(hidden)]
pub use mailbox::inbox::ignore_time_of_turns;
pub use mailbox::limit::MailboxLimit;
pub use mailbox::reserve::Permit;
pub(crate) use mailbox::reserve::{reserve, send_wait};
pub use mailbox::{Mailbox, Receive, ReceiveMatch};
pub(crate) use mailbox::{inbox, queue};
pub use process_ref::ProcessRef;
pub use relations::signal::{Down, Exit};
pub(crate) use relations::{carrier, remote, signal};
pub(crate) use reply::{lent, slot};

pub use crate::address::Target;
pub use crate::util::panic::caught;
pub(crate) use crate::util::{keyed, lock, panic, sync};

use self::signal::ExitOrigin;
use crate::address::error::{NoSuchName, RegisterError, SendError};
use crate::address::name::Name;
use crate::exit::ExitReason;
use crate::node::Node;
use crate::pid::{MonitorRef, Pid};
use crate::scope;
use crate::util::large;

/// The effect of exit signals on a process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process::{self, ExitSignals};
///
/// struct Boss(usize);
///
/// #[gen_server]
/// impl GenServer for Boss {
///     type Call = ReplyTo<usize>;
///
///     async fn init((): (), ctx: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         ctx.trap_exit(ExitSignals::Trap);
///         Ok(Init::state(Self(0)))
///     }
///
///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
///         from.reply(self.0)
///     }
///
///     async fn handle_info(&mut self, info: otp_core::Info<Never>, _: &mut Context<Self>) -> Next<Self> {
///         self.0 += usize::from(matches!(info, otp_core::Info::Exit(_)));
///         Next::NoReply
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let boss = Boss::start(()).await?;
/// process::exit(&boss, ExitReason::other("strike"));
/// assert_eq!(boss.call(|from| from).await?, 1, "it lives on");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitSignals {
    /// They become messages.
    Trap,
    /// They end the process, unless their reason is `Normal`.
    Obey,
}

/// The value of OTP's flag `trap_exit`.
impl From<bool> for ExitSignals {
    fn from(trap: bool) -> Self {
        match trap {
            true => Self::Trap,
            false => Self::Obey,
        }
    }
}

/// The pid of the current process.
///
/// # OTP
///
/// `self/0`.
///
/// # Panics
///
/// Panics outside of a process; there, use [`try_current`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let me = process::current();
/// let child = process::spawn(move |_: Mailbox<Never>| async move {
///     assert_ne!(process::current(), me);
/// });
/// assert_eq!(child.wait().await, ExitReason::Normal);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use]
#[track_caller]
pub fn current() -> Pid {
    current::process().head().pid
}

/// The pid of the current process; `None` outside of one.
///
/// # Examples
///
/// ```
/// use otp_core::process;
///
/// assert_eq!(process::try_current(), None, "this is no process");
/// ```
#[must_use]
pub fn try_current() -> Option<Pid> {
    current::with(|current| current.process.head().pid)
}

/// The current node: that of the current process or, outside of processes, the one that was [entered](Node::enter).
///
/// # OTP
///
/// `node/0`.
///
/// # Panics
///
/// Panics where there is neither; there, use [`try_node`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let node = process::node();
/// assert_eq!(node.id(), process::current().node());
/// assert!(node.is_alive(process::current()));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use]
#[track_caller]
pub fn node() -> Node {
    try_node().expect(NO_NODE)
}

/// The current node, as [`node`]; `None` where there is none.
///
/// # Examples
///
/// ```
/// use otp_core::{Node, process};
///
/// assert!(process::try_node().is_none());
/// let node = Node::new();
/// let _entered = node.enter();
/// assert_eq!(process::try_node().map(|node| node.id()), Some(node.id()));
/// ```
#[must_use]
pub fn try_node() -> Option<Node> {
    scope::current_node()
}

/// The message of the panic where a node is needed.
const NO_NODE: &str = "this needs a node: call it inside a process, or enter a node with `Node::scope` or `Node::enter`";

/// Links the current process with another one, as [`Mailbox::link`] does.
///
/// # Panics
///
/// As for [`Mailbox::link`] if the other one does not live. Panics outside of a process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let oven = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
/// let pid = oven.pid();
/// let cook = process::spawn(move |_: Mailbox<Never>| async move {
///     process::link(pid);
///     ExitReason::other("tired")
/// });
/// cook.wait().await;
/// assert_eq!(oven.wait().await, ExitReason::other("tired"));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[track_caller]
pub fn link(other: impl Into<Pid>) {
    relations::link(&current::process(), other.into());
}

/// Removes a link of the current process, as [`Mailbox::unlink`] does.
///
/// # Panics
///
/// Panics outside of a process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let oven = process::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>());
/// process::unlink(&oven);
/// process::exit(&oven, ExitReason::Kill);
/// assert_eq!(oven.wait().await, ExitReason::Killed);
/// // This process has got no exit signal.
/// # Ok(())
/// # }).await
/// # }
/// ```
#[track_caller]
pub fn unlink(other: impl Into<Pid>) {
    relations::unlink(&current::process(), other.into());
}

/// Monitors a process on behalf of the current one, which gets a DOWN when the other process ends, or at once if it is dead.
///
/// A raw process turns the DOWN into one of its messages with [`Mailbox::on_down`]; [`Mailbox::monitor`] does both steps. In
/// a GenServer the DOWN arrives as [`Info::Down`](crate::Info::Down).
///
/// # OTP
///
/// `erlang:monitor/2`.
///
/// # Panics
///
/// Panics outside of a process.
///
/// # Examples
///
/// ```
/// use otp_core::{ExitReason, Mailbox, Never, Node, process};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let reason = Node::new().run_with(|mut mailbox: Mailbox<ExitReason>| async move {
///     let other = process::spawn(|_: Mailbox<Never>| async { ExitReason::Shutdown });
///     let monitor = process::monitor(&other);
///     mailbox.on_down(monitor, |down| down.reason);
///     mailbox.receive().await
/// });
/// assert_eq!(reason.await, Ok(ExitReason::Shutdown));
/// # }
/// ```
#[track_caller]
pub fn monitor(target: impl Into<Target>) -> MonitorRef {
    relations::monitor(&current::process(), target.into())
}

/// Removes a monitor of the current process; returns whether it was still active.
///
/// # Panics
///
/// Panics outside of a process.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<Down>| async move {
/// let (child, monitor) = process::spawn_monitor(|_: Mailbox<Never>| std::future::pending::<()>());
/// mailbox.on_down(monitor, |down| down);
/// assert!(process::demonitor(monitor), "it was set");
/// process::exit(&child, ExitReason::Kill);
/// assert_eq!(mailbox.receive().timeout(Duration::from_secs(1)).await, None);
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[track_caller]
pub fn demonitor(monitor: MonitorRef) -> bool {
    relations::demonitor(&current::process(), monitor)
}

/// Sends an exit signal on behalf of the current process.
///
/// A process that does not trap exits ends with `reason`, unless that is
/// [`Normal`](ExitReason::Normal); one that traps them gets a message. [`Kill`](ExitReason::Kill)
/// ends any process, and others see it as [`Killed`](ExitReason::Killed). A pid that does not exist is no error.
///
/// Sent to itself, also with [`Normal`](ExitReason::Normal), it decides the end at once: for all others the process is
/// dead. Its own code goes on to where it next awaits.
///
/// # OTP
///
/// `exit/2`.
///
/// # Differences from OTP
///
/// `exit(self(), Reason)` does not return there. Here it does: only unwinding could stop the process at once, and
/// unwinding can be caught, which an exit signal cannot. After it, no future of this crate is ready in this process. A
/// foreign future that never waits, such as [`std::future::ready`], still returns. [`exit_self`] ends the process at
/// the place of the call.
///
/// Outside of processes it is [`Node::exit`], on the pid's node.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let idle = || process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
/// let (one, other) = (idle(), idle());
/// process::exit(&one, ExitReason::Shutdown);
/// assert_eq!(one.wait().await, ExitReason::Shutdown);
/// // `Normal` from another process is ignored.
/// process::exit(&other, ExitReason::Normal);
/// assert!(other.is_alive());
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn exit(target: impl Into<Pid>, reason: impl Into<ExitReason>) {
    let (target, reason) = (target.into(), reason.into());
    match current::try_process() {
        Some(me) => {
            if let Some(process) = me.head().node.find_anywhere(target) {
                signal::exit(&process, me.head().pid, reason, ExitOrigin::Hand);
            }
        }
        None => {
            if let Some(node) = scope::node_of(target) {
                node.exit(target, reason);
            }
        }
    }
}

/// Ends the current process with exactly `reason`, from here.
///
/// It unwinds like a panic, so destructors run and `catch_unwind` stops it. But it is not a panic: no
/// panic hook runs, and the reason is not changed. Outside of a process it unwinds, too, and a task or thread that does not
/// catch it ends as after a panic.
///
/// # OTP
///
/// `exit/1`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// /// Deep inside of the work of a process.
/// fn check(eggs: u32) {
///     if eggs == 0 {
///         process::exit_self(ExitReason::other("no eggs"));
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let cook = process::spawn(|_: Mailbox<Never>| async { check(0) });
/// assert_eq!(cook.wait().await, ExitReason::other("no eggs"));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn exit_self(reason: impl Into<ExitReason>) -> ! {
    panic::unwind_with(reason.into())
}

/// Registers a process under a name. Any process may register any live one.
///
/// # OTP
///
/// `erlang:register/2`.
///
/// # Errors
///
/// [`RegisterError`], and nothing has changed: the name is taken, or the process has a name already
/// or does not live.
///
/// Outside of processes and without a node that was [entered](Node::enter) it is the pid's node.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// process::register("cook", &mailbox.me())?;
/// assert_eq!(process::whereis("cook"), Some(mailbox.pid()));
/// process::send("cook", "two eggs")?;
/// assert_eq!(mailbox.receive().await, "two eggs");
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
pub fn register(name: impl Into<Name>, process: impl Into<Pid>) -> Result<(), RegisterError> {
    let pid = process.into();
    match try_node().or_else(|| scope::node_of(pid)) {
        Some(node) => node.register(name, pid),
        None => Err(RegisterError::NoProcess { pid }),
    }
}

/// Frees a name.
///
/// # OTP
///
/// `erlang:unregister/1`.
///
/// # Errors
///
/// [`NoSuchName`] if no process has it, or if no [`node`] is current; in that case use [`Node::unregister`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<Never>| async move {
/// process::register("cook", &mailbox.me())?;
/// process::unregister("cook")?;
/// assert_eq!(process::whereis("cook"), None);
/// # let _ = &mut mailbox;
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
pub fn unregister(name: impl Into<Name>) -> Result<(), NoSuchName> {
    match try_node() {
        Some(node) => node.unregister(name),
        None => Err(NoSuchName { name: name.into() }),
    }
}

/// The live process that has the name, on the current [`node`]. Without a current node only via names are found; there,
/// use [`Node::whereis`].
///
/// # OTP
///
/// `erlang:whereis/1`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// assert_eq!(process::whereis("cook"), None);
/// let cook = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
/// process::register("cook", &cook)?;
/// assert_eq!(process::whereis("cook"), Some(cook.pid()));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use]
pub fn whereis(name: impl Into<Name>) -> Option<Pid> {
    let found = scope::resolve(&name.into()).ok().flatten()?;
    Some(found.head().pid)
}

/// Sends a message to the process that has the name now.
///
/// # OTP
///
/// `Name ! Message`.
///
/// # Errors
///
/// [`SendError`] if no process has the name, or a process that takes other messages; [`SendError::Outside`] where no [`node`] is
/// current; there, use [`Node::send`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{SendError, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
/// process::register("sum", &mailbox.me())?;
/// assert_eq!(process::send("sum", 42_u32), Ok(()));
/// assert_eq!(mailbox.receive().await, 42);
/// assert!(matches!(process::send("difference", 1_u32), Err(SendError::NoSuchName(_))));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
pub fn send<M: Send + 'static>(name: impl Into<Name>, message: M) -> Result<(), SendError> {
    match try_node() {
        Some(node) => node.send(name, message),
        None => Err(SendError::Outside { name: name.into() }),
    }
}

/// Gives the current process a label that reports and lists show.
///
/// # OTP
///
/// `proc_lib:set_label/1`.
///
/// # Panics
///
/// Panics outside of a process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// process::set_label("request 4711");
/// let info = process::node().process_info(process::current()).expect("this process");
/// assert_eq!(info.label.as_deref(), Some("request 4711"));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[track_caller]
pub fn set_label(label: impl Into<String>) {
    let label = Some(label.into());
    let process = current::process();
    process.head().ties.with(|ties| ties.more().label = label);
}

/// Puts a value in the current process's dictionary, which has room for one of each type; returns
/// the former one.
///
/// # OTP
///
/// `erlang:put/2`.
///
/// # Panics
///
/// Panics outside of a process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// #[derive(Debug, Clone, PartialEq)]
/// struct User(&'static str);
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// assert_eq!(process::put(User("ann")), None);
/// assert_eq!(process::put(User("bob")), Some(User("ann")));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[track_caller]
pub fn put<T: Any + Send>(value: T) -> Option<T> {
    const { large::assert_value::<T>() };
    let value: Box<dyn Any + Send> = Box::new(value);
    with_dictionary(|dictionary| dictionary.insert(TypeId::of::<T>(), value)).and_then(unbox)
}

/// A copy of the value of type `T` in the current process's dictionary.
///
/// # OTP
///
/// `erlang:get/1`.
///
/// # Panics
///
/// Panics outside of a process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// #[derive(Debug, Clone, PartialEq)]
/// struct Language(&'static str);
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// process::put(Language("sv"));
/// assert_eq!(process::get(), Some(Language("sv")));
/// assert_eq!(process::get::<u32>(), None, "a type is a key");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use]
#[track_caller]
pub fn get<T: Any + Send + Clone>() -> Option<T> {
    // Taken out and put back: a `clone` of the user's must not run while we hold the dictionary.
    let value = erase::<T>()?;
    let copy = value.clone();
    put(value);
    Some(copy)
}

/// Removes and returns the value of type `T` from the current process's dictionary.
///
/// # OTP
///
/// `erlang:erase/1`.
///
/// # Panics
///
/// Panics outside of a process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// process::put(42_u32);
/// assert_eq!(process::erase::<u32>(), Some(42));
/// assert_eq!(process::get::<u32>(), None);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[track_caller]
pub fn erase<T: Any + Send>() -> Option<T> {
    with_dictionary(|dictionary| dictionary.remove(&TypeId::of::<T>())).and_then(unbox)
}

#[track_caller]
fn with_dictionary<T>(f: impl FnOnce(&mut current::Dictionary) -> T) -> T {
    current::with(|current| f(&mut current.local().dictionary))
        .expect("a dictionary belongs to a process: enter one with `Node::run`")
}

fn unbox<T: Any>(value: Box<dyn Any + Send>) -> Option<T> {
    value.downcast().ok().map(|value| *value)
}
