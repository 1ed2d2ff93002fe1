//! Applications: supervision trees that are started and stopped as a whole, in the order of their needs.
//!
//! An [`Application`] says how a tree is started, and what is to be done around its end. An
//! [`ApplicationSpec`] gives it a name, the names of those that must run first, and an environment. The
//! [`Applications`] of a node load specifications, start and stop. [`run`] is for a `main` function: it starts an
//! application with all it needs, waits for its end or for a signal, stops everything in order, and
//! tells with what the program should exit.
//!
//! All that a start callback spawns belongs to the application, and so does all that those processes spawn, linked or not.
//! What the application's tree does not hold is killed when the tree has ended and [`Application::stop`] has returned. So
//! nothing of an application outlives it, but for what is spawned from outside of the processes
//! ([`Node::spawn`](crate::Node::spawn)) or on another node.
//!
//! # OTP
//!
//! The behaviour and the module `application`.
//!
//! # Differences from OTP
//!
//! - A process belongs to an application by its ancestors. OTP goes by the group leader, which a process may change.
//! - What a start that fails has spawned ends, too. OTP leaves it when the callback returns an error.
//! - A killed master is succeeded by a process that waits for the tree (up to 5 s), runs the callbacks
//!   that have not begun, and ends what is left. OTP leaves what is not in the tree when the master is killed, and runs no
//!   callback when the process is killed that runs them.
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
pub use self::error::{LoadError, StartError, StopError, UnloadError};
pub use self::event::Ended;
pub use self::run::{ExitStatus, run};
#[cfg(feature = "signals")]
pub use self::signals::{Signals, signals};
pub use self::spec::{ApplicationInfo, ApplicationSpec, Startable};
use crate::child_spec::Child;
use crate::exit::ExitReason;
pub use crate::supervisor::cause::Cause;

/// An application: how its tree is started, and what is done around its end. The implementing type is what the
/// callbacks need to know between the start and the end.
///
/// The callbacks run in a process of the application's own, its *master*, which is the parent of
/// the tree.
///
/// # OTP
///
/// The behaviour `application`.
pub trait Application: Sized + Send + 'static {
    /// What each start gets.
    type Args: Clone + Send + Sync + 'static;

    /// Starts the tree, linked: returns its top, which is nearly always a supervisor, and the state.
    ///
    /// If it fails or panics the start fails, and what it has started by then is ended: in order what is
    /// linked, within 5 s, then by a kill. The same happens if the master is killed meanwhile.
    ///
    /// # OTP
    ///
    /// `Module:start/2`.
    fn start(
        args: Self::Args,
    ) -> impl Future<Output = Result<(Child, Self), ExitReason>> + Send + 'static;

    /// Prepares for the end of the tree. If the application is stopped it is there still; if the top has
    /// ended by itself it is not.
    ///
    /// # OTP
    ///
    /// `Module:prep_stop/1`.
    fn prep_stop(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Cleans up after the end of the tree. What the application has spawned beside its tree is still there.
    ///
    /// # OTP
    ///
    /// `Module:stop/1`.
    fn stop(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Hears that [`Applications::change_config`] has given it another environment.
    ///
    /// # OTP
    ///
    /// `Module:config_change/3`.
    fn config_change(&mut self, changes: &Changes) -> impl Future<Output = ()> + Send {
        let _ = changes;
        async {}
    }
}

/// What the end of an application means for the others. [`Applications::stop`] is no such end.
///
/// # OTP
///
/// `application:restart_type()`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RestartType {
    /// Nothing; it is only reported. The default.
    #[default]
    Temporary,
    /// All are shut down, unless it ended with `Normal`.
    Transient,
    /// All are shut down.
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
