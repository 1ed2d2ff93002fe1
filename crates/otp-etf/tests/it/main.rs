//! The crate's tests, through its public API.

mod beam;
mod deep;
mod display;
mod hostile;
mod legacy;
mod order;
mod peers;
mod properties;
mod random;
mod serde_in;
mod serde_out;
mod serde_values;
mod typed;
mod views;
