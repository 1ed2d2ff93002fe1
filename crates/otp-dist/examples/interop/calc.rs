//! `calc`: arithmetic, with errors as values.

use otp_core::prelude::*;
use serde::{Deserialize, Serialize};

pub(crate) struct Calc;

type Answer<T> = ReplyTo<Result<T, Error>>;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    Add(i64, i64, Answer<i64>),
    Sub(i64, i64, Answer<i64>),
    Mul(i64, i64, Answer<i64>),
    Div(i64, i64, Answer<i64>),
    Sqrt(f64, Answer<f64>),
    Sum(Vec<i64>, Answer<i64>),
    Fact(u32, Answer<u128>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Error {
    DivisionByZero,
    Negative(f64),
    Overflow,
}

#[gen_server]
impl GenServer for Calc {
    type Call = Call;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let fits = |number: Option<i64>| number.ok_or(Error::Overflow);
        match call {
            Call::Add(a, b, from) => from.reply(fits(a.checked_add(b))),
            Call::Sub(a, b, from) => from.reply(fits(a.checked_sub(b))),
            Call::Mul(a, b, from) => from.reply(fits(a.checked_mul(b))),
            Call::Div(_, 0, from) => from.reply(Err(Error::DivisionByZero)),
            Call::Div(a, b, from) => from.reply(fits(a.checked_div(b))),
            Call::Sqrt(x, from) if x < 0.0 => from.reply(Err(Error::Negative(x))),
            Call::Sqrt(x, from) => from.reply(Ok(x.sqrt())),
            Call::Sum(numbers, from) => {
                // Only the sum has to fit.
                let sum: i128 = numbers.into_iter().map(i128::from).sum();
                from.reply(fits(sum.try_into().ok()))
            }
            Call::Fact(n, from) => {
                let factorial = match n {
                    0..=34 => Ok((1..=u128::from(n)).product()),
                    _ => Err(Error::Overflow),
                };
                from.reply(factorial)
            }
        }
    }
}
