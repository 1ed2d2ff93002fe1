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

mod clock;
mod event;
pub mod naive;
mod on_ring;

pub use self::clock::Clock;
pub(crate) use self::clock::system_time;
pub use self::event::Event;
pub use self::on_ring::{Action, OnRing};

use self::clock::Watch;
use crate::core::{Alarm, AlarmName, Alarms, Length, Moment, Rung, Status};
use otp_core::gen_server::{self, MessageView};
use otp_core::prelude::*;
use otp_core::{MonitorRef, TimerRef};
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

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
    /// Set an alarm, whose length counts from this moment. One that has the same name is replaced.
    Schedule(AlarmName, Length, Moment, OnRing),
    /// End with this reason.
    Stop(ExitReason),
}

/// What else reaches the server.
#[derive(Debug)]
pub enum Message {
    /// A timer has run out.
    Ring {
        /// The alarm for which it was started.
        name: AlarmName,
        /// The timer, as a proof.
        timer: TimerRef,
    },
    /// The wall clock has jumped.
    Jumped,
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
    clock: Clock,
    /// Tells when the wall clock has jumped, while alarms are pending.
    watch: Option<Watch>,
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
    type Args = (Owner, Clock);
    type Call = Call;
    type Cast = Cast;
    type Info = Message;

    async fn init(
        (owner, clock): Self::Args,
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        // Without this an exit signal from the parent would end the server on the spot, and nobody
        // would learn which alarms were still pending.
        ctx.trap_exit(true);
        Ok(Init::state(Self {
            owner,
            clock,
            watch: None,
            alarms: Alarms::new(),
            waiting: Waiting::new(),
            ringing: HashMap::new(),
        }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Status(from) => from.reply(self.alarms.status(self.clock.now())),
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
            Cast::Schedule(name, length, start, on_ring) => {
                self.schedule(Alarm::new(name, length, start, on_ring), length, ctx);
                Next::NoReply
            }
            Cast::Stop(reason) => Next::Stop(reason),
        }
    }

    async fn handle_info(&mut self, info: Info<Message>, ctx: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(Message::Ring { name, timer }) => {
                match self.alarms.ring(&name, &timer, self.clock.now()) {
                    Rung::Due(alarm) => self.ring(name, alarm.into_action()),
                    Rung::Early => self.wind(ctx),
                    Rung::Stale => {}
                }
            }
            Info::Message(Message::Jumped) => self.jumped(ctx),
            Info::Down(down) => self.action_ended(&down),
            // A stranger's exit signal is no reason to forget the eggs. The parent's never gets
            // here: it ends the server by way of `terminate`.
            Info::Exit(_) | Info::Timeout => {}
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Context<Self>) {
        for status in self.alarms.status(self.clock.now()) {
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
    fn schedule(&mut self, alarm: Alarm<OnRing>, length: Length, ctx: &mut Context<Self>) {
        let name = alarm.name().clone();
        let timer = start_timer(ctx, &name, alarm.remaining(self.clock.now()));
        if let Some(replaced) = self.alarms.set(alarm, timer) {
            replaced.cancel();
        }
        self.watch.get_or_insert_with(|| {
            let me = ctx.me();
            self.clock.watch(move || me.send(Message::Jumped))
        });
        self.owner.tell(Event::Scheduled { name, length });
    }

    /// The wall clock has jumped. Alarms whose moment has passed ring now, and those whose moment has moved are told.
    fn jumped(&mut self, ctx: &mut Context<Self>) {
        self.wind(ctx);
        for (name, due) in self.alarms.tell_moved(self.clock.now()) {
            self.owner.tell(Event::Moved { name, due });
        }
    }

    /// Starts all timers again, with the time that is left by now.
    fn wind(&mut self, ctx: &mut Context<Self>) {
        let start = |name: &AlarmName, wait| start_timer(ctx, name, wait);
        self.alarms.wind(self.clock.now(), start, |former| {
            former.cancel();
        });
    }

    /// Nobody needs to watch the clocks when no alarm is pending.
    fn rest(&mut self) {
        if self.alarms.names().next().is_none() {
            self.watch = None;
        }
    }

    fn cancel(&mut self, name: AlarmName) -> Result<(), UnknownAlarm> {
        match self.alarms.cancel(&name) {
            Some(timer) => {
                timer.cancel();
                self.rest();
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
        self.rest();
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

/// Starts a timer whose ring brings the timer itself along, as a proof.
fn start_timer(ctx: &Context<Server>, name: &AlarmName, wait: Duration) -> TimerRef {
    ctx.start_timer(wait, |timer| Message::Ring {
        name: name.clone(),
        timer,
    })
}
