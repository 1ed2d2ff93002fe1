//! Exercise 1.1: a calculator that changes the sign of its total. The task is in `TASK.md`.

use ch1_calculator::core::{Number, add, divide, subtract};
use otp_core::prelude::*;

// The core: the effect of an operation on the total. It has plain values and no process. The reducers are those of the chapter.

/// The operations on the total.
#[derive(Debug)]
pub enum Op {
    Add(Number),
    Subtract(Number),
    Divide(Number),
}

/// The total after an operation.
pub fn apply(total: Number, op: Op) -> Number {
    match op {
        Op::Add(n) => add(total, n),
        Op::Subtract(n) => subtract(total, n),
        Op::Divide(n) => divide(total, n),
    }
}

// The boundary: a process that stores the total.

pub struct Calculator {
    total: Number,
}

pub enum Call {
    Total(ReplyTo<Number>),
}

#[gen_server]
impl GenServer for Calculator {
    type Args = Number;
    type Call = Call;
    type Cast = Op;

    async fn init(total: Number, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Total(from) => from.reply(self.total.clone()),
        }
    }

    async fn handle_cast(&mut self, op: Op, _: &mut Context<Self>) -> Next<Self> {
        self.total = apply(self.total.clone(), op);
        Next::NoReply
    }
}

// The API: functions that hide the messages.

pub async fn start(total: Number) -> Result<ServerRef<Calculator>, StartError> {
    Calculator::start_link(total).await
}

/// Sends an operation, such as `Op::Add(4.into())`.
pub fn send(calculator: &ServerRef<Calculator>, op: Op) {
    calculator.cast(op);
}

/// Changes the sign of the total.
pub fn negate(_calculator: &ServerRef<Calculator>) {
    // Write this.
}

pub async fn total(calculator: &ServerRef<Calculator>) -> Result<Number, CallError> {
    calculator.call(Call::Total).await
}
