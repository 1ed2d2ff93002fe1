//! The receiving side of a process.

pub(crate) mod bound;
pub(crate) mod inbox;
pub(crate) mod limit;
pub(crate) mod queue;
mod receive;
pub(crate) mod reserve;
pub(crate) mod room;
mod selective;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

pub use self::receive::Receive;
pub use self::selective::ReceiveMatch;
use crate::address::Target;
use crate::pid::{MonitorRef, Pid};
use crate::process::life::block::{Block, Item, Process};
use crate::process::mailbox::inbox::Inbox;
use crate::process::mailbox::limit::MailboxLimit;
use crate::process::process_ref::ProcessRef;
use crate::process::relations;
use crate::process::relations::signal::{Down, Exit, Signal};
use crate::util::numbered::Numbered;
use crate::util::panic;

/// A process's mailbox: its messages, and the exits and DOWNs that it has asked for.
///
/// The body of a process gets its mailbox as argument and owns it. Messages are in it in the order of their arrival.
/// Exits and DOWNs are in their places among them, mapped to the process's message type by the function that was given
/// with the request for them.
///
/// A mailbox may leave its process, as the result of [`Node::run_with`](crate::Node::run_with) or in a message. When
/// the process has ended, the mailbox is closed: a receive with [`timeout`](Receive::timeout), also with
/// [`TimeLimit::Infinity`](crate::TimeLimit::Infinity), returns `None` at once.
///
/// # Large messages
///
/// A message is moved several times on its way, by value, as is any value that goes through the runtime: put parts of
/// more than some hundred bytes into a box. Debug builds keep a copy on the stack for each move. A larger value than
/// this does not compile:
///
/// | | at most |
/// |---|---|
/// | a message of a process; a call, cast or info of a server, its answer, its state and its arguments | 32 KiB |
/// | the value of a task, of an agent, and of blocking work; a term of an exit reason; a key or a value of a table or registry | 32 KiB |
/// | an event of a state machine or an event manager; what is broadcast to a topic | 16 KiB |
/// | what a callback leaves its server to do, [`Next::Continue`](crate::Next::Continue) | 4 KiB |
///
/// Messages and events of these sizes go through a mailbox within the 2 MiB of a thread in a debug build, if the process does
/// not hold further copies of them as it sends. For a value of up to 8 KiB (an event of a state machine: 4 KiB) this is so
/// with each operation of the crate. In between, a debug build may need a box or threads with a larger stack.
///
/// Futures and functions have no limit, since they are often large in a debug build and small in a release build. The body
/// of a process, the work of a task, or the function of an agent that has more than 32 KiB should be in a `Box`: clippy's
/// lint `large_futures` finds futures of more than 16 KiB.
///
/// ```compile_fail
/// # use otp_core::{Mailbox, Node};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// Node::new().spawn(|mut mailbox: Mailbox<[u8; 40_000]>| async move { drop(mailbox.receive().await) });
/// # }
/// ```
///
/// ```
/// # use otp_core::{Mailbox, Node};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// Node::new().spawn(|mut mailbox: Mailbox<Box<[u8; 20_000]>>| async move { drop(mailbox.receive().await) });
/// # }
/// ```
///
/// # OTP
///
/// `receive … after … end`, `process_flag(trap_exit, …)`, `erlang:monitor/2`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let echo = process::spawn_link(|mut mailbox: Mailbox<(u32, ProcessRef<u32>)>| async move {
///     let (number, from) = mailbox.receive().await;
///     from.send(number);
/// });
/// let asker = process::spawn(move |mut mailbox: Mailbox<u32>| async move {
///     echo.send((7, mailbox.me()));
///     assert_eq!(mailbox.receive().await, 7);
/// });
/// assert_eq!(asker.wait().await, ExitReason::Normal);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Mailbox<M> {
    block: Arc<Block<M>>,
    inbox: Inbox<M>,
    maps: Option<Box<Maps<M>>>,
}

/// How signals become messages.
struct Maps<M> {
    exit: Option<Box<dyn FnMut(Exit) -> M + Send>>,
    down: HashMap<MonitorRef, Box<dyn FnOnce(Down) -> M + Send>, Numbered>,
    /// The mapped DOWNs that a selective receive has examined and passed over. They are still signals in the mailbox,
    /// so that they can be flushed.
    told: HashMap<MonitorRef, M, Numbered>,
}

/// As for messages: the values that the functions hold and return are the user's.
impl<M> Drop for Maps<M> {
    fn drop(&mut self) {
        panic::drop_each(self.exit.take());
        panic::drop_each(self.down.drain());
        panic::drop_each(self.told.drain());
    }
}

