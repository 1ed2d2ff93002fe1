//! The outside that the chapter programs share.
//!
//! A chapter's program is a calculator or an egg timer; what surrounds it is the same every time: a
//! command line that is parsed and refused with the right exit code, lines on standard output that
//! may be piped into `head`, and the runtime's reports on standard error. That part lives here,
//! once. Nothing in this crate knows a chapter.
//!
//! - [`args`]: parse the command line, answer `--help`, `--version` and mistakes.
//! - [`out`]: print one line, and notice when nobody reads any more.
//! - [`log`]: show `tracing` events, above all the runtime's crash reports, on standard error.

pub mod args;
pub mod log;
pub mod out;
