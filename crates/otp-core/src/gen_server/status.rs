//! The texts that reports show of a server, and how a server changes them.

use super::GenServer;
use super::outcome::Info;
use crate::exit::ExitReason;
use crate::sys::event::SysEvent;

/// The texts that a report will show of a server; [`GenServer::format_status`] may change them.
///
/// A field that is `None` is not shown. The state is `None` at first, because the runtime cannot
/// print a type that it does not know.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::gen_server;
/// use otp_core::sys;
///
/// #[derive(Debug)]
/// struct Vault(&'static str);
///
/// #[gen_server]
/// impl GenServer for Vault {
///     type Args = &'static str;
///
///     async fn init(code: &'static str, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self(code)))
///     }
///
///     fn format_status(&self, status: &mut gen_server::Status) {
///         status.state = Some(format!("{:?}", Vault("****")));
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let vault = Vault::start_link("4711").await?;
/// let status = sys::get_status(&vault).await?;
/// assert_eq!(status.state.as_deref(), Some("Vault(\"****\")"));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Status {
    /// The state.
    pub state: Option<String>,
    /// How many bytes the state has on the heap, for [`sys::get_status`](crate::sys::get_status). Only the server can tell: it is
    /// `None` at first. Reports do not show it.
    pub heap_size: Option<usize>,
    /// The last message, as [`GenServer::format_message`] has made it.
    pub message: Option<String>,
    /// The last events, if [`sys::log`](crate::sys::log) is on. [`GenServer::format_status`] and
    /// [`GenServer::format_message`] have made their texts of state and messages when the events happened.
    pub log: Vec<SysEvent>,
    /// Why the server ends.
    pub reason: ExitReason,
    /// Of a state machine, the events that it would handle before any message, in their order. As the next two, it is of
    /// texts that [`StateMachine::format_event`](crate::StateMachine::format_event) has made, and empty for other servers.
    pub queue: Vec<String>,
    /// Of a state machine, the events that are postponed, the oldest first.
    pub postponed: Vec<String>,
    /// Of a state machine, the time-outs that run.
    pub timeouts: Vec<String>,
}

/// A message that is about to be handled, for [`GenServer::format_message`].
///
/// # Examples
///
/// ```
/// use otp_core::gen_server::MessageView;
/// use otp_core::prelude::*;
///
/// struct Safe;
///
/// #[gen_server]
/// impl GenServer for Safe {
///     type Cast = String;
/// #
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> { Ok(Init::state(Self)) }
/// #     async fn handle_cast(&mut self, _: String, _: &mut Context<Self>) -> Next<Self> { Next::NoReply }
///
///     // …
///     fn format_message(message: MessageView<'_, Self>) -> Option<String> {
///         match message {
///             MessageView::Cast(code) => Some(format!("a code of {} digits", code.len())),
///             _ => None,
///         }
///     }
/// }
///
/// let text = Safe::format_message(MessageView::Cast(&"4711".to_owned()));
/// assert_eq!(text.as_deref(), Some("a code of 4 digits"));
/// ```
#[derive(Debug)]
pub enum MessageView<'a, S: GenServer> {
    /// A call.
    Call(&'a S::Call),
    /// A cast.
    Cast(&'a S::Cast),
    /// Anything else.
    Info(&'a Info<S::Info>),
}
