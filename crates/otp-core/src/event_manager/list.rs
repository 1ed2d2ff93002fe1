//! The handlers of a manager: how they are added and removed, and which processes get a message for that.

use super::erased::{Erased, quiet};
use super::error::AddError;
use super::handler::{Handled, HandlerEnd, HandlerExit, HandlerGone, ManagerContext, Swap};
use super::id::HandlerName;
use super::report;
use super::server::EventServer;
use crate::exit::ExitReason;
use crate::gen_server::{Info, Next};
use crate::pid::Pid;
use crate::process::panic::{self, Contained};
use crate::process::{self, Exit, relations};
use crate::recipient::Recipient;
use crate::util::Boxed;

/// A handler, and its owner.
pub(super) struct HandlerEntry<E: Send + Sync + 'static> {
    pub(super) name: HandlerName,
    pub(super) handler: Contained<Box<dyn Erased<E>>>,
    pub(super) owner: Option<HandlerOwner>,
}

/// The process that a supervised handler belongs to.
pub(super) struct HandlerOwner(Recipient<HandlerExit>);

impl HandlerOwner {
    pub(super) fn new(owner: Recipient<HandlerExit>) -> Self {
        Self(owner)
    }

    pub(super) fn pid(&self) -> Pid {
        self.0.pid()
    }

    /// Sends the owner the message that its handler has gone.
    fn tell(&self, manager: Pid, handler: HandlerName, why: HandlerGone) {
        let exit = HandlerExit {
            manager,
            handler,
            why,
        };
        panic::run_quietly(|| self.0.send(exit));
    }
}

/// The event or call that a handler was handling, for its report.
pub(super) enum Last<'a, E> {
    Event(&'a E),
    Info(&'a Info<E>),
    Call,
}

impl<E: Send + Sync + 'static> HandlerEntry<E> {
    /// Runs the handler's `terminate`, and sends its owner a message.
    pub(super) async fn finish(
        &mut self,
        end: &HandlerEnd,
        gone: HandlerGone,
        context: &mut ManagerContext<E>,
    ) {
        let terminated = quiet(self.handler.get_mut().terminate(end, context)).await;
        // The handler goes in any case; a failure changes nothing.
        drop(terminated);
        if let Some(owner) = &self.owner {
            owner.tell(context.pid(), self.name.clone(), gone);
        }
    }

    pub(super) fn into_handler(self) -> Box<dyn Erased<E>> {
        self.handler.into_inner()
    }

    /// The handler for a status.
    pub(super) fn shown(&self) -> String {
        match panic::quietly_if_any(|| self.handler.get().show()) {
            Some(state) => format!("{}: {state}", self.name),
            None => self.name.to_string(),
        }
    }

    /// The texts of the handler and of its last event, for its report.
    fn told(&self, last: &Last<'_, E>) -> (Option<String>, Option<String>) {
        let handler = self.handler.get();
        let last = match last {
            Last::Event(event) => panic::quietly_if_any(|| handler.show_event(event)),
            Last::Info(Info::Message(event)) => panic::quietly_if_any(|| handler.show_event(event)),
            Last::Info(Info::Exit(exit)) => panic::quietly_if_any(|| Some(exit.to_string())),
            Last::Info(Info::Down(down)) => panic::quietly_if_any(|| Some(down.to_string())),
            Last::Info(Info::Timeout) => Some("timeout".to_owned()),
            Last::Call => None,
        };
        (last, panic::quietly_if_any(|| handler.show()))
    }
}

