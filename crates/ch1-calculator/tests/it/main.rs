//! The calculator from outside: its two boundaries through the API, and the program.
//!
//! An S-number in a comment names a scenario recorded from Erlang and Elixir that a test re-plays.

mod cli;
mod exercises;
mod gen_server;
mod handmade;
mod session;

use ch1_calculator::api::{Calculator, Letter, Number, STATE_TIMEOUT, StateError};
use otp_core::{ExitReason, Node, prelude::Mailbox};

fn n(text: &str) -> Number {
    text.parse().expect("a number")
}

/// Runs the body of a test as a process, the client of a calculator.
async fn session<F, T>(body: impl FnOnce(Mailbox<Letter>) -> F + Send + 'static) -> T
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    Node::new()
        .run_with(body)
        .await
        .expect("the client survives")
}

async fn state(calculator: &Calculator, me: &mut Mailbox<Letter>) -> String {
    calculator
        .state(me, STATE_TIMEOUT)
        .await
        .expect("the calculator answers")
        .to_string()
}

/// The message of the panic that a watched calculator has ended with.
fn crash(result: Result<Number, StateError>) -> String {
    match result {
        Err(StateError::Ended(ExitReason::Panic(panic))) => panic.message.clone(),
        other => panic!("expected a crash, got {other:?}"),
    }
}
