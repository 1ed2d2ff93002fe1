//! Input and output text of the chapter programs. The functions depend on their arguments and on the time zone, and use no
//! terminal and no clock.
//!
//! The pure cores of the chapters and the shell need the same rules, so the rules are in a crate below both.
//!
//! - [`duration`]: parses `1h30m`, and refuses `5M`; [`length`]: a type for durations up to ten years.
//! - [`limit`]: parses `3/5s`, a maximum of three restarts in five seconds.
//! - [`name`]: a short line of visible text; [`pairs`]: pairs of a name and a length.
//! - [`time`]: formats moments, also those outside of the calendar.
//! - [`visible`]: finds invisible characters, and escapes them.

pub mod duration;
pub mod length;
pub mod limit;
pub mod name;
pub mod pairs;
pub mod time;
pub mod visible;
