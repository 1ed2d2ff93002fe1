//! The content of a server's mailbox.

use std::fmt;
use std::mem;
use std::num::NonZeroU64;

use super::GenServer;
use crate::pid::{NodeId, Pid};
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

/// The caller. To keep messages small this is one number: that of the process, and above it that of its node, counted from 1,
/// if that is not the server's.
#[derive(Clone, Copy)]
pub(crate) struct Client(NonZeroU64);

/// The bits of the number of a process. A node that spawns a million processes a second has used them all after nine years.
const PROCESS: u32 = 48;

impl Client {
    /// A caller of the server's own node; of another caller nothing is kept.
    #[inline]
    pub(crate) fn of(pid: Pid, server: Pid) -> Option<Self> {
        let id = NonZeroU64::new(pid.id()).filter(|_| pid.node() == server.node());
        id.map(Self)
    }

    /// A caller of any node, if both numbers have room.
    #[cfg(feature = "serde")]
    pub(crate) fn of_any(pid: Pid, server: Pid) -> Option<Self> {
        if pid.node() == server.node() {
            return Self::of(pid, server);
        }
        let node = u16::try_from(pid.node().0.checked_add(1)?).ok()?;
        let has_room = pid.id() >> PROCESS == 0;
        let number = NonZeroU64::new(u64::from(node) << PROCESS | pid.id());
        number.filter(|_| has_room).map(Self)
    }

    pub(crate) fn pid(self, server: Pid) -> Pid {
        let number = self.0.get();
        let node = u32::try_from(number >> PROCESS).unwrap_or_default();
        let other = node.checked_sub(1).map(NodeId);
        let other = other.and_then(|node| Pid::of(node, number & !(!0 << PROCESS)));
        other.unwrap_or_else(|| Pid::new(server.node(), self.0))
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

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    #[test]
    fn a_client_of_any_node_comes_back_if_it_has_room() {
        let pid = |node, id| Pid::of(NodeId(node), id).expect("it is not 0");
        let server = pid(3, 7);
        for client in [
            pid(3, 1),
            pid(0, 1),
            pid(4, (1 << PROCESS) - 1),
            pid(65_534, 9),
        ] {
            let kept = Client::of_any(client, server).map(|it| it.pid(server));
            assert_eq!(kept, Some(client));
        }
        for client in [pid(65_535, 9), pid(u32::MAX, 9), pid(4, 1 << PROCESS)] {
            assert!(Client::of_any(client, server).is_none(), "{client}");
        }
        assert!(Client::of(pid(0, 1), server).is_none());
    }
}
