//! An event is postponed of which a part is kept.

use otp_core::prelude::*;

struct Lamp;

enum State {
    Off,
    On,
}

enum Call {
    Press(ReplyTo<()>),
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
        match (state, event) {
            (State::Off, Event::Call(Call::Press(from))) => {
                Transition::next(State::On).reply(from, ()).postpone(event)
            }
            (State::On, Event::Call(Call::Press(from))) => Transition::keep().reply(from, ()),
            (_, Event::Down(_) | Event::Exit(_)) => Transition::keep(),
        }
    }
}

fn main() {}
