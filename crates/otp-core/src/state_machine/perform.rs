//! How a machine performs a transition that a callback has returned.

use std::future::Future;
use std::mem;

use super::StateMachine;
use super::event::shown_timeout;
use super::inner::MachineInner;
use super::machine::{Inside, Machine};
use super::transition::{After, Entered, More, To, Transition};
use crate::exit::ExitReason;
use crate::gen_server::report::LastKind;
use crate::gen_server::{Context, Next, Pending};
use crate::process::panic::{Alone, Contained, OneOfMany};
use crate::process::telemetry::Callback;
use crate::sys::event::SysEvent;

impl<M: StateMachine> Machine<M> {
    /// Performs the change of state that a callback has decided, and takes over its other actions.
    #[allow(
        clippy::manual_async_fn,
        reason = "an async fn keeps its arguments twice"
    )]
    pub(super) fn perform(
        &mut self,
        mut more: Box<More<M>>,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self>> + Send {
        async move {
            if more.after == After::Init {
                context.note(LastKind::None, None);
            }
            read(&mut more, context);
            let (enters, new) = match mem::replace(&mut more.to, To::Keep) {
                To::Stop(reason) => return Next::Stop(reason),
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
            self.commit(new, &mut more, context)
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
        more: &mut More<M>,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Option<ExitReason>> + Send {
        async move {
            loop {
                context.begun_besides(Callback::Enter);
                let Self { data, state, .. } = self;
                let entering = data.enter(new.unwrap_or(state), state, context);
                let Entered(its) = Alone::new(entering).await;
                match join(more, its, context) {
                    To::Stop(reason) => return Some(reason),
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
        more: &mut More<M>,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        let changed = new.is_some();
        let former = new.map(|new| mem::replace(&mut self.state, new));
        let hibernate = more.hibernate;
        if context.is_watched() {
            self.tell(more, context);
        }
        if more.has_actions() || (changed && self.inner.is_some()) {
            let client = context.last.client;
            let inner = self
                .inner
                .get_or_insert_with(|| Box::new(MachineInner::new()));
            inner.apply(changed, more, client, context);
            // The next event is noted, so that it ends the time-outs that any event ends.
            context.notes |= inner.ends_with_event();
        }
        drop(former);
        match hibernate && !self.has_inside() {
            true => Next::Hibernate,
            false => self.next(),
        }
    }

    /// The next step of a machine that has no transition to perform.
    pub(super) fn next(&self) -> Next<Self> {
        match self.has_inside() {
            true => Next::Continue(Inside(None)),
            false => Next::NoReply,
        }
    }

    /// Whether there is an event inside, which comes before any message.
    fn has_inside(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| inner.has_next())
    }

    /// Reports to `sys` how an event has ended, and which time-outs were set.
    #[cold]
    fn tell(&self, more: &More<M>, context: &mut Context<Self>) {
        if more.after == After::Event {
            context.tell_ended(self, more.postponed.is_some());
        }
        for (at, (timer, order)) in more.timeouts.iter().enumerate() {
            let mut later = more.timeouts[at + 1..].iter();
            if order.starts() && !later.any(|(other, _)| other == timer) {
                let timer = shown_timeout::<M>(timer.get());
                context.tell_event(SysEvent::TimerStarted { timer });
            }
        }
    }
}

/// Publishes the replies of a callback, and reports the inserted events to `sys`.
fn read<M: StateMachine>(more: &mut More<M>, context: &mut Context<Machine<M>>) {
    publish(mem::replace(&mut more.reply, Pending::none()), context);
    for reply in more.replies.drain(..) {
        publish(reply, context);
    }
    if context.is_watched() {
        for event in more.inserted.iter().map(Contained::get) {
            context.tell_inserted(event.message_kind(), event.shown());
        }
    }
}

/// Appends the actions of the state enter call to those of the change. Returns what that call has decided.
fn join<M: StateMachine>(
    more: &mut More<M>,
    Transition { reply, more: its }: Transition<M>,
    context: &mut Context<Machine<M>>,
) -> To<M::State> {
    publish(reply, context);
    let Some(mut its) = its else {
        return To::Keep;
    };
    for reply in its.replies.drain(..) {
        publish(reply, context);
    }
    more.timeouts.append(&mut its.timeouts);
    more.hibernate |= its.hibernate;
    mem::replace(&mut its.to, To::Keep)
}

/// Publishes an answer, if there is one.
#[inline]
fn publish<M: StateMachine>(reply: Pending, context: &mut Context<Machine<M>>) {
    if reply.is_none() {
        return;
    }
    let to = context.is_watched().then(|| reply.client());
    reply.publish();
    if let Some(to) = to {
        context.tell_reply(to);
    }
}
