//! How a machine handles an event: calls the callback, and performs the transition that the callback returns.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use pin_project_lite::pin_project;

use super::StateMachine;
use super::core::InternalEvent;
use super::event::{Event, shown_timeout};
use super::inner::{MachineInner, PostponedEvent};
use super::machine::{Decided, Inside, Machine};
use super::transition::{Entered, More, To, Transition};
use crate::exit::ExitReason;
use crate::gen_server::report::LastKind;
use crate::gen_server::{Context, Next, Pending, Reply};
use crate::process::panic::{Alone, Contained, OneOfMany};
use crate::process::telemetry::Callback;
use crate::sys::event::{MessageKind, SysEvent};

/// The origin of a transition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Init,
    Event,
}

impl<M: StateMachine> Machine<M> {
    /// Calls the callback, and returns the facts about the machine that are needed after it.
    ///
    /// Nearly all callbacks return that the state stays. The loop is told so directly. A second future around the
    /// callback's could perform the transition itself, but would move the event once more, and this copy is half of the
    /// cost of an event.
    ///
    /// `wrap` makes the event. Nothing unwinds between this and the callback of a machine that is not watched, has no
    /// texts and has set no time-outs. So its event goes into the future at once.
    #[inline(always)]
    pub(super) fn handling<T>(
        &mut self,
        content: T,
        wrap: impl FnOnce(T) -> Event<M>,
        context: &mut Context<Self>,
    ) -> (impl Future<Output = Transition<M>> + Send, Rest) {
        let watched = context.is_watched();
        if self.inner.is_none() && !watched {
            let event = wrap(content);
            if let Some(text) = event.shown() {
                context.show(text);
            }
            return (
                self.data.handle(&self.state, event, context),
                Rest::default(),
            );
        }
        let event = self.begin(wrap(content), context);
        let rest = Rest {
            has_next: self.inner.as_ref().is_some_and(|inner| inner.has_next()),
            watched,
        };
        (self.data.handle(&self.state, event, context), rest)
    }

