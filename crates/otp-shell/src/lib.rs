//! The shell that the chapter programs share.
//!
//! A chapter's program is a calculator or an egg timer: some commands and a state, handed over as a
//! [`Program`]. What surrounds it is the same every time and lives here, once: [`main`] runs one command
//! from the command line, a script, or a prompt with history and completion, all with the same
//! grammar; the runtime's reports go to standard error. Nothing in this crate knows a chapter.
//!
//! The shell is a process, and commands run inside it: what they link with is linked with the shell. When
//! it dies, of a crash or of a kill, it says so, and a new one takes its place. Besides the
//! program's commands it has its own, for looking at processes and for doing things to them:
//! `processes`, `info`, `tree`, `kill`, `link`, `monitor`, `flush` and more; `help` lists them.
//!
//! - [`Program`], [`Shell`], [`Failure`]: what a program says, has in hand, and answers.
//! - [`Aftermath`], [`plain`]: wait for what supervisors do about an end; show ends.
//! - [`Stage`]: where processes tell what happens to them.
//! - [`ChildCommand`], [`Kill`], [`Die`]: commands for the children of a supervisor, and for their ends; [`Named`]: the name that
//!   a command is about.
//! - [`value`]: parse what is typed at more than one program.
//! - [`args`]: parse the command line of a program that is no shell.
//! - [`out`]: print one line, and notice when nobody reads any more.
//! - [`Canvas`], [`count_down`], [`Colours`]: bars while the program has the terminal; whether to colour.
//! - `--observe` and the command `observe`: a page in the browser that shows what happens inside, with the
//!   feature of that name; see the crate `otp-observer`.
//! - [`rig`]: run a program inside a test, with a paused clock if need be.
//! - [`log`]: show `tracing` events, above all the runtime's crash reports, on standard error.

mod aftermath;
pub mod args;
mod canvas;
mod child_command;
mod child_options;
mod colours;
mod commands;
mod complete;
mod countdown;
mod die;
mod driver;
mod failure;
mod grammar;
mod history;
mod interactive;
mod interrupt;
mod kill;
mod line;
pub mod log;
mod named;
mod observe;
pub mod out;
mod printer;
mod program;
mod prompt;
pub mod rig;
mod run;
mod script;
mod session;
mod shell;
mod show;
mod stage;
mod supervisors;
mod system;
mod terminal;
mod tree;
mod unseen;
pub mod value;

pub use aftermath::Aftermath;
pub use canvas::Canvas;
pub use child_command::ChildCommand;
pub use child_options::ChildOptions;
pub use colours::Colours;
pub use countdown::{Bar, count_down};
pub use die::Die;
pub use failure::Failure;
pub use kill::Kill;
pub use named::Named;
pub use printer::Printer;
pub use program::{NoOptions, Program};
pub use run::main;
pub use shell::{Inbox, Mode, Shell};
pub use show::plain;
pub use stage::Stage;

/// The examples of the guide, which are run as all others.
#[cfg(all(doctest, feature = "observe"))]
#[doc = include_str!("../../../chapters/inside.md")]
#[derive(Debug)]
pub struct Inside;
