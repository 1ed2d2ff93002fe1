//! A door with a code: `cargo run -p otp-core --example door -- 1234 9 1 2 3 4`.
//!
//! The first argument is the code, the others are the buttons that are pressed. The right code opens the door for a second; who
//! presses while it is open is heard when it is locked again. Buttons that nobody goes on pressing are forgotten.

#![allow(clippy::print_stdout, reason = "it shows what happens")]

use std::error::Error;
use std::time::Duration;

use otp_core::prelude::*;

struct Door {
    code: Vec<u8>,
    pressed: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Locked,
    Open,
}

enum Call {
    State(ReplyTo<State>),
}

struct Button(u8);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Timer {
    /// Nobody has gone on pressing.
    Forget,
    /// It has been open for long enough.
    Lock,
}

#[state_machine]
impl StateMachine for Door {
    type Args = Vec<u8>;
    type State = State;
    type Call = Call;
    type Cast = Button;
    type Timer = Timer;

    async fn init(
        code: Vec<u8>,
        _: &mut Context<Machine<Self>>,
    ) -> Result<Initial<Self>, ExitReason> {
        let pressed = Vec::new();
        Ok(Initial::state(State::Locked, Self { code, pressed }))
    }

    async fn enter(
        &mut self,
        state: &State,
        from: &State,
        _: &mut Context<Machine<Self>>,
    ) -> Entered<Self> {
        println!("{from:?} -> {state:?}");
        match state {
            State::Locked => Entered::done(),
            State::Open => Entered::done().state_timeout(Timer::Lock, Duration::from_secs(1)),
        }
    }

    async fn handle(
        &mut self,
        state: &State,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match (state, event) {
            (State::Locked, Event::Cast(Button(digit))) => self.press(digit),
            (State::Open, event @ Event::Cast(_)) => Transition::keep().postpone(event),
            (_, Event::Timeout(Timer::Forget)) => {
                self.pressed.clear();
                Transition::keep()
            }
            (_, Event::Timeout(Timer::Lock)) => Transition::next(State::Locked),
            (state, Event::Call(Call::State(from))) => Transition::keep().reply(from, *state),
            (_, Event::Down(_) | Event::Exit(_)) => Transition::keep(),
        }
    }
}

impl Door {
    fn press(&mut self, digit: u8) -> Transition<Self> {
        self.pressed.push(digit);
        if self.pressed.len() < self.code.len() {
            // Each button sets it anew. It does not end with the next event, as that may be somebody who only asks.
            return Transition::keep().timeout(Timer::Forget, Duration::from_secs(3));
        }
        let next = match std::mem::take(&mut self.pressed) == self.code {
            true => State::Open,
            false => State::Locked,
        };
        Transition::next(next).cancel_timeout(Timer::Forget)
    }
}

fn digits(text: &str) -> Result<Vec<u8>, String> {
    let digit = |digit: char| {
        digit
            .to_digit(10)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    text.chars()
        .map(|it| digit(it).ok_or(format!("{it:?} in {text:?} is no digit, such as 7")))
        .collect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let code = digits(&arguments.next().unwrap_or("1234".to_owned()))?;
    let buttons = match digits(&arguments.collect::<String>())? {
        none if none.is_empty() => code.clone(),
        buttons => buttons,
    };
    let shown = Node::new().try_run(async move {
        let door = Door::start_link(code).await?;
        for button in buttons {
            door.cast(Button(button));
        }
        let state = door.call(Call::State).await?;
        println!("the door is {state:?}");
        if state == State::Open {
            tokio::time::sleep(Duration::from_millis(1_100)).await;
            println!("the door is {:?}", door.call(Call::State).await?);
        }
        Ok(door.stop().await?)
    });
    Ok(shown.await?)
}