    /// Handles an event that is no call. Not an `async fn`, which would keep the event twice; it may be large.
    #[inline(always)]
    pub(super) fn handle<T>(
        &mut self,
        content: T,
        wrap: impl FnOnce(T) -> Event<M>,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self>> + Send {
        let (handling, rest) = self.handling(content, wrap, context);
        EventHandling::new(handling, move |transition: &mut Transition<M>| {
            rest.next(transition)
        })
    }

    /// Makes the transition that a callback has returned.
    pub(super) fn decided(
        &mut self,
        Decided { transition, after }: Decided<M>,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self>> + Send {
        let Transition { to, reply, more } = transition;
        if let Some(reply) = reply {
            publish(reply, context);
        }
        let to = match after {
            After::Event => to,
            After::Init => {
                context.note(LastKind::None, None);
                To::Repeat
            }
        };
        self.go_on(to, more, after, context)
    }

    /// Performs the change of state that a callback has decided, and takes over its other actions.
    #[allow(
        clippy::manual_async_fn,
        reason = "an async fn keeps its arguments twice"
    )]
    fn go_on(
        &mut self,
        to: To<M::State>,
        mut more: Option<Box<More<M>>>,
        after: After,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self>> + Send {
        async move {
            read(&mut more, context);
            let (enters, new) = match to {
                To::Stop(reason) => return Next::Stop(*reason),
                To::Keep => (false, None),
                To::Repeat => (true, None),
                To::Next(state) if *state == *self.state => (false, None),
                To::Next(state) => (true, Some(state)),
            };
            if enters && let Some(reason) = self.enter(new.as_deref(), &mut more, context).await {
                let former = new.map(|new| mem::replace(&mut self.state, new));
                drop(former);
                return Next::Stop(reason);
            }
            self.commit(new, more, after, context)
        }
    }

    /// Enters a state, the present one if there is no new one. Returns why the machine stops, if it does.
    #[allow(
        clippy::manual_async_fn,
        reason = "an async fn keeps its arguments twice"
    )]
    fn enter(
        &mut self,
        new: Option<&M::State>,
        more: &mut Option<Box<More<M>>>,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Option<ExitReason>> + Send {
        async move {
            loop {
                context.begun_besides(Callback::Enter);
                let Self { data, state, .. } = self;
                let entering = data.enter(new.unwrap_or(state), state, context);
                let entered = Alone::new(entering).await;
                let Entered(Transition {
                    to,
                    reply,
                    more: its,
                }) = entered;
                if let Some(reply) = reply {
                    publish(reply, context);
                }
                join(more, its, context);
                match to {
                    To::Stop(reason) => return Some(*reason),
                    To::Keep | To::Next(_) => return None,
                    To::Repeat => {
                        // Yields at times: a machine may enter states again without end.
                        let (turn, block) = context.parts();
                        turn.inbox.pause(block).await;
                    }
                }
            }
        }
    }

    /// The transition takes effect.
    fn commit(
        &mut self,
        new: Option<OneOfMany<M::State>>,
        more: Option<Box<More<M>>>,
        after: After,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        let changed = new.is_some();
        let former = new.map(|new| mem::replace(&mut self.state, new));
        let hibernate = more.as_ref().is_some_and(|more| more.hibernate);
        if context.is_watched() {
            self.tell(more.as_deref(), after, context);
        }
        if more.is_some() || (changed && self.inner.is_some()) {
            let client = context.last.client;
            let inner = self
                .inner
                .get_or_insert_with(|| Box::new(MachineInner::new()));
            inner.apply(changed, more, client, context);
        }
        drop(former);
        self.next(hibernate)
    }

    /// The next step of the machine.
    pub(super) fn next(&self, hibernate: bool) -> Next<Self> {
        match &self.inner {
            Some(inner) if inner.has_next() => Next::Continue(Inside(None)),
            _ if hibernate => Next::Hibernate,
            _ => Next::NoReply,
        }
    }

    /// Notes an event that is about to be handled.
    fn begin(&mut self, event: Event<M>, context: &mut Context<Self>) -> Event<M> {
        if let Some(inner) = &mut self.inner {
            inner.begin(context);
        }
        if let Some(text) = event.shown() {
            context.show(text);
        }
        if context.is_watched() && !matches!(context.last.kind, LastKind::Inside) {
            context.tell_in(kind(&event));
        }
        event
    }

    /// The next event that is inside; a time-out of zero counts as one that comes from outside.
    pub(super) fn take_inside(&mut self, context: &mut Context<Self>) -> Option<Event<M>> {
        Some(match self.inner.as_mut()?.next()? {
            InternalEvent::Event(PostponedEvent { event, client }) => {
                context.note(LastKind::Inside, client);
                *event.into_inner()
            }
            InternalEvent::Timeout(timer) => {
                context.note(LastKind::Timeout, None);
                Event::Timeout(timer.into_inner())
            }
        })
    }

    pub(super) fn rang(&mut self, number: Option<u64>) -> Option<M::Timer> {
        self.inner.as_mut()?.rang(number?)
    }

    /// Reports to `sys` how an event has ended, and which time-outs were set.
    #[cold]
    fn tell(&self, more: Option<&More<M>>, after: After, context: &mut Context<Self>) {
        if after == After::Event {
            let postponed = more.is_some_and(|more| more.postponed.is_some());
            context.tell_ended(self, postponed);
        }
        let timeouts = more.map_or(&[][..], |more| &more.timeouts);
        for (at, (timer, order)) in timeouts.iter().enumerate() {
            let mut later = timeouts[at + 1..].iter();
            if order.starts() && !later.any(|(other, _)| other == timer) {
                let timer = shown_timeout::<M>(timer.get());
                context.tell_event(SysEvent::TimerStarted { timer });
            }
        }
    }
}

pin_project! {
    /// A callback, and the function for its result, which runs when the callback is dropped. It is not polled afterwards.
    /// The function takes all out of the result that has a destructor.
    pub(super) struct EventHandling<F, T> {
        #[pin]
        handling: Option<F>,
        then: T,
    }
}

impl<F, T> EventHandling<F, T> {
    pub(super) fn new(handling: F, then: T) -> Self {
        let handling = Some(handling);
        Self { handling, then }
    }
}

