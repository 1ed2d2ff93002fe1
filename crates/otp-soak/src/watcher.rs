//! Servers that monitor: they see DOWNs as they come, and so a second one of the same monitor, too.

use std::collections::HashSet;
use std::sync::Arc;

use otp_core::prelude::*;
use otp_core::{MonitorRef, Target};

use crate::hostile::let_go;
use crate::ledger::Ledger;

/// A server that keeps account of its monitors.
pub(crate) struct Watcher {
    ledger: Arc<Ledger>,
    /// Monitors whose DOWN is still to come.
    outstanding: HashSet<MonitorRef>,
}

pub(crate) enum Call {
    /// How many DOWNs are still to come.
    Outstanding(ReplyTo<usize>),
}

pub(crate) enum Cast {
    Watch(Target),
    /// Takes one of the monitors back.
    LetGo,
}

#[gen_server]
impl GenServer for Watcher {
    type Args = Arc<Ledger>;
    type Call = Call;
    type Cast = Cast;

    async fn init(ledger: Arc<Ledger>, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self {
            ledger,
            outstanding: HashSet::new(),
        }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Outstanding(from) = call;
        from.reply(self.outstanding.len())
    }

    async fn handle_cast(&mut self, cast: Cast, context: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Watch(target) => {
                self.outstanding.insert(context.monitor(target));
            }
            Cast::LetGo => {
                let some = self.outstanding.iter().next().copied();
                // If it has fired, its DOWN is on its way or waits in the mailbox.
                if let Some(some) = some.filter(|some| context.demonitor(*some)) {
                    self.outstanding.remove(&some);
                }
            }
        }
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Down(down) = info {
            self.ledger.down();
            if !self.outstanding.remove(&down.monitor) {
                self.ledger
                    .complain(format!("a DOWN that nobody waits for: {}", down.monitor));
            }
            // Its reason may be hostile.
            let_go([down]);
        }
        Next::NoReply
    }
}
