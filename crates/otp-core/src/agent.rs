//! Agents: state that is used through functions.
//!
//! An [`Agent`] is a process that keeps a value and runs the functions that it is sent on it, one after the
//! other. There are no messages to define and no callbacks to write.
//!
//! # When (not) to use an agent
//!
//! Use one for a value that several processes share, and that does nothing by itself. For a value that has to wait, to
//! answer later, or to act by the clock, use a [`GenServer`](crate::GenServer); for many values under keys that many
//! processes read, a table. The functions run in the agent, which does nothing else meanwhile: do the long work before
//! or after.
//!
//! # OTP
//!
//! Elixir's module `Agent`.
//!
//! # Examples
//!
//! ```
//! use otp_core::{Agent, ExitReason, Node};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let count = Node::new().run(async {
//!     let counter = Agent::start_link(|| 40).await?;
//!     counter.cast(|count| *count += 1);
//!     counter.update(|count| *count += 1).await?;
//!     let count = counter.get(|count| *count).await?;
//!     Ok::<_, ExitReason>(count)
//! });
//! assert_eq!(count.await, Ok(Ok(42)));
//! # }
//! ```

mod keeper;
mod options;

use std::any::type_name;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

pub use self::keeper::AgentServer;
pub use self::options::AgentOptions;
use crate::exit::ExitReason;
use crate::gen_server::{
    Address, Begin, CallError, Limited, ServerName, ServerRef, StartError, StopError, TimeLimit,
};
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::Target;
use crate::sys;

/// A reference to an agent whose state is a `T`.
///
/// [`start`](Self::start) and [`start_link`](Self::start_link) return a handle on this one process.
/// [`named`](Self::named) addresses the agent that has a name, which is looked up at each use.
///
/// The functions run in the agent; a panic in one ends the agent, and the caller gets the reason. For
/// debugging, [`sys`] takes an agent as a server's address: the server is an [`AgentServer`].
///
/// # Differences from OTP
///
/// A function changes the state in place, by `&mut T`, where OTP's returns the next one.
///
/// # Examples
///
/// ```
/// use otp_core::Agent;
/// use otp_core::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let agent = Agent::start_link(|| vec![1, 2]).await?;
/// agent.update(|numbers| numbers.push(3)).await?;
/// assert_eq!(agent.get(|numbers| numbers.len()).await?, 3);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Agent<T: Send + 'static> {
    address: AgentAddress,
    state: PhantomData<fn() -> T>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum AgentAddress {
    Process(ServerRef<AgentServer>),
    Name(ServerName<AgentServer>),
}

