//! The operations of a callback.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::GenServer;
use super::debug::Cold;
use super::priority::Priority;
use super::report::LastMessage;
use super::serve::LoopTurn;
use super::server_ref::{Envelope, ServerRef};
use crate::node::Node;
use crate::pid::{MonitorRef, Pid};
use crate::process::block::{Block, Process};
use crate::process::inbox::Inbox;
use crate::process::lock::Lock;
use crate::process::signal::{ExitOrigin, Signal};
use crate::process::{Exit, ExitSignals, Target, relations};
use crate::timer::{self, MissedTicks, TimerAction, TimerRef, When};

/// A server's view of itself, handed to every callback.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use std::time::Duration;
///
/// struct Egg;
///
/// #[gen_server]
/// impl GenServer for Egg {
///     type Args = Duration;
///     type Info = &'static str;
///
///     async fn init(pause: Duration, ctx: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         ctx.send_after(pause, "hard");
///         Ok(Init::state(Self))
///     }
///
///     async fn handle_info(&mut self, info: Info<&'static str>, _: &mut Context<Self>) -> Next<Self> {
///         match info {
///             Info::Message(state) => Next::Stop(ExitReason::other(state)),
///             _ => Next::NoReply,
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let pause = Duration::from_secs(300);
/// let egg = Egg::start(pause).await?;
/// assert_eq!(egg.wait().await, ExitReason::other("hard"));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Context<S: GenServer> {
    block: Arc<Block<Envelope<S>>>,
    /// Whether the process that started the server is its parent.
    has_parent: bool,
    /// Whether each message has to be [noted](Self::begun).
    pub(crate) notes: bool,
    /// The message that is being handled, for a report.
    pub(crate) last: LastMessage,
    pub(crate) cold: Option<Box<Cold>>,
    /// The turn of the loop. It is here and not beside the context, because the loop would otherwise keep a copy of the
    /// reference at each level, in every idle server. No thread waits for this lock, because only the owner of the
    /// context uses it. It is needed so that a context may be shared.
    turn: Lock<LoopTurn<S>>,
}

/// The process whose exit signal ends a server even if it traps exits.
#[derive(Clone, Copy)]
pub(crate) enum Parent {
    Starter(Pid),
    /// The server itself: its starter neither is linked with it nor monitors it.
    Itself(Pid),
}

impl Parent {
    /// Whether this exit is the parent's. A signal from outside of all processes comes from no parent.
    pub(crate) fn is(self, exit: &Exit, via: ExitOrigin) -> bool {
        match self {
            Self::Starter(pid) => exit.from == pid,
            Self::Itself(pid) => exit.from == pid && via != ExitOrigin::Outside,
        }
    }

    /// The parent, if that is another process.
    pub(crate) fn other(self) -> Option<Pid> {
        match self {
            Self::Starter(pid) => Some(pid),
            Self::Itself(_) => None,
        }
    }
}

impl<S: GenServer> Context<S> {
    #[inline(always)]
    pub(crate) fn new(
        block: Arc<Block<Envelope<S>>>,
        inbox: Inbox<Envelope<S>>,
        has_parent: bool,
    ) -> Self {
        Self {
            block,
            has_parent,
            notes: false,
            last: LastMessage::default(),
            cold: None,
            turn: Lock::new(LoopTurn::new(inbox)),
        }
    }

    pub(crate) fn turn(&mut self) -> &mut LoopTurn<S> {
        self.turn.get_mut()
    }

    /// The turn of the loop, and the rest of the context.
    pub(crate) fn parts(&mut self) -> (&mut LoopTurn<S>, &Block<Envelope<S>>) {
        (self.turn.get_mut(), &self.block)
    }

    pub(crate) fn block(&self) -> &Arc<Block<Envelope<S>>> {
        &self.block
    }

    /// The process whose exit signal ends the server even if it traps exits.
    pub(crate) fn parent(&self) -> Parent {
        let starter = self.block.head.starter();
        match starter.filter(|_| self.has_parent) {
            Some(starter) => Parent::Starter(starter),
            None => Parent::Itself(self.pid()),
        }
    }

    /// The caller of the call that is being handled.
    pub(crate) fn client(&self) -> Option<Pid> {
        self.last.client.map(|client| client.pid(self.pid()))
    }

    /// The message that is being handled, if the server shows it.
    pub(crate) fn last_message(&self) -> Option<&str> {
        self.cold.as_ref()?.message.as_deref()
    }

    /// The server's first name; its pid, if it has none.
    pub(crate) fn shown_name(&self) -> String {
        let ties = &self.block.head.ties;
        let name = ties.with(|ties| ties.names().next().cloned());
        name.map_or_else(|| self.pid().to_string(), |name| name.to_string())
    }

