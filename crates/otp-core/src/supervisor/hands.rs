//! The parts that both kinds of supervisor share: the start of children, and reports.

#[cfg(feature = "metrics")]
use std::borrow::Cow;
use std::future::Future;
use std::mem;
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

use super::action::ChildReport;
use super::cause::{self, CauseKind, ChildFailure};
use crate::child_spec::{Child, ChildSpec, Extra};
use crate::exit::ExitReason;
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::block::Process;
#[cfg(feature = "metrics")]
use crate::process::meter;
use crate::report::supervisor::{self as report, ErrorContext, Offender};

/// The number of failed children and restarts at one instant from which a supervisor takes them for a loop.
const MANY: u32 = 1000;

/// A start function has returned the supervisor itself, or a process above it. A supervisor waits for the end of a child
/// that it stops, and that one would wait for the supervisor.
#[derive(Debug, Error)]
#[error("the start function has returned {0}, which is its supervisor or one above it")]
struct NoChild(Pid);

pub(crate) struct Hands {
    /// The name of the supervisor in reports.
    title: String,
    /// Whether reports show the ids of children.
    shows_ids: bool,
    began: Instant,
    /// The last reading of the clock, and how many were the same.
    read: (Duration, u32),
    extra: Option<Extra>,
    /// The last child that has failed.
    failure: Option<ChildFailure>,
    /// The restarts that the node knows of.
    counted: u64,
    /// A name that the program's text contains, or the module: of others there may be any number.
    #[cfg(feature = "metrics")]
    label: &'static str,
}

impl Hands {
    /// For a supervisor with a name, or with this pid and module.
    pub(crate) fn new(name: Option<&Name>, pid: Pid, module: &'static str) -> Self {
        Self {
            title: match name {
                Some(name) => name.to_string(),
                None => format!("{pid} ({module})"),
            },
            shows_ids: true,
            began: Instant::now(),
            read: (Duration::ZERO, 0),
            extra: None,
            failure: None,
            counted: 0,
            #[cfg(feature = "metrics")]
            label: match name {
                Some(Name::Local(Cow::Borrowed(name))) => name,
                _ => module,
            },
        }
    }

    /// Counts restarts.
    pub(crate) fn count(&mut self, restarts: u64, node: &Node) {
        let more = restarts - mem::replace(&mut self.counted, restarts);
        if more > 0 {
            node.telemetry().count_restarts(more);
            #[cfg(feature = "metrics")]
            meter::restarted(self.label, more);
        }
    }

    /// For children without ids.
    pub(crate) fn dynamic(self) -> Self {
        Self {
            shows_ids: false,
            ..self
        }
    }

    /// For children whose start functions take extra arguments.
    pub(crate) fn extra(self, extra: Option<Extra>) -> Self {
        Self { extra, ..self }
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// The time, for the core.
    ///
    /// A paused clock, as in tests, moves on only when no task is ready. Children that end as often as they are started
    /// leave no such moment, and the loop would stop the time for all tasks. So after many readings of the same
    /// instant, which a running clock does not give, the supervisor waits for a millisecond.
    pub(crate) async fn now(&mut self) -> Duration {
        match self.now_at_once() {
            Some(now) => now,
            None => self.now_later().await,
        }
    }

    /// The time, unless the supervisor has to wait first.
    pub(crate) fn now_at_once(&mut self) -> Option<Duration> {
        let now = self.began.elapsed();
        self.read = match self.read {
            (last, same) if last == now => (now, same + 1),
            _ => (now, 0),
        };
        (self.read.1 < MANY).then_some(now)
    }

    /// The time in a millisecond.
    pub(crate) async fn now_later(&self) -> Duration {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.began.elapsed()
    }

    /// Calls the start function. The child comes with its process, if that has not ended.
    pub(crate) fn start(
        &self,
        spec: &ChildSpec,
        supervisor: &dyn Process,
    ) -> impl Future<Output = Result<Child, ExitReason>> + Send {
        spec.start(self.extra.as_ref(), move |child| {
            let head = supervisor.head();
            if let Some(pid) = child.pid().filter(|pid| head.is_under(*pid)) {
                return Err(ExitReason::error(NoChild(pid)));
            }
            Ok(child.found_on(&head.node))
        })
    }

    pub(crate) fn report(&mut self, report: ChildReport) {
        match report {
            ChildReport::Trouble {
                context,
                child,
                pid,
                reason,
            } => {
                report::trouble(context, || self.offender(&child, pid), &reason);
                if context != ErrorContext::ShutdownError {
                    self.failure = Some(ChildFailure { child, pid, reason });
                }
            }
            ChildReport::Progress {
                child,
                pid,
                by_hand,
            } => report::progress(|| self.offender(&child, Some(pid)), by_hand),
            ChildReport::Limit(child, pid) => {
                report::limit(|| self.offender(&child, pid));
                self.note(CauseKind::TooOften);
            }
            ChildReport::Orderly(child, pid, reason) => {
                self.failure = Some(ChildFailure {
                    child,
                    pid: Some(pid),
                    reason,
                });
            }
            ChildReport::AutoShutdown => self.note(CauseKind::Significant),
        }
    }

    /// Notes the last failure as the cause of the supervisor's end.
    fn note(&self, kind: CauseKind) {
        if let Some(failure) = &self.failure {
            cause::note(failure, kind);
        }
    }

    fn offender<'a>(&'a self, child: &'a ChildSpec, pid: Option<Pid>) -> Offender<'a> {
        Offender {
            supervisor: &self.title,
            id: match self.shows_ids {
                true => Some(child.id()),
                false => None,
            },
            pid,
            start: child.start_call(),
            restart: child.restart_type().to_string(),
            shutdown: child.shutdown_value().to_string(),
            child_type: child.child_type().to_string(),
        }
    }
}
