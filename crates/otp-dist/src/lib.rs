//! A node among Erlang's: the distribution protocol of Erlang/OTP.

#![forbid(unsafe_code)]

pub mod wire;
