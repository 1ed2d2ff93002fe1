//! The parts of a machine besides state and data: the events inside, and the timers of its time-outs.

use std::collections::HashMap;

use tokio::time::Instant;

use super::StateMachine;
use super::core::{Command, InternalEvent, MachineCore, Setting, TransitionParts};
use super::event::shown_timeout;
use super::machine::Machine;
use super::transition::{Aside, More, Order};
use crate::gen_server::{Client, Context, Status};
use crate::process::panic::Contained;
use crate::timer::TimerRef;
use crate::util::numbered::Numbered;

/// An event that was put aside, and the caller that waits for its answer.
pub(super) struct PostponedEvent<M: StateMachine> {
    pub(super) event: Aside<M>,
    pub(super) client: Option<Client>,
}

pub(super) struct MachineInner<M: StateMachine> {
    core: MachineCore<PostponedEvent<M>, Contained<M::Timer>, Instant>,
    /// The timers that have been started, by the number of the setting.
    timers: HashMap<u64, TimerRef, Numbered>,
    /// Nothing in between two events.
    commands: Vec<Command<Instant>>,
}

impl<M: StateMachine> MachineInner<M> {
    pub(super) fn new() -> Self {
        Self {
            core: MachineCore::new(),
            timers: HashMap::default(),
            commands: Vec::new(),
        }
    }

    /// Applies the actions of a transition. Returns how many timers were started.
    pub(super) fn apply(
        &mut self,
        changed: bool,
        more: &mut More<M>,
        client: Option<Client>,
        context: &Context<Machine<M>>,
    ) {
        let settings = more.timeouts.drain(..).map(|(timer, order)| match order {
            Order::Set(ends, due) => Setting::Set {
                timer,
                ends,
                when: due.into(),
            },
            Order::Cancel => Setting::Cancel(timer),
        });
        let change = TransitionParts {
            changed,
            settings: settings.collect(),
            postponed: more
                .postponed
                .take()
                .map(|event| PostponedEvent { event, client }),
            inserted: more
                .inserted
                .drain(..)
                .map(|event| PostponedEvent {
                    event,
                    client: None,
                })
                .collect(),
        };
        self.core.apply(change, &mut self.commands);
        self.carry_out(context);
    }

    /// An event is about to be handled.
    #[inline]
    pub(super) fn begin(&mut self, context: &Context<Machine<M>>) {
        self.core.begin(&mut self.commands);
        if !self.commands.is_empty() {
            self.carry_out(context);
        }
    }

    /// Whether the next event ends a time-out.
    pub(super) fn ends_with_event(&self) -> bool {
        self.core.ends_with_event()
    }

    fn carry_out(&mut self, context: &Context<Machine<M>>) {
        for command in self.commands.drain(..) {
            match command {
                Command::Start(number, due) => {
                    let timer = context.start_alarm(number, due);
                    self.timers.insert(number, timer);
                }
                Command::Stop(number) => {
                    if let Some(timer) = self.timers.remove(&number) {
                        timer.cancel();
                    }
                }
            }
        }
    }

    pub(super) fn has_next(&self) -> bool {
        self.core.has_next()
    }

    pub(super) fn next(&mut self) -> Option<InternalEvent<PostponedEvent<M>, Contained<M::Timer>>> {
        self.core.next()
    }

    pub(super) fn rang(&mut self, number: u64) -> Option<M::Timer> {
        self.timers.remove(&number);
        self.core.rang(number).map(Contained::into_inner)
    }

    /// Adds the events inside to the status, as far as the machine has texts for them.
    pub(super) fn show(&self, status: &mut Status) {
        let show = |held: &PostponedEvent<M>| {
            text(held.event.get().kind(), held.event.get().shown_anyway())
        };
        status.queue = self.core.inside().map(show).collect();
        status.postponed = self.core.postponed().map(show).collect();
        let timeouts = self.core.timeouts().into_iter();
        status.timeouts = timeouts
            .map(|timer| text("timeout", shown_timeout::<M>(timer.get())))
            .collect();
    }
}

/// An event in a report.
fn text(kind: &str, shown: Option<String>) -> String {
    match shown {
        Some(text) => format!("{kind} {text}"),
        None => kind.to_owned(),
    }
}
