//! What stands in a server's mailbox.

use std::fmt;

use super::GenServer;
use crate::exit::ExitReason;
use crate::pid::Pid;

/// A message to a server: the type of the mailbox of its process. What is inside is the runtime's
/// affair; a [`ServerRef`](crate::ServerRef) puts it there.
pub struct Envelope<S: GenServer>(pub(crate) Content<S>);

pub(crate) enum Content<S: GenServer> {
    Call {
        request: S::Call,
        /// For the report, should the server fail over it.
        client: Option<Pid>,
    },
    Cast(S::Cast),
    Info(S::Info),
    Stop(ExitReason),
}

impl<S: GenServer> fmt::Debug for Envelope<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Content::Call { .. } => "Envelope(call)",
            Content::Cast(_) => "Envelope(cast)",
            Content::Info(_) => "Envelope(info)",
            Content::Stop(_) => "Envelope(stop)",
        })
    }
}
