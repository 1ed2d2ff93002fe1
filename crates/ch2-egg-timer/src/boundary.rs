//! The process of the egg timer.
//!
//! [`Alarms`] in the core decides, and the boundary carries the decisions out: it starts and cancels timers, runs actions and
//! passes events to the listener.

use crate::core::{Alarm, AlarmName, Alarms, Length, Status};
use otp_core::gen_server::{self, MessageView};
use otp_core::prelude::*;
use otp_core::{MonitorRef, TimerRef, process, timer::WallClock};
use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::time::SystemTime;

// ANCHOR: messages
/// Calls of the egg timer. The sender waits for the answer.
#[derive(Debug)]
pub enum Call {
    /// The status of the pending alarms.
    Status(ReplyTo<Vec<Status>>),
    /// Cancel an alarm.
    Cancel(AlarmName, ReplyTo<Result<(), UnknownAlarm>>),
    /// Answer when no alarm of this name is pending.
    Wait(AlarmName, ReplyTo<()>),
}

/// Casts of the egg timer. The sender does not wait.
#[derive(Debug)]
pub enum Cast {
    /// Set an alarm. It replaces an alarm with the same name.
    Schedule(Alarm<OnRing>),
    /// Stop with this reason.
    Stop(ExitReason),
}

/// A plain message: a timer has fired. The message contains the timer, so that the process can detect a stale ring.
#[derive(Debug)]
pub struct Ring(AlarmName, TimerRef);
// ANCHOR_END: messages

/// No alarm of this name is pending: it was never set, or it has rung or was cancelled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no alarm {:?} is pending", .0.as_str())]
pub struct UnknownAlarm(pub AlarmName);

/// An event of the egg timer. The listener gets the events in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The alarm is set and will ring at this moment. It has replaced an alarm with the same name.
    Scheduled(AlarmName, Length, SystemTime),
    /// The alarm has rung, with its message.
    Rang(AlarmName, Option<String>),
    /// The action of an alarm has failed. The timer is not affected.
    Failed(AlarmName, ExitReason),
    /// The timer stops, so this pending alarm will not ring.
    Pending(Status),
    /// The timer has stopped. This is the last event.
    Stopped(ExitReason),
}

/// The effect of a ring. The listener gets an event in any case.
#[derive(Debug)]
pub enum OnRing {
    /// Pass an event to the listener, with a message if there is one.
    Tell(Option<String>),
    /// Pass an event to the listener, and run an action.
    Run(Action),
}

/// Code that runs when an alarm rings. It has a separate process, so it may panic or never end.
pub struct Action(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Action {
    /// Creates an action from a future.
    pub fn new(action: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Box::pin(action))
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Action")
    }
}

/// The function that gets the events of the timer. It must not block, because the timer waits for it.
pub(crate) type Listener = Box<dyn FnMut(Event) + Send>;

pub(crate) struct Server {
    listener: Listener,
    clock: WallClock,
    alarms: Alarms<OnRing, TimerRef>,
    /// The callers of `Wait` that have no answer yet.
    waiting: HashMap<AlarmName, Vec<ReplyTo<()>>>,
    /// The processes that run an action, by the monitors on them.
    actions: HashMap<MonitorRef, (AlarmName, Pid)>,
}

#[gen_server]
impl GenServer for Server {
    type Args = (Listener, WallClock);
    type Call = Call;
    type Cast = Cast;
    type Info = Ring;

    async fn init(args: Self::Args, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let (listener, clock) = args;
        // Without this an exit signal of the parent would end the server before `terminate`.
        ctx.trap_exit(true);
        Ok(Init::state(Self {
            listener,
            clock,
            alarms: Alarms::new(),
            waiting: HashMap::new(),
            actions: HashMap::new(),
        }))
    }

    // ANCHOR: callbacks
    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Status(from) => from.reply(self.alarms.status(self.clock.now())),
            Call::Cancel(name, from) => from.reply(self.cancel(&name)),
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
            Info::Message(Ring(name, timer)) => self.ring(&name, &timer),
            Info::Down(down) => self.action_ended(&down),
            // An EXIT of a process that is not the parent.
            Info::Exit(_) | Info::Timeout => {}
        }
        Next::NoReply
    }
    // ANCHOR_END: callbacks

    // ANCHOR: terminate
    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Context<Self>) {
        for status in self.alarms.status(self.clock.now()) {
            (self.listener)(Event::Pending(status));
        }
        for (_, pid) in self.actions.values() {
            ctx.node().exit(*pid, ExitReason::Shutdown);
        }
        (self.listener)(Event::Stopped(reason.clone()));
    }
    // ANCHOR_END: terminate

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

impl Server {
    // ANCHOR: work
    fn schedule(&mut self, alarm: Alarm<OnRing>, ctx: &mut Context<Self>) {
        let (name, length, due) = (alarm.name.clone(), alarm.length, alarm.due);
        let timer = (self.clock).start_timer(ctx.me(), due, |timer| Ring(name.clone(), timer));
        if let Some(replaced) = self.alarms.set(alarm, timer) {
            replaced.cancel();
        }
        (self.listener)(Event::Scheduled(name, length, due));
    }

    fn cancel(&mut self, name: &AlarmName) -> Result<(), UnknownAlarm> {
        let timer = self.alarms.cancel(name);
        timer.ok_or_else(|| UnknownAlarm(name.clone()))?.cancel();
        self.answer(name);
        Ok(())
    }

    fn ring(&mut self, name: &AlarmName, timer: &TimerRef) {
        let Some(alarm) = self.alarms.ring(name, timer) else {
            return; // The ring is stale.
        };
        let (message, action) = match alarm.action {
            OnRing::Tell(message) => (message, None),
            OnRing::Run(action) => (None, Some(action)),
        };
        (self.listener)(Event::Rang(alarm.name.clone(), message));
        self.answer(&alarm.name);
        if let Some(action) = action {
            // The process has a monitor and no link, so its end does not end the timer.
            let (process, monitor) = process::spawn_monitor(|_: Mailbox<Never>| action.0);
            self.actions.insert(monitor, (alarm.name, process.pid()));
        }
    }
    // ANCHOR_END: work

    /// Answers the callers of `Wait` for an alarm.
    fn answer(&mut self, name: &AlarmName) {
        for from in self.waiting.remove(name).unwrap_or_default() {
            from.send(());
        }
    }

    fn action_ended(&mut self, down: &Down) {
        if let Some((name, _)) = self.actions.remove(&down.monitor)
            && down.reason.is_abnormal()
        {
            (self.listener)(Event::Failed(name, down.reason.clone()));
        }
    }
}
