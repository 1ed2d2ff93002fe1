//! The binary of the program. The library has the code.

use ch1_calculator::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
