//! `slow`: answers that take their time.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_etf::{Atom, Term};
use serde::{Deserialize, Serialize};

#[derive(Default)]
pub(crate) struct Slow {
    /// Calls that are never answered.
    kept: Vec<ReplyTo<Atom>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    Sleep(u64, ReplyTo<Atom>),
    Later(u64, Term, ReplyTo<Term>),
    Never(ReplyTo<Atom>),
    Now(ReplyTo<Atom>),
}

#[gen_server]
impl GenServer for Slow {
    type Call = Call;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self::default()))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Sleep(ms, from) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                from.reply(Atom::constant("ok"))
            }
            Call::Later(ms, answer, from) => {
                process::spawn(async move |_: Mailbox<Never>| {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    from.send(answer);
                });
                Reply::later()
            }
            Call::Never(from) => {
                self.kept.push(from);
                Reply::later()
            }
            Call::Now(from) => from.reply(Atom::constant("now")),
        }
    }
}
