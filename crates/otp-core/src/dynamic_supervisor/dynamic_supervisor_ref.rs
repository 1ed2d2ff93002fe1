//! A reference to a running dynamic supervisor.

use std::sync::Arc;

use super::boundary::{DynamicBoundary, DynamicCall};
use crate::child_spec::{AlreadyStarted, Child, ChildSpec};
use crate::gen_server::{CallError, Envelope, GenServer, ServerName, ServerRef};
use crate::guard::wanted::{Guards, WantedStart};
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::Target;
use crate::process::process_ref::wait;
use crate::supervisor::handle::{supervisor_handle, supervisor_server};
use crate::supervisor::{ChildCounts, ChildInfo, OtherName, StartChildError, TerminateChildError};

/// A reference to one running dynamic supervisor.
///
/// As a [`SupervisorRef`](crate::SupervisorRef) it addresses this very process, and its requests wait for as
/// long as it takes.
///
/// # OTP
///
/// A dynamic supervisor's pid.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{DynamicSupervisorRef, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// DynamicSupervisor::new().name("hotel").start_link().await?;
/// // Found by its name, from anywhere in the program.
/// let hotel = DynamicSupervisorRef::find(&process::node(), Name::from("hotel")).expect("it runs");
/// let guest = hotel.start_child(ChildSpec::worker(1, || otp_core::Agent::start_link(|| "Ann"))).await?;
/// hotel.terminate_child(guest.pid().expect("it lives")).await.map_err(ExitReason::error)?;
/// assert_eq!(hotel.count_children().await?.active, 0);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
pub struct DynamicSupervisorRef(ServerRef<DynamicBoundary>);

