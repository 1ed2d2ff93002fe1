//! The steps of the server loop between two callbacks.
//!
//! The loop asks for the kind of the first item. A function then takes the item from the mailbox, and returns its
//! content at the place where the content is used. The loop itself holds no item: a variable for one would take memory
//! in every idle server, and would add a copy. A copy directly after the item was written is expensive: a load that is
//! wider than the stores before it waits for these stores.

use std::mem;

use tokio::time::Instant;

use super::GenServer;
use super::context::Context;
use super::envelope::{Client, Content, Envelope};
use super::outcome::{Info, Next};
use super::report::{LastKind, LastMessage};
use super::status::MessageView;
use super::system::is_order_to_end;
use crate::exit::ExitReason;
use crate::process::block::{Block, Item};
use crate::process::inbox::Inbox;
use crate::process::panic;
use crate::process::signal::Signal;
use crate::process::span::{Doing, Origin};
use crate::sys::event::MessageKind;
use crate::timer::far_future;

/// The state of the loop.
pub(crate) struct LoopTurn<S: GenServer> {
    pub(crate) inbox: Inbox<Envelope<S>>,
    /// The decision of the last callback, if it is not `NoReply`. Nearly all decisions are `NoReply`, and an idle
    /// server needs no memory for one. A server that always returns another decision keeps the box.
    next: Option<Box<Next<S>>>,
}

/// The kind of the first item in the mailbox.
pub(crate) enum TurnKind {
    Call,
    Cast,
    /// A message of another kind, a signal, or nothing: then the time is over.
    Other,
}

/// The next step of the loop.
pub(crate) enum LoopStep {
    Receive,
    ReceiveNow,
    ReceiveUntil(Instant),
    Continue,
    Stop,
}

impl<S: GenServer> LoopTurn<S> {
    pub(crate) fn new(inbox: Inbox<Envelope<S>>) -> Self {
        Self { inbox, next: None }
    }

    /// Stores the decision of a callback.
    #[inline(always)]
    pub(crate) fn decide(&mut self, next: Next<S>) {
        match next {
            Next::NoReply if self.next.is_none() => {}
            next => self.decide_anew(next),
        }
    }

    #[cold]
    fn decide_anew(&mut self, next: Next<S>) {
        match (&mut self.next, next) {
            (former, Next::NoReply) => *former = None,
            (Some(former), next) => **former = next,
            (none, next) => *none = Some(Box::new(next)),
        }
    }

    /// Whether the last callback has stopped the server.
    pub(crate) fn is_stopping(&self) -> bool {
        matches!(self.next.as_deref(), Some(Next::Stop(_)))
    }

    /// The kind of the first item, if an item has come in time.
    #[inline(always)]
    pub(crate) fn first(&self, in_time: bool) -> TurnKind {
        match self.inbox.first() {
            Some(Item::Message(Envelope {
                content: Content::Call { .. },
                ..
            })) if in_time => TurnKind::Call,
            Some(Item::Message(Envelope {
                content: Content::Cast(_),
                ..
            })) if in_time => TurnKind::Cast,
            _ => TurnKind::Other,
        }
    }

    /// Takes the span that the first item comes from.
    #[inline(always)]
    pub(crate) fn origin(&mut self) -> Origin {
        match self.inbox.first_mut() {
            Some(Item::Message(envelope)) => envelope.take_origin(),
            Some(Item::Signal(signal)) => match &mut **signal {
                Signal::Message(message) => message
                    .downcast_mut()
                    .map_or_else(Origin::default, |it: &mut Envelope<S>| it.take_origin()),
                _ => Origin::default(),
            },
            _ => Origin::default(),
        }
    }

    /// The first messages that wait, as the server shows them.
    pub(crate) fn queue(&self, most: usize) -> Vec<String> {
        let shown = |kind: &str, text: Option<String>| match text {
            Some(text) => format!("{kind} {text}"),
            None => kind.to_owned(),
        };
        let message = |view: MessageView<'_, S>| panic::quietly_if_any(|| S::format_message(view));
        let content = |envelope: &Envelope<S>| match &envelope.content {
            Content::Call { request, .. } => shown("call", message(MessageView::Call(request))),
            Content::Cast(request) => shown("cast", message(MessageView::Cast(request))),
            Content::Info(_) => shown("message", None),
        };
        let messages = self.inbox.waiting().filter_map(|item| match item {
            Item::Message(envelope) => Some(content(envelope)),
            Item::Signal(signal) => match &**signal {
                Signal::Exit(exit, _) => Some(panic::quietly(|| exit.to_string())),
                Signal::Down(down) => Some(panic::quietly(|| down.to_string())),
                Signal::Message(_) => Some(shown("message", None)),
                Signal::Urgent(message) => message.downcast_ref().map(content),
                Signal::Timeout(_) => Some(shown("timeout", None)),
                Signal::System(_) => None,
            },
            Item::Stop(_) => Some(shown("stop", None)),
        });
        messages.take(most).collect()
    }

