//! Watching a server at its work: statistics, log, trace, hooks.

use super::ask;
use super::event::SysEvent;
use super::hook::Keep;
use super::statistics::Statistics;
use crate::gen_server::debug::Debug;
use crate::gen_server::system::System;
use crate::gen_server::{Begin, CallError, Limited};
use crate::process::Target;

/// Whether a tool is on.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, Switch};
///
/// # struct Lamp(bool);
/// #
/// # #[gen_server]
/// # impl GenServer for Lamp {
/// #     type Call = ReplyTo<bool>;
/// #     type Cast = bool;
/// #
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(false)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<bool>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, on: bool, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 = on;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let lamp = Lamp::start_link(()).await?;
/// sys::statistics(&lamp, Switch::On).await?;
/// sys::statistics(&lamp, Switch::Off).await?;
/// assert_eq!(sys::get_statistics(&lamp).await?, None);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// The tool is on.
    On,
    /// The tool is off.
    Off,
}

/// Turns statistics on, to count from now, or off. Statistics that are on already continue. It waits for at most 5 s,
/// or for as long as [`timeout`](Limited::timeout) says.
///
/// # OTP
///
/// `sys:statistics(Name, true | false)`.
///
/// # Cancel safety
///
/// If the future is dropped after its first poll, the request is performed nevertheless.
///
/// # Errors
///
/// [`CallError`], as for a call.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, Switch};
/// # struct Counter(u64);
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().run(async {
/// let counter = Counter::start_link(40).await?;
/// assert_eq!(sys::get_statistics(&counter).await?, None);
/// sys::statistics(&counter, Switch::On).await?;
/// counter.cast(2);
/// assert_eq!(counter.call(|from| from).await, Ok(42));
/// let statistics = sys::get_statistics(&counter).await?.expect("they are on");
/// assert_eq!((statistics.messages_in, statistics.messages_out), (2, 1));
/// # Ok::<_, ExitReason>(())
/// # }).await.expect("the example does not crash").expect("the counter lives");
/// # }
/// ```
pub fn statistics(
    server: impl Into<Target>,
    switch: Switch,
) -> Limited<impl Begin<Output = Result<(), CallError>>> {
    change(server, move |debug| debug.count(switch == Switch::On))
}

/// The counts of a server since its [`statistics`] were turned on; `None` if they are off. It waits for at most 5 s, or
/// for as long as [`timeout`](Limited::timeout) says.
///
/// # OTP
///
/// `sys:statistics(Name, get)`, and its `no_statistics`.
///
/// # Cancel safety
///
/// May be dropped and called again.
///
/// # Errors
///
/// [`CallError`], as for a call.
pub fn get_statistics(
    server: impl Into<Target>,
) -> Limited<impl Begin<Output = Result<Option<Statistics>, CallError>>> {
    change(server, |debug| debug.statistics())
}

/// Turns on a log of the server's last `events` events; 0 turns it off. A log that is kept already stays as it is,
/// its size included. It waits for at most 5 s, or for as long as [`timeout`](Limited::timeout) says.
///
/// The log is part of the status that [`get_status`](super::get_status) returns, and of the report if the server fails:
/// it shows the events before the failure.
///
/// # OTP
///
/// `sys:log(Name, {true, N} | false)`; `true` there means 10 events.
///
/// # Cancel safety
///
/// If the future is dropped after its first poll, the request is performed nevertheless.
///
/// # Errors
///
/// [`CallError`], as for a call.
pub fn log(
    server: impl Into<Target>,
    events: usize,
) -> Limited<impl Begin<Output = Result<(), CallError>>> {
    change(server, move |debug| debug.keep_log(events))
}

/// The events that a server has kept, the oldest first; empty if its [`log`] is off. It waits for at most 5 s, or for
/// as long as [`timeout`](Limited::timeout) says.
///
/// # OTP
///
/// `sys:log(Name, get)`.
///
/// # Cancel safety
///
/// May be dropped and called again.
///
/// # Errors
///
/// [`CallError`], as for a call.
pub fn get_log(
    server: impl Into<Target>,
) -> Limited<impl Begin<Output = Result<Vec<SysEvent>, CallError>>> {
    change(server, |debug| debug.log())
}

/// Turns event tracing of a server on or off. It waits for at most 5 s, or for as long as [`timeout`](Limited::timeout)
/// says.
///
/// # OTP
///
/// `sys:trace/2`.
///
/// # Differences from OTP
///
/// Nothing is printed: each event is a `tracing` event with the target
/// [`TRACE_TARGET`](crate::report::TRACE_TARGET), and it is the subscriber of the program that shows it.
///
/// # Cancel safety
///
/// If the future is dropped after its first poll, the request is performed nevertheless.
///
/// # Errors
///
/// [`CallError`], as for a call.
pub fn trace(
    server: impl Into<Target>,
    switch: Switch,
) -> Limited<impl Begin<Output = Result<(), CallError>>> {
    change(server, move |debug| debug.trace(switch == Switch::On))
}

/// Installs a function that sees each [`SysEvent`] of a server, in the server, until it returns [`Keep::No`] or is
/// [removed](remove). If there is one with this `id` already, that one stays, and the new one is dropped. It waits for
/// at most 5 s.
///
/// The server waits until the hook returns. A hook that panics is removed, and nothing else happens.
///
/// # OTP
///
/// `sys:install(Name, {FuncId, Func, FuncState})`.
///
/// # Differences from OTP
///
/// A hook is a closure and keeps its state itself. As two closures cannot be compared, each needs an id.
///
/// # Cancel safety
///
/// Dropped after its first poll it no longer waits; the hook is installed nevertheless.
///
/// # Errors
///
/// [`CallError`], as for a call.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, Keep, SysEvent};
/// # struct Counter(u64);
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Cast = u64;
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().run(async {
/// let counter = Counter::start_link(40).await?;
/// let (seen, mut events) = tokio::sync::mpsc::unbounded_channel();
/// let first_only = move |event: &SysEvent| {
///     seen.send(event.to_string()).expect("the receiver lives");
///     Keep::No
/// };
/// sys::install(&counter, "first", first_only).await?;
/// counter.cast(2);
/// counter.cast(3);
/// assert_eq!(events.recv().await.as_deref(), Some("got cast"));
/// assert_eq!(events.recv().await, None);
/// # Ok::<_, ExitReason>(())
/// # }).await.expect("the example does not crash").expect("the counter lives");
/// # }
/// ```
pub fn install(
    server: impl Into<Target>,
    id: impl Into<String>,
    hook: impl FnMut(&SysEvent) -> Keep + Send + 'static,
) -> Limited<impl Begin<Output = Result<(), CallError>>> {
    let id = id.into();
    change(server, move |debug| {
        debug.hooks.install(id, Box::new(hook));
    })
}

/// Removes the hook with this `id`, if there is one. It waits for at most 5 s, or for as long as
/// [`timeout`](Limited::timeout) says.
///
/// # OTP
///
/// `sys:remove/2`.
///
/// # Cancel safety
///
/// Dropped after its first poll it no longer waits; the hook is removed nevertheless.
///
/// # Errors
///
/// [`CallError`], as for a call.
pub fn remove(
    server: impl Into<Target>,
    id: impl Into<String>,
) -> Limited<impl Begin<Output = Result<(), CallError>>> {
    let id = id.into();
    change(server, move |debug| debug.hooks.remove(&id))
}

/// Turns all debugging of a server off: statistics, log, trace and every hook. It waits for at most 5 s, or for as
/// long as [`timeout`](Limited::timeout) says.
///
/// # OTP
///
/// `sys:no_debug/1`.
///
/// # Cancel safety
///
/// If the future is dropped after its first poll, the request is performed nevertheless.
///
/// # Errors
///
/// [`CallError`], as for a call.
pub fn no_debug(server: impl Into<Target>) -> Limited<impl Begin<Output = Result<(), CallError>>> {
    change(server, Debug::stop)
}

/// Changes the debugging tools of the server.
fn change<T: Send + 'static>(
    server: impl Into<Target>,
    request: impl FnOnce(&mut Debug) -> T + Send + 'static,
) -> Limited<impl Begin<Output = Result<T, CallError>>> {
    ask(server.into(), |from| {
        System::Debug(Box::new(move |debug| from.send(request(debug))))
    })
}
