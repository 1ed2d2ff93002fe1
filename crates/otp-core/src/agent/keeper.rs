//! The server that an agent is.

use std::any::{Any, type_name};
use std::fmt;

use otp_macros::gen_server;

use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Init, Next, Reply, ReplyTo};

/// The server of an [`Agent`](super::Agent), for code that needs its type: to inspect it with [`sys`](crate::sys), or
/// to monitor it.
///
/// It erases the type of its value. A generic server would be possible, but the compiler cannot see that a reference to
/// one can be sent to another thread if the type contains a `&'static str`.
///
/// # Examples
///
/// ```
/// use otp_core::agent::{Agent, AgentServer};
/// use otp_core::prelude::*;
/// use otp_core::sys;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let agent = Agent::options().name("count").start_link(|| 7_u32).await?;
/// let server = ServerName::<AgentServer>::new("count");
/// let count = sys::get_state(&server, |keeper: &AgentServer| keeper.state::<u32>().copied()).await?;
/// assert_eq!(count, Some(7));
/// # let _ = agent;
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct AgentServer {
    state: Box<dyn Any + Send>,
    type_name: &'static str,
}

impl AgentServer {
    /// Keeps this state.
    #[must_use]
    pub fn new<T: Send + 'static>(state: T) -> Self {
        Self {
            state: Box::new(state),
            type_name: type_name::<T>(),
        }
    }

    /// The state, if it is a `T`.
    #[must_use]
    pub fn state<T: 'static>(&self) -> Option<&T> {
        self.state.downcast_ref()
    }
}

impl fmt::Debug for AgentServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgentServer({})", self.type_name)
    }
}

/// A function to be run on the state, whose result is the answer of a call.
pub struct AgentRequest(AnswerFunction);

type AnswerFunction = Box<dyn FnOnce(&mut AgentServer) -> Reply<AgentServer> + Send>;

/// A function to be run on the state.
pub struct AgentChange(Box<dyn FnOnce(&mut AgentServer) + Send>);

/// A function that makes the first state.
pub struct First(Box<dyn FnOnce() -> AgentServer + Send>);

/// Runs `f` on the state and answers with its result, or with nothing if the state is no `T`.
pub(super) fn answered<T: Send + 'static, R: Send + 'static>(
    from: ReplyTo<Option<R>>,
    f: impl FnOnce(&mut T) -> R + Send + 'static,
) -> AgentRequest {
    AgentRequest(Box::new(move |keeper| {
        from.reply(keeper.state.downcast_mut().map(f))
    }))
}

/// Runs `f` on the state, if that is a `T`.
pub(super) fn change<T: Send + 'static>(f: impl FnOnce(&mut T) + Send + 'static) -> AgentChange {
    AgentChange(Box::new(|keeper| {
        keeper.state.downcast_mut().map(f);
    }))
}

pub(super) fn first<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> First {
    First(Box::new(|| AgentServer::new(f())))
}

#[gen_server]
impl GenServer for AgentServer {
    type Args = First;
    type Call = AgentRequest;
    type Cast = AgentChange;

    async fn init(First(make): First, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(make()))
    }

    async fn handle_call(
        &mut self,
        AgentRequest(run): AgentRequest,
        _: &mut Context<Self>,
    ) -> Reply<Self> {
        run(self)
    }

    async fn handle_cast(
        &mut self,
        AgentChange(run): AgentChange,
        _: &mut Context<Self>,
    ) -> Next<Self> {
        run(self);
        Next::NoReply
    }
}

impl fmt::Debug for AgentRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request")
    }
}

impl fmt::Debug for AgentChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Change")
    }
}

impl fmt::Debug for First {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("First")
    }
}