impl<M: Send + 'static> Mailbox<M> {
    #[inline(always)]
    pub(crate) fn new(block: Arc<Block<M>>) -> Self {
        Self {
            block,
            inbox: Inbox::new(),
            maps: None,
        }
    }

    /// A reference to the process that owns this mailbox.
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
    /// let me = mailbox.me();
    /// process::spawn(move |_: Mailbox<Never>| async move { me.send("hello") });
    /// assert_eq!(mailbox.receive().await, "hello");
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    #[must_use]
    pub fn me(&self) -> ProcessRef<M> {
        ProcessRef::new(self.block.clone())
    }

    /// The pid of the process that owns this mailbox.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.block.head.pid
    }

    /// Messages and signals that wait to be received.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// assert!(mailbox.is_empty());
    /// mailbox.me().send(1);
    /// mailbox.me().send(2);
    /// assert_eq!(mailbox.len(), 2);
    /// # mailbox.receive().await;
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.inbox.len() + self.block.queue.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Receives the next message, waiting for one if there is none: for as long as it takes, or for as long as
    /// [`timeout`](Receive::timeout) says.
    ///
    /// # OTP
    ///
    /// `receive … end`; with a limit, `receive … after … end`.
    ///
    /// # Cancel safety
    ///
    /// A receive that is dropped while it waits has taken nothing.
    ///
    /// # Panics
    ///
    /// Panics, as all receives without [`timeout`](Receive::timeout), when the process has ended, in the task that has its mailbox then:
    /// there is no message, and none will come. In a process that has its own mailbox this cannot be: it ends with its process.
    /// For a mailbox that has left its process, use `timeout` with [`TimeLimit::Infinity`](crate::TimeLimit::Infinity).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let me = mailbox.me();
    /// otp_core::process::spawn(move |_: Mailbox<Never>| async move { me.send(42) });
    /// assert_eq!(mailbox.receive().await, 42);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn receive(&mut self) -> Receive<'_, M> {
        Receive { mailbox: self }
    }

    /// Whether the mailbox takes no more messages, as its process ends or has ended. For a mailbox that has left its
    /// process, by [`Node::run_with`](crate::Node::run_with) for one.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.block.head.is_exiting()
    }

    /// From now on exit signals become messages, by `to_message`, and do not end the process. Only an explicit
    /// [`ExitReason::Kill`](crate::ExitReason::Kill) still ends it. Returns whether exits were trapped before.
    ///
    /// # OTP
    ///
    /// `process_flag(trap_exit, true)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<Exit>| async move {
    /// mailbox.trap_exit(|exit| exit);
    /// let child = process::spawn_link(|_: Mailbox<Never>| async { ExitReason::other("burnt") });
    /// let exit = mailbox.receive().await;
    /// assert_eq!((exit.from, exit.reason), (child.pid(), ExitReason::other("burnt")));
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn trap_exit(&mut self, to_message: impl FnMut(Exit) -> M + Send + 'static) -> bool {
        self.maps().exit = Some(Box::new(to_message));
        self.block.head.set_trap_exit(true)
    }

    /// Stops trapping exits; those already received stay in the mailbox. Returns whether exits
    /// were trapped before.
    ///
    /// # OTP
    ///
    /// `process_flag(trap_exit, false)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<Exit>| async move {
    /// assert!(!mailbox.trap_exit(|exit| exit), "it did not trap exits");
    /// assert!(mailbox.untrap_exit(), "it did");
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn untrap_exit(&mut self) -> bool {
        self.block.head.set_trap_exit(false)
    }

    /// Links this process with another one. Linking twice, or to itself, changes nothing.
    ///
    /// If the other one does not live, and this process traps exits, that is an exit signal with
    /// [`NoProcess`](crate::ExitReason::NoProcess) from it.
    ///
    /// # OTP
    ///
    /// `erlang:link/1`.
    ///
    /// # Differences from OTP
    ///
    /// In a destructor that runs while a panic unwinds, and in a program whose panics abort it, the process gets an
    /// exit signal with that reason in place of the error.
    ///
    /// # Panics
    ///
    /// Unwinds with [`NoProcess`](crate::ExitReason::NoProcess), as [`exit_self`](crate::process::exit_self) does, if
    /// the other process does not live and this process does not trap exits. Uncaught, it ends the process with that
    /// reason; a server runs [`terminate`](crate::GenServer::terminate).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<Exit>| async move {
    /// mailbox.trap_exit(|exit| exit);
    /// let other = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// mailbox.link(&other);
    /// process::exit(&other, ExitReason::Kill);
    /// assert_eq!(mailbox.receive().await.reason, ExitReason::Killed);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn link(&self, other: impl Into<Pid>) {
        relations::link(&self.process(), other.into());
    }

    /// Removes the link with another process, if there is one. An exit that was trapped before
    /// stays in the mailbox; none comes afterwards.
    ///
    /// # OTP
    ///
    /// `erlang:unlink/1`.
    pub fn unlink(&self, other: impl Into<Pid>) {
        relations::unlink(&self.process(), other.into());
    }

    /// Watches a process, by pid or by name: when it ends, `to_message` of its [`Down`] arrives
    /// here, once. If it does not exist, that is at once, with the reason
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
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<ExitReason>| async move {
    /// let child = process::spawn(|_: Mailbox<Never>| async { ExitReason::Shutdown });
    /// mailbox.monitor(&child, |down| down.reason);
    /// assert_eq!(mailbox.receive().await, ExitReason::Shutdown);
    /// // The DOWN of a process that has ended comes at once.
    /// mailbox.monitor(&child, |down| down.reason);
    /// assert_eq!(mailbox.receive().await, ExitReason::NoProcess);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn monitor(
        &mut self,
        target: impl Into<Target>,
        to_message: impl FnOnce(Down) -> M + Send + 'static,
    ) -> MonitorRef {
        let monitor = relations::monitor(&self.process(), target.into());
        self.on_down(monitor, to_message);
        monitor
    }

    /// Sets the message for the DOWN of a monitor that was made without one, by
    /// [`spawn_monitor`](crate::process::spawn_monitor) or a `start_monitor`. Without it such a DOWN is dropped.
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
    /// let (_, monitor) = process::spawn_monitor(|_: Mailbox<Never>| async {});
    /// mailbox.on_down(monitor, |_| "the child has ended");
    /// assert_eq!(mailbox.receive().await, "the child has ended");
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn on_down(
        &mut self,
        monitor: MonitorRef,
        to_message: impl FnOnce(Down) -> M + Send + 'static,
    ) {
        self.maps().down.insert(monitor, Box::new(to_message));
    }

    /// Stops watching. Returns whether the monitor was still active; if it was not, its message may
    /// be in the mailbox.
    ///
    /// # OTP
    ///
    /// `erlang:demonitor(Ref, [info])`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<Down>| async move {
    /// let child = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// let monitor = mailbox.monitor(&child, |down| down);
    /// assert!(mailbox.demonitor(monitor), "it was set");
    /// assert!(!mailbox.demonitor(monitor));
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn demonitor(&mut self, monitor: MonitorRef) -> bool {
        let active = relations::demonitor(&self.process(), monitor);
        if active {
            self.maps().down.remove(&monitor);
        }
        active
    }

    /// Stops watching, and takes the monitor's message out of the mailbox if it is there already.
    /// Returns whether the monitor was still active.
    ///
    /// # OTP
    ///
    /// `erlang:demonitor(Ref, [flush, info])`.
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
    /// let child = process::spawn(|_: Mailbox<Never>| async {});
    /// let monitor = mailbox.monitor(&child, |down| down);
    /// child.wait().await;
    /// // The DOWN is in the mailbox, and is removed.
    /// mailbox.demonitor_flush(monitor);
    /// assert_eq!(mailbox.receive().timeout(Duration::from_secs(1)).await, None);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) -> bool {
        let active = relations::demonitor(&self.process(), monitor);
        if !active && !self.block.flush_down(monitor) {
            self.inbox.flush_down(&self.block, monitor);
        }
        let maps = self.maps();
        maps.down.remove(&monitor);
        maps.told.remove(&monitor);
        active
    }

    /// Limits how many messages may wait here from now on; `None` lifts the limit. Those that wait already
    /// stay.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::MailboxLimit;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// mailbox.set_limit(Some(MailboxLimit::refuse(1)));
    /// let me = mailbox.me();
    /// assert_eq!((me.try_send(1), me.try_send(2)), (Ok(()), Err(2)));
    /// assert_eq!(mailbox.receive().await, 1);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn set_limit(&self, limit: Option<MailboxLimit>) {
        self.block.limit(limit);
        self.inbox.owner.pace.set_bounded(limit.is_some());
    }

    /// Gives back memory that the mailbox does not need now: a hint that a long wait follows.
    ///
    /// # OTP
    ///
    /// `erlang:hibernate/3`, of which only this is left.
    pub fn hibernate(&mut self) {
        self.inbox.hibernate(&self.block);
    }

    /// For a server, which makes no messages of signals and keeps the two in its own places.
    pub(crate) fn into_parts(self) -> (Arc<Block<M>>, Inbox<M>) {
        (self.block, self.inbox)
    }

    fn map(&mut self, item: Item<M>) -> Option<M> {
        let signal = match item {
            Item::Message(message) => return Some(message),
            Item::Signal(signal) => *signal,
            Item::Stop(_) => return None,
        };
        match signal {
            Signal::Exit(exit, _) => {
                let to_message = self.maps.as_mut()?.exit.as_mut()?;
                Some(to_message(exit))
            }
            Signal::Down(down) => self.map_down(down),
            Signal::Message(message) | Signal::Urgent(message) => {
                message.downcast().ok().map(|message| *message)
            }
            Signal::System(_) | Signal::Timeout(_) => None,
        }
    }

    fn map_down(&mut self, down: Down) -> Option<M> {
        let maps = self.maps.as_mut()?;
        maps.told.remove(&down.monitor).or_else(|| {
            let to_message = maps.down.remove(&down.monitor)?;
            Some(to_message(down))
        })
    }

    fn maps(&mut self) -> &mut Maps<M> {
        self.maps.get_or_insert_with(|| {
            Box::new(Maps {
                exit: None,
                down: HashMap::default(),
                told: HashMap::default(),
            })
        })
    }

    fn process(&self) -> Arc<dyn Process> {
        self.block.clone()
    }
}

impl<M> fmt::Debug for Mailbox<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("pid", &self.block.head.pid)
            .field("len", &(self.inbox.len() + self.block.queue.len()))
            .finish()
    }
}