    #[inline(always)]
    pub(crate) fn step(&mut self, block: &Block<Envelope<S>>) -> LoopStep {
        match self.next {
            None => LoopStep::Receive,
            Some(_) => self.decided_step(block),
        }
    }

    #[cold]
    fn decided_step(&mut self, block: &Block<Envelope<S>>) -> LoopStep {
        match self.next.as_deref() {
            None | Some(Next::NoReply) => LoopStep::Receive,
            // The decision stays until a callback returns another one: after a system request the wait begins again.
            Some(Next::Timeout(limit)) if limit.is_zero() => LoopStep::ReceiveNow,
            Some(Next::Timeout(limit)) => LoopStep::ReceiveUntil(far_future(*limit)),
            Some(Next::Hibernate) => {
                self.inbox.hibernate(block);
                LoopStep::Receive
            }
            Some(Next::Continue(_)) => LoopStep::Continue,
            Some(Next::Stop(_)) => LoopStep::Stop,
        }
    }
}

/// The values that are left when a server ends are the user's. A panic of one of them does not change how the server
/// ends.
impl<S: GenServer> Drop for LoopTurn<S> {
    fn drop(&mut self) {
        if self.next.is_some() {
            panic::run_quietly(|| drop(self.next.take()));
        }
    }
}

impl<S: GenServer> Context<S> {
    /// Notes a message that is about to be handled.
    #[inline(always)]
    fn begin(&mut self, kind: LastKind, client: Option<Client>, message: Option<String>) {
        self.last = LastMessage { kind, client };
        // Most servers show no messages: for them this is all there is to do.
        if message.is_some() || self.notes {
            self.begun(kind, message);
        }
    }

    /// Notes an event that is about to be handled, for a behaviour that knows more of it than the loop.
    pub(crate) fn note(&mut self, kind: LastKind, client: Option<Client>) {
        self.begin(kind, client, None);
    }

    /// Keeps the text of the event that is about to be handled.
    pub(crate) fn show(&mut self, message: String) {
        self.cold().message = Some(message);
    }

    /// The number of the time-out that has just rung.
    pub(crate) fn rang(&mut self) -> Option<u64> {
        self.cold.as_mut()?.rang.take()
    }

    /// The span in which the first item is handled; `origin` becomes the one that it comes from.
    #[inline(always)]
    pub(crate) fn span(&mut self, origin: &mut Origin, doing: Doing) -> Origin {
        *origin = self.turn().origin();
        origin.clone().span(&self.block().head, doing)
    }

    /// Takes the first item, if it has come in time.
    pub(crate) fn take(&mut self, in_time: bool) -> Option<Item<Envelope<S>>> {
        let (turn, block) = self.parts();
        match in_time {
            true => turn.inbox.take(block),
            false => None,
        }
    }

    /// Stores the decision of a callback. A decision to stop is returned instead, and needs no box, unless the loop has something
    /// else to do first.
    #[inline(always)]
    pub(crate) fn decide(&mut self, next: Next<S>) -> Option<ExitReason> {
        match next {
            Next::NoReply if self.turn().next.is_none() => None,
            Next::Stop(reason) if self.block().head.is_undisturbed() => Some(reason),
            next => {
                self.turn().decide_anew(next);
                None
            }
        }
    }

    #[inline(always)]
    fn note_taken(&mut self) {
        let (turn, block) = self.parts();
        turn.inbox.note_taken(block);
    }

    /// The content of a call that is now being handled.
    #[inline(always)]
    pub(crate) fn begin_call(&mut self) -> S::Call {
        match self.turn().inbox.pop() {
            Some(Item::Message(Envelope {
                content: Content::Call { request, client },
                ..
            })) => {
                self.note_taken();
                let text = panic::quietly_if_any(|| S::format_message(MessageView::Call(&request)));
                self.begin(LastKind::Call, client, text);
                if self.is_watched() && !S::behaviour().tells_itself {
                    self.tell_in(MessageKind::Call);
                }
                request
            }
            _ => unreachable!("the loop has seen a call"),
        }
    }

