//! Applications for a `main` function.

use std::fmt;
use std::future::pending;
use std::pin::pin;

use futures_util::future::{Either, select};
use futures_util::stream::{Stream, StreamExt};

use super::applications::Applications;
use super::error::StartApplicationError;
use super::event::Ended;
use super::spec::ApplicationSpec;
use super::{Cause, RestartType};

use crate::exit::ExitReason;
use crate::gen_server::TimeLimit;
use crate::node::Node;

/// The outcome of a run, for the program's exit code.
///
/// # Examples
///
/// ```
/// use otp_core::application::{ApplicationSpec, ExitStatus, run};
/// use otp_core::Node;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// // It needs another application, which is not loaded.
/// let spec = ApplicationSpec::library("units").depends_on("numbers");
/// let status = run(&Node::new(), spec, futures_util::stream::pending()).await;
/// assert!(matches!(status, ExitStatus::NotStarted(_)));
/// assert_eq!(status.exit_code(), 1);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "the program should exit with its code"]
pub enum ExitStatus {
    /// A signal came, or [`shutdown`](super::Applications::shutdown) was called, and everything has been stopped in order: 0.
    Stopped,
    /// The application, or one that it depends on, did not start: 1.
    NotStarted(StartApplicationError),
    /// An application has ended that takes the others along, and they have been stopped: 1.
    Failed {
        /// Which.
        application: String,
        /// The exit reason: `Shutdown`, if its top supervisor has given up.
        reason: ExitReason,
        /// The failure after which that supervisor has given up.
        cause: Option<Cause>,
    },
    /// A second signal came before everything had been stopped: 130.
    Interrupted,
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("stopped"),
            Self::NotStarted(error) => error.fmt(f),
            Self::Failed {
                application,
                reason,
                cause: None,
            } => write!(f, "application {application} has ended: {reason}"),
            Self::Failed {
                application,
                cause: Some(cause),
                ..
            } => write!(f, "application {application} has ended: {cause}"),
            Self::Interrupted => f.write_str("interrupted while it stopped"),
        }
    }
}

impl ExitStatus {
    /// The code for the operating system.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Stopped => 0,
            Self::NotStarted(_) | Self::Failed { .. } => 1,
            Self::Interrupted => 130,
        }
    }
}

/// Starts an application after its dependencies, all as permanent ones, and waits until they are shut down. Returns the
/// status. The dependencies must be loaded.
///
/// The first of `signals` stops them in order, the last started one first. A second one ends the wait at once: the
/// program should then exit. In a long-running program, the signals are those of the system: see the function `signals`
/// of this module (the feature `signals`).
///
/// # OTP
///
/// The boot script of a release, and `init:stop/0`.
///
/// # Cancel safety
///
/// Dropped, it leaves the applications as they are.
///
/// # Panics
///
/// The future panics outside of a tokio runtime.
pub async fn run(
    node: &Node,
    application: ApplicationSpec,
    signals: impl Stream<Item = ()>,
) -> ExitStatus {
    let all = Applications::on(node);
    let mut signals = pin!(signals.fuse());
    let work = async {
        all.ensure_all_started(application, RestartType::Permanent)
            .await?;
        Ok(all.ended().await)
    };
    let signal = first(&mut signals);
    let outcome = match select(pin!(work), pin!(signal)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Ok(Ended::Stopped),
    };
    // Not only after a signal: other applications may have been started before a failed start.
    let end = all.shutdown(TimeLimit::Infinity);
    let ended = match select(pin!(end), pin!(first(&mut signals))).await {
        Either::Left((ended, _)) => ended,
        Either::Right(_) => return ExitStatus::Interrupted,
    };
    match (outcome, ended) {
        (
            _,
            Ended::Failed {
                application,
                reason,
            },
        ) => ExitStatus::Failed {
            cause: all.cause(&application),
            application,
            reason,
        },
        (Err(error), Ended::Stopped) => ExitStatus::NotStarted(error),
        (Ok(_), Ended::Stopped) => ExitStatus::Stopped,
    }
}

/// The next signal; never, if there are no more.
async fn first(signals: &mut (impl Stream<Item = ()> + Unpin)) {
    if signals.next().await.is_none() {
        pending::<()>().await;
    }
}
