//! Replacements for servers in tests, and a wait until all processes are idle.

use std::fmt;
use std::time::Duration;

use crate::gen_server::{Content, Envelope, GenServer, ServerRef};
use crate::process::{self, Mailbox};

/// A message to a [`stub`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::test::{Runner, StubMessage, stub};
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
/// Runner::new().run(async {
///     let mut sum = 0;
///     let counter = stub::<Counter>(move |message| match message {
///         StubMessage::Cast(n) => sum += n,
///         StubMessage::Call(from) => from.send(sum),
///         StubMessage::Info(never) => match never {},
///     });
///     counter.cast(42);
///     assert_eq!(counter.call(|from| from).await, Ok(42));
/// });
/// ```
pub enum StubMessage<S: GenServer> {
    /// A call, to be answered with the [`ReplyTo`](crate::ReplyTo) in it, now or later. One that is dropped fails its caller with
    /// [`CallError::ReplyDropped`](crate::CallError::ReplyDropped).
    Call(S::Call),
    /// A cast.
    Cast(S::Cast),
    /// A plain message.
    Info(S::Info),
}

impl<S: GenServer> From<Envelope<S>> for StubMessage<S> {
    fn from(envelope: Envelope<S>) -> Self {
        match envelope.content {
            Content::Call { request, .. } => Self::Call(request),
            Content::Cast(request) => Self::Cast(request),
            Content::Info(message) => Self::Info(message),
        }
    }
}

impl<S: GenServer> fmt::Debug for StubMessage<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call(_) => "Call(..)",
            Self::Cast(_) => "Cast(..)",
            Self::Info(_) => "Info(..)",
        })
    }
}

/// Starts a process that has the protocol of the server `S` and calls a closure for each message: for tests of code
/// that calls an `S`, without the `S`.
///
/// It is addressed as the server is, by the reference or by a name that it is given. It stops as the server does, and handles
/// no system requests.
///
/// # Panics
///
/// Panics without a current [`node`](crate::process::node).
///
/// # Examples
///
/// ```test_harness
/// use otp_core::prelude::*;
/// use otp_core::test::{StubMessage, stub};
/// # struct Database;
/// # enum Query { Name(u32, ReplyTo<String>) }
/// # #[gen_server]
/// # impl GenServer for Database {
/// #     type Call = Query;
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::ignore())
/// #     }
/// #     async fn handle_call(&mut self, _: Query, _: &mut Context<Self>) -> Reply<Self> {
/// #         Reply::later()
/// #     }
/// # }
///
/// async fn greeting(database: &ServerRef<Database>) -> Result<String, CallError> {
///     Ok(format!("Hello, {}!", database.call(|from| Query::Name(7, from)).await?))
/// }
///
/// #[otp_core::test]
/// async fn a_user_is_greeted_by_name() {
///     let database = stub::<Database>(|message| {
///         if let StubMessage::Call(Query::Name(7, from)) = message {
///             from.send("Joe".to_owned());
///         }
///     });
///     assert_eq!(greeting(&database).await.as_deref(), Ok("Hello, Joe!"));
/// }
/// # fn main() {}
/// ```
pub fn stub<S: GenServer>(mut handle: impl FnMut(StubMessage<S>) + Send + 'static) -> ServerRef<S> {
    let process = process::spawn(|mut mailbox: Mailbox<Envelope<S>>| async move {
        loop {
            match mailbox.receive_until_stopped().await {
                Ok(message) => handle(message.into()),
                Err(reason) => return reason,
            }
        }
    });
    ServerRef::from(process)
}

/// Waits until all processes of the runtime wait, and only time could wake one. For tests on one thread with a paused clock.
///
/// The clock moves on by a millisecond or two, and the timers of this time fire.
///
/// # Cancel safety
///
/// May be dropped and called again.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
pub async fn idle() {
    // A paused clock moves when nothing else is left to do. A tick of tokio's is the least that it waits.
    tokio::time::sleep(Duration::from_millis(1)).await;
}
