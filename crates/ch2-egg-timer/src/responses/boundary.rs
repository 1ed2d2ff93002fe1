//! A server that returns each value a callback can return, and tells what comes of it.

use otp_core::prelude::*;
use std::fmt;
use std::time::Duration;

/// What the responder is asked.
#[derive(Debug)]
pub enum Call {
    /// How many callbacks have run.
    Count(ReplyTo<u64>),
    /// Answer, and go on in `handle_continue`.
    ThenContinue(ReplyTo<&'static str>),
    /// Answer, and hibernate.
    ThenHibernate(ReplyTo<&'static str>),
    /// Answer when a `Hello` comes, and take other messages until then.
    Later(ReplyTo<&'static str>),
}

/// Wait for the next message for this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitAtMost(pub Duration);

/// A plain message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello;

/// What is done before the next message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continue {
    /// Asked for by `init`.
    Boot,
    /// Asked for together with an answer.
    AfterReply,
}

/// What `init` returns beside the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// Nothing.
    Nothing,
    /// A timeout of no time at all.
    Timeout,
    /// `Continue::Boot`, while a message waits in the mailbox already.
    Continue,
}

/// A callback that has run, and how many have, with this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// `handle_info`, with a timeout.
    Timeout(u64),
    /// `handle_info`, with a message.
    Hello(u64),
    /// `handle_continue`.
    Continue(Continue, u64),
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout(count) => write!(f, "handle_info timeout, count {count}"),
            Self::Hello(count) => write!(f, "handle_info hello, count {count}"),
            Self::Continue(Continue::Boot, count) => {
                write!(f, "handle_continue boot, count {count}")
            }
            Self::Continue(Continue::AfterReply, count) => {
                write!(f, "handle_continue after the reply, count {count}")
            }
        }
    }
}

/// The responder.
#[derive(Debug)]
pub struct Responder {
    audience: ProcessRef<Ran>,
    count: u64,
    /// A caller who has no answer yet.
    later: Option<ReplyTo<&'static str>>,
}

#[gen_server]
impl GenServer for Responder {
    type Args = (First, ProcessRef<Ran>);
    type Call = Call;
    type Cast = WaitAtMost;
    type Info = Hello;
    type Continue = Continue;

    async fn init(
        (first, audience): (First, ProcessRef<Ran>),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        let init = Init::state(Self {
            audience,
            count: 0,
            later: None,
        });
        Ok(match first {
            First::Nothing => init,
            First::Timeout => init.then(Next::Timeout(Duration::ZERO)),
            First::Continue => {
                ctx.me().send(Hello);
                init.then(Next::Continue(Continue::Boot))
            }
        })
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Count(from) => from.reply(self.count),
            Call::ThenContinue(from) => from
                .reply("at once")
                .then(Next::Continue(Continue::AfterReply)),
            Call::ThenHibernate(from) => from.reply("good night").then(Next::Hibernate),
            Call::Later(from) => {
                self.later = Some(from);
                Reply::later()
            }
        }
    }

    async fn handle_cast(&mut self, cast: WaitAtMost, _: &mut Context<Self>) -> Next<Self> {
        Next::Timeout(cast.0)
    }

    async fn handle_info(&mut self, info: Info<Hello>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Timeout => self.ran(Ran::Timeout),
            Info::Message(Hello) => {
                self.ran(Ran::Hello);
                if let Some(from) = self.later.take() {
                    from.send("at last");
                }
            }
            // It watches nobody and traps no exits.
            Info::Down(_) | Info::Exit(_) => {}
        }
        Next::NoReply
    }

    async fn handle_continue(&mut self, what: Continue, _: &mut Context<Self>) -> Next<Self> {
        self.ran(|count| Ran::Continue(what, count));
        Next::NoReply
    }
}

impl Responder {
    fn ran(&mut self, callback: impl FnOnce(u64) -> Ran) {
        self.count += 1;
        self.audience.send(callback(self.count));
    }
}
