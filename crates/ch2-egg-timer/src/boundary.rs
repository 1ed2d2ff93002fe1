//! The process that keeps the alarms.
//!
//! What becomes of an alarm is decided by [`Alarms`] in the core. Here its decisions are carried out: timers are started and
//! cancelled, actions run, the owner is told.

use crate::core::{Alarm, AlarmName, Alarms, Length, Status};
use otp_core::gen_server::{self, MessageView};
use otp_core::prelude::*;
use otp_core::{MonitorRef, TimerRef, process, timer::WallClock};
use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::time::SystemTime;

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

/// Anything else: a timer has fired. The message contains the timer, so that a stale ring is noticed.
#[derive(Debug)]
pub struct Ring(AlarmName, TimerRef);
// ANCHOR_END: messages

/// No alarm of this name is pending: it was never set, or it has rung or was cancelled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no alarm {:?} is pending", .0.as_str())]
pub struct UnknownAlarm(pub AlarmName);

/// News about an alarm, in the order in which things happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The alarm is set, and replaces one that had the same name. It rings at this moment.
    Scheduled(AlarmName, Length, SystemTime),
    /// The alarm rings, with what it was told to say.
    Rang(AlarmName, Option<String>),
    /// The action of an alarm that had rung did not end well. The timer goes on.
    Failed(AlarmName, ExitReason),
    /// The timer is about to stop, and this alarm will not ring.
    Pending(Status),
    /// The timer has stopped. Nothing comes after this.
    Stopped(ExitReason),
}

/// What to do when an alarm rings. Its owner is told in any case.
#[derive(Debug)]
pub enum OnRing {
    /// Tell the owner, with a message if there is one.
    Tell(Option<String>),
    /// Tell the owner and run an action.
    Run(Action),
}

/// Code that runs when an alarm rings, in a process of its own: it may panic, and it may take for ever.
pub struct Action(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Action {
    /// Makes an action of an `async` block.
    pub fn new(action: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Box::pin(action))
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Action")
    }
}

/// What the timer calls with all that happens. It must not block: the timer waits for it.
pub(crate) type Tell = Box<dyn FnMut(Event) + Send>;

pub(crate) struct Server {
    tell: Tell,
    clock: WallClock,
    alarms: Alarms<OnRing, TimerRef>,
    /// The callers of `Wait` that have no answer yet.
    waiting: HashMap<AlarmName, Vec<ReplyTo<()>>>,
    /// The processes that run an action now, by the monitor that tells of their end.
    ringing: HashMap<MonitorRef, (AlarmName, Pid)>,
}

#[gen_server]
impl GenServer for Server {
    type Args = (Tell, WallClock);
    type Call = Call;
    type Cast = Cast;
    type Info = Ring;

    async fn init(args: Self::Args, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let (tell, clock) = args;
        // An exit signal of the parent would end the server at once, without a last word.
        ctx.trap_exit(true);
        Ok(Init::state(Self {
            tell,
            clock,
            alarms: Alarms::new(),
            waiting: HashMap::new(),
            ringing: HashMap::new(),
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
            // The exit of a process that is not the parent.
            Info::Exit(_) | Info::Timeout => {}
        }
        Next::NoReply
    }
    // ANCHOR_END: callbacks

    // ANCHOR: terminate
    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Context<Self>) {
        for status in self.alarms.status(self.clock.now()) {
            (self.tell)(Event::Pending(status));
        }
        for (_, pid) in self.ringing.values() {
            ctx.node().exit(*pid, ExitReason::Shutdown);
        }
        (self.tell)(Event::Stopped(reason.clone()));
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
        (self.tell)(Event::Scheduled(name, length, due));
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
        (self.tell)(Event::Rang(alarm.name.clone(), message));
        self.answer(&alarm.name);
        if let Some(action) = action {
            // In a process that this one monitors and is not linked to.
            let (process, monitor) = process::spawn_monitor(|_: Mailbox<Never>| action.0);
            self.ringing.insert(monitor, (alarm.name, process.pid()));
        }
    }
    // ANCHOR_END: work

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
            (self.tell)(Event::Failed(name, down.reason.clone()));
        }
    }
}
