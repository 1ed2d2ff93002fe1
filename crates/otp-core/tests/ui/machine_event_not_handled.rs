//! A machine does not say what one event means in one state.

use otp_core::prelude::*;

struct Lamp;

enum State {
    Off,
    On,
}

#[state_machine]
impl StateMachine for Lamp {
    type State = State;
    type Cast = ();

    async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
        Ok(Initial::state(State::Off, Self))
    }

    async fn handle(
        &mut self,
        state: &State,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match (state, event) {
            (State::Off, Event::Cast(())) => Transition::next(State::On),
            (_, Event::Down(_) | Event::Exit(_)) => Transition::keep(),
        }
    }
}

fn main() {}
