//! Dynamic supervisors before they run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::boundary::{DynamicBoundary, DynamicOpening};
use super::dynamic_supervisor_ref::DynamicSupervisorRef;
use crate::child_spec::Extra;
use crate::gen_server::{StartError, StartOptions};
use crate::name::Name;
use crate::node::Node;

/// A dynamic supervisor that does not run yet.
///
/// By default it has no name, takes any number of children, and restarts at most 3 times in 5 s.
///
/// # OTP
///
/// Elixir's `DynamicSupervisor.start_link/1`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::supervisor::StartChildError;
///
/// # struct Room;
/// #
/// # #[gen_server]
/// # impl GenServer for Room {
/// #     type Args = u32;
/// #
/// #     async fn init(_: u32, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self))
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let hotel = DynamicSupervisor::new().max_children(2).start_link().await?;
/// let room = |number| ChildSpec::worker(number, move || Room::start_link(7));
/// hotel.start_child(room(1)).await?;
/// hotel.start_child(room(2)).await?;
/// assert_eq!(hotel.start_child(room(3)).await.err(), Some(StartChildError::MaxChildren(2)));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing starts until one of the start methods is called"]
pub struct DynamicSupervisor {
    pub(super) max_restarts: usize,
    pub(super) period: Duration,
    pub(super) max_children: usize,
    pub(super) extra: Option<Extra>,
    name: Option<Name>,
    node: Option<Node>,
}

impl DynamicSupervisor {
    /// One with the defaults.
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
    /// assert_eq!(games.count_children().await?.active, 0);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn new() -> Self {
        Self {
            max_restarts: 3,
            period: Duration::from_secs(5),
            max_children: usize::MAX,
            extra: None,
            name: None,
            node: None,
        }
    }

    /// Gives up when there are more than `max` restarts within `period`; 3 in 5 s by default.
    pub fn max_restarts(self, max: usize, period: Duration) -> Self {
        Self {
            max_restarts: max,
            period,
            ..self
        }
    }

    /// Refuses to have more children than this; by default there is no limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    /// use otp_core::supervisor::StartChildError;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let games = DynamicSupervisor::new().max_children(1).start_link().await?;
    /// let game = || ChildSpec::worker("game", || Agent::start_link(|| 0));
    /// games.start_child(game()).await?;
    /// assert_eq!(games.start_child(game()).await.err(), Some(StartChildError::MaxChildren(1)));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn max_children(self, max_children: usize) -> Self {
        Self {
            max_children,
            ..self
        }
    }

    /// Something for the start functions of all children, which get a clone at each start and restart;
    /// see [`ChildSpec::worker_with`](crate::ChildSpec::worker_with).
    pub fn extra_arguments<E: Clone + Send + Sync + 'static>(self, extra: E) -> Self {
        Self {
            extra: Some(Arc::new(extra)),
            ..self
        }
    }

    /// Registers the supervisor under a name.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let games = DynamicSupervisor::new().name("games").start_link().await?;
    /// assert_eq!(process::whereis("games"), Some(games.pid()));
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

    /// Starts the supervisor linked with the current process.
    ///
    /// # OTP
    ///
    /// Elixir's `DynamicSupervisor.start_link/1`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the supervisor linked.
    ///
    /// # Errors
    ///
    /// [`StartError`]; with a period of zero it is [`StartError::Init`] with a
    /// [`SpecError`](crate::supervisor::SpecError).
    pub async fn start_link(self) -> Result<DynamicSupervisorRef, StartError> {
        let (options, opening) = self.open();
        let server = options.start_link(opening).await;
        server.map(DynamicSupervisorRef::new)
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
    pub async fn start(self) -> Result<DynamicSupervisorRef, StartError> {
        let (options, opening) = self.open();
        options.start(opening).await.map(DynamicSupervisorRef::new)
    }

    fn open(mut self) -> (StartOptions<DynamicBoundary>, DynamicOpening) {
        let (name, node) = (self.name.take(), self.node.take());
        let options = StartOptions::at(name.clone(), node);
        let supervisor = self;
        (options, DynamicOpening { name, supervisor })
    }
}

impl Default for DynamicSupervisor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for DynamicSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicSupervisor")
            .field("max_restarts", &self.max_restarts)
            .field("period", &self.period)
            .field("max_children", &self.max_children)
            .field("extra_arguments", &self.extra.is_some())
            .field("name", &self.name)
            .field("node", &self.node)
            .finish()
    }
}
