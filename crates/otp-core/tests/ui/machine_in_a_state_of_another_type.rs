//! A machine starts in a state that is no `State` of its own.
//! Says: <Door as StateMachine>::State == &str

use otp_core::prelude::*;

struct Door;

#[derive(PartialEq)]
enum Position {
    Open,
    Closed,
}

#[state_machine]
impl StateMachine for Door {
    type State = Position;

    async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
        Ok(Initial::state("closed", Self))
    }

    async fn handle(
        &mut self,
        position: &Position,
        _: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match position {
            Position::Open => Transition::next(Position::Closed),
            Position::Closed => Transition::keep(),
        }
    }
}

fn main() {}
