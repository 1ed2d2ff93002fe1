//! The process that keeps the alarms.
//!
//! What becomes of an alarm is decided by [`Alarms`] in the core. Here its decisions are carried out: timers are started and
//! cancelled, actions run, the owner is told.

mod event;
mod on_ring;

pub use self::event::Event;
pub use self::on_ring::{Action, OnRing};

use crate::core::{Alarm, AlarmName, Alarms, Status};
use otp_core::gen_server::{self, MessageView};
use otp_core::prelude::*;
use otp_core::{MonitorRef, TimerRef};
use std::collections::HashMap;
use tokio::time::Instant;

// ANCHOR: messages
/// A question: the sender waits for the answer.
#[derive(Debug)]
pub enum Call {
    /// How do the pending alarms stand?
    Status(ReplyTo<Vec<Status>>),
    /// Take an alarm back.
    Cancel(AlarmName, ReplyTo<Result<(), UnknownAlarm>>),
    /// Answer when no alarm of this name is pending.
    Wait(AlarmName, ReplyTo<()>),
}

/// An order: the sender goes on at once.
#[derive(Debug)]
pub enum Cast {
    /// Set an alarm. One that has the same name is replaced.
    Schedule(Alarm<OnRing>),
    /// End with this reason.
    Stop(ExitReason),
}

/// Anything else: a timer has run out. It brings itself along, as a proof.
#[derive(Debug)]
pub struct Ring {
    name: AlarmName,
    timer: TimerRef,
}

/// No alarm of this name is pending: it was never set, or it has rung or was cancelled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no alarm {:?} is pending", .0.as_str())]
pub struct UnknownAlarm(pub AlarmName);
// ANCHOR_END: messages

/// What the timer calls with all that happens. It must not block: the timer waits for it.
pub(crate) type Tell = Box<dyn FnMut(Event) + Send>;

// ANCHOR: state
pub(crate) struct Server {
    tell: Tell,
    alarms: Alarms<OnRing, TimerRef>,
    /// The callers of `Wait` that have no answer yet.
    waiting: HashMap<AlarmName, Vec<ReplyTo<()>>>,
    /// The processes that run an action now, by the monitor that tells of their end.
    ringing: HashMap<MonitorRef, (AlarmName, Pid)>,
}
// ANCHOR_END: state

// ANCHOR: server
#[gen_server]
impl GenServer for Server {
    type Args = Tell;
    type Call = Call;
    type Cast = Cast;
    type Info = Ring;

    async fn init(tell: Tell, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        // An exit signal of the parent would end the server at once, without a last word.
        ctx.trap_exit(true);
        Ok(Init::state(Self {
            tell,
            alarms: Alarms::default(),
            waiting: HashMap::new(),
            ringing: HashMap::new(),
        }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Status(from) => from.reply(self.alarms.status(Instant::now().into_std())),
            Call::Cancel(name, from) => from.reply(self.cancel(name)),
            Call::Wait(name, from) if self.alarms.contains(&name) => {
                self.waiting.entry(name).or_default().push(from);
                Reply::later()
            }
            Call::Wait(_, from) => from.reply(()),
        }
    }

    async fn handle_cast(&mut self, cast: Cast, ctx: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Schedule(alarm) => self.schedule(alarm, ctx),
            Cast::Stop(reason) => return Next::Stop(reason),
        }
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Ring>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(Ring { name, timer }) => {
                if let Some(alarm) = self.alarms.ring(&name, &timer) {
                    self.ring(alarm);
                }
            }
            Info::Down(down) => self.action_ended(&down),
            // The exit of a process that is not the parent.
            Info::Exit(_) | Info::Timeout => {}
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Context<Self>) {
        for status in self.alarms.status(Instant::now().into_std()) {
            (self.tell)(Event::Pending(status));
        }
        for (_, pid) in self.ringing.values() {
            ctx.node().exit(*pid, ExitReason::Shutdown);
        }
        (self.tell)(Event::Stopped(reason.clone()));
    }
    // ANCHOR_END: server

    fn format_status(&self, status: &mut gen_server::Status) {
        status.state = Some(format!("pending {:?}", self.alarms.names()));
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        Some(match message {
            MessageView::Call(call) => format!("{call:?}"),
            MessageView::Cast(cast) => format!("{cast:?}"),
            MessageView::Info(info) => format!("{info:?}"),
        })
    }
}

// ANCHOR: steps
impl Server {
    fn schedule(&mut self, alarm: Alarm<OnRing>, ctx: &mut Context<Self>) {
        let (name, length) = (alarm.name.clone(), alarm.length);
        let ring = name.clone();
        let timer = ctx.start_timer(length.duration(), |timer| Ring { name: ring, timer });
        if let Some(replaced) = self.alarms.set(alarm, timer) {
            replaced.cancel();
        }
        (self.tell)(Event::Scheduled { name, length });
    }

    fn cancel(&mut self, name: AlarmName) -> Result<(), UnknownAlarm> {
        let Some(timer) = self.alarms.cancel(&name) else {
            return Err(UnknownAlarm(name));
        };
        timer.cancel();
        self.answer(&name);
        Ok(())
    }

    fn ring(&mut self, alarm: Alarm<OnRing>) {
        let (message, action) = match alarm.action {
            OnRing::Tell(message) => (message, None),
            OnRing::Run(action) => (None, Some(action)),
        };
        let name = alarm.name.clone();
        (self.tell)(Event::Rang { name, message });
        self.answer(&alarm.name);
        if let Some(action) = action {
            let (pid, monitor) = action.spawn();
            self.ringing.insert(monitor, (alarm.name, pid));
        }
    }

    /// Answers the callers that wait for an alarm.
    fn answer(&mut self, name: &AlarmName) {
        for from in self.waiting.remove(name).unwrap_or_default() {
            from.send(());
        }
    }

    fn action_ended(&mut self, down: &Down) {
        if let Some((name, _)) = self.ringing.remove(&down.monitor)
            && down.reason.is_abnormal()
        {
            let reason = down.reason.clone();
            (self.tell)(Event::Failed { name, reason });
        }
    }
}
// ANCHOR_END: steps
