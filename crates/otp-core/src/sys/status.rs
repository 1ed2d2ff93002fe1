//! The status of a server, and whether it is suspended.

use super::event::SysEvent;
use crate::pid::Pid;

/// Whether a server handles its messages.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, Mode};
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
/// sys::suspend(&lamp).await?;
/// assert_eq!(sys::get_status(&lamp).await?.mode, Mode::Suspended);
/// sys::resume(&lamp).await?;
/// assert_eq!(sys::get_status(&lamp).await?.mode, Mode::Running);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The server handles its messages.
    Running,
    /// Messages stay in the server's mailbox until it is resumed.
    Suspended,
}

/// The status of a server.
///
/// # OTP
///
/// The result of `sys:get_status/1`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{process, sys};
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
/// let status = sys::get_status(&lamp).await?;
/// assert_eq!((status.pid, status.parent), (lamp.pid(), Some(process::current())));
/// assert!(status.server.ends_with("Lamp"));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerStatus {
    /// The server.
    pub pid: Pid,
    /// Its type.
    pub server: &'static str,
    /// Whether it is suspended.
    pub mode: Mode,
    /// The process that started it with a link.
    pub parent: Option<Pid>,
    /// The state, as far as [`GenServer::format_status`](crate::GenServer::format_status) shows it.
    pub state: Option<String>,
    /// The size of the state without what it points to, in bytes.
    pub state_size: usize,
    /// The bytes of the state on the heap, if the server's
    /// [`GenServer::format_status`](crate::GenServer::format_status) sets them.
    pub heap_size: Option<usize>,
    /// The last events, if [`sys::log`](crate::sys::log) has them kept, and as far as
    /// [`GenServer::format_status`](crate::GenServer::format_status) shows them.
    pub log: Vec<SysEvent>,
    /// Of a state machine, the events that are postponed; see [`Status`](crate::gen_server::Status).
    pub postponed: Vec<String>,
    /// Of a state machine, the time-outs that run.
    pub timeouts: Vec<String>,
    /// The first 20 messages that wait behind this request: `call`, `cast` and so on, with the text that
    /// [`GenServer::format_message`](crate::GenServer::format_message) makes of calls and casts. Of a suspended server these are the first of its mailbox.
    ///
    /// # OTP
    ///
    /// `erlang:process_info(Pid, messages)`.
    pub queue: Vec<String>,
}