impl<T: Send + 'static> Agent<T> {
    /// Starts an agent without a link. `state` runs in the agent, and the starter waits for it.
    ///
    /// # OTP
    ///
    /// `Agent.start/1`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `state`, the agent starts nevertheless.
    ///
    /// # Errors
    ///
    /// [`StartError`]; a panic in `state` is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let agent = Agent::start(|| vec![1, 2, 3]).await?;
    /// assert_eq!(agent.get(|list| list.len()).await?, 3);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn start(
        state: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = Result<Self, StartError>> + Send {
        Self::options().start(state)
    }

    /// Starts an agent that is linked with the current process. `state` runs in the agent, and the starter
    /// waits for it.
    ///
    /// # OTP
    ///
    /// `Agent.start_link/1`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `state`, the agent starts nevertheless, linked.
    ///
    /// # Errors
    ///
    /// [`StartError`]; a panic in `state` is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let count = ChildSpec::worker("count", || Agent::start_link(|| 0));
    /// let tree = Supervisor::new(Strategy::OneForOne).child(count).start_link().await?;
    /// assert_eq!(tree.count_children().await?.active, 1);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn start_link(
        state: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = Result<Self, StartError>> + Send {
        Self::options().start_link(state)
    }

    /// Options for a start: a name, a limit for the first function, a node.
    pub fn options() -> AgentOptions<T> {
        AgentOptions::new()
    }

    /// Addresses the agent that has this name, on the current node of the caller. [`on`](Self::on) selects another node.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// Agent::options().name("units").start_link(|| "metric").await?;
    /// assert_eq!(Agent::<&str>::named("units").get(|units| *units).await?, "metric");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn named(name: impl Into<Name>) -> Self {
        Self {
            address: AgentAddress::Name(ServerName::new(name)),
            state: PhantomData,
        }
    }

    /// Looks the agent's name up on this node, wherever it is used. A handle on one process stays as it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::{Agent, Node};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// Agent::options().name("units").on(&node).start(|| "metric").await.expect("the name is free");
    /// // Outside of processes the name needs a node.
    /// let units = Agent::<&str>::named("units").on(&node);
    /// assert_eq!(units.get(|units| *units).await, Ok("metric"));
    /// # }
    /// ```
    #[must_use]
    pub fn on(self, node: &Node) -> Self {
        let address = match self.address {
            AgentAddress::Name(name) => AgentAddress::Name(name.on(node)),
            process @ AgentAddress::Process(_) => process,
        };
        Self { address, ..self }
    }

    /// The agent's process, if there is one.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        match &self.address {
            AgentAddress::Process(server) => Some(server.pid()),
            AgentAddress::Name(name) => name.whereis().map(|server| server.pid()),
        }
    }

    /// Whether the agent lives. It is false as soon as its end is decided.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        match &self.address {
            AgentAddress::Process(server) => server.is_alive(),
            AgentAddress::Name(name) => name.whereis().is_some(),
        }
    }

    /// Returns the result of `read` on the state. It waits for at most 5 s, or for as long as
    /// [`timeout`](Limited::timeout) says.
    ///
    /// # OTP
    ///
    /// `Agent.get/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`].
    ///
    /// # Errors
    ///
    /// [`CallError`]; if `read` panics, the agent's end.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let names = Agent::start_link(|| vec!["ann", "bob"]).await?;
    /// assert_eq!(names.get(|names| names.join(" and ")).await?, "ann and bob");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn get<R: Send + 'static>(
        &self,
        read: impl FnOnce(&T) -> R + Send + 'static,
    ) -> Limited<impl Begin<Output = Result<R, CallError>>> {
        self.get_and_update(|state| read(state))
    }

    /// Changes the state, and waits until that is done: for at most 5 s, or for as long as [`timeout`](Limited::timeout) says.
    ///
    /// # OTP
    ///
    /// `Agent.update/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`].
    ///
    /// # Errors
    ///
    /// [`CallError`]; if `change` panics, the agent's end.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let count = Agent::start_link(|| 41).await?;
    /// count.update(|count| *count += 1).await?;
    /// assert_eq!(count.get(|count| *count).await?, 42);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn update(
        &self,
        change: impl FnOnce(&mut T) + Send + 'static,
    ) -> Limited<impl Begin<Output = Result<(), CallError>>> {
        self.get_and_update(change)
    }

    /// Changes the state and returns what `change` returns. It waits for at most 5 s, or for as long as
    /// [`timeout`](Limited::timeout) says.
    ///
    /// # OTP
    ///
    /// `Agent.get_and_update/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`].
    ///
    /// # Errors
    ///
    /// [`CallError`]; if `change` panics, the agent's end.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let ids = Agent::start_link(|| 0).await?;
    /// let next = |ids: &mut u32| {
    ///     *ids += 1;
    ///     *ids
    /// };
    /// assert_eq!((ids.get_and_update(next).await?, ids.get_and_update(next).await?), (1, 2));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn get_and_update<R: Send + 'static>(
        &self,
        change: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> Limited<impl Begin<Output = Result<R, CallError>>> {
        let request = |from| keeper::answered(from, change);
        Limited::new(TimeLimit::DEFAULT, move |limit| async move {
            let answer = match &self.address {
                AgentAddress::Process(server) => server.call(request).timeout(limit).await,
                AgentAddress::Name(name) => name.call(request).timeout(limit).await,
            };
            answer?.ok_or_else(|| CallError::WrongServer {
                server: sys::Server::address(self),
                expected: type_name::<Self>(),
            })
        })
    }

    /// Sends a change of the state, and does not wait. It never fails: if there is no agent, the function is lost.
    ///
    /// # OTP
    ///
    /// `Agent.cast/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let log = Agent::start_link(Vec::new).await?;
    /// log.cast(|log| log.push("begin"));
    /// log.cast(|log| log.push("end"));
    /// assert_eq!(log.get(|log| log.clone()).await?, ["begin", "end"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn cast(&self, change: impl FnOnce(&mut T) + Send + 'static) {
        let change = keeper::change(change);
        match &self.address {
            AgentAddress::Process(server) => server.cast(change),
            AgentAddress::Name(name) => name.cast(change),
        }
    }

    /// Stops the agent with `Normal` and waits until it is dead. Earlier requests are handled first.
    ///
    /// # OTP
    ///
    /// `Agent.stop/1`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::stop`].
    ///
    /// # Errors
    ///
    /// [`StopError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let agent = Agent::start(|| 0).await?;
    /// agent.stop().await?;
    /// assert!(!agent.is_alive());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn stop(&self) -> Limited<impl Begin<Output = Result<(), StopError>>> {
        self.stop_with(ExitReason::Normal)
    }

    /// As [`stop`](Self::stop), with another reason.
    ///
    /// # OTP
    ///
    /// `Agent.stop/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::stop`].
    ///
    /// # Errors
    ///
    /// [`StopError`]; after a timeout the agent may still be stopping.
    pub fn stop_with(
        &self,
        reason: impl Into<ExitReason>,
    ) -> Limited<impl Begin<Output = Result<(), StopError>>> {
        let reason = reason.into();
        Limited::new(TimeLimit::Infinity, move |limit| async move {
            match &self.address {
                AgentAddress::Process(server) => server.stop_with(reason).timeout(limit).await,
                AgentAddress::Name(name) => name.stop_with(reason).timeout(limit).await,
            }
        })
    }
}

