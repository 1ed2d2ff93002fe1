//! Runs the next exercise again at each save, and goes on when it passes.

use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::catalogue::{self, Exercise, read};
use crate::cli::{show_failure, show_task};
use crate::progress::Progress;

/// How often the file is looked at. A look reads one page of text.
const PERIOD: Duration = Duration::from_millis(300);

pub(crate) fn watch(out: &mut impl Write) -> io::Result<()> {
    let mut progress = Progress::load();
    loop {
        let exercises = catalogue::all()?;
        let Some(exercise) = first_open(&exercises, &mut progress)? else {
            return writeln!(
                out,
                "{0} of {0} done. That was all of them.",
                exercises.len()
            );
        };
        show_task(exercise, out)?;
        while !progress.is_done(exercise)? {
            if exercise.is_touched()? {
                let verdict = progress.check(exercise)?;
                show_failure(exercise, &verdict, out)?;
            }
            writeln!(
                out,
                "\nWaiting for a change of {}; Ctrl-C ends.",
                shown(&exercise.source())
            )?;
            out.flush()?;
            wait_for_change(&exercise.source())?;
        }
        writeln!(out, "\n{} {}: done\n", exercise.number, exercise.title)?;
    }
}

fn first_open<'a>(
    exercises: &'a [Exercise],
    progress: &mut Progress,
) -> io::Result<Option<&'a Exercise>> {
    for exercise in exercises {
        if !progress.is_done(exercise)? {
            return Ok(Some(exercise));
        }
    }
    Ok(None)
}

#[allow(
    clippy::disallowed_methods,
    reason = "a program of one thread, which has nothing else to do"
)]
fn wait_for_change(file: &Path) -> io::Result<()> {
    let before = read(file)?;
    loop {
        thread::sleep(PERIOD);
        // Some editors replace a file, and for a moment there is none.
        if read(file).is_ok_and(|now| now != before) {
            return Ok(());
        }
    }
}

/// A path as the learner would type it.
pub(crate) fn shown(path: &Path) -> String {
    let root = catalogue::folder();
    let root = root.parent().unwrap_or(&root);
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}
