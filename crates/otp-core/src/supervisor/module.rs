//! Supervisors that compute their children.

use std::any::type_name;
use std::future::Future;

use super::boundary::{Boundary, Opening};
use super::builder::Supervisor;
use super::supervisor_ref::SupervisorRef;
use crate::exit::ExitReason;
use crate::gen_server::{StartError, StartOptions};
use crate::name::Name;

/// A kind of supervisor that chooses its flags and children in its own process, at each start and restart.
///
/// Use a plain [`Supervisor`] if they are known beforehand.
///
/// # OTP
///
/// The behaviour `supervisor`; Elixir's module-based supervisors.
///
/// # Cancel safety
///
/// The future of [`init`](Self::init) is dropped only if the supervisor is killed meanwhile.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::supervisor::{SupervisorInit, SupervisorModule};
/// use otp_core::process;
///
/// struct Rooms;
///
/// impl SupervisorModule for Rooms {
///     type Args = usize;
///
///     async fn init(rooms: usize) -> Result<SupervisorInit, ExitReason> {
///         let room = |n: usize| {
///             ChildSpec::worker(n, || async {
///                 process::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>())
///             })
///         };
///         Ok(Supervisor::new(Strategy::OneForOne).children((1..=rooms).map(room)).into())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let node = Node::new();
/// let active = node.run(async {
///     let house = Supervisor::new(Strategy::OneForOne)
///         .child(ChildSpec::supervisor("rooms", || Rooms::start_link(3)))
///         .start_link()
///         .await?;
///     let active = house.count_children().await?.active;
///     house.stop().await?;
///     Ok::<_, ExitReason>(active)
/// });
/// assert_eq!(active.await, Ok(Ok(1)));
/// # }
/// ```
pub trait SupervisorModule: 'static {
    /// The argument of a start, for [`init`](Self::init).
    type Args: Send + 'static;

    /// Returns the flags and children of the supervisor. It runs in the supervisor's process. A name or a
    /// node of the returned [`Supervisor`] has no effect, because the process runs already.
    ///
    /// # Returns
    ///
    /// - a [`Supervisor`], converted: the supervisor starts its children;
    /// - [`SupervisorInit::Ignore`]: it does not start, which is no error;
    /// - `Err(reason)`: it ends with this reason.
    ///
    /// # OTP
    ///
    /// `Module:init/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    /// use otp_core::supervisor::{SupervisorInit, SupervisorModule};
    ///
    /// struct Shelves;
    ///
    /// impl SupervisorModule for Shelves {
    ///     type Args = Vec<&'static str>;
    ///
    ///     async fn init(names: Self::Args) -> Result<SupervisorInit, ExitReason> {
    ///         if names.is_empty() {
    ///             return Ok(SupervisorInit::Ignore);
    ///         }
    ///         let shelf = |name: &'static str| ChildSpec::worker(name, || Agent::start_link(|| 0));
    ///         Ok(Supervisor::new(Strategy::OneForOne).children(names.into_iter().map(shelf)).into())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let shelves = Shelves::start_link(vec!["top", "bottom"]).await?;
    /// assert_eq!(shelves.count_children().await?.active, 2);
    /// assert_eq!(Shelves::start_link(vec![]).await.err(), Some(StartError::Ignored));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn init(args: Self::Args) -> impl Future<Output = Result<SupervisorInit, ExitReason>> + Send;

    /// The name under which it is registered; by default it has none.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    /// use otp_core::supervisor::{SupervisorInit, SupervisorModule};
    ///
    /// struct Floor;
    ///
    /// impl SupervisorModule for Floor {
    ///     type Args = u32;
    ///
    ///     fn name(floor: &u32) -> Option<Name> {
    ///         Some(Name::local(format!("floor {floor}")))
    ///     }
    ///     // …
    /// #     async fn init(_: u32) -> Result<SupervisorInit, ExitReason> {
    /// #         Ok(Supervisor::new(Strategy::OneForOne).into())
    /// #     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let floor = Floor::start_link(3).await?;
    /// assert_eq!(process::whereis("floor 3"), Some(floor.pid()));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    fn name(args: &Self::Args) -> Option<Name> {
        let _ = args;
        None
    }

    /// Starts the supervisor linked with the current process, as [`Supervisor::start_link`] does.
    ///
    /// # OTP
    ///
    /// `supervisor:start_link/2,3`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits, the supervisor and its children start nevertheless, linked.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::supervisor::{SupervisorInit, SupervisorModule};
    ///
    /// struct Empty;
    ///
    /// impl SupervisorModule for Empty {
    ///     type Args = ();
    ///
    ///     async fn init((): ()) -> Result<SupervisorInit, ExitReason> {
    ///         Ok(Supervisor::new(Strategy::OneForOne).into())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let inner = ChildSpec::supervisor("inner", || Empty::start_link(()));
    /// let outer = Supervisor::new(Strategy::OneForOne).child(inner).start_link().await?;
    /// assert_eq!(outer.count_children().await?.supervisors, 1);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn start_link(
        args: Self::Args,
    ) -> impl Future<Output = Result<SupervisorRef, StartError>> + Send {
        async {
            let name = Self::name(&args);
            let options = StartOptions::<Boundary>::at(name.clone(), None);
            let opening = Opening::new(name, type_name::<Self>(), Self::init(args));
            options.start_link(opening).await.map(SupervisorRef::new)
        }
    }
}

/// The result of [`SupervisorModule::init`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::supervisor::SupervisorInit;
///
/// /// Nothing is supervised where nothing is configured.
/// fn workers(count: usize) -> SupervisorInit {
///     match count {
///         0 => SupervisorInit::Ignore,
///         _ => Supervisor::new(Strategy::OneForAll).into(),
///     }
/// }
///
/// assert!(matches!(workers(0), SupervisorInit::Ignore));
/// assert!(matches!(workers(4), SupervisorInit::Supervisor(_)));
/// ```
#[derive(Debug, Clone)]
#[must_use = "a supervisor starts, or does not, by what its init returns"]
pub enum SupervisorInit {
    /// It runs with these flags and children; OTP's `{ok, {Flags, Specs}}`.
    Supervisor(Supervisor),
    /// It does not start; OTP's `ignore`.
    Ignore,
}

impl From<Supervisor> for SupervisorInit {
    fn from(supervisor: Supervisor) -> Self {
        Self::Supervisor(supervisor)
    }
}
