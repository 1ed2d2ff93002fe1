//! The binary of the program. The library has the code.

use ch3_super_duper::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
