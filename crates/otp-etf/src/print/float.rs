//! Floats as Erlang prints them.

use std::fmt::{self, Write};

/// From here on not every integer is a float, and floats are written with an exponent.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Writes the shortest text that is read as the same float, as `float_to_list(Float, [short])`.
pub(crate) fn float(out: &mut dyn Write, number: f64) -> fmt::Result {
    // Infinities and NaN, which Erlang does not have, get their names in Rust.
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return out.write_str(&scientific);
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    if number.abs() < EXACT {
        // Rust never uses an exponent here.
        let plain = format!("{number}");
        let plain_point = if plain.contains('.') { "" } else { ".0" };
        if plain.len() + plain_point.len() <= scientific.len() + point.len() {
            return write!(out, "{plain}{plain_point}");
        }
    }
    write!(out, "{mantissa}{point}e{exponent}")
}
