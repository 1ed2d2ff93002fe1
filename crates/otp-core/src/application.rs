//! Applications: supervision trees that are started and stopped as a whole, in the order of their needs.
//!
//! An [`Application`] starts a supervision tree, and has callbacks around its end. An [`ApplicationSpec`] gives it a
//! name, the names of the applications that must run first, and an environment. The [`Applications`] of a node load
//! specifications, start applications and stop them. [`run`] is for a `main` function: it starts an application and its
//! dependencies, waits for its end or for a signal, stops everything in order, and returns the status with which the
//! program should exit.
//!
//! All processes that a start callback spawns belong to the application, and so do all that these spawn, linked or not.
//! Those outside of the application's tree are killed when the tree has ended and [`Application::stop`] has returned.
//! So no process of an application outlives it, except those that are spawned from outside of the processes
//! ([`Node::spawn`](crate::Node::spawn)) or on another node.
//!
//! # OTP
//!
//! The behaviour and the module `application`.
//!
//! # Differences from OTP
//!
//! - A process belongs to an application by its ancestors. In OTP it belongs to it by its group leader, which a process
//!   may change.
//! - If a start fails, the processes that it has spawned end, too. OTP leaves them when the callback returns an error.
//! - After a kill of the master a successor waits for the tree (up to 5 s), runs the callbacks that have not begun, and
//!   ends the other processes. OTP leaves the processes outside of the tree when the master is killed, and runs no
//!   callback when the process that runs them is killed.
//!
//! # Examples
//!
//! ```
//! use otp_core::application::{self, Application, ApplicationSpec};
//! use otp_core::prelude::*;
//! use otp_core::Child;
//!
//! struct Kitchen;
//!
//! impl Application for Kitchen {
//!     type Args = ();
//!
//!     async fn start((): ()) -> Result<(Child, Self), ExitReason> {
//!         let stove = Supervisor::new(Strategy::OneForOne).start_link().await?;
//!         Ok((stove.into(), Self))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let spec = ApplicationSpec::new::<Kitchen>("kitchen", ()).env("burners", 4);
//! // In a program that runs on, these are the signals of the system: the feature `signals` has them.
//! let signals = futures_util::stream::iter([()]);
//! let status = application::run(&Node::new(), spec, signals).await;
//! assert_eq!(status.exit_code(), 0);
//! # }
//! ```

mod applications;
mod catalogue;
mod config;
mod controller;
mod core;
mod env;
mod error;
mod event;
mod life;
mod look;
mod master;
mod order;
mod run;
#[cfg(feature = "signals")]
mod signals;
mod spec;

use std::future::Future;

pub use self::applications::Applications;
pub use self::env::Changes;
pub use self::error::{LoadError, StartApplicationError, StopApplicationError, UnloadError};
pub use self::event::Ended;
pub use self::run::{ExitStatus, run};
#[cfg(feature = "signals")]
pub use self::signals::{Signals, signals};
pub use self::spec::{ApplicationInfo, ApplicationSpec, Startable};
use crate::child_spec::Child;
use crate::exit::ExitReason;
pub use crate::supervisor::cause::Cause;

