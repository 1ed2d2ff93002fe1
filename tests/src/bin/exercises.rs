//! Runs the course's exercises, one line each: `just exercises`, or `just exercises 2` for a chapter's.

use std::env::{self, consts::EXE_SUFFIX};
use std::io::{self, Write};
use std::process::ExitCode;

use otp_tests::exercises::{build, exercises};

fn main() -> io::Result<ExitCode> {
    let chapter = env::args().nth(1);
    let exercises = exercises(chapter.as_deref());
    if exercises.is_empty() {
        let chapter = chapter.unwrap_or_default();
        writeln!(
            io::stderr(),
            "error: chapter {chapter:?} has no exercises here: expected a number, such as 1"
        )?;
        return Ok(ExitCode::from(2));
    }
    let programs = build(&exercises)?;

    let out = &mut io::stdout().lock();
    let mut solved = 0;
    for exercise in &exercises {
        let program = programs.join(format!("{}{EXE_SUFFIX}", exercise.program()));
        let verdict = exercise.play(&program);
        let word = if verdict.is_ok() { "ok" } else { "failed" };
        writeln!(out, "{}  {:<60} {word}", exercise.number(), exercise.title)?;
        match verdict {
            Ok(()) => solved += 1,
            Err(why) => writeln!(io::stderr(), "{why}")?,
        }
    }
    writeln!(out, "{solved} of {} ok", exercises.len())?;
    Ok(ExitCode::from(u8::from(solved < exercises.len())))
}