impl<T: Send + 'static> sys::Server for Agent<T> {
    type State = AgentServer;

    fn find(&self) -> Result<ServerRef<AgentServer>, CallError> {
        match &self.address {
            AgentAddress::Process(server) => Ok(server.clone()),
            AgentAddress::Name(name) => name.find(),
        }
    }

    fn address(&self) -> Address {
        match &self.address {
            AgentAddress::Process(server) => server.address(),
            AgentAddress::Name(name) => name.address(),
        }
    }
}

/// An agent that was found in another way, by its pid perhaps. That its state is a `T` is checked at each use.
impl<T: Send + 'static> From<ServerRef<AgentServer>> for Agent<T> {
    fn from(server: ServerRef<AgentServer>) -> Self {
        Self {
            address: AgentAddress::Process(server),
            state: PhantomData,
        }
    }
}

impl<T: Send + 'static> From<&Agent<T>> for Target {
    fn from(agent: &Agent<T>) -> Self {
        match &agent.address {
            AgentAddress::Process(server) => server.into(),
            AgentAddress::Name(name) => name.into(),
        }
    }
}

impl<T: Send + 'static> From<Agent<T>> for Target {
    fn from(agent: Agent<T>) -> Self {
        (&agent).into()
    }
}

/// Two handles are equal if they address the same process, or the same name on the same node.
impl<T: Send + 'static> PartialEq for Agent<T> {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
    }
}

impl<T: Send + 'static> Eq for Agent<T> {}

impl<T: Send + 'static> Hash for Agent<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.address.hash(state);
    }
}

impl<T: Send + 'static> Clone for Agent<T> {
    fn clone(&self) -> Self {
        Self {
            address: self.address.clone(),
            state: PhantomData,
        }
    }
}

impl<T: Send + 'static> fmt::Debug for Agent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Agent({})", sys::Server::address(self))
    }
}
