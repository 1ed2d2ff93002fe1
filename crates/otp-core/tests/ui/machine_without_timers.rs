//! A time-out is set by a machine that names no type of timers.

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
            (_, Event::Cast(())) => {
                Transition::next(State::On).state_timeout("off", std::time::Duration::from_secs(1))
            }
            (_, Event::Down(_) | Event::Exit(_)) => Transition::keep(),
        }
    }
}

fn main() {}
