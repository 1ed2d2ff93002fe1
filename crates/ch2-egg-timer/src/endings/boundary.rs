//! A server that is there to end, and tells whether it was allowed a last word.

use otp_core::prelude::*;
use otp_core::process;

/// Whether the server asks to hear of exit signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signals {
    /// They end it.
    Obeyed,
    /// `ctx.trap_exit(true)`: they become messages.
    Trapped,
}

/// Are you there?
#[derive(Debug)]
pub struct Ping(pub ReplyTo<()>);

/// An end that the server brings about itself.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The callback panics.
    Panic,
    /// The callback calls `process::exit_self`.
    ExitSelf(ExitReason),
    /// The callback returns `Next::Stop`.
    Stop(ExitReason),
}

/// What is heard of the server.
#[derive(Clone, Debug)]
pub enum Heard {
    /// It has started.
    Started(ServerRef<Mortal>),
    /// `handle_info` got an exit signal with this reason.
    Exit(ExitReason),
    /// `terminate` ran, with this reason.
    Terminate(ExitReason),
    /// It has ended, with this reason.
    Down(ExitReason),
}

/// The server.
#[derive(Debug)]
pub struct Mortal {
    audience: ProcessRef<Heard>,
}

#[gen_server]
impl GenServer for Mortal {
    type Args = (Signals, ProcessRef<Heard>);
    type Call = Ping;
    type Cast = End;

    async fn init(
        (signals, audience): (Signals, ProcessRef<Heard>),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(signals == Signals::Trapped);
        audience.send(Heard::Started(ctx.me()));
        Ok(Init::state(Self { audience }))
    }

    async fn handle_call(&mut self, Ping(from): Ping, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(())
    }

    async fn handle_cast(&mut self, end: End, _: &mut Context<Self>) -> Next<Self> {
        match end {
            End::Panic => panic!("boom"),
            End::ExitSelf(reason) => process::exit_self(reason),
            End::Stop(reason) => Next::Stop(reason),
        }
    }

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Exit(exit) = info {
            self.audience.send(Heard::Exit(exit.reason));
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.audience.send(Heard::Terminate(reason.clone()));
    }
}
