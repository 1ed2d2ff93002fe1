//! Why supervisors have given up.
//!
//! A supervisor that gives up, or that ends because a significant child has ended, does so with `Shutdown`, as OTP's.
//! This reason does not name the failure. So the supervisor leaves a note with the leader of its group, the master of
//! its application: the child that has failed last, and its reason. From the notes the master finds the way from the top
//! of its tree to the first failure.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::child_spec::{ChildId, ChildSpec};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::contents::Exhibit;
use crate::process::current;
use crate::process::lock::Lock;

/// Why the top supervisor of an application has ended by itself: it has given up, or a significant child has.
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
    /// The child that has failed too often, or that was significant and has failed, and before it the supervisors above
    /// it, up to the child of the top supervisor.
    pub path: Vec<ChildId>,
    /// Why it has failed the last time.
    pub reason: ExitReason,
    kind: CauseKind,
}

/// How a failure ends a supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CauseKind {
    /// The child has failed more often than is allowed.
    TooOften,
    /// The child was significant, or it was that of a guard.
    Significant,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("child ")?;
        for (above, id) in self.path.iter().enumerate() {
            f.write_str(if above == 0 { "" } else { "/" })?;
            id.fmt(f)?;
        }
        let often = match self.kind {
            CauseKind::TooOften => " too often",
            CauseKind::Significant => "",
        };
        write!(f, " has failed{often}: {}", self.reason)
    }
}

/// A child that has failed, as its supervisor knows it.
#[derive(Clone)]
pub(crate) struct ChildFailure {
    pub(crate) child: Arc<ChildSpec>,
    pub(crate) pid: Option<Pid>,
    pub(crate) reason: ExitReason,
}

/// What a supervisor has noted.
#[derive(Clone)]
struct CauseNote {
    supervisor: Pid,
    failure: ChildFailure,
    kind: CauseKind,
}

/// The notes of one group, the newest last.
#[derive(Default)]
pub(crate) struct Causes(Lock<VecDeque<CauseNote>>);

impl Exhibit for Causes {}

impl Causes {
    /// More than a tree is deep: older ones are of supervisors that were started again.
    const MOST: usize = 32;

    fn note(&self, note: CauseNote) {
        let old = self.0.with(|notes| {
            notes.push_back(note);
            (notes.len() > Self::MOST).then(|| notes.pop_front())
        });
        drop(old);
    }

    /// Why this supervisor has ended by itself, if a failure is why.
    pub(crate) fn of(&self, top: Pid) -> Option<Cause> {
        let notes = self.0.with(|notes| notes.clone());
        let note = |supervisor| notes.iter().rev().find(|it| it.supervisor == supervisor);
        let mut path = Vec::new();
        let mut next = note(top);
        let mut last = None;
        while let Some(found) = next {
            let id = found.failure.child.id();
            // A guard has the id of its child.
            if path.last() != Some(id) {
                path.push(id.clone());
            }
            last = Some(found);
            next = found.failure.pid.and_then(note);
        }
        let CauseNote { failure, kind, .. } = last?;
        // A significant child that has ended in order is no failure.
        let fails = *kind == CauseKind::TooOften || failure.reason.is_abnormal();
        fails.then(|| Cause {
            path,
            reason: failure.reason.clone(),
            kind: *kind,
        })
    }
}

/// The current process, a supervisor, notes the failure after which it ends.
pub(crate) fn note(failure: &ChildFailure, kind: CauseKind) {
    let me = current::process();
    let head = me.head();
    let leader = head.group().and_then(|leader| head.node.find(leader));
    if let Some(causes) = leader.and_then(|leader| leader.head().shown::<Causes>()) {
        causes.note(CauseNote {
            supervisor: head.pid,
            failure: failure.clone(),
            kind,
        });
    }
}
