//! Tests of both servers through their API, and of the program.
//!
//! Numbers such as S9 name scenarios that were recorded on the BEAM.

mod cli;
mod gen_server;
mod handmade;
#[cfg(target_os = "linux")]
mod hang_up;
mod session;

use ch1_calculator::api::Number;
use otp_core::{Mailbox, Node};

fn n(text: &str) -> Number {
    text.parse().expect("a number")
}

/// Runs the body of a test in a process, the client of a calculator.
async fn session<F, T>(body: impl FnOnce(Mailbox<Number>) -> F + Send + 'static) -> T
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let ended = Node::new().run_with(body).await;
    ended.expect("the client survives")
}
