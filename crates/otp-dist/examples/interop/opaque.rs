//! Servers that take any term.

use otp_core::prelude::*;
use otp_dist::{Destination, Distribution, TermCall};
use otp_etf::{Term, term};

/// Answers with what it is asked.
pub(crate) struct Echo(Distribution);

impl Echo {
    /// `{echo, Pid, T}` sends T to the process.
    async fn echo(&self, message: &Term) {
        if let Some([tag, to, what]) = message.as_tuple()
            && tag.as_atom().is_some_and(|tag| tag.as_str() == "echo")
            && let Some(to) = to.as_pid()
        {
            let to = self.0.at(Destination::Pid(to.clone()));
            // It came from outside, so it can be written.
            let _sent = to.send(what).await;
        }
    }
}

#[gen_server]
impl GenServer for Echo {
    type Args = Distribution;
    type Call = TermCall;
    type Cast = Term;
    type Info = Term;

    async fn init(dist: Distribution, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(dist)))
    }

    async fn handle_call(&mut self, call: TermCall, _: &mut Context<Self>) -> Reply<Self> {
        call.from.reply(call.request)
    }

    async fn handle_cast(&mut self, message: Term, _: &mut Context<Self>) -> Next<Self> {
        self.echo(&message).await;
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Term>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(message) = info {
            self.echo(&message).await;
        }
        Next::NoReply
    }
}

/// Records casts and messages, in the order of their arrival.
#[derive(Default)]
pub(crate) struct Log(Vec<Term>);

#[gen_server]
impl GenServer for Log {
    type Call = TermCall;
    type Cast = Term;
    type Info = Term;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self::default()))
    }

    async fn handle_call(&mut self, call: TermCall, _: &mut Context<Self>) -> Reply<Self> {
        if call.request == term!(take) {
            let recorded = std::mem::take(&mut self.0);
            return call.from.reply(Term::list(recorded));
        }
        call.from.reply(undecodable())
    }

    async fn handle_cast(&mut self, message: Term, _: &mut Context<Self>) -> Next<Self> {
        self.0.push(term!({cast, (message)}));
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Term>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(message) = info {
            self.0.push(term!({info, (message)}));
        }
        Next::NoReply
    }
}

/// As a typed server answers what it cannot decode.
pub(crate) fn undecodable() -> Term {
    term!({error, {undecodable, "no such request"}})
}
