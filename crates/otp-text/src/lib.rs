//! Text that people type and read, for the chapter programs. Functions of their arguments (and the time
//! zone): no terminal, no clock.
//!
//! The pure cores of the chapters and the shell around them need the same rules, so the rules are in a crate below both.
//!
//! - [`duration`]: parses `1h30m`, and refuses `5M`; [`length`]: as a type, up to ten years.
//! - [`limit`]: parses `3/5s`, three times in five seconds.
//! - [`name`]: a short line that shows on a terminal; [`pairs`]: names and lengths in turn.
//! - [`time`]: shows moments, also those that no calendar has.
//! - [`visible`]: finds characters that do not show, and writes them so that they do.

pub mod duration;
pub mod length;
pub mod limit;
pub mod name;
pub mod pairs;
pub mod time;
pub mod visible;
