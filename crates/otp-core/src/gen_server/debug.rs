//! The debugging of a server: its state, and the reports of the events.
//!
//! A server that is not debugged has no such state: its loop checks before and after a callback whether there is any.
//! (A second loop for debugged servers was slower: callbacks that are called in two places are not inlined in
//! either.)

use std::collections::VecDeque;

use super::GenServer;
use super::call::Pending;
use super::context::Context;
use super::outcome::{Info, Next};
use super::report::LastKind;
use super::{report, trace};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::lock::Lock;
use crate::process::panic;
use crate::process::telemetry::{self, Callback};
use crate::sys::event::{MessageKind, SysEvent};
use crate::sys::hook::Hooks;
use crate::sys::statistics::{Gathered, Statistics};

/// State that few servers have. It is allocated when it is first needed.
#[derive(Default)]
pub(crate) struct Cold {
    /// The message that is being handled, as the server shows it.
    pub(crate) message: Option<String>,
    /// No thread waits for this lock, as for that of the loop's turn.
    debug: Option<Box<Lock<Debug>>>,
}

/// The debugging tools of a server.
#[derive(Default)]
pub(crate) struct Debug {
    statistics: Option<Gathered>,
    log: Option<Log>,
    traced: bool,
    pub(crate) hooks: Hooks,
}

struct Log {
    size: usize,
    events: VecDeque<SysEvent>,
}

impl Debug {
    /// Statistics that are on continue: OTP does not install a function a second time.
    pub(crate) fn count(&mut self, on: bool) {
        if !on {
            self.statistics = None;
        } else if self.statistics.is_none() {
            self.statistics = Some(Gathered::since_now());
        }
    }

    pub(crate) fn statistics(&self) -> Option<Statistics> {
        self.statistics.as_ref().map(Gathered::until_now)
    }

    /// Keeps the last `size` events. An existing log stays as it is.
    pub(crate) fn keep_log(&mut self, size: usize) {
        if size == 0 {
            self.log = None;
        } else if self.log.is_none() {
            let events = VecDeque::new();
            self.log = Some(Log { size, events });
        }
    }

    pub(crate) fn log(&self) -> Vec<SysEvent> {
        let log = self.log.as_ref();
        log.map_or_else(Vec::new, |log| log.events.iter().cloned().collect())
    }

    pub(crate) fn trace(&mut self, on: bool) {
        self.traced = on;
    }

    pub(crate) fn stop(&mut self) {
        self.count(false);
        self.keep_log(0);
        self.trace(false);
        self.hooks.clear();
    }

    fn is_over(&self) -> bool {
        self.statistics.is_none() && !self.shows_events()
    }

    /// Whether a tool reads the events. Statistics only count them.
    fn shows_events(&self) -> bool {
        self.log.is_some() || self.traced || !self.hooks.is_empty()
    }
}

impl<S: GenServer> Context<S> {
    /// A callback begins that handles no message.
    pub(crate) fn begun_besides(&self, callback: Callback) {
        let head = &self.block().head;
        if head.is_counted() {
            telemetry::begin(head, callback);
        }
    }

    /// A callback begins, of a server that has something to note for it.
    #[cold]
    pub(crate) fn begun(&mut self, kind: LastKind, message: Option<String>) {
        let head = &self.block().head;
        let callback = match kind {
            LastKind::Call => Some(Callback::HandleCall),
            LastKind::Cast => Some(Callback::HandleCast),
            LastKind::Info | LastKind::Timeout => Some(Callback::HandleInfo),
            LastKind::Continue | LastKind::Inside => Some(Callback::HandleContinue),
            LastKind::None => None,
        };
        let callback = callback.filter(|_| head.is_counted());
        if let Some(callback) = callback {
            telemetry::begin(head, callback);
        }
        match &mut self.cold {
            Some(cold) => cold.message = message,
            None if message.is_some() => self.cold().message = message,
            None => self.notes = callback.is_some(),
        }
    }

    /// The state that few servers have. With it, messages are noted.
    pub(crate) fn cold(&mut self) -> &mut Cold {
        self.notes = true;
        self.cold.get_or_insert_default()
    }

    /// Changes or reads the debugging tools of the server.
    pub(crate) fn debug(&mut self, request: impl FnOnce(&mut Debug)) {
        let debug = &mut self.cold().debug;
        request(debug.get_or_insert_default().get_mut());
        self.look_away();
    }