/// An application: its start, and its callbacks around the end. The implementing type is the state of the callbacks
/// between start and end.
///
/// The callbacks run in a process of the application's own, its *master*, which is the parent of
/// the tree.
///
/// # OTP
///
/// The behaviour `application`.
///
/// # Cancel safety
///
/// The master traps exits, so only a kill of it drops the future of a callback.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::{Application, ApplicationSpec, Applications};
/// use otp_core::{Child, process};
///
/// /// A tree with one process, and a word at its end.
/// struct Lights;
///
/// impl Application for Lights {
///     type Args = Pid;
///
///     async fn start(_: Pid) -> Result<(Child, Self), ExitReason> {
///         let switch = ChildSpec::worker("switch", || otp_core::Agent::options().name("switch").start_link(|| true));
///         let tree = Supervisor::new(Strategy::OneForOne).child(switch).start_link().await?;
///         Ok((tree.into(), Self))
///     }
///
///     async fn prep_stop(&mut self) {
///         assert!(process::whereis("switch").is_some(), "the tree is still there");
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let lights = ApplicationSpec::new::<Lights>("lights", process::current());
/// let applications = Applications::here();
/// applications.start(lights).await.map_err(ExitReason::error)?;
/// applications.stop("lights").await.map_err(ExitReason::error)?;
/// assert_eq!(process::whereis("switch"), None);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub trait Application: Sized + Send + 'static {
    /// The argument of each start.
    type Args: Clone + Send + Sync + 'static;

    /// Starts the tree, linked: returns its top, which is nearly always a supervisor, and the state.
    ///
    /// If it fails or panics, the start fails, and the processes that it has started by then are ended: the linked ones
    /// in order, within 5 s, then the others by a kill. The same happens if the master is killed meanwhile.
    ///
    /// # OTP
    ///
    /// `Module:start/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::application::{Application, ApplicationSpec, Applications};
    /// use otp_core::prelude::*;
    /// use otp_core::{Agent, Child};
    ///
    /// struct Till;
    ///
    /// impl Application for Till {
    ///     type Args = u32;
    ///
    ///     async fn start(float: u32) -> Result<(Child, Self), ExitReason> {
    ///         let drawer = move || Agent::options().name("drawer").start_link(move || float);
    ///         let tree = Supervisor::new(Strategy::OneForOne).child(ChildSpec::worker("drawer", drawer));
    ///         Ok((tree.start_link().await?.into(), Self))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// Applications::here().start(ApplicationSpec::new::<Till>("till", 50)).await?;
    /// assert_eq!(Agent::<u32>::named("drawer").get(|coins| *coins).await?, 50);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn start(
        args: Self::Args,
    ) -> impl Future<Output = Result<(Child, Self), ExitReason>> + Send + 'static;

    /// Prepares for the end of the tree. If the application is stopped it is there still; if the top has
    /// ended by itself it is not.
    ///
    /// # OTP
    ///
    /// `Module:prep_stop/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::application::{Application, ApplicationSpec, Applications};
    /// use otp_core::prelude::*;
    /// use otp_core::{Agent, Child, process};
    ///
    /// struct Shop(ProcessRef<&'static str>);
    ///
    /// impl Application for Shop {
    ///     type Args = ProcessRef<&'static str>;
    ///
    ///     // …
    /// #     async fn start(owner: Self::Args) -> Result<(Child, Self), ExitReason> {
    /// #         let till = ChildSpec::worker("till", || Agent::options().name("till").start_link(|| 0));
    /// #         let tree = Supervisor::new(Strategy::OneForOne).child(till).start_link().await?;
    /// #         Ok((tree.into(), Self(owner)))
    /// #     }
    ///     async fn prep_stop(&mut self) {
    ///         if process::whereis("till").is_some() {
    ///             self.0.send("the tree still runs");
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
    /// let applications = Applications::here();
    /// applications.start(ApplicationSpec::new::<Shop>("shop", mailbox.me())).await?;
    /// applications.stop("shop").await?;
    /// assert_eq!(mailbox.receive().await, "the tree still runs");
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    fn prep_stop(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Cleans up after the end of the tree. Processes that the application has spawned outside of its tree still run.
    ///
    /// # OTP
    ///
    /// `Module:stop/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::application::{Application, ApplicationSpec, Applications};
    /// use otp_core::prelude::*;
    /// use otp_core::{Agent, Child, process};
    ///
    /// struct Shop(ProcessRef<&'static str>);
    ///
    /// impl Application for Shop {
    ///     type Args = ProcessRef<&'static str>;
    ///
    ///     // …
    /// #     async fn start(owner: Self::Args) -> Result<(Child, Self), ExitReason> {
    /// #         let till = ChildSpec::worker("till", || Agent::options().name("till").start_link(|| 0));
    /// #         let tree = Supervisor::new(Strategy::OneForOne).child(till).start_link().await?;
    /// #         Ok((tree.into(), Self(owner)))
    /// #     }
    ///     async fn stop(&mut self) {
    ///         if process::whereis("till").is_none() {
    ///             self.0.send("the tree has ended");
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
    /// let applications = Applications::here();
    /// applications.start(ApplicationSpec::new::<Shop>("shop", mailbox.me())).await?;
    /// applications.stop("shop").await?;
    /// assert_eq!(mailbox.receive().await, "the tree has ended");
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    fn stop(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Handles a change of the environment by [`Applications::change_config`].
    ///
    /// # OTP
    ///
    /// `Module:config_change/3`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::application::{Application, ApplicationSpec, Applications, Changes};
    /// use otp_core::prelude::*;
    /// use otp_core::{Child, Term};
    ///
    /// struct Radio(ProcessRef<String>);
    ///
    /// impl Application for Radio {
    ///     type Args = ProcessRef<String>;
    ///
    ///     // …
    /// #     async fn start(owner: Self::Args) -> Result<(Child, Self), ExitReason> {
    /// #         let tree = Supervisor::new(Strategy::OneForOne).start_link().await?;
    /// #         Ok((tree.into(), Self(owner)))
    /// #     }
    ///     async fn config_change(&mut self, changes: &Changes) {
    ///         for (key, value) in &changes.changed {
    ///             self.0.send(format!("{key} is {value:?} now"));
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<String>| async move {
    /// let applications = Applications::here();
    /// let radio = ApplicationSpec::new::<Radio>("radio", mailbox.me()).env("volume", 3);
    /// applications.start(radio).await?;
    /// applications.change_config("radio", [("volume".to_owned(), Term::new(11))]).await;
    /// assert_eq!(mailbox.receive().await, "volume is 11 now");
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    fn config_change(&mut self, changes: &Changes) -> impl Future<Output = ()> + Send {
        let _ = changes;
        async {}
    }
}

/// The effect on the other applications when an application ends by itself, and not by [`Applications::stop`].
///
/// # OTP
///
/// `application:restart_type()`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::{Application, ApplicationSpec, Applications, Ended, RestartType};
/// use otp_core::{Child, process};
///
/// # struct Toast;
/// #
/// # impl Application for Toast {
/// #     type Args = ();
/// #
/// #     async fn start((): ()) -> Result<(Child, Self), ExitReason> {
/// #         let tree = Supervisor::new(Strategy::OneForOne).start_link().await?;
/// #         Ok((tree.into(), Self))
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// // The end of a temporary application means nothing for the others.
/// let applications = Applications::here();
/// applications.start_as(ApplicationSpec::new::<Toast>("toast", ()), RestartType::Temporary).await.map_err(ExitReason::error)?;
/// assert_eq!(applications.restart_type("toast"), Some(RestartType::Temporary));
/// let tree = applications.supervisor("toast").expect("it runs");
/// process::exit(tree, ExitReason::Kill);
/// # while applications.restart_type("toast").is_some() { tokio::task::yield_now().await; }
/// // That of a permanent one ends all.
/// applications.start_as(ApplicationSpec::new::<Toast>("bread", ()), RestartType::Permanent).await.map_err(ExitReason::error)?;
/// process::exit(applications.supervisor("bread").expect("it runs"), ExitReason::Kill);
/// assert!(matches!(applications.ended().await, Ended::Failed { .. }));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RestartType {
    /// None: the end is only reported. The default.
    #[default]
    Temporary,
    /// All applications are shut down, unless this one ended with `Normal`.
    Transient,
    /// All applications are shut down.
    Permanent,
}

impl RestartType {
    /// Whether all are shut down after an end with this reason.
    fn is_fatal(self, reason: &ExitReason) -> bool {
        match self {
            Self::Temporary => false,
            Self::Transient => *reason != ExitReason::Normal,
            Self::Permanent => true,
        }
    }
}
