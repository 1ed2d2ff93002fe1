//! Why supervisors have given up.
//!
//! A supervisor that gives up ends with `Shutdown`, as OTP's does. This reason does not name the failure. So the
//! supervisor leaves a note with the leader of its group, the master of its application: the child that has failed
//! last, and its reason. From the notes the master finds the way from the top of its tree to the first failure.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::child_spec::{ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::contents::Exhibit;
use crate::process::current;
use crate::process::lock::Lock;

/// Why the top supervisor of an application has given up.
///
/// # Examples
///
/// ```
/// use otp_core::application::{Application, ApplicationSpec, Applications, RestartType};
/// use otp_core::prelude::*;
/// use otp_core::{Child, process};
/// #
/// # struct Shop;
/// #
/// # impl Application for Shop {
/// #     type Args = ();
/// #     async fn start((): ()) -> Result<(Child, Self), ExitReason> {
/// #         let till = ChildSpec::worker("till", || async { process::spawn_link(|_: Mailbox<Never>| async { ExitReason::other("no coins") }) });
/// #         let tree = Supervisor::new(Strategy::OneForOne).max_restarts(0, std::time::Duration::from_secs(5)).child(till).start_link().await?;
/// #         Ok((tree.into(), Self))
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let applications = Applications::here();
/// // The child "till" of its supervisor fails at once.
/// applications.start_as(ApplicationSpec::new::<Shop>("shop", ()), RestartType::Permanent).await?;
/// applications.ended().await;
/// let cause = applications.cause("shop").expect("it has failed");
/// assert_eq!((cause.path, cause.reason), (vec!["till".into()], ExitReason::other("no coins")));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Cause {
    /// The child that has failed too often, and before it the supervisors above it, up to the child of the top supervisor.
    pub path: Vec<ChildId>,
    /// Why it has failed the last time.
    pub reason: ExitReason,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("child ")?;
        for (above, id) in self.path.iter().enumerate() {
            f.write_str(if above == 0 { "" } else { "/" })?;
            id.fmt(f)?;
        }
        write!(f, " has failed too often: {}", self.reason)
    }
}

/// A child that has failed, as its supervisor knows it.
#[derive(Clone)]
pub(crate) struct ChildFailure {
    pub(crate) child: Arc<ChildSpec>,
    pub(crate) pid: Option<Pid>,
    pub(crate) reason: ExitReason,
}

/// The notes of one group, the newest last.
#[derive(Default)]
pub(crate) struct Causes(Lock<VecDeque<(Pid, ChildFailure)>>);

impl Exhibit for Causes {}

impl Causes {
    /// More than a tree is deep: older ones are of supervisors that were started again.
    const MOST: usize = 32;

    fn note(&self, supervisor: Pid, failure: ChildFailure) {
        let old = self.0.with(|notes| {
            notes.push_back((supervisor, failure));
            (notes.len() > Self::MOST).then(|| notes.pop_front())
        });
        drop(old);
    }

    /// Why this supervisor has given up, if it has.
    pub(crate) fn of(&self, top: Pid) -> Option<Cause> {
        let notes = self.0.with(|notes| notes.clone());
        let note = |supervisor| notes.iter().rev().find(|(it, _)| *it == supervisor);
        let mut path = Vec::new();
        let mut next = note(top);
        let mut reason = None;
        while let Some((_, failure)) = next {
            let id = failure.child.id();
            // A guard has the id of its child.
            if path.last() != Some(id) {
                path.push(id.clone());
            }
            reason = Some(failure.reason.clone());
            next = failure.pid.and_then(note);
        }
        reason.map(|reason| Cause { path, reason })
    }
}

/// The current process, a supervisor, notes the failure after which it gives up.
pub(crate) fn note(failure: &ChildFailure) {
    let me = current::process();
    let head = me.head();
    let leader = head.group().and_then(|leader| head.node.find(leader));
    if let Some(causes) = leader.and_then(|leader| leader.head().shown::<Causes>()) {
        causes.note(head.pid, failure.clone());
    }
}