    /// Whether anything watches the server.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        // First the flag that the loop has looked at already.
        self.notes && self.cold.as_ref().is_some_and(|cold| cold.debug.is_some())
    }

    /// Removes the tools that are turned off.
    fn look_away(&mut self) {
        if self.watching().is_some_and(|debug| debug.is_over())
            && let Some(cold) = &mut self.cold
        {
            cold.debug = None;
        }
    }

    /// The last events, if they are kept.
    pub(crate) fn log(&self) -> Vec<SysEvent> {
        let debug = self.cold.as_ref().and_then(|cold| cold.debug.as_ref());
        debug.map_or_else(Vec::new, |debug| debug.with(|debug| debug.log()))
    }

    /// Reports a message that the server is about to handle, with the text for a failure report.
    #[cold]
    pub(crate) fn tell_in(&mut self, kind: MessageKind) {
        let message = self.last_message().map(str::to_owned);
        self.tell_in_as(kind, message);
    }

    /// As [`tell_in`](Self::tell_in). The runtime shows its own messages without the server's help.
    #[cold]
    pub(crate) fn tell_info(&mut self, info: &Info<S::Info>) {
        let shown = self.last_message().map(str::to_owned);
        let message = shown.or_else(|| match info {
            Info::Timeout => Some("timeout".to_owned()),
            Info::Exit(exit) => Some(panic::quietly(|| exit.to_string())),
            Info::Down(down) => Some(panic::quietly(|| down.to_string())),
            Info::Message(_) => None,
        });
        self.tell_in_as(MessageKind::Info, message);
    }

    /// Reports an event that a state machine has inserted.
    pub(crate) fn tell_inserted(&mut self, kind: MessageKind, message: Option<String>) {
        self.tell(SysEvent::In {
            kind,
            message,
            client: None,
        });
    }

    /// Reports that a state machine has answered a call of this client.
    #[cold]
    pub(crate) fn tell_reply(&mut self, to: Option<Pid>) {
        self.tell(SysEvent::Out { to, state: None });
    }

    /// Reports how a state machine has handled an event.
    pub(crate) fn tell_ended(&mut self, machine: &S, postponed: bool) {
        let state = self.shown_state(machine);
        let message = self.last_message().map(str::to_owned);
        self.tell(match postponed {
            true => SysEvent::Postponed { message, state },
            false => SysEvent::Consumed { message, state },
        });
    }

    /// Reports the end of a state machine.
    #[cold]
    pub(crate) fn tell_terminated(&mut self, machine: &S, reason: &ExitReason) {
        let state = self.shown_state(machine);
        let reason = panic::quietly(|| reason.to_string());
        self.tell(SysEvent::Terminated { reason, state });
    }

    /// Reports an event that the loop itself does not see.
    pub(crate) fn tell_event(&mut self, event: SysEvent) {
        self.tell(event);
    }

    fn tell_in_as(&mut self, kind: MessageKind, message: Option<String>) {
        let client = self.client();
        self.tell(SysEvent::In {
            kind,
            message,
            client,
        });
    }

    #[cold]
    pub(crate) fn tell_continue(&mut self) {
        self.tell(SysEvent::Continue);
    }

    /// Reports that a callback has returned without an answer, except with a stop, for which there are other reports.
    #[cold]
    pub(crate) fn tell_handled(&mut self, state: &S) {
        if !self.turn().is_stopping() && !S::behaviour().tells_itself {
            let state = self.shown_state(state);
            self.tell(SysEvent::NoReply { state });
        }
    }

    /// Publishes the answer of a callback, if there is one, and reports it. Returns whether there is one.
    #[cold]
    pub(crate) fn publish_told(&mut self, state: &S, answer: Pending) -> bool {
        let to = answer.client();
        let answered = answer.publish();
        if answered && !S::behaviour().tells_itself {
            let state = self.shown_state(state);
            self.tell(SysEvent::Out { to, state });
        }
        answered
    }

    /// What follows a call of a server that is watched.
    #[cold]
    pub(crate) fn publish_watched(&mut self, state: &S, answer: Pending, next: Next<S>) {
        let answered = self.publish_told(state, answer);
        self.turn().decide(next);
        if !answered {
            self.tell_handled(state);
        }
    }

    /// The text of the state, if a tool needs it.
    fn shown_state(&mut self, state: &S) -> Option<String> {
        let shown = self.watching()?.shows_events();
        let status =
            shown.then(|| report::format_status(state, &ExitReason::Normal, None, Vec::new()));
        status?.state
    }

    fn tell(&mut self, event: SysEvent) {
        if self.watching().is_some_and(|debug| debug.traced) {
            trace::event(self, &event);
        }
        let Some(debug) = self.watching() else { return };
        if let Some(statistics) = &mut debug.statistics {
            statistics.count(&event);
        }
        debug.hooks.show(&event);
        if let Some(log) = &mut debug.log {
            if log.events.len() == log.size {
                log.events.pop_front();
            }
            log.events.push_back(event);
        }
        self.look_away();
    }

    fn watching(&mut self) -> Option<&mut Debug> {
        let debug = self.cold.as_mut()?.debug.as_mut()?;
        Some(debug.get_mut())
    }
}
