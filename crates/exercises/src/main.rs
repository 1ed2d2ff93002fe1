//! The course's exercises: `cargo run -p exercises`, or `just exercises`.
//!
//! The exercises are in the folder `exercises`, a separate workspace with a folder for each exercise. This program shows the
//! progress and the next task, runs the check of an exercise, and shows hints and solutions.

mod catalogue;
mod check;
mod cli;
mod group;
mod interrupt;
mod progress;
mod watch;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use tokio::select;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let mut out = io::stdout();
    let done = select! {
        done = cli::run(&arguments, &mut out) => done,
        // Drops the running check, which kills its processes.
        code = interrupt::pressed() => code,
    };
    match done {
        Ok(code) => code,
        // A reader such as `head` has closed the output. That is no error.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            match error.kind() {
                io::ErrorKind::InvalidInput => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}
