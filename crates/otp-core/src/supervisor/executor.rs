//! The half of a supervisor of either kind that acts and waits.

use std::future::Future;

use super::ChildCounts;
use super::action::{Action, Actions, ChildReport, Retry};
use super::hands::Hands;
use super::policy::SupervisorPolicy;
use super::shutdown::{Leaving, Mortal as _, Reaper};
use crate::child_spec::{Child, ChildSpec};
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info};
use crate::pid::Pid;
use crate::process::relations;

/// Passes events to a core, and performs its actions.
pub(crate) struct Executor<P: SupervisorPolicy> {
    pub(crate) core: P,
    /// Empty between two events.
    actions: Actions<P>,
    hands: Hands,
    reaper: Reaper,
}

impl<P: SupervisorPolicy> Executor<P> {
    pub(crate) fn new(core: P, hands: Hands, supervisor: Pid) -> Self {
        Self {
            core,
            actions: Actions::new(),
            hands,
            reaper: Reaper::new(supervisor),
        }
    }

    /// Passes the core an event. [`perform`](Self::perform) performs the actions.
    pub(crate) fn decide(&mut self, event: impl FnOnce(&mut P, &mut Actions<P>)) {
        event(&mut self.core, &mut self.actions);
    }

    /// Performs the core's actions until there are none left. Returns the reason with which the supervisor must end, if
    /// it must.
    pub(crate) async fn perform<S>(&mut self, context: &Context<S>) -> Option<ExitReason>
    where
        S: GenServer<Info = Retry<P::Key>>,
    {
        let mut end = None;
        while let Some(action) = self.actions.pop_front() {
            match action {
                Action::Start(start) => {
                    let outcome = self.start(&start.spec, context).await;
                    self.core.started(start, outcome, &mut self.actions);
                }
                Action::Stop(stop) => {
                    let reason = self.stop(&stop.child, context).await;
                    self.core.stopped(*stop, reason, &mut self.actions);
                }
                Action::Retry(retry) => context.me().send(retry),
                Action::Report(report) => self.hands.report(report),
                Action::End(reason) => end = Some(reason),
            }
        }
        let node = &context.block().head.node;
        self.hands.count(self.core.restarted(), node);
        end
    }

    /// Passes a message to the core, if it is about a child.
    pub(crate) async fn hear<S>(
        &mut self,
        info: Info<Retry<P::Key>>,
        context: &Context<S>,
    ) -> Option<ExitReason>
    where
        S: GenServer<Info = Retry<P::Key>>,
    {
        match info {
            Info::Exit(exit) => {
                // Nearly always at once: a future would be one more of the layers that each poll passes.
                let now = match self.hands.now_at_once() {
                    Some(now) => now,
                    None => self.hands.now_later().await,
                };
                self.decide(|core, actions| core.exited(exit.from, exit.reason, now, actions));
            }
            Info::Message(retry) => {
                let now = self.hands.now().await;
                self.decide(|core, actions| core.retry(retry, now, actions));
            }
            // The supervisor itself causes no such message. It was sent to the wrong process.
            Info::Down(_) | Info::Timeout => return None,
        }
        self.perform(context).await
    }

    /// Calls a start function. The child comes with its process, if that has not ended.
    pub(crate) fn start<S: GenServer>(
        &self,
        spec: &ChildSpec,
        context: &Context<S>,
    ) -> impl Future<Output = Result<Child, ExitReason>> + Send {
        self.hands.start(spec, &**context.block())
    }

    /// Stops a child, and returns the reason of its end.
    pub(crate) async fn stop<S: GenServer>(
        &self,
        child: &Leaving,
        context: &Context<S>,
    ) -> ExitReason {
        if P::UNLINKS_FIRST {
            unlink(child, context);
        }
        let reason = self.reaper.stop(child).await;
        if !P::UNLINKS_FIRST {
            unlink(child, context);
        }
        reason
    }

    /// Stops children at the same time, and returns the reasons of their ends.
    pub(crate) async fn stop_all<S: GenServer>(
        &self,
        children: Vec<Leaving>,
        context: &Context<S>,
    ) -> Vec<(Leaving, ExitReason)> {
        for child in &children {
            unlink(child, context);
        }
        self.reaper.stop_all(children).await
    }

    pub(crate) fn report(&mut self, reports: impl IntoIterator<Item = ChildReport>) {
        for report in reports {
            self.hands.report(report);
        }
    }

    /// The state that the server shows.
    pub(crate) fn status(&self, kind: &str, counts: ChildCounts) -> String {
        format!(
            "{kind} {}; children: {}, active: {}",
            self.hands.title(),
            counts.specs,
            counts.active
        )
    }
}

fn unlink<S: GenServer>(child: &Leaving, context: &Context<S>) {
    match child.process() {
        Some(process) => relations::unlink_from(&**context.block(), process),
        None => context.unlink(child.pid),
    }
}
