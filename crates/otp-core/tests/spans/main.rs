//! Spans of `tracing` that messages carry: `cargo test -p otp-core --features spans --test spans`.

mod carried;
mod nested;
mod shy;
mod support;
