//! The clock as a GenServer: it sends itself a message that arrives one period later, and with each that arrives the next.

use crate::clock::core::{Clock, Tick};
use otp_core::TimerRef;
use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;
use otp_text::time::time_of_day;
use std::fmt;
use std::time::{Duration, SystemTime};

/// What a clock is made of.
pub struct Settings {
    /// The time from one tick to the next.
    pub every: Duration,
    /// How it gets from one to the next.
    pub chain: Chain,
    /// Who hears it. Runs in the clock's process, and should pass the tick on and return.
    pub tell: Box<dyn FnMut(Tick) + Send>,
}

/// How a clock gets from one tick to the next.
///
/// It makes a difference as soon as somebody else sends a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// The timer is cancelled before the next is started: there is always one. After a tick from outside the next comes one
    /// period later.
    Rearm,
    /// The next timer is started and nothing cancelled: each tick from outside begins a chain of its own, and the clock
    /// ticks twice as often from then on.
    Naive,
    /// One timer sends all ticks: those from outside come in between.
    Interval,
}

/// What a clock is asked, and answers.
#[derive(Debug)]
pub enum Call {
    /// How often it has ticked.
    State(ReplyTo<u64>),
}

/// What reaches a clock as a plain message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Tick now.
    Tick,
}

/// The server of a clock.
#[derive(Debug)]
pub struct Server {
    settings: Settings,
    clock: Clock,
    next: TimerRef,
}

#[gen_server]
impl GenServer for Server {
    type Args = Settings;
    type Call = Call;
    type Info = Message;

    async fn init(settings: Settings, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let next = match settings.chain {
            Chain::Interval => ctx.send_interval(settings.every, Message::Tick),
            Chain::Rearm | Chain::Naive => ctx.send_after(settings.every, Message::Tick),
        };
        Ok(Init::state(Self {
            settings,
            clock: Clock::default(),
            next,
        }))
    }

    async fn handle_call(&mut self, Call::State(from): Call, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(self.clock.ticks())
    }

    async fn handle_info(&mut self, info: Info<Message>, ctx: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(Message::Tick) = info {
            let tick = self.clock.tick(time_of_day(SystemTime::now()));
            (self.settings.tell)(tick);
            self.wind(ctx);
        }
        Next::NoReply
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(format!("{:?}, {:?}", self.clock, self.settings));
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
    /// Sees to it that there will be a next tick.
    fn wind(&mut self, ctx: &Context<Self>) {
        match self.settings.chain {
            Chain::Interval => return,
            Chain::Naive => {}
            // Too late if its tick stands in the mailbox already; then that one will cancel the timer that is
            // started now. There is one timer all the same.
            Chain::Rearm => drop(self.next.cancel()),
        }
        self.next = ctx.send_after(self.settings.every, Message::Tick);
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("every", &self.every)
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}
