//! The program of chapter 1. All of it is in the library; here it only begins and ends.

use ch1_calculator::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
