//! Messages that overtake those that wait.

use super::GenServer;
use super::call::{CallFuture, Callee, IntoCall};
use super::error::{Address, CallError};
use super::server_ref::{Content, Envelope, ServerRef};
use crate::process::span::Origin;
use crate::util::handle::handle;

/// Sends a server messages that are handled before all that wait in its mailbox. Use it for messages that must not wait
/// when the server is behind, such as an order to do less, or a health check.
///
/// The server makes it, by [`Context::priority`](crate::Context::priority), and gives it to the processes that may
/// overtake others. Among themselves the messages with priority stay in the order in which they come. They get into a
/// mailbox whose [limit](crate::MailboxLimit) is reached, and count there. A message that is being handled is handled to
/// its end. So are the events inside of a [state machine](crate::StateMachine), and a server that is suspended handles
/// none. The server does not see which messages had priority.
///
/// It costs nothing where it is not used. A message with priority costs two allocations and two locks, and a server that is
/// behind takes it out of its mailbox without examining the others.
///
/// # OTP
///
/// A process alias with the option `priority`, and the option of that name for a send (OTP 28).
///
/// # Differences from OTP
///
/// It cannot be taken back as by `unalias/1`. Only servers have it, state machines among them; a [`Mailbox`](crate::Mailbox) has not. There
/// are no exits, links and monitors with priority.
///
/// # Examples
///
/// ```
/// use otp_core::gen_server::Priority;
/// use otp_core::prelude::*;
///
/// struct Printer {
///     printed: Vec<String>,
/// }
///
/// enum Call {
///     Priority(ReplyTo<Priority<Printer>>),
///     Printed(ReplyTo<Vec<String>>),
/// }
///
/// #[gen_server]
/// impl GenServer for Printer {
///     type Call = Call;
///     type Cast = String;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self { printed: Vec::new() }))
///     }
///
///     async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
///         match call {
///             Call::Priority(from) => from.reply(context.priority()),
///             Call::Printed(from) => from.reply(self.printed.clone()),
///         }
///     }
///
///     async fn handle_cast(&mut self, line: String, _: &mut Context<Self>) -> Next<Self> {
///         self.printed.push(line);
///         Next::NoReply
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().try_run(async {
/// let printer = Printer::start(()).await?;
/// let urgent = printer.call(Call::Priority).await?;
/// for page in 1..=100 {
///     printer.cast(format!("page {page}"));
/// }
/// urgent.cast("fire".to_owned());
/// let printed = urgent.call(Call::Printed).await?;
/// assert_eq!(printed, ["fire"], "both have overtaken the pages");
/// # Ok(())
/// # }).await.expect("the printer lives");
/// # }
/// ```
pub struct Priority<S: GenServer>(ServerRef<S>);

impl<S: GenServer> Priority<S> {
    pub(super) fn new(server: ServerRef<S>) -> Self {
        Self(server)
    }

    /// As [`ServerRef::call`], before all that waits.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`].
    ///
    /// # Errors
    ///
    /// As for [`ServerRef::call`], but for [`CallError::MailboxFull`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use otp_core::gen_server::Priority;
    /// # use otp_core::prelude::*;
    /// # struct Log(Vec<u32>);
    /// # enum Call {
    /// #     Priority(ReplyTo<Priority<Log>>),
    /// #     All(ReplyTo<Vec<u32>>),
    /// # }
    /// # #[gen_server]
    /// # impl GenServer for Log {
    /// #     type Call = Call;
    /// #     type Cast = u32;
    /// #     type Info = u32;
    /// #
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(Vec::new())))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
    /// #         match call {
    /// #             Call::Priority(from) => from.reply(context.priority()),
    /// #             Call::All(from) => from.reply(self.0.clone()),
    /// #         }
    /// #     }
    /// #
    /// #     async fn handle_cast(&mut self, number: u32, _: &mut Context<Self>) -> Next<Self> {
    /// #         self.0.push(number);
    /// #         Next::NoReply
    /// #     }
    /// #
    /// #     async fn handle_info(&mut self, info: Info<u32>, _: &mut Context<Self>) -> Next<Self> {
    /// #         if let Info::Message(number) = info {
    /// #             self.0.push(number);
    /// #         }
    /// #         Next::NoReply
    /// #     }
    /// # }
    /// #
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let log = Log::start_link(()).await?;
    /// let urgent = log.call(Call::Priority).await?;
    /// log.cast(1);
    /// assert_eq!(urgent.call(Call::All).await?, [], "the cast waits");
    /// assert_eq!(log.call(Call::All).await?, [1]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn call<T: Send + 'static, R: IntoCall<S, T>>(
        &self,
        request: R,
    ) -> CallFuture<&Self, T, R> {
        CallFuture::new(self, request)
    }

    /// As [`ServerRef::cast`], before all that waits.
    ///
    /// # Examples
    ///
    /// ```
    /// # use otp_core::gen_server::Priority;
    /// # use otp_core::prelude::*;
    /// # struct Log(Vec<u32>);
    /// # enum Call {
    /// #     Priority(ReplyTo<Priority<Log>>),
    /// #     All(ReplyTo<Vec<u32>>),
    /// # }
    /// # #[gen_server]
    /// # impl GenServer for Log {
    /// #     type Call = Call;
    /// #     type Cast = u32;
    /// #     type Info = u32;
    /// #
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(Vec::new())))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
    /// #         match call {
    /// #             Call::Priority(from) => from.reply(context.priority()),
    /// #             Call::All(from) => from.reply(self.0.clone()),
    /// #         }
    /// #     }
    /// #
    /// #     async fn handle_cast(&mut self, number: u32, _: &mut Context<Self>) -> Next<Self> {
    /// #         self.0.push(number);
    /// #         Next::NoReply
    /// #     }
    /// #
    /// #     async fn handle_info(&mut self, info: Info<u32>, _: &mut Context<Self>) -> Next<Self> {
    /// #         if let Info::Message(number) = info {
    /// #             self.0.push(number);
    /// #         }
    /// #         Next::NoReply
    /// #     }
    /// # }
    /// #
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let log = Log::start_link(()).await?;
    /// let urgent = log.call(Call::Priority).await?;
    /// log.cast(1);
    /// urgent.cast(2);
    /// assert_eq!(log.call(Call::All).await?, [2, 1]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn cast(&self, request: S::Cast) {
        self.put(Content::Cast(request));
    }

    /// As [`ServerRef::send`], before all that waits.
    ///
    /// # Examples
    ///
    /// ```
    /// # use otp_core::gen_server::Priority;
    /// # use otp_core::prelude::*;
    /// # struct Log(Vec<u32>);
    /// # enum Call {
    /// #     Priority(ReplyTo<Priority<Log>>),
    /// #     All(ReplyTo<Vec<u32>>),
    /// # }
    /// # #[gen_server]
    /// # impl GenServer for Log {
    /// #     type Call = Call;
    /// #     type Cast = u32;
    /// #     type Info = u32;
    /// #
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(Vec::new())))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
    /// #         match call {
    /// #             Call::Priority(from) => from.reply(context.priority()),
    /// #             Call::All(from) => from.reply(self.0.clone()),
    /// #         }
    /// #     }
    /// #
    /// #     async fn handle_cast(&mut self, number: u32, _: &mut Context<Self>) -> Next<Self> {
    /// #         self.0.push(number);
    /// #         Next::NoReply
    /// #     }
    /// #
    /// #     async fn handle_info(&mut self, info: Info<u32>, _: &mut Context<Self>) -> Next<Self> {
    /// #         if let Info::Message(number) = info {
    /// #             self.0.push(number);
    /// #         }
    /// #         Next::NoReply
    /// #     }
    /// # }
    /// #
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let log = Log::start_link(()).await?;
    /// let urgent = log.call(Call::Priority).await?;
    /// log.send(1);
    /// urgent.send(2);
    /// assert_eq!(log.call(Call::All).await?, [2, 1]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn send(&self, message: S::Info) {
        self.put(Content::Info(message));
    }

    fn put(&self, content: Content<S>) {
        let message = Envelope::new(content, Origin::here());
        self.0.block().send_urgent(message);
    }
}

impl<S: GenServer> Callee for &Priority<S> {
    type Server = S;

    const HAS_PRIORITY: bool = true;

    fn find(&mut self) -> Result<&ServerRef<S>, CallError> {
        Ok(&self.0)
    }

    fn found(&self) -> &ServerRef<S> {
        &self.0
    }

    fn address(&self) -> Address {
        self.0.address()
    }
}

impl<S: GenServer> Clone for Priority<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

handle!(Priority<S: GenServer>, self.0.pid());
