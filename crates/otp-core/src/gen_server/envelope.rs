//! The content of a server's mailbox.

use std::fmt;
use std::mem;
use std::num::NonZeroU64;

use super::GenServer;
use crate::pid::Pid;
use crate::process::meter::{self, Sent};
use crate::process::span::Origin;

/// A message to a server: the type of the mailbox of its process. Its content is private; a
/// [`ServerRef`](crate::ServerRef) makes it.
///
/// # Examples
///
/// ```
/// use otp_core::gen_server::{Envelope, enter_loop};
/// use otp_core::prelude::*;
/// use otp_core::proc_lib;
/// # struct Counter(u64);
/// #
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// // A process that does something else first, and becomes a server then.
/// let process = proc_lib::start_link(|mailbox: Mailbox<Envelope<Counter>>, ack| async move {
///     ack.ok();
///     enter_loop(mailbox, Counter(7), Next::NoReply, None).await
/// });
/// let counter = ServerRef::from(process.await?);
/// assert_eq!(counter.call(|from| from).await?, 7);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Envelope<S: GenServer> {
    pub(crate) content: Content<S>,
    /// The span that the sender was in.
    origin: Origin,
    sent: Sent,
}

impl<S: GenServer> Envelope<S> {
    #[inline(always)]
    pub(crate) fn new(content: Content<S>, origin: Origin) -> Self {
        Self {
            content,
            origin,
            sent: Sent::now(),
        }
    }

    /// Takes the span of the sender, as the message leaves the queue.
    #[inline(always)]
    pub(crate) fn take_origin(&mut self) -> Origin {
        meter::taken(S::behaviour().server_type, self.sent);
        mem::take(&mut self.origin)
    }
}

pub(crate) enum Content<S: GenServer> {
    Call {
        request: S::Call,
        /// For the report, should the server fail over it.
        client: Option<Client>,
    },
    Cast(S::Cast),
    Info(S::Info),
}

/// The caller, if it is a process of the server's own node: half a pid, to keep messages small.
#[derive(Clone, Copy)]
pub(crate) struct Client(NonZeroU64);

impl Client {
    #[inline]
    pub(crate) fn of(pid: Pid, server: Pid) -> Option<Self> {
        let id = NonZeroU64::new(pid.id()).filter(|_| pid.node() == server.node());
        id.map(Self)
    }

    pub(crate) fn pid(self, server: Pid) -> Pid {
        Pid::new(server.node(), self.0)
    }
}

impl<S: GenServer> fmt::Debug for Envelope<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.content {
            Content::Call { .. } => "Envelope(call)",
            Content::Cast(_) => "Envelope(cast)",
            Content::Info(_) => "Envelope(info)",
        })
    }
}
