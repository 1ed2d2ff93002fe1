//! The functional core: what a calculator can do, as plain functions.
//!
//! Each reducer takes the running total first and returns the next one, so that reducers can be chained and
//! [folded](fold). There is no process here, no clock and no printing.
//!
//! An operation without a result panics, as `1 / 0` does in Rust. In a process a panic is a crash; the processes around it
//! decide what follows.

mod number;

pub use self::number::{InvalidNumber, MAX_DIGITS, Number};

use bigdecimal::{BigDecimal, RoundingMode, Zero};
use clap::ValueEnum;
use std::num::NonZeroU64;

// ANCHOR: reducers
/// Adds `n` to the total.
pub fn add(total: Number, n: Number) -> Number {
    checked(&(total.0 + n.0))
}

/// Subtracts `n` from the total.
pub fn subtract(total: Number, n: Number) -> Number {
    checked(&(total.0 - n.0))
}

/// Multiplies the total by `n`.
pub fn multiply(total: Number, n: Number) -> Number {
    checked(&(total.0 * n.0))
}

/// Divides the total by `n`. A quotient whose decimals do not end is rounded to 30 digits.
///
/// # Panics
///
/// With `division by zero`.
pub fn divide(total: Number, n: Number) -> Number {
    assert!(!n.0.is_zero(), "division by zero");
    let quotient = &total.0 / &n.0;
    let rest = total.0 - &quotient * n.0;
    match rest.is_zero() {
        true => checked(&quotient),
        false => checked(&rounded(&quotient)),
    }
}

/// Adds one to the total.
pub fn inc(total: Number) -> Number {
    add(total, Number::from(1))
}

/// Subtracts one from the total.
pub fn dec(total: Number) -> Number {
    subtract(total, Number::from(1))
}
// ANCHOR_END: reducers

/// Changes the sign of the total.
pub fn negate(total: Number) -> Number {
    checked(&-total.0)
}

fn rounded(quotient: &BigDecimal) -> BigDecimal {
    let digits = NonZeroU64::new(30).expect("30 is not zero");
    quotient.with_precision_round(digits, RoundingMode::HalfUp)
}

/// A result that fits the display; without a limit a few squares would fill the memory.
fn checked(result: &BigDecimal) -> Number {
    let number = Number::new(result);
    number.unwrap_or_else(|| panic!("overflow: the result needs more than {MAX_DIGITS} digits"))
}

// ANCHOR: fold
/// Reduces a list with `f`, the accumulator first.
pub fn fold<T, A>(list: impl IntoIterator<Item = T>, acc: A, f: impl FnMut(A, T) -> A) -> A {
    list.into_iter().fold(acc, f)
}
// ANCHOR_END: fold

/// An operation on the total, as a value that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// [`add`]
    Add(Number),
    /// [`subtract`]
    Subtract(Number),
    /// [`multiply`]
    Multiply(Number),
    /// [`divide`]
    Divide(Number),
    /// [`negate`]
    Negate,
    /// [`inc`]
    Inc,
    /// [`dec`]
    Dec,
    /// Starts again from zero.
    Clear,
    /// Takes a list through a reducer, with [`fold`].
    Fold(Reducer, Vec<Number>),
}

/// The total after an operation.
pub fn apply(total: Number, op: Op) -> Number {
    match op {
        Op::Add(n) => add(total, n),
        Op::Subtract(n) => subtract(total, n),
        Op::Multiply(n) => multiply(total, n),
        Op::Divide(n) => divide(total, n),
        Op::Negate => negate(total),
        Op::Inc => inc(total),
        Op::Dec => dec(total),
        Op::Clear => Number::from(0),
        Op::Fold(reducer, list) => fold(list, total, |total, n| apply(total, reducer.op(n))),
    }
}

/// A reducer by its name, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reducer {
    /// Add each number
    Add,
    /// Subtract each number
    Subtract,
    /// Multiply by each number
    Multiply,
    /// Divide by each number
    Divide,
    /// Change the sign, once for each number
    Negate,
    /// Add one, once for each number
    Inc,
    /// Subtract one, once for each number
    Dec,
}

impl Reducer {
    fn op(self, n: Number) -> Op {
        match self {
            Self::Add => Op::Add(n),
            Self::Subtract => Op::Subtract(n),
            Self::Multiply => Op::Multiply(n),
            Self::Divide => Op::Divide(n),
            Self::Negate => Op::Negate,
            Self::Inc => Op::Inc,
            Self::Dec => Op::Dec,
        }
    }
}

#[cfg(test)]
mod tests;
