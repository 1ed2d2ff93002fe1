//! The binary of the program. The library has the code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ch2_egg_timer::cli::main()
}
