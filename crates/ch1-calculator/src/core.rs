//! The functional core: what a calculator knows, as plain functions.
//!
//! Every reducer takes the running total first and returns the next one, so that they chain and
//! [`fold`]. There is no process here, no clock and no printing: a core is the part that can be
//! tested without waiting for anything.
//!
//! A sum that has no answer panics, as `1 / 0` does in Rust. In a process a panic is a crash, and
//! what becomes of a crash is for the processes around it to say.

mod number;

pub use self::number::{MAX_DIGITS, Number, ParseNumberError, Problem};

/// Adds `n` to the total.
///
/// # Panics
///
/// With `overflow` when the result would need more than [`MAX_DIGITS`] digits.
pub fn add(total: Number, n: Number) -> Number {
    total.plus(n)
}

/// Subtracts `n` from the total.
///
/// # Panics
///
/// With `overflow` when the result would need more than [`MAX_DIGITS`] digits.
pub fn subtract(total: Number, n: Number) -> Number {
    total.plus(negate(n))
}

/// Multiplies the total by `n`.
///
/// # Panics
///
/// With `overflow` when the result would need more than [`MAX_DIGITS`] digits.
pub fn multiply(total: Number, n: Number) -> Number {
    total.times(n)
}

/// Divides the total by `n`, exactly: a third stays a third.
///
/// # Panics
///
/// With `division by zero` when `n` is zero, and with `overflow` when the result would need more
/// than [`MAX_DIGITS`] digits.
pub fn divide(total: Number, n: Number) -> Number {
    total.over(n)
}

/// Changes the sign of the total.
pub fn negate(total: Number) -> Number {
    total.negated()
}

/// Adds one to the total.
///
/// # Panics
///
/// With `overflow` when the result would need more than [`MAX_DIGITS`] digits.
pub fn inc(total: Number) -> Number {
    add(total, Number::from(1))
}

/// Subtracts one from the total.
///
/// # Panics
///
/// With `overflow` when the result would need more than [`MAX_DIGITS`] digits.
pub fn dec(total: Number) -> Number {
    subtract(total, Number::from(1))
}

/// Reduces a list with `f`, the accumulator first.
///
/// # Examples
///
/// ```
/// use ch1_calculator::core::{Number, add, fold, inc, subtract};
///
/// let list = [1, 2, 3].map(Number::from);
/// assert_eq!(fold(list.clone(), Number::from(10), subtract).to_string(), "4");
/// assert_eq!(fold(list.clone(), Number::from(10), add).to_string(), "16");
/// // A reducer that needs no item ignores it, and the list only counts.
/// assert_eq!(fold(list, Number::from(10), |total, _| inc(total)).to_string(), "13");
/// ```
pub fn fold<T, A>(list: impl IntoIterator<Item = T>, acc: A, f: impl FnMut(A, T) -> A) -> A {
    list.into_iter().fold(acc, f)
}

/// One thing a calculator can be asked to do with its total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Add the number.
    Add(Number),
    /// Subtract the number.
    Subtract(Number),
    /// Multiply by the number.
    Multiply(Number),
    /// Divide by the number.
    Divide(Number),
    /// Change the sign.
    Negate,
    /// Add one.
    Inc,
    /// Subtract one.
    Dec,
    /// Start again from zero.
    Clear,
    /// Take a list of numbers through a reducer.
    Fold(Reducer, Vec<Number>),
}

/// The total after `op`.
///
/// # Panics
///
/// Where the reducer does: `division by zero`, `overflow`.
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
        Op::Fold(reducer, list) => fold(list, total, |total, n| reducer.apply(total, n)),
    }
}

/// The reducers by name: a function cannot be typed on a command line or shown in a report, its
/// name can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reducer {
    /// [`add`]
    Add,
    /// [`subtract`]
    Subtract,
    /// [`multiply`]
    Multiply,
    /// [`divide`]
    Divide,
    /// [`negate`], once for each item
    Negate,
    /// [`inc`], once for each item
    Inc,
    /// [`dec`], once for each item
    Dec,
}

impl Reducer {
    /// Takes one item through the reducer.
    ///
    /// # Panics
    ///
    /// Where the reducer does: `division by zero`, `overflow`.
    pub fn apply(self, total: Number, item: Number) -> Number {
        match self {
            Self::Add => add(total, item),
            Self::Subtract => subtract(total, item),
            Self::Multiply => multiply(total, item),
            Self::Divide => divide(total, item),
            Self::Negate => negate(total),
            Self::Inc => inc(total),
            Self::Dec => dec(total),
        }
    }
}

#[cfg(test)]
mod tests;
