//! A state is entered by a callback that has no event to postpone, and cannot go elsewhere.

use otp_core::prelude::*;

struct Lamp;

enum State {
    Off,
    On,
}

#[state_machine]
impl StateMachine for Lamp {
    type State = State;

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
            (_, Event::Down(_) | Event::Exit(_)) => Transition::keep(),
        }
    }

    async fn enter(
        &mut self,
        _: &State,
        _: &State,
        _: &mut Context<Machine<Self>>,
    ) -> Entered<Self> {
        Transition::next(State::On)
    }
}

fn main() {}
