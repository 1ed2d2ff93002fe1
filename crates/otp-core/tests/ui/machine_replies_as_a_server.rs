//! A call is answered as in a server, by a reply in place of a transition.

use otp_core::prelude::*;

struct Lamp;

enum State {
    Off,
    On,
}

enum Call {
    IsOn(ReplyTo<bool>),
}

#[state_machine]
impl StateMachine for Lamp {
    type State = State;
    type Call = Call;

    async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
        Ok(Initial::state(State::Off, Self))
    }

    async fn handle(
        &mut self,
        state: &State,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match event {
            Event::Call(Call::IsOn(from)) => from.reply(matches!(state, State::On)),
            Event::Down(_) | Event::Exit(_) => Transition::keep(),
        }
    }
}

fn main() {}
