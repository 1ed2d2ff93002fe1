//! A process that becomes a state machine by itself.

use super::StateMachine;
use super::initial::{Initial, MachineOpening};
use super::machine::{Inside, Machine};
use crate::exit::ExitReason;
use crate::gen_server::{self, Envelope, Next};
use crate::name::Name;
use crate::process::Mailbox;

/// Makes the calling process a state machine: it enters the first state and handles events until it stops. With
/// [`Initial::ignore`] and [`Initial::error`] it stops at once.
///
/// Returns the reason with which the machine stops. The body of the process returns it. The rest of the documentation
/// of [`gen_server::enter_loop`] applies here, too.
///
/// # OTP
///
/// `gen_statem:enter_loop/4,5,6`.
///
/// # Cancel safety
///
/// Not cancel safe: if the future is dropped while the machine runs, the data is dropped without
/// [`terminate`](StateMachine::terminate), and messages that were taken out of the mailbox are lost. The body of the
/// process must await it to its end.
pub async fn enter_loop<M: StateMachine>(
    mailbox: Mailbox<Envelope<Machine<M>>>,
    initial: Initial<M>,
    name: Option<Name>,
) -> ExitReason {
    match initial.0 {
        MachineOpening::State(state, data, first) => {
            let machine = Machine::new(state.into_inner(), data.into_inner());
            let first = Next::Continue(Inside::first(first));
            gen_server::enter_loop(mailbox, machine, first, name).await
        }
        MachineOpening::Ignore => ExitReason::Normal,
        MachineOpening::Error(reason) => reason,
    }
}
