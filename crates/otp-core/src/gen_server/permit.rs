//! Room for a message to a server.

use std::fmt;

use super::GenServer;
use super::server_ref::{Content, Envelope};
use crate::process::Permit;
use crate::process::span::Origin;

/// Room for one message in a server's mailbox, got from [`ServerRef::reserve`](crate::ServerRef::reserve).
///
/// It counts as a message that waits until it is used or dropped.
///
/// # Examples
///
/// ```
/// use otp_core::MailboxLimit;
/// use otp_core::prelude::*;
///
/// struct Log(Vec<u32>);
///
/// impl GenServer for Log {
///     type Args = ();
///     type Call = ReplyTo<usize>;
///     type Cast = u32;
///     type Info = Never;
///     type Continue = Never;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
///         Ok(Init::state(Self(Vec::new())))
///     }
///
///     async fn handle_call(&mut self, from: ReplyTo<usize>, _: &mut Context<Self>) -> Reply<Self> {
///         from.reply(self.0.len())
///     }
///
///     async fn handle_cast(&mut self, entry: u32, _: &mut Context<Self>) -> Next<Self> {
///         self.0.push(entry);
///         Next::NoReply
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let node = Node::new();
/// # let done = node.run(async {
/// let options = Log::options().mailbox_limit(MailboxLimit::refuse(2));
/// let log = options.start(()).await.expect("its init cannot fail");
/// // There is room for two.
/// let first = log.reserve().await.expect("it lives");
/// assert_eq!(log.try_cast(2), Ok(()));
/// assert_eq!(log.try_cast(3), Err(3));
/// first.cast(1).expect("it lives");
/// // This waits until one of them has been handled.
/// log.cast_wait(3).await.expect("it lives");
/// assert_eq!(log.call(|from| from).await, Ok(3));
/// # });
/// # done.await.expect("it returns");
/// # }
/// ```
#[must_use = "the room is given back when this is dropped"]
pub struct ServerPermit<S: GenServer>(pub(super) Permit<Envelope<S>>);

impl<S: GenServer> ServerPermit<S> {
    /// Sends a cast.
    ///
    /// # Errors
    ///
    /// The request, if the server has ended meanwhile, or is about to.
    pub fn cast(self, request: S::Cast) -> Result<(), S::Cast> {
        let sent = self
            .0
            .send(Envelope::new(Content::Cast(request), Origin::here()));
        sent.map_err(into_cast)
    }

    /// Sends a plain message, for [`GenServer::handle_info`].
    ///
    /// # Errors
    ///
    /// The message, if the server has ended meanwhile, or is about to.
    pub fn send(self, message: S::Info) -> Result<(), S::Info> {
        let sent = self
            .0
            .send(Envelope::new(Content::Info(message), Origin::here()));
        sent.map_err(into_info)
    }
}

impl<S: GenServer> fmt::Debug for ServerPermit<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server{:?}", self.0)
    }
}

/// The request in an envelope that was given back.
pub(super) fn into_cast<S: GenServer>(Envelope { content, .. }: Envelope<S>) -> S::Cast {
    match content {
        Content::Cast(request) => request,
        _ => unreachable!("a mailbox gives back what was sent"),
    }
}

/// The message in an envelope that was given back.
pub(super) fn into_info<S: GenServer>(Envelope { content, .. }: Envelope<S>) -> S::Info {
    match content {
        Content::Info(message) => message,
        _ => unreachable!("a mailbox gives back what was sent"),
    }
}
