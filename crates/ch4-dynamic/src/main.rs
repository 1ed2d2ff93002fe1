//! The binary of the program. The library has the code.

use ch4_dynamic::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