impl<E: Send + Sync + 'static> EventServer<E> {
    /// Adds the handler that `init` makes, in front of all others. The owner is linked before, so that its end is not
    /// missed.
    pub(super) async fn install<'a>(
        &mut self,
        name: HandlerName,
        owner: Option<HandlerOwner>,
        init: impl FnOnce(
            &'a mut ManagerContext<E>,
        ) -> Boxed<'a, Result<Box<dyn Erased<E>>, ExitReason>>,
        context: &'a mut ManagerContext<E>,
    ) -> Result<(), AddError> {
        let pid = owner.as_ref().map(HandlerOwner::pid);
        let linked = pid.filter(|pid| !relations::is_linked(*pid));
        if let Some(pid) = linked {
            process::link(pid);
        }
        match quiet(init(context)).await.unwrap_or_else(Err) {
            Ok(handler) => {
                let entry = HandlerEntry {
                    name,
                    handler: Contained::new(handler),
                    owner,
                };
                self.handlers.insert(0, entry);
                Ok(())
            }
            Err(reason) => {
                if let Some(pid) = linked {
                    process::unlink(pid);
                }
                Err(AddError::Init(reason))
            }
        }
    }

    /// Performs the result of a callback of the handler at `index`. Returns the distance to the next handler.
    pub(super) async fn follow(
        &mut self,
        index: usize,
        handled: Result<Handled<E>, ExitReason>,
        last: Last<'_, E>,
        next: &mut Next<Self>,
        context: &mut ManagerContext<E>,
    ) -> usize {
        match handled {
            Ok(Handled::Keep) => 1,
            Ok(Handled::Hibernate) => {
                *next = Next::Hibernate;
                1
            }
            Ok(Handled::Remove) => {
                let mut entry = self.handlers.remove(index);
                let gone = HandlerGone::Ended(ExitReason::Normal);
                entry.finish(&HandlerEnd::Removed, gone, context).await;
                0
            }
            Ok(Handled::Swap(swap)) => self.swap_itself(index, swap, last, context).await,
            Err(reason) => {
                let entry = self.handlers.remove(index);
                Self::fail(entry, reason, last, context).await;
                0
            }
        }
    }

    /// Removes a handler that has failed.
    async fn fail(
        mut entry: HandlerEntry<E>,
        reason: ExitReason,
        last: Last<'_, E>,
        context: &mut ManagerContext<E>,
    ) {
        let wanted = report::is_wanted();
        // The report shows the state in which it failed, and not the state that its terminate leaves.
        let (last, state) = match wanted {
            true => entry.told(&last),
            false => (None, None),
        };
        let end = HandlerEnd::Failed(reason.clone());
        let gone = HandlerGone::Failed(reason.clone());
        entry.finish(&end, gone, context).await;
        if wanted {
            let (last, state) = (last.as_deref(), state.as_deref());
            report::handler_failed(&entry.name, &reason, last, state, context);
        }
    }

    /// Replaces a handler by another one, at its own request.
    async fn swap_itself(
        &mut self,
        index: usize,
        Swap { name, make }: Swap<E>,
        last: Last<'_, E>,
        context: &mut ManagerContext<E>,
    ) -> usize {
        if let Some(taken) = self.position(&name)
            && taken != index
        {
            let reason = ExitReason::error(AddError::AlreadyAdded(name));
            let entry = self.handlers.remove(index);
            Self::fail(entry, reason, last, context).await;
            return 0;
        }
        let mut entry = self.handlers.remove(index);
        let gone = HandlerGone::Swapped {
            by: name.clone(),
            owner: entry.owner.as_ref().map(HandlerOwner::pid),
        };
        let (last, _) = entry.told(&last);
        entry.finish(&HandlerEnd::Swapped, gone, context).await;
        let HandlerEntry { handler, owner, .. } = entry;
        match quiet(make.into_inner()(handler, context))
            .await
            .unwrap_or_else(Err)
        {
            Ok(handler) => {
                let handler = Contained::new(handler);
                let entry = HandlerEntry {
                    name,
                    handler,
                    owner,
                };
                self.handlers.insert(index, entry);
                1
            }
            Err(reason) => {
                report::handler_failed(&name, &reason, last.as_deref(), None, context);
                if let Some(owner) = owner {
                    owner.tell(context.pid(), name, HandlerGone::Failed(reason));
                }
                0
            }
        }
    }

    /// Removes the handlers of a process that has ended.
    pub(super) async fn bereave(&mut self, exit: &Exit, context: &mut ManagerContext<E>) {
        let is_owned = |entry: &HandlerEntry<E>| {
            entry.owner.as_ref().map(HandlerOwner::pid) == Some(exit.from)
        };
        loop {
            let owned = self.handlers.iter().position(is_owned);
            let Some(index) = owned else {
                return;
            };
            let mut entry = self.handlers.remove(index);
            let end = HandlerEnd::OwnerEnded(exit.reason.clone());
            // The process may have sent an exit signal without ending.
            let gone = HandlerGone::Ended(ExitReason::Shutdown);
            entry.finish(&end, gone, context).await;
        }
    }
}
