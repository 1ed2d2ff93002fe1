//! The receive loop of a state machine.
//!
//! It is that of a server, with one difference: all events go to one callback, so the loop calls it at one place. A
//! callback that is called at several places is not inlined in any of them.

use std::future::Future;
use std::mem;

use super::StateMachine;
use super::core::InternalEvent;
use super::event::Event;
use super::inner::PostponedEvent;
use super::machine::{Inside, Machine};
use super::transition::Transition;
use crate::gen_server::callback::{called, handled, timed};
use crate::gen_server::report::{LastKind, LastMessage};
use crate::gen_server::serve::{LoopStep, TurnKind};
use crate::gen_server::{Content, Context, End, Envelope, Next, Serving, system};
use crate::process::block::Item;
use crate::process::signal::Signal;
use crate::process::span::{Doing, Origin};
use crate::sys::status::Mode;

/// The receive loop. A panic in a callback unwinds through it; the machine and the context remain.
#[allow(
    clippy::manual_async_fn,
    reason = "an async fn keeps its arguments twice"
)]
pub(super) fn handle_events<M: StateMachine>(
    Serving {
        context,
        state: machine,
        mut origin,
    }: Serving<'_, Machine<M>>,
) -> impl Future<Output = End> + Send {
    async move {
        loop {
            if !context.block().head.is_undisturbed() && context.is_ending() {
                // The wrapper around this loop ends it now.
                std::future::pending::<()>().await;
            }
            let (turn, block) = context.parts();
            let step = turn.step(block);
            if !matches!(step, LoopStep::Continue) {
                // A machine that waits does not keep the span of its last message.
                origin = Origin::default();
            }
            let transition = {
                // An event that is no plain message has been taken already, and is in a box: it is rare, and room for it
                // would add a copy of every other event.
                let (doing, span, taken) = match step {
                    LoopStep::Continue => {
                        turn.inbox.pause(block).await;
                        let (inside, doing) = (context.begin_continue(), Doing::HandleContinue);
                        let span = mem::take(&mut origin).span(&context.block().head, doing);
                        if let Inside(Some(more)) = inside {
                            let next = span
                                .around(timed::<Machine<M>, _>(
                                    doing,
                                    machine.perform(more, context),
                                ))
                                .await;
                            if let Some(reason) = context.decide(next) {
                                return reason.into();
                            }
                            continue;
                        }
                        (doing, span, Some(machine.take_inside(context)))
                    }
                    LoopStep::Stop => return context.stop_reason().into(),
                    LoopStep::Receive | LoopStep::ReceiveNow | LoopStep::ReceiveUntil(_) => {
                        if !turn.inbox.is_ready() {
                            turn.inbox.ready(block).await;
                            // An observation may have begun meanwhile.
                            context.notes |= block.head.is_counted();
                        }
                        if matches!(context.turn().inbox.first(), Some(Item::Message(_))) {
                            let doing = doing(context);
                            let span = context.span(&mut origin, doing);
                            let taken = context.notes.then(|| machine.take_message(context));
                            (doing, span, taken)
                        } else {
                            let (turn, block) = context.parts();
                            if turn.inbox.open_urgent(block) {
                                continue;
                            }
                            if let Some(reason) = context.take_order_to_end(true) {
                                return reason.into();
                            }
                            if context.turn().inbox.first().is_some_and(system::is_request) {
                                let item = context.take(true);
                                let mode = system::handle(item, Mode::Running, context, machine);
                                if mode == Mode::Suspended
                                    && let Some(reason) = system::suspended(context, machine).await
                                {
                                    return reason.into();
                                }
                                continue;
                            }
                            let doing = Doing::HandleInfo;
                            let span = context.span(&mut origin, doing);
                            let Some(event) = machine.take_signal(context) else {
                                continue;
                            };
                            (doing, span, Some(event))
                        }
                    }
                };
                handled!(
                    Machine<M>,
                    M::PLAIN.handle,
                    span,
                    doing,
                    machine.handling(taken, context)
                )
            };
            // Nearly all callbacks return that the state stays, and have at most a reply besides.
            if transition.more.is_none() && !context.notes {
                transition.reply.publish();
                if context.turn().has_decided() {
                    context.turn().decide(machine.next());
                }
            } else {
                machine.follow(transition, context);
            }
        }
    }
}

/// The name of what a server does with the message that is the first item.
#[inline(always)]
fn doing<M: StateMachine>(context: &mut Context<Machine<M>>) -> Doing {
    match context.turn().first(true) {
        TurnKind::Call => Doing::HandleCall,
        TurnKind::Cast => Doing::HandleCast,
        TurnKind::Other => Doing::HandleInfo,
    }
}

