//! Runs the course's exercises that exist, one line each: `just exercises`.

use std::io::{self, Write};
use std::process::ExitCode;

use otp_tests::exercises::EXERCISES;

fn main() -> io::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    let out = &mut io::stdout().lock();
    for exercise in EXERCISES {
        let verdict = exercise.run()?;
        let word = if verdict.is_ok() { "ok" } else { "failed" };
        writeln!(out, "{}  {:<44} {word}", exercise.number, exercise.title)?;
        if let Err(why) = verdict {
            code = ExitCode::FAILURE;
            writeln!(io::stderr(), "{why}")?;
        }
    }
    Ok(code)
}