    /// The server's pid.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.block.head.pid
    }

    /// A reference to the server itself, to hand to others. A server that calls itself gets
    /// [`CallError::CallingSelf`](crate::CallError::CallingSelf).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// /// Counts down by casts to itself.
    /// struct Countdown(u32);
    ///
    /// #[gen_server]
    /// impl GenServer for Countdown {
    ///     type Args = u32;
    ///     type Cast = ();
    ///
    ///     async fn init(from: u32, context: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         context.me().cast(());
    ///         Ok(Init::state(Self(from)))
    ///     }
    ///
    ///     async fn handle_cast(&mut self, (): (), context: &mut Context<Self>) -> Next<Self> {
    ///         self.0 -= 1;
    ///         if self.0 == 0 {
    ///             return Next::Stop(ExitReason::Normal);
    ///         }
    ///         context.me().cast(());
    ///         Next::NoReply
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let countdown = Countdown::start_link(10).await?;
    /// assert_eq!(countdown.wait().await, ExitReason::Normal);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn me(&self) -> ServerRef<S> {
        ServerRef::new(self.block.clone())
    }

    /// A handle that sends the server messages with priority, before all that wait. Give it to processes that may
    /// overtake others.
    ///
    /// # OTP
    ///
    /// `alias([priority])`.
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
    ///     async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
    ///         match call {
    ///             Call::Priority(from) => from.reply(context.priority()),
    ///             Call::All(from) => from.reply(self.0.clone()),
    ///         }
    ///     }
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
    #[must_use]
    pub fn priority(&self) -> Priority<S> {
        Priority::new(self.me())
    }

    /// The server's node.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.block.head.node
    }

    /// Sends a message to the server itself after `delay`; it arrives as
    /// [`Info::Message`](crate::Info::Message).
    ///
    /// # OTP
    ///
    /// `erlang:send_after(Time, self(), Message)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::prelude::*;
    ///
    /// /// Ends after a time in which nothing happened.
    /// struct Session;
    ///
    /// #[gen_server]
    /// impl GenServer for Session {
    ///     type Info = &'static str;
    ///
    ///     async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         context.send_after(Duration::from_secs(60), "expired");
    ///         Ok(Init::state(Self))
    ///     }
    ///
    ///     async fn handle_info(&mut self, info: Info<&'static str>, _: &mut Context<Self>) -> Next<Self> {
    ///         assert_eq!(info, Info::Message("expired"));
    ///         Next::Stop(ExitReason::Normal)
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let session = Session::start_link(()).await?;
    /// assert_eq!(session.wait().await, ExitReason::Normal);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn send_after(&self, delay: Duration, message: S::Info) -> TimerRef {
        let me = self.me();
        let action = TimerAction::Once(Box::new(move || me.send(message)));
        timer::start(
            self.node(),
            Some(&self.process()),
            When::after(delay),
            action,
        )
    }

    /// Sends the server itself the message that `message` makes from the timer's own reference, after `delay`. With the
    /// reference, the server can recognize a late message of a cancelled timer.
    ///
    /// # OTP
    ///
    /// `erlang:start_timer(Time, self(), Message)`.
    pub fn start_timer(
        &self,
        delay: Duration,
        message: impl FnOnce(TimerRef) -> S::Info,
    ) -> TimerRef {
        let me = self.me();
        timer::start_tagged(
            self.node(),
            Some(&self.process()),
            When::after(delay),
            message,
            move |message| {
                me.send(message);
            },
        )
    }

    /// Sends a clone of `message` to the server itself each `period`, the first after one period: see
    /// [`timer::send_interval`].
    ///
    /// # OTP
    ///
    /// `timer:send_interval/2`.
    pub fn send_interval(&self, period: Duration, message: S::Info) -> TimerRef
    where
        S::Info: Clone,
    {
        self.send_interval_with(period, MissedTicks::DEFAULT, message)
    }

    /// As [`send_interval`](Self::send_interval), with a choice for missed ticks.
    pub fn send_interval_with(
        &self,
        period: Duration,
        missed: MissedTicks,
        message: S::Info,
    ) -> TimerRef
    where
        S::Info: Clone,
    {
        let me = self.me();
        let send = move || me.send(message.clone());
        timer::start_interval(self.node(), Some(&self.process()), period, missed, send)
    }

    /// Sets a time-out of a state machine for this instant: then it enters the mailbox, as a signal.
    pub(crate) fn start_alarm(&self, number: u64, at: Instant) -> TimerRef {
        let block = self.block.clone();
        let action = TimerAction::Once(Box::new(move || {
            block.push_signal(Signal::Timeout(number));
        }));
        timer::start(self.node(), Some(&self.process()), When::At(at), action)
    }

    /// Monitors a process, by pid or by name: its end arrives as [`Info::Down`](crate::Info::Down), once.
    /// If the process does not exist, the DOWN comes at once, with the reason
    /// [`NoProcess`](crate::ExitReason::NoProcess).
    ///
    /// # OTP
    ///
    /// `erlang:monitor/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// /// Ends with the process that it depends on.
    /// struct Shadow;
    ///
    /// #[gen_server]
    /// impl GenServer for Shadow {
    ///     type Args = Pid;
    ///
    ///     async fn init(other: Pid, context: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         context.monitor(other);
    ///         Ok(Init::state(Self))
    ///     }
    ///
    ///     async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
    ///         match info {
    ///             Info::Down(down) => Next::Stop(down.reason),
    ///             _ => Next::NoReply,
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let other = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// let shadow = Shadow::start(other.pid()).await?;
    /// process::exit(&other, ExitReason::Shutdown);
    /// assert_eq!(shadow.wait().await, ExitReason::Shutdown);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn monitor(&self, target: impl Into<Target>) -> MonitorRef {
        relations::monitor(&self.process(), target.into())
    }

    /// Removes a monitor. Returns whether it was still active; if it was not, its DOWN may still
    /// come.
    ///
    /// # OTP
    ///
    /// `erlang:demonitor(Ref, [info])`.
    pub fn demonitor(&self, monitor: MonitorRef) -> bool {
        relations::demonitor(&self.process(), monitor)
    }

    /// Removes a monitor, and also its DOWN if that is already in the mailbox: no DOWN arrives after this. Returns whether the
    /// monitor was still active.
    ///
    /// # OTP
    ///
    /// `erlang:demonitor(Ref, [flush, info])`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// /// Waits for one process at a time.
    /// struct Watcher(Option<otp_core::MonitorRef>);
    ///
    /// #[gen_server]
    /// impl GenServer for Watcher {
    ///     type Cast = Pid;
    ///
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         Ok(Init::state(Self(None)))
    ///     }
    ///
    ///     async fn handle_cast(&mut self, other: Pid, context: &mut Context<Self>) -> Next<Self> {
    ///         if let Some(former) = self.0.replace(context.monitor(other)) {
    ///             context.demonitor_flush(former);
    ///         }
    ///         Next::NoReply
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let ended = Node::new().run(async { Watcher::start(()).await.expect("it starts").stop().await });
    /// # assert_eq!(ended.await, Ok(Ok(())));
    /// # }
    /// ```
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool {
        let active = relations::demonitor(&self.process(), monitor);
        let (turn, block) = self.parts();
        if !active && !block.flush_down(monitor) {
            turn.inbox.flush_down(block, monitor);
        }
        active
    }

    /// Links the server with a process, as [`Mailbox::link`](crate::Mailbox::link) does.
    ///
    /// # OTP
    ///
    /// `erlang:link/1`.
    pub fn link(&self, other: impl Into<Pid>) {
        relations::link(&self.process(), other.into());
    }

    /// Removes a link, if there is one.
    ///
    /// # OTP
    ///
    /// `erlang:unlink/1`.
    pub fn unlink(&self, other: impl Into<Pid>) {
        relations::unlink(&self.process(), other.into());
    }

    /// With [`ExitSignals::Trap`], or `true`, exit signals arrive as [`Info::Exit`](crate::Info::Exit) and do not end the
    /// server. Only an exit signal of the parent ends it, and [`terminate`](GenServer::terminate) runs. The parent is the
    /// process that started the server with a link or a monitor; a server that was started without either is its own parent.
    /// Returns the former value; `false` at first.
    ///
    /// # OTP
    ///
    /// `process_flag(trap_exit, …)`.
    #[allow(clippy::must_use_candidate, reason = "setting the flag is the point")]
    pub fn trap_exit(&self, signals: impl Into<ExitSignals>) -> bool {
        let on = signals.into() == ExitSignals::Trap;
        self.block.head.set_trap_exit(on)
    }

    /// Whether the server traps exits.
    #[must_use]
    pub fn traps_exits(&self) -> bool {
        self.block.head.traps_exits()
    }

    /// Messages that wait in the server's mailbox.
    #[must_use]
    pub fn message_queue_len(&self) -> usize {
        self.block.queued()
    }

    fn process(&self) -> Arc<dyn Process> {
        self.block.clone()
    }
}

impl<S: GenServer> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("pid", &self.pid())
            .field("parent", &self.parent().other())
            .finish()
    }
}