impl<M: StateMachine> Machine<M> {
    /// Calls the callback for an event that has been taken, or for the message that is the first item, of which nothing
    /// has to be noted.
    #[inline(always)]
    fn handling(
        &mut self,
        taken: Option<Box<Event<M>>>,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Transition<M>> + Send {
        let Self { data, state, .. } = self;
        let state: &M::State = state;
        let event = match taken {
            Some(event) => *event,
            None => match pop(context) {
                Content::Call { request, client } => {
                    context.last = LastMessage::new(LastKind::Call, client);
                    shown(Event::Call(request), context)
                }
                Content::Cast(request) => {
                    context.last = LastMessage::new(LastKind::Cast, None);
                    shown(Event::Cast(request), context)
                }
                Content::Info(message) => {
                    context.last = LastMessage::new(LastKind::Info, None);
                    shown(Event::Info(message), context)
                }
            },
        };
        data.handle(state, event, context)
    }

    /// Takes the message that is the first item, and notes it.
    #[cold]
    fn take_message(&mut self, context: &mut Context<Self>) -> Box<Event<M>> {
        let (kind, client, event) = match pop(context) {
            Content::Call { request, client } => (LastKind::Call, client, Event::Call(request)),
            Content::Cast(request) => (LastKind::Cast, None, Event::Cast(request)),
            Content::Info(message) => (LastKind::Info, None, Event::Info(message)),
        };
        context.note(kind, client);
        self.begin(Box::new(event), context)
    }

    /// Takes the signal that is the first item: a DOWN, an EXIT or a time-out. `None` if the time-out was ended or
    /// replaced while its signal was in the mailbox.
    #[cold]
    fn take_signal(&mut self, context: &mut Context<Self>) -> Option<Box<Event<M>>> {
        let Some(Item::Signal(signal)) = context.take(true) else {
            unreachable!("the loop has seen that it is no message");
        };
        let (kind, event) = match *signal {
            Signal::Exit(exit, _) => (LastKind::Info, Event::Exit(Box::new(exit))),
            Signal::Down(down) => (LastKind::Info, Event::Down(Box::new(down))),
            Signal::Timeout(number) => {
                let timer = self.inner.as_mut()?.rang(number)?;
                (LastKind::Timeout, Event::Timeout(timer))
            }
            Signal::Message(message) => {
                match message.downcast().map(|it: Box<Envelope<Self>>| it.content) {
                    Ok(Content::Info(message)) => (LastKind::Info, Event::Info(message)),
                    _ => unreachable!("it was made of an `Info` of this machine"),
                }
            }
            Signal::Urgent(_) | Signal::System(_) => unreachable!("the loop has looked for it"),
        };
        context.note(kind, None);
        Some(self.begin(Box::new(event), context))
    }

    /// Takes the next event that is inside; a time-out of zero counts as one that comes from outside.
    #[cold]
    fn take_inside(&mut self, context: &mut Context<Self>) -> Box<Event<M>> {
        let next = self.inner.as_mut().and_then(|inner| inner.next());
        let event = match next.expect("a decision says that there is one") {
            InternalEvent::Event(PostponedEvent { event, client }) => {
                context.note(LastKind::Inside, client);
                event.into_inner()
            }
            InternalEvent::Timeout(timer) => {
                context.note(LastKind::Timeout, None);
                Box::new(Event::Timeout(timer.into_inner()))
            }
        };
        self.begin(event, context)
    }

    /// An event that has been taken is about to be handled. It ends the time-outs that any event ends.
    fn begin(&mut self, event: Box<Event<M>>, context: &mut Context<Self>) -> Box<Event<M>> {
        if let Some(inner) = &mut self.inner {
            inner.begin(context);
        }
        let text = match context.is_watched() {
            true => event.shown_anyway(),
            false => event.shown(),
        };
        if let Some(text) = text {
            context.show(text);
        }
        if context.is_watched() && !matches!(context.last.kind, LastKind::Inside) {
            context.tell_in(event.message_kind());
        }
        event
    }

    /// Leaves a transition to the loop's next step, before any message.
    #[cold]
    fn follow(&self, transition: Transition<M>, context: &mut Context<Self>) {
        let next = match transition.more.is_none() && !context.is_watched() {
            true => {
                transition.reply.publish();
                self.next()
            }
            false => Next::Continue(Inside(Some(transition.into_more()))),
        };
        context.turn().decide(next);
    }
}

/// Keeps the text of an event, if the machine has one.
#[inline(always)]
fn shown<M: StateMachine>(event: Event<M>, context: &mut Context<Machine<M>>) -> Event<M> {
    if let Some(text) = event.shown() {
        context.show(text);
    }
    event
}

/// Takes the message that is the first item.
#[inline(always)]
fn pop<M: StateMachine>(context: &mut Context<Machine<M>>) -> Content<Machine<M>> {
    let (turn, block) = context.parts();
    turn.inbox.note_taking(block);
    match turn.inbox.pop() {
        Some(Item::Message(envelope)) => envelope.content,
        _ => unreachable!("the loop has seen a message"),
    }
}
