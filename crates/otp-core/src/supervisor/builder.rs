//! The builder of supervisors.

use std::time::Duration;

use super::boundary::{Boundary, Opening};
use super::error::SpecError;
use super::module::SupervisorInit;
use super::supervisor_ref::SupervisorRef;
use super::{AutoShutdown, Flags, Strategy, validate};
use crate::child_spec::ChildSpec;
use crate::gen_server::{StartError, StartOptions};
use crate::name::Name;
use crate::node::Node;

/// A supervisor that does not run yet: flags and children.
///
/// By default it has no name, no children, restarts at most 3 times in 5 s, and never ends by itself because
/// of significant children.
///
/// # OTP
///
/// `supervisor:start_link/2,3`; Elixir's `Supervisor.start_link/2`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use std::time::Duration;
/// use otp_core::Agent;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let words = ChildSpec::worker("words", || Agent::options().name("words").start_link(Vec::<String>::new));
/// let index = ChildSpec::worker("index", || Agent::options().name("index").start_link(|| 0));
/// // What comes later needs what comes before: if the words are lost, the index starts anew, too.
/// let tree = Supervisor::new(Strategy::RestForOne)
///     .max_restarts(3, Duration::from_secs(10))
///     .children([words, index])
///     .start_link()
///     .await?;
/// assert_eq!(tree.count_children().await?.active, 2);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing starts until one of the start methods is called"]
pub struct Supervisor {
    pub(crate) flags: Flags,
    pub(super) children: Vec<ChildSpec>,
    name: Option<Name>,
    node: Option<Node>,
}

impl Supervisor {
    /// A supervisor without children.
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
    /// let child = |id: &'static str| ChildSpec::worker(id, || Agent::start_link(|| 0));
    /// let tree = Supervisor::new(Strategy::OneForAll).child(child("a")).child(child("b"));
    /// let tree = tree.start_link().await?;
    /// assert_eq!(tree.count_children().await?.active, 2);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn new(strategy: Strategy) -> Self {
        Self {
            flags: Flags {
                strategy,
                max_restarts: 3,
                period: Duration::from_secs(5),
                auto_shutdown: AutoShutdown::Never,
            },
            children: Vec::new(),
            name: None,
            node: None,
        }
    }

    /// Gives up when there are more than `max` restarts within `period`; 3 in 5 s by default. A restart
    /// of several children at once counts once, an attempt that fails counts too.
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
    /// # Node::new().try_run(async {
    /// let failing = || async { process::spawn_link(|_: Mailbox<Never>| async { ExitReason::other("burnt") }) };
    /// let tree = Supervisor::new(Strategy::OneForOne).max_restarts(1, Duration::from_secs(5));
    /// let tree = tree.child(ChildSpec::worker("egg", failing)).start().await?;
    /// // The second failure is one too many.
    /// assert_eq!(tree.wait().await, ExitReason::Shutdown);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn max_restarts(mut self, max: usize, period: Duration) -> Self {
        self.flags.max_restarts = max;
        self.flags.period = period;
        self
    }

    /// Whether significant children end the supervisor; [`AutoShutdown::Never`] by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    /// use otp_core::supervisor::AutoShutdown;
    /// use otp_core::child_spec::Significance;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let job = || async { process::spawn_link(|_: Mailbox<Never>| async {}) };
    /// let job = ChildSpec::worker("job", job).restart(Restart::Transient).significant(Significance::Significant);
    /// let tree = Supervisor::new(Strategy::OneForOne).auto_shutdown(AutoShutdown::AnySignificant).child(job);
    /// // The supervisor ends with its job.
    /// assert_eq!(tree.start().await?.wait().await, ExitReason::Shutdown);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.flags.auto_shutdown = auto_shutdown;
        self
    }

    /// Adds a child, which is started after those added before.
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
    /// let log = ChildSpec::worker("log", || Agent::options().name("log").start_link(Vec::<u8>::new));
    /// Supervisor::new(Strategy::OneForOne).child(log).start_link().await?;
    /// assert!(Agent::<Vec<u8>>::named("log").is_alive());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn child(mut self, spec: ChildSpec) -> Self {
        self.children.push(spec);
        self
    }

    /// Adds children, in this order.
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
    /// let shelves = (1..=3).map(|n: usize| ChildSpec::worker(n, || Agent::start_link(|| 0)));
    /// let tree = Supervisor::new(Strategy::OneForOne).children(shelves).start_link().await?;
    /// assert_eq!(tree.count_children().await?.specs, 3);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn children(mut self, specs: impl IntoIterator<Item = ChildSpec>) -> Self {
        self.children.extend(specs);
        self
    }

    /// Registers the supervisor under a name, before its children start.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{SupervisorRef, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// Supervisor::new(Strategy::OneForOne).name("top").start_link().await?;
    /// assert!(SupervisorRef::find(&process::node(), "top").is_some());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn name(self, name: impl Into<Name>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Starts the supervisor on this node; needed outside of a process.
    pub fn on(self, node: &Node) -> Self {
        Self {
            node: Some(node.clone()),
            ..self
        }
    }

    /// Looks for contradictions, without starting anything. A start does the same first.
    ///
    /// # OTP
    ///
    /// `supervisor:check_childspecs/1,2`.
    ///
    /// # Errors
    ///
    /// [`SpecError`], which names the faulty part.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    /// use otp_core::supervisor::SpecError;
    ///
    /// let log = || ChildSpec::worker("log", || Agent::start_link(|| 0));
    /// let twice = Supervisor::new(Strategy::OneForOne).child(log()).child(log());
    /// assert_eq!(twice.check(), Err(SpecError::DuplicateId("log".into())));
    /// ```
    pub fn check(&self) -> Result<(), SpecError> {
        validate::all(&self.flags, &self.children)
    }

    /// Starts the supervisor linked with the current process, and with it its children; returns when all
    /// of them are up.
    ///
    /// # OTP
    ///
    /// `supervisor:start_link/2,3`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the supervisor linked.
    ///
    /// # Errors
    ///
    /// [`StartError`]. If a child does not start, those that were started are stopped again, last first,
    /// and the error is [`StartError::Init`] with `ShutdownWith` a
    /// [`FailedToStartChild`](super::FailedToStartChild). With a contradiction in the specifications it is
    /// `Init` with that [`SpecError`]. A starter that does not trap exits gets the exit signal.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let inner = ChildSpec::supervisor("inner", || Supervisor::new(Strategy::OneForOne).start_link());
    /// let outer = Supervisor::new(Strategy::OneForOne).child(inner).start_link().await?;
    /// assert_eq!(outer.count_children().await?.supervisors, 1);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn start_link(self) -> Result<SupervisorRef, StartError> {
        let (options, opening) = self.open();
        options.start_link(opening).await.map(SupervisorRef::new)
    }

    /// Starts the supervisor without a link.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the supervisor to itself.
    ///
    /// # Errors
    ///
    /// As for [`start_link`](Self::start_link).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let tree = Supervisor::new(Strategy::OneForOne).start().await?;
    /// tree.stop().await?;
    /// assert!(!tree.is_alive());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn start(self) -> Result<SupervisorRef, StartError> {
        let (options, opening) = self.open();
        options.start(opening).await.map(SupervisorRef::new)
    }

    fn open(mut self) -> (StartOptions<Boundary>, Opening) {
        let (name, node) = (self.name.take(), self.node.take());
        let options = StartOptions::at(name.clone(), node);
        let opening = Opening::new(name, "Supervisor", async {
            Ok(SupervisorInit::Supervisor(self))
        });
        (options, opening)
    }
}
