//! The binary of the program. The library has the code.

use ch4_nodes::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
