//! The egg timer that is too simple: one map, and timers that nobody stops.
//!
//! It is what one writes first, and it is here to be broken. A ring brings the name of its alarm and
//! nothing else, and is believed. So the ring of an alarm that was cancelled finds nothing, which is
//! the end of the server; that of an alarm that was replaced rings the new one, too early. And what an
//! alarm does when it rings is done inside the server, in everybody's time. And it trusts its timers, which stand still
//! while the machine sleeps.

use super::{Clock, OnRing, Owner, Waited};
use crate::boundary::{Event, UnknownAlarm};
use crate::core::{Alarm, AlarmName, Length, Moment, Status};
use otp_core::gen_server::{self, MessageView};
use otp_core::prelude::*;
use std::collections::BTreeMap;

/// A message whose sender waits for the answer.
#[derive(Debug)]
pub enum Call {
    /// How the pending alarms stand, sorted by name.
    Status(ReplyTo<Vec<Status>>),
    /// Wait for a ring of that name.
    Wait(AlarmName, ReplyTo<Result<Waited, UnknownAlarm>>),
    /// End in good order.
    Stop(ReplyTo<()>),
}

/// A message whose sender goes on at once.
#[derive(Debug)]
pub enum Cast {
    /// Set an alarm. One that has the same name is forgotten, its timer is not.
    Schedule(AlarmName, Length, Moment, OnRing),
    /// Forget an alarm, but not its timer.
    Cancel(AlarmName),
    /// End with this reason.
    Stop(ExitReason),
}

/// The message of a timer that has run out.
#[derive(Debug)]
pub struct Ring(AlarmName);

/// The naive egg timer's server.
#[derive(Debug)]
pub struct Server {
    owner: Owner,
    alarms: BTreeMap<AlarmName, Alarm<OnRing>>,
    waiting: super::Waiting,
}

#[gen_server]
impl GenServer for Server {
    type Args = Owner;
    type Call = Call;
    type Cast = Cast;
    type Info = Ring;

    async fn init(owner: Owner, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self {
            owner,
            alarms: BTreeMap::new(),
            waiting: super::Waiting::new(),
        }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Status(from) => {
                let now = Clock::system().now();
                from.reply(self.alarms.values().map(|it| it.status(now)).collect())
            }
            Call::Wait(name, from) if self.alarms.contains_key(&name) => {
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
                ctx.send_after(length.duration(), Ring(name.clone()));
                let alarm = Alarm::new(name.clone(), length, start, on_ring);
                self.alarms.insert(name.clone(), alarm);
                self.owner.tell(Event::Scheduled { name, length });
            }
            Cast::Cancel(name) => {
                self.alarms.remove(&name);
            }
            Cast::Stop(reason) => return Next::Stop(reason),
        }
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Ring>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(Ring(name)) = info {
            let alarm = self.alarms.remove(&name).expect("every ring has its alarm");
            let (message, action) = alarm.into_action().parts();
            self.owner.tell(Event::Rang {
                name: name.clone(),
                message,
            });
            for from in self.waiting.remove(&name).unwrap_or_default() {
                from.send(Ok(Waited::Rang));
            }
            if let Some(action) = action {
                action.run().await;
            }
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.owner.tell(Event::Stopped(reason.clone()));
    }

    fn format_status(&self, status: &mut gen_server::Status) {
        let pending: Vec<_> = self.alarms.keys().map(AlarmName::as_str).collect();
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
