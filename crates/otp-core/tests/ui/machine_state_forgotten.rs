//! A machine does not name the type of its state.
//! Says: `type State = /* Type */;`

use otp_core::prelude::*;

struct Door;

#[state_machine]
impl StateMachine for Door {
    async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
        Ok(Initial::state((), Self))
    }

    async fn handle(
        &mut self,
        (): &(),
        _: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        Transition::keep()
    }
}

fn main() {}
