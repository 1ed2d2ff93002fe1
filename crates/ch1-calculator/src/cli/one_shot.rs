//! One operation on a new calculator, and the total after it.

use super::command::Options;
use super::plain;
use crate::api::{Calculator, Letter, Number, Op, StateError};
use otp_core::prelude::Mailbox;
use otp_shell::{Failure, Shell};
use std::time::Duration;

/// Prints the total after an operation, or as it is without one.
pub(super) async fn run(
    op: Option<Op>,
    options: &Options,
    limit: Duration,
    shell: &mut Shell,
) -> Result<(), Failure> {
    let options = options.clone();
    // A process of its own asks: the calculator made by hand answers into its mailbox.
    let asker = shell.node().run_with(move |me| ask(me, op, options, limit));
    let total = asker.await.unwrap_or_else(|reason| {
        let reason = plain(&reason);
        Err(format!("the client has crashed: {reason}"))
    });
    shell.print(total.map_err(Failure::new)?)
}

async fn ask(
    mut me: Mailbox<Letter>,
    op: Option<Op>,
    options: Options,
    limit: Duration,
) -> Result<Number, String> {
    let calculator = Calculator::start(options.boundary.into(), options.initial)
        .await
        .map_err(|error| format!("cannot start the calculator: {error}"))?;
    // Before the operation, so that no end can come too early to be seen.
    let watch = calculator.watch(&mut me);
    if let Some(op) = op {
        calculator.apply(op);
    }
    calculator
        .state_or_end(&mut me, watch, limit)
        .await
        .map_err(|error| match error {
            StateError::Ended(reason) => format!("the calculator has crashed: {}", plain(&reason)),
            other => other.to_string(),
        })
}
