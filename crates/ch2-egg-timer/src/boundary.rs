//! The process that keeps the alarms.
//!
//! Three kinds of message reach it: *calls*, whose sender waits for an answer; *casts*, whose
//! sender does not; and everything else as *info*: the rings of its own timers, and the news that
//! the process which ran an action has ended.
//!
//! What to do with an alarm is decided by [`Alarms`] in the core. Here its decisions are carried
//! out: timers are started and cancelled, actions run, the owner is told.
//!
//! Beside it stands the egg timer that one writes first, [`naive`], to be broken.

mod event;
pub mod naive;
mod on_ring;

pub use self::event::Event;
pub use self::on_ring::{Action, OnRing};

use crate::core::{Alarm, AlarmName, Alarms, Length, Status};
use otp_core::gen_server::{self, MessageView};
use otp_core::prelude::*;
use otp_core::{MonitorRef, TimerRef};
use std::collections::HashMap;
use std::fmt;
use std::time::Instant;

/// A message whose sender waits for the answer.
#[derive(Debug)]
pub enum Call {
    /// How the pending alarms stand, sorted by name.
    Status(ReplyTo<Vec<Status>>),
    /// Take an alarm back.
    Cancel(AlarmName, ReplyTo<Result<(), UnknownAlarm>>),
    /// Wait for an alarm. The answer comes when it has rung or was cancelled.
    Wait(AlarmName, ReplyTo<Result<Waited, UnknownAlarm>>),
    /// End in good order. The answer comes when `terminate` has run.
    Stop(ReplyTo<()>),
}

/// A message whose sender goes on at once.
#[derive(Debug)]
pub enum Cast {
    /// Set an alarm. One that has the same name is replaced.
    Schedule(AlarmName, Length, OnRing),
    /// End with this reason.
    Stop(ExitReason),
}

/// The message of a timer that has run out.
#[derive(Debug)]
pub struct Ring {
    name: AlarmName,
    timer: TimerRef,
}

/// How the wait for an alarm ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// It has rung.
    Rang,
    /// It was cancelled.
    Cancelled,
}

/// Those who wait for an alarm, and have no answer yet.
type Waiting = HashMap<AlarmName, Vec<ReplyTo<Result<Waited, UnknownAlarm>>>>;

/// No alarm of that name is pending: it was never set, or it has rung or was cancelled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no alarm {:?} is pending", .0.as_str())]
pub struct UnknownAlarm(pub AlarmName);

/// The egg timer's server. [`EggTimer`](crate::api::EggTimer) is the way to talk to it.
#[derive(Debug)]
pub struct Server {
    owner: Owner,
    alarms: Alarms<OnRing, TimerRef>,
    waiting: Waiting,
    /// The processes that run an action at this moment, by the monitor which watches them.
    ringing: HashMap<MonitorRef, (AlarmName, Pid)>,
}

/// Whoever wants to hear what happens to the alarms.
pub struct Owner(Box<dyn FnMut(Event) + Send>);

impl Owner {
    /// An owner that is told by calling `tell`, which must not block: the timer waits for it.
    pub fn new(tell: impl FnMut(Event) + Send + 'static) -> Self {
        Self(Box::new(tell))
    }

    fn tell(&mut self, event: Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner")
    }
}

#[gen_server]
impl GenServer for Server {
    type Args = Owner;
    type Call = Call;
    type Cast = Cast;
    type Info = Ring;

    async fn init(owner: Owner, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        // Without this an exit signal from the parent would end the server on the spot, and nobody
        // would learn which alarms were still pending.
        ctx.trap_exit(true);
        Ok(Init::state(Self {
            owner,
            alarms: Alarms::new(),
            waiting: Waiting::new(),
            ringing: HashMap::new(),
        }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Status(from) => from.reply(self.alarms.status(now())),
            Call::Cancel(name, from) => from.reply(self.cancel(name)),
            Call::Wait(name, from) if self.alarms.contains(&name) => {
                self.waiting.entry(name).or_default().push(from);
                Reply::later()
            }
            Call::Wait(name, from) => from.reply(Err(UnknownAlarm(name))),
            Call::Stop(from) => from.reply(()).then(Next::Stop(ExitReason::Normal)),
        }
    }

    async fn handle_cast(&mut self, cast: Cast, ctx: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Schedule(name, length, on_ring) => {
                self.schedule(name, length, on_ring, ctx);
                Next::NoReply
            }
            Cast::Stop(reason) => Next::Stop(reason),
        }
    }

    async fn handle_info(&mut self, info: Info<Ring>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(Ring { name, timer }) => {
                if let Some(alarm) = self.alarms.ring(&name, &timer) {
                    self.ring(name, alarm.into_action());
                }
            }
            Info::Down(down) => self.action_ended(&down),
            // A stranger's exit signal is no reason to forget the eggs. The parent's never gets
            // here: it ends the server by way of `terminate`.
            Info::Exit(_) | Info::Timeout => {}
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Context<Self>) {
        for status in self.alarms.status(now()) {
            self.owner.tell(Event::Pending(status));
        }
        for (_, pid) in self.ringing.values() {
            ctx.node().exit(*pid, ExitReason::Shutdown);
        }
        self.owner.tell(Event::Stopped(reason.clone()));
    }

    fn format_status(&self, status: &mut gen_server::Status) {
        let pending: Vec<_> = self.alarms.names().map(AlarmName::as_str).collect();
        status.state = Some(format!("pending {pending:?}"));
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
    fn schedule(
        &mut self,
        name: AlarmName,
        length: Length,
        on_ring: OnRing,
        ctx: &mut Context<Self>,
    ) {
        let alarm = Alarm::new(name.clone(), length, now(), on_ring);
        let timer = ctx.start_timer(length.duration(), |timer| Ring {
            name: name.clone(),
            timer,
        });
        if let Some(replaced) = self.alarms.set(alarm, timer) {
            replaced.cancel();
        }
        self.owner.tell(Event::Scheduled { name, length });
    }

    fn cancel(&mut self, name: AlarmName) -> Result<(), UnknownAlarm> {
        match self.alarms.cancel(&name) {
            Some(timer) => {
                timer.cancel();
                self.answer(&name, Waited::Cancelled);
                Ok(())
            }
            None => Err(UnknownAlarm(name)),
        }
    }

    fn ring(&mut self, name: AlarmName, on_ring: OnRing) {
        let (message, action) = on_ring.parts();
        self.owner.tell(Event::Rang {
            name: name.clone(),
            message,
        });
        self.answer(&name, Waited::Rang);
        if let Some(action) = action {
            let (pid, monitor) = action.spawn();
            self.ringing.insert(monitor, (name, pid));
        }
    }

    /// Tells those who wait for an alarm. The owner has been told before.
    fn answer(&mut self, name: &AlarmName, waited: Waited) {
        for from in self.waiting.remove(name).unwrap_or_default() {
            from.send(Ok(waited));
        }
    }

    fn action_ended(&mut self, down: &Down) {
        let Some((name, _)) = self.ringing.remove(&down.monitor) else {
            return;
        };
        if down.reason.is_abnormal() {
            self.owner.tell(Event::Failed {
                name,
                reason: down.reason.clone(),
            });
        }
    }
}

/// The monotonic clock, which no correction of the date moves. Tests pause it.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
