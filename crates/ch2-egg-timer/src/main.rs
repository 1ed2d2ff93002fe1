//! The egg timer as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ch2_egg_timer::cli::main()
}
