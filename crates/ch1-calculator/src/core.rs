//! The functional core: the operations of a calculator, as plain functions.
//!
//! Each reducer takes the running total first and returns the next one, so that reducers can be chained and
//! [folded](fold). The core has no process and no clock, and prints nothing.
//!
//! An operation without a result panics, as `1 / 0` does in Rust. In a process a panic is a crash, which other processes can
//! handle.

mod number;

pub use self::number::{InvalidNumber, MAX_DIGITS, Number};

use bigdecimal::{BigDecimal, RoundingMode, Zero};
use clap::Subcommand;
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

/// Limits the digits of a result. Without a limit, repeated squaring would fill the memory.
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

// ANCHOR: op
/// An operation on the total, as a value. A message can contain it, and a command line can be parsed to it.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Op {
    /// Add N to the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 add -5\n  5")]
    Add(Number),
    /// Subtract N from the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 subtract 4\n  6")]
    Subtract(Number),
    /// Multiply the total by N
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 multiply 0.5\n  5")]
    Multiply(Number),
    /// Divide the total by N, which crashes the calculator if N is zero
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 divide 4\n  2.5")]
    Divide(Number),
    // ANCHOR: exercise
    /// Change the sign of the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 negate\n  -10")]
    Negate,
    // ANCHOR_END: exercise
    /// Add one to the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 inc\n  11")]
    Inc,
    /// Subtract one from the total
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 dec\n  9")]
    Dec,
    /// Set the total to zero
    #[command(after_help = "Example:\n  $ ch1-calculator --initial 10 clear\n  0")]
    Clear,
    /// Apply several operations, one after the other.
    #[command(skip)]
    Fold(Vec<Op>),
}

/// The total after an operation. This function is a reducer, too: [`fold`] applies it to a list of operations.
pub fn apply(total: Number, op: Op) -> Number {
    match op {
        Op::Add(n) => add(total, n),
        Op::Subtract(n) => subtract(total, n),
        Op::Multiply(n) => multiply(total, n),
        Op::Divide(n) => divide(total, n),
        // ANCHOR: exercise
        Op::Negate => negate(total),
        // ANCHOR_END: exercise
        Op::Inc => inc(total),
        Op::Dec => dec(total),
        Op::Clear => Number::from(0),
        Op::Fold(ops) => fold(ops, total, apply),
    }
}
// ANCHOR_END: op

#[cfg(test)]
mod tests;