impl<F: Future, T: Fn(&mut F::Output) -> R, R> Future for EventHandling<F, T> {
    type Output = R;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<R> {
        let mut this = self.project();
        let handling = this.handling.as_mut().as_pin_mut();
        let handling = handling.expect("it is polled until it is ready");
        // The result is read in place: a move would load as one what the callback has just stored in parts.
        let mut polled = handling.poll(cx);
        let Poll::Ready(returned) = &mut polled else {
            return Poll::Pending;
        };
        this.handling.set(None);
        let then = (this.then)(returned);
        // Nothing is left in it to drop.
        mem::forget(polled);
        Poll::Ready(then)
    }
}

/// The facts about a machine that its callback does not see.
#[derive(Clone, Copy, Default)]
pub(super) struct Rest {
    /// There are events inside.
    has_next: bool,
    watched: bool,
}

impl Rest {
    /// The step of the loop after a call.
    #[inline(always)]
    pub(super) fn reply<M: StateMachine>(
        self,
        transition: &mut Transition<M>,
    ) -> Reply<Machine<M>> {
        if !self.stays(transition) {
            return Reply::later().then(Next::Continue(later(transition)));
        }
        let next = self.after();
        match transition.reply.take() {
            Some(answer) => Reply { answer, next },
            None => Reply::later().then(next),
        }
    }

    /// The step of the loop after another event.
    #[inline(always)]
    pub(super) fn next<M: StateMachine>(self, transition: &mut Transition<M>) -> Next<Machine<M>> {
        if !self.stays(transition) {
            return Next::Continue(later(transition));
        }
        if let Some(answer) = transition.reply.take() {
            answer.publish();
        }
        self.after()
    }

    /// Whether a reply is the only action.
    #[inline(always)]
    fn stays<M: StateMachine>(self, transition: &Transition<M>) -> bool {
        matches!(transition.to, To::Keep) && transition.more.is_none() && !self.watched
    }

    #[inline(always)]
    fn after<M: StateMachine>(self) -> Next<Machine<M>> {
        match self.has_next {
            true => Next::Continue(Inside(None)),
            false => Next::NoReply,
        }
    }
}

/// Leaves a transition to the loop's next step, before any message.
#[cold]
fn later<M: StateMachine>(transition: &mut Transition<M>) -> Inside<M> {
    let transition = mem::replace(transition, Transition::keep());
    Inside::of(transition, After::Event)
}

/// Publishes the replies of a callback, and reports the inserted events to `sys`.
fn read<M: StateMachine>(more: &mut Option<Box<More<M>>>, context: &mut Context<Machine<M>>) {
    let Some(more) = more else { return };
    for reply in more.replies.drain(..) {
        publish(reply, context);
    }
    if context.is_watched() {
        for event in more.inserted.iter().map(Contained::get) {
            context.tell_inserted(kind(event), event.shown());
        }
    }
}

/// Appends the actions of the state enter call to those of the change.
fn join<M: StateMachine>(
    more: &mut Option<Box<More<M>>>,
    its: Option<Box<More<M>>>,
    context: &mut Context<Machine<M>>,
) {
    let Some(mut its) = its else { return };
    for reply in its.replies.drain(..) {
        publish(reply, context);
    }
    let more = more.get_or_insert_default();
    more.timeouts.append(&mut its.timeouts);
    more.hibernate |= its.hibernate;
}

/// Publishes an answer.
#[inline]
fn publish<M: StateMachine>(reply: Pending, context: &mut Context<Machine<M>>) {
    let to = context.is_watched().then(|| reply.client());
    reply.publish();
    if let Some(to) = to {
        context.tell_reply(to);
    }
}

fn kind<M: StateMachine>(event: &Event<M>) -> MessageKind {
    match event {
        Event::Call(_) => MessageKind::Call,
        Event::Cast(_) => MessageKind::Cast,
        Event::Info(_) | Event::Down(_) | Event::Exit(_) => MessageKind::Info,
        Event::Internal(_) => MessageKind::Internal,
        Event::Timeout(_) => MessageKind::Timeout,
    }
}
