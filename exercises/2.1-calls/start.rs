//! Exercise 2.1: calls in place of casts. The task is in `TASK.md`.

use otp_core::prelude::*;

// The core.

pub enum Op {
    Add(i64),
    Divide(i64),
}

/// The total after an operation. A division by zero panics.
pub fn apply(total: i64, op: &Op) -> i64 {
    match op {
        Op::Add(n) => total + n,
        Op::Divide(0) => panic!("division by zero"),
        Op::Divide(n) => total / n,
    }
}

// The boundary.

pub struct Calculator {
    total: i64,
}

pub enum Call {
    Total(ReplyTo<i64>),
}

#[gen_server]
impl GenServer for Calculator {
    type Args = i64;
    type Call = Call;
    type Cast = Op;

    async fn init(total: i64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Total(from) => from.reply(self.total),
        }
    }

    async fn handle_cast(&mut self, op: Op, _: &mut Context<Self>) -> Next<Self> {
        self.total = apply(self.total, &op);
        Next::NoReply
    }
}

// The API. An `Ok` means that the operation is done.

pub async fn start(total: i64) -> Result<ServerRef<Calculator>, StartError> {
    Calculator::start(total).await
}

pub async fn add(calculator: &ServerRef<Calculator>, n: i64) -> Result<(), CallError> {
    calculator.cast(Op::Add(n));
    Ok(())
}

pub async fn divide(calculator: &ServerRef<Calculator>, n: i64) -> Result<(), CallError> {
    calculator.cast(Op::Divide(n));
    Ok(())
}

pub async fn total(calculator: &ServerRef<Calculator>) -> Result<i64, CallError> {
    calculator.call(Call::Total).await
}
