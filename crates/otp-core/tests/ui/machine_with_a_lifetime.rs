//! A machine does not name the type of its state.
//! Says: hold a `String`

use otp_core::prelude::*;

struct Door<'a>(&'a str);

#[state_machine]
impl<'a> StateMachine for Door<'a> {
    type State = ();

    async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
        Ok(Initial::state((), Self("front")))
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
