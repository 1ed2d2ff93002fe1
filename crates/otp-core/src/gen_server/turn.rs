//! What the server loop does between two callbacks.
//!
//! These are functions that take a whole item and hand out its content, and the loop does no such
//! thing itself: what it takes apart next to an `await` it would keep room for in every idle server.

use std::mem;

use tokio::time::Instant;

use super::GenServer;
use super::context::Context;
use super::debug::event::MessageKind;
use super::envelope::{Client, Content, Envelope};
use super::outcome::{Info, Next};
use super::status::MessageView;
use crate::exit::ExitReason;
use crate::process::block::{Block, Item};
use crate::process::inbox::Inbox;
use crate::process::panic;
use crate::process::signal::Signal;
use crate::report::{Last, LastKind};
use crate::timer::far_future;

/// Where the loop stands.
pub(crate) struct Turn<S: GenServer> {
    pub(crate) inbox: Inbox<Envelope<S>>,
    /// What the last callback has decided.
    next: Next<S>,
    /// Whether that is anything but to wait for the next message, as it nearly always is.
    decided: bool,
}

/// What the loop does now.
pub(crate) enum Step {
    Receive,
    ReceiveNow,
    ReceiveUntil(Instant),
    Continue,
    Stop,
}

impl<S: GenServer> Turn<S> {
    pub(crate) fn new(inbox: Inbox<Envelope<S>>) -> Self {
        Self {
            inbox,
            next: Next::NoReply,
            decided: false,
        }
    }

    /// Notes what a callback has decided.
    #[inline(always)]
    pub(crate) fn decide(&mut self, next: Next<S>) {
        match next {
            Next::NoReply if !self.decided => {}
            next => self.decide_anew(next),
        }
    }

    #[cold]
    fn decide_anew(&mut self, next: Next<S>) {
        self.decided = !matches!(next, Next::NoReply);
        self.next = next;
    }

    /// Whether the last callback has stopped the server.
    pub(crate) fn is_stopping(&self) -> bool {
        matches!(self.next, Next::Stop(_))
    }

    #[inline(always)]
    pub(crate) fn step(&mut self, block: &Block<Envelope<S>>) -> Step {
        match self.decided {
            false => Step::Receive,
            true => self.decided_step(block),
        }
    }

    #[cold]
    fn decided_step(&mut self, block: &Block<Envelope<S>>) -> Step {
        match self.next {
            Next::NoReply => Step::Receive,
            // It stands until a callback decides anew: after a system request the wait begins afresh.
            Next::Timeout(limit) if limit.is_zero() => Step::ReceiveNow,
            Next::Timeout(limit) => Step::ReceiveUntil(far_future(limit)),
            Next::Hibernate => {
                self.inbox.hibernate(block);
                Step::Receive
            }
            Next::Continue(_) => Step::Continue,
            Next::Stop(_) => Step::Stop,
        }
    }
}

/// What is left to do when a server ends is the user's, and decides nothing about how it ends.
impl<S: GenServer> Drop for Turn<S> {
    fn drop(&mut self) {
        if self.decided {
            panic::run_quietly(|| drop(mem::replace(&mut self.next, Next::NoReply)));
        }
    }
}

impl<S: GenServer> Context<S> {
    /// Notes a message that is about to be handled.
    #[inline(always)]
    fn begin(&mut self, kind: LastKind, client: Option<Client>, message: Option<String>) {
        self.last = Last { kind, client };
        // Most servers show no messages: for them this is all there is to do.
        if message.is_some() || self.cold.is_some() {
            self.cold.get_or_insert_default().message = message;
        }
    }

    /// The content of a call that is now being handled.
    #[inline]
    pub(crate) fn begin_call(&mut self, item: Option<Item<Envelope<S>>>) -> S::Call {
        match item {
            Some(Item::Message(Envelope(Content::Call { request, client }))) => {
                let text = S::format_message(MessageView::Call(&request));
                self.begin(LastKind::Call, client, text);
                if self.is_watched() {
                    self.tell_in(MessageKind::Call);
                }
                request
            }
            _ => unreachable!("the loop has seen a call"),
        }
    }

    /// The content of a cast that is now being handled.
    #[inline]
    pub(crate) fn begin_cast(&mut self, item: Option<Item<Envelope<S>>>) -> S::Cast {
        match item {
            Some(Item::Message(Envelope(Content::Cast(request)))) => {
                let text = S::format_message(MessageView::Cast(&request));
                self.begin(LastKind::Cast, None, text);
                if self.is_watched() {
                    self.tell_in(MessageKind::Cast);
                }
                request
            }
            _ => unreachable!("the loop has seen a cast"),
        }
    }

    /// What is neither, and is now being handled; no item means that none came in time.
    pub(crate) fn begin_info(&mut self, item: Option<Item<Envelope<S>>>) -> Info<S::Info> {
        let info = match item {
            Some(Item::Message(Envelope(Content::Info(message)))) => Info::Message(message),
            Some(Item::Message(_)) => unreachable!("the loop has seen neither call nor cast"),
            Some(Item::Signal(signal)) => match *signal {
                Signal::Exit(exit, _) => Info::Exit(exit),
                Signal::Down(down) => Info::Down(down),
                Signal::System(_) | Signal::Stop(_) => {
                    unreachable!("the loop has seen neither system request nor stop")
                }
            },
            None => Info::Timeout,
        };
        let text = S::format_message(MessageView::Info(&info));
        self.begin(LastKind::Info, None, text);
        if self.is_watched() {
            self.tell_info(&info);
        }
        info
    }

    /// What the last callback has left to do.
    pub(crate) fn begin_continue(&mut self) -> S::Continue {
        self.begin(LastKind::Continue, None, None);
        if self.is_watched() {
            self.tell_continue();
        }
        match mem::replace(&mut self.turn().next, Next::NoReply) {
            Next::Continue(with) => with,
            _ => unreachable!("the loop has seen a continue"),
        }
    }

    /// The reason for which the last callback has stopped the server.
    pub(crate) fn stop_reason(&mut self) -> ExitReason {
        match mem::replace(&mut self.turn().next, Next::NoReply) {
            Next::Stop(reason) => reason,
            _ => unreachable!("the loop has seen a stop"),
        }
    }

    /// The reason why the server has to end, if the item is the parent's exit or an order to stop.
    pub(crate) fn order_to_end(&mut self, item: &Option<Item<Envelope<S>>>) -> Option<ExitReason> {
        match item {
            Some(Item::Signal(signal)) => match &**signal {
                Signal::Stop(reason) => {
                    self.begin(LastKind::None, None, None);
                    Some(reason.clone())
                }
                Signal::Exit(exit, via) if self.parent().is(exit, *via) => {
                    let text = panic::quietly(|| format!("{exit:?}"));
                    self.begin(LastKind::Info, None, Some(text));
                    Some(exit.reason.clone())
                }
                _ => None,
            },
            _ => None,
        }
    }
}
