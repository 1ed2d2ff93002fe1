//! The shell that the chapter programs share.
//!
//! A chapter's program is a calculator or an egg timer: some commands and a state, passed as a [`Program`]. The rest is
//! the same for all of them and is here, once: [`main`] runs one command from the command line, a script, or a prompt
//! with history and completion, all with the same grammar; the runtime's reports go to standard error. This crate does
//! not depend on a chapter.
//!
//! The shell is a process, and commands run inside of it: their links are links of the shell. When it dies, by a crash
//! or by a kill, it prints that, and a new one takes its place. Besides the program's commands it has commands that
//! inspect processes and act on them: `processes`, `info`, `tree`, `kill`, `link`, `monitor`, `flush` and more; `help`
//! lists them.
//!
//! - [`Program`], [`Shell`], [`Failure`]: the description of a program, the context of its commands, and their errors.
//! - [`Aftermath`], [`plain`]: wait for the work of supervisors after an end; show exit reasons.
//! - [`Stage`]: the receiver of the processes' events.
//! - [`ChildCommand`], [`Kill`], [`Die`]: commands for the children of a supervisor, and for their ends; [`Named`]: the name that
//!   a command is about.
//! - [`value`]: parsers for values that several programs use.
//! - [`args`]: parse the command line of a program that is no shell.
//! - [`out`]: print one line, and notice a closed output.
//! - [`Canvas`], [`count_down`], [`Colours`]: bars while the program has the terminal; whether to colour.
//! - `--observe` and the command `observe`: a page in the browser that shows the processes, with the feature of that
//!   name; see the crate `otp-observer`.
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
pub use program::{NoOptions, OnDemand, Program};
pub use run::main;
pub use shell::{Inbox, Mode, Shell};
pub use show::plain;
pub use stage::Stage;

/// The examples of the guide, which are run as all others.
#[cfg(all(doctest, feature = "observe"))]
#[doc = include_str!("../../../chapters/inside.md")]
#[derive(Debug)]
pub struct Inside;