    /// The content of a cast that is now being handled.
    #[inline(always)]
    pub(crate) fn begin_cast(&mut self) -> S::Cast {
        match self.turn().inbox.pop() {
            Some(Item::Message(Envelope {
                content: Content::Cast(request),
                ..
            })) => {
                self.note_taken();
                let text = panic::quietly_if_any(|| S::format_message(MessageView::Cast(&request)));
                self.begin(LastKind::Cast, None, text);
                if self.is_watched() && !S::behaviour().tells_itself {
                    self.tell_in(MessageKind::Cast);
                }
                request
            }
            _ => unreachable!("the loop has seen a cast"),
        }
    }

    /// An item that is neither a call nor a cast begins, or no item came in time.
    pub(crate) fn begin_info(&mut self, in_time: bool) -> Info<S::Info> {
        let info = match self.take(in_time) {
            Some(Item::Message(Envelope {
                content: Content::Info(message),
                ..
            })) => Info::Message(message),
            Some(Item::Message(_)) => unreachable!("the loop has seen neither call nor cast"),
            Some(Item::Signal(signal)) => match *signal {
                Signal::Exit(exit, _) => Info::Exit(exit),
                Signal::Down(down) => Info::Down(down),
                Signal::Message(message) => {
                    match message.downcast().map(|it: Box<Envelope<S>>| it.content) {
                        Ok(Content::Info(message)) => Info::Message(message),
                        _ => unreachable!("it was made of an `Info` of this server"),
                    }
                }
                Signal::Timeout(number) => {
                    self.cold().rang = Some(number);
                    self.note(LastKind::Timeout, None);
                    return Info::Timeout;
                }
                Signal::Urgent(_) => unreachable!("the loop has opened it"),
                Signal::System(_) => unreachable!("the loop has seen no system request"),
            },
            Some(Item::Stop(_)) => unreachable!("the loop has seen no order to stop"),
            None => Info::Timeout,
        };
        let text = panic::quietly_if_any(|| S::format_message(MessageView::Info(&info)));
        self.begin(LastKind::Info, None, text);
        if self.is_watched() && !S::behaviour().tells_itself {
            self.tell_info(&info);
        }
        info
    }

    /// The value of the last callback's `Continue`.
    pub(crate) fn begin_continue(&mut self) -> S::Continue {
        // A machine continues with the events that it has stored.
        if !S::behaviour().tells_itself {
            self.begin(LastKind::Continue, None, None);
        }
        if self.is_watched() && !S::behaviour().tells_itself {
            self.tell_continue();
        }
        let next = self.turn().next.as_deref_mut();
        match next.map(|next| mem::replace(next, Next::NoReply)) {
            Some(Next::Continue(with)) => with,
            _ => unreachable!("the loop has seen a continue"),
        }
    }

    /// The reason for which the last callback has stopped the server.
    pub(crate) fn stop_reason(&mut self) -> ExitReason {
        match self.turn().next.take().map(|next| *next) {
            Some(Next::Stop(reason)) => reason,
            _ => unreachable!("the loop has seen a stop"),
        }
    }

    /// Takes the first item if the server has to end because of it. Returns the reason.
    pub(crate) fn take_order_to_end(&mut self, in_time: bool) -> Option<ExitReason> {
        let parent = self.parent();
        let first = self.turn().inbox.first().filter(|_| in_time)?;
        if !is_order_to_end(first, parent) {
            return None;
        }
        let item = self.take(true);
        self.order_to_end(&item)
    }

    /// The reason why the server has to end, if the item is the parent's exit or an order to stop.
    pub(crate) fn order_to_end(&mut self, item: &Option<Item<Envelope<S>>>) -> Option<ExitReason> {
        match item {
            Some(Item::Stop(reason)) => {
                self.begin(LastKind::None, None, None);
                Some(reason.as_deref().cloned().unwrap_or_default())
            }
            Some(Item::Signal(signal)) => match &**signal {
                Signal::Exit(exit, via) if self.parent().is(exit, *via) => {
                    let text = panic::quietly(|| exit.to_string());
                    self.begin(LastKind::Info, None, Some(text));
                    Some(exit.reason.clone())
                }
                _ => None,
            },
            _ => None,
        }
    }
}
