//! A process that becomes a state machine by itself.

use super::StateMachine;
use super::initial::{Initial, MachineOpening};
use super::machine::{Inside, Machine};
use super::perform::After;
use crate::exit::ExitReason;
use crate::gen_server::{self, Envelope, Next};
use crate::name::Name;
use crate::process::Mailbox;

/// Makes the calling process a state machine: it enters the first state and handles events until it stops. With
/// [`Initial::ignore`] and [`Initial::error`] it stops at once.
///
/// Returns the reason with which the machine stops, to be returned from the process's body. What is said of
/// [`gen_server::enter_loop`] holds here, too.
///
/// # OTP
///
/// `gen_statem:enter_loop/4,5,6`.
///
/// # Cancel safety
///
/// None: dropped while the machine runs, it drops the data without [`terminate`](StateMachine::terminate), and what was taken out
/// of the mailbox is lost. The body of the process awaits it to its end.
pub async fn enter_loop<M: StateMachine>(
    mailbox: Mailbox<Envelope<Machine<M>>>,
    initial: Initial<M>,
    name: Option<Name>,
) -> ExitReason {
    match initial.0 {
        MachineOpening::State(state, data, first) => {
            let machine = Machine::new(state.into_inner(), data.into_inner());
            let first = Next::Continue(Inside::of(first, After::Init));
            gen_server::enter_loop(mailbox, machine, first, name).await
        }
        MachineOpening::Ignore => ExitReason::Normal,
        MachineOpening::Error(reason) => reason,
    }
}