impl DynamicSupervisorRef {
    /// The dynamic supervisor with this pid or name; `None` if there is no such process, or if the process is no
    /// dynamic supervisor.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{DynamicSupervisorRef, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let games = DynamicSupervisor::new().name("games").start_link().await?;
    /// let found = DynamicSupervisorRef::find(&process::node(), "games").expect("it runs");
    /// assert_eq!(found.pid(), games.pid());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn find(node: &Node, target: impl Into<Target>) -> Option<Self> {
        let process = node.process_ref::<Envelope<DynamicBoundary>>(target)?;
        Some(Self(process.into())).filter(Self::is_alive)
    }

    /// Starts a child. The same specification may be used any number of times; its id plays no role.
    ///
    /// # OTP
    ///
    /// Elixir's `DynamicSupervisor.start_child/2`, `supervisor:start_child/2`.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before its first poll, nothing happens. If it is dropped later, the supervisor still
    /// performs the request.
    ///
    /// # Errors
    ///
    /// [`StartChildError`]; then nothing is kept.
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
    /// let games = DynamicSupervisor::new().start_link().await?;
    /// for _ in 0..3 {
    ///     games.start_child(ChildSpec::worker("game", || Agent::start_link(|| 0))).await?;
    /// }
    /// assert_eq!(games.count_children().await?.active, 3);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn start_child(&self, spec: ChildSpec) -> Result<Child, StartChildError> {
        let spec = Arc::new(spec);
        self.ask(|from| DynamicCall::StartChild(spec, from)).await?
    }

    /// The server with this name: the one that runs, or a new child by this specification, which must start it under that
    /// name, or take the name in its `init`. Of several that ask at the same time one starts it, and all get the same.
    ///
    /// The specification's start may find the name taken, here or at a restart. That is no failure: the supervisor ignores
    /// that child, and forgets it.
    ///
    /// A [guarded](crate::guard) child starts in the background, and its first start must succeed: the supervisor does
    /// not wait for it, but the caller does. The supervisor keeps one guard for each name, and this specification counts
    /// only if there is none. A guard that rests, because its child has failed, starts the child at once for a caller,
    /// whatever its back-off is. All who ask meanwhile get the outcome of this attempt. If it fails, the guard rests
    /// on: the attempt changes neither its delays nor what is left of its [limit](crate::guard::Guard::limit). A restart
    /// type that is set behind the guard's is the child's if it is permanent. A start function that asks for its own server
    /// waits for ever.
    ///
    /// A guard that finds the name taken at a restart keeps its child: it waits for the end of the process that has the name,
    /// and then for its back-off. This is no restart for the limit.
    /// [`GuardState::NameTaken`](crate::guard::GuardState::NameTaken) shows it.
    ///
    /// # Cancel safety
    ///
    /// As for [`start_child`](Self::start_child).
    ///
    /// # Errors
    ///
    /// As for [`start_child`](Self::start_child). [`StartChildError::Ignored`] if the child chose not to start,
    /// [`StartChildError::OtherName`] if it has another name or none, and [`StartChildError::Call`] if the name belongs
    /// to a process that is no server of this type, or the child has ended already. A child that was started and is not
    /// what was asked for is stopped. [`StartChildError::MaxChildren`] if the server does not run and this supervisor
    /// has no guard for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Room;
    ///
    /// #[gen_server]
    /// impl GenServer for Room {
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
    ///         Ok(Init::state(Self))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # Node::new().try_run(async {
    /// let rooms = DynamicSupervisor::new().start_link().await?;
    /// let kitchen = ServerName::<Room>::new("kitchen");
    /// let room = || ChildSpec::worker("room", || Room::options().name("kitchen").start_link(()));
    /// let (one, other) = tokio::join!(
    ///     rooms.ensure_started(&kitchen, room()),
    ///     rooms.ensure_started(&kitchen, room()),
    /// );
    /// assert_eq!(one?, other?);
    /// assert_eq!(rooms.count_children().await?.active, 1);
    /// # Ok(())
    /// # }).await.expect("it starts");
    /// # }
    /// ```
    pub async fn ensure_started<S: GenServer>(
        &self,
        name: &ServerName<S>,
        spec: ChildSpec,
    ) -> Result<ServerRef<S>, StartChildError> {
        let node = &self.0.block().head.node;
        let name = name.clone().on(node);
        let mut has_started = false;
        loop {
            match name.find() {
                Ok(server) => return Ok(server),
                Err(CallError::NoProcess { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let mut own = None;
            let attempt = match self.attempt(name.name()) {
                Some(attempt) => attempt.result().await,
                None => match self.start_child(spec.clone().ensures(name.name())).await {
                    Err(full @ StartChildError::MaxChildren(most)) => {
                        match self.may_have_started(&name, most).await? {
                            true => continue,
                            false => return Err(full),
                        }
                    }
                    Err(error) => return Err(error),
                    Ok(child) => {
                        own = child.pid();
                        match child.extra::<WantedStart>() {
                            Some(attempt) => attempt.result().await,
                            None => Some(Ok(child)),
                        }
                    }
                },
            };
            let child = match attempt {
                Some(Ok(child)) => child,
                Some(Err(reason)) => {
                    let id = spec.id().clone();
                    return Err(StartChildError::Start { id, reason });
                }
                None => continue,
            };
            let holder = child.extra::<AlreadyStarted>().map(|it| it.0);
            let Some(pid) = child.pid().or(holder) else {
                return Err(StartChildError::Ignored(spec.id().clone()));
            };
            // It may have ended already; but a child that never has the name, or ends each time, would be started again
            // and again.
            let is_own = holder.is_none();
            match name.find() {
                Err(error) if node.is_alive(pid) => {
                    let error = match error {
                        CallError::NoProcess { .. } => {
                            OtherName::of(spec.id(), name.name(), pid, node).into()
                        }
                        error => error.into(),
                    };
                    // The supervisor keeps no child that is not what was asked for.
                    if let Some(own) = own {
                        drop(self.terminate_child(own).await);
                    }
                    return Err(error);
                }
                // A guard starts it again.
                Err(error) if is_own && (own != Some(pid) || has_started) => {
                    return Err(error.into());
                }
                _ => has_started |= is_own,
            }
        }
    }

    /// The next start by the guard that this supervisor has for the name.
    fn attempt(&self, name: &Name) -> Option<WantedStart> {
        self.0.block().head.shown::<Guards>()?.attempt(name)
    }

    /// Whether a server may have been started since the supervisor had so many children, or a place has become free.
    async fn may_have_started<S: GenServer>(
        &self,
        name: &ServerName<S>,
        most: usize,
    ) -> Result<bool, CallError> {
        let node = &self.0.block().head.node;
        // The answer comes after the restart of a child whose end the supervisor knows.
        let children = self.pids().await?;
        // Another caller's guard may have begun meanwhile, or has ended and leaves its place.
        let guards = self.0.block().head.shown::<Guards>();
        if guards.is_some_and(|guards| guards.has(name.name())) {
            return Ok(true);
        }
        let mut processes = children.iter().flatten().filter_map(|pid| node.find(*pid));
        if let Some(ending) = processes.find(|it| it.head().is_exiting()) {
            wait(ending).await;
            return Ok(true);
        }
        if !matches!(name.find(), Err(CallError::NoProcess { .. })) {
            return Ok(true);
        }
        let now = self.pids().await?;
        Ok(now.len() < most || now != children)
    }

    async fn pids(&self) -> Result<Vec<Option<Pid>>, CallError> {
        let children = self.which_children().await?;
        Ok(children.iter().map(ChildInfo::pid).collect())
    }

    /// Stops a child and forgets it.
    ///
    /// # OTP
    ///
    /// Elixir's `DynamicSupervisor.terminate_child/2`, `supervisor:terminate_child/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`start_child`](Self::start_child).
    ///
    /// # Errors
    ///
    /// [`TerminateChildError::NotAChild`] if it is not, or no longer, a child of this supervisor.
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
    /// let games = DynamicSupervisor::new().start_link().await?;
    /// let game = games.start_child(ChildSpec::worker("game", || Agent::start_link(|| 0))).await?;
    /// games.terminate_child(game.pid().expect("it runs")).await?;
    /// assert_eq!(games.count_children().await?.specs, 0);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn terminate_child(&self, child: impl Into<Pid>) -> Result<(), TerminateChildError> {
        let pid = child.into();
        self.ask(|from| DynamicCall::TerminateChild(pid, from))
            .await?
    }

    /// All children, in no order that is promised. They have no ids.
    ///
    /// # OTP
    ///
    /// `supervisor:which_children/1`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor does not live, or ends before it answers.
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
    /// let games = DynamicSupervisor::new().start_link().await?;
    /// let game = games.start_child(ChildSpec::worker("game", || Agent::start_link(|| 0))).await?;
    /// let children = games.which_children().await?;
    /// assert_eq!(children[0].pid(), game.pid());
    /// assert_eq!(children[0].id, None, "ids have no meaning here");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.ask(DynamicCall::WhichChildren).await
    }

    /// How many children there are.
    ///
    /// # OTP
    ///
    /// `supervisor:count_children/1`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// # Errors
    ///
    /// As for [`which_children`](Self::which_children).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let games = DynamicSupervisor::new().start_link().await?;
    /// let counts = games.count_children().await?;
    /// assert_eq!((counts.specs, counts.active), (0, 0));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn count_children(&self) -> Result<ChildCounts, CallError> {
        self.ask(DynamicCall::CountChildren).await
    }
}

supervisor_server!(DynamicSupervisorRef, DynamicBoundary);
