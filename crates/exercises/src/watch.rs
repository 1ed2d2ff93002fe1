//! Runs the check of the next exercise at each save, and continues with the following exercise when it passes.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use tokio::select;
use tokio::time::sleep;

use crate::catalogue::{self, Exercise, read};
use crate::cli::{announce, show_failure, show_task};
use crate::progress::Progress;

/// The interval at which the file is read. The file has about a page of text.
const PERIOD: Duration = Duration::from_millis(300);

pub(crate) async fn watch(out: &mut impl Write) -> io::Result<()> {
    let mut progress = Progress::load();
    loop {
        let exercises = catalogue::all()?;
        let Some(exercise) = first_open(&exercises, &progress)? else {
            return writeln!(
                out,
                "{0} of {0} done: all exercises are solved.",
                exercises.len()
            );
        };
        show_task(exercise, out)?;
        until_done(exercise, &mut progress, out).await?;
        writeln!(out, "\n{} {}: done\n", exercise.number, exercise.title)?;
    }
}

fn first_open<'a>(
    exercises: &'a [Exercise],
    progress: &Progress,
) -> io::Result<Option<&'a Exercise>> {
    for exercise in exercises {
        if progress.known(exercise)? != Some(true) {
            return Ok(Some(exercise));
        }
    }
    Ok(None)
}

/// Checks an exercise at each save until it passes. A save ends a running check.
async fn until_done(
    exercise: &Exercise,
    progress: &mut Progress,
    out: &mut impl Write,
) -> io::Result<()> {
    let file = exercise.source();
    loop {
        let before = exercise.source_text();
        if exercise.is_changed()? {
            announce(out)?;
            let verdict = select! {
                verdict = progress.check(exercise) => verdict?,
                () = change(&file, &before) => {
                    writeln!(out, "\nThe file has changed. The check starts again.")?;
                    continue;
                }
            };
            if verdict.passed {
                return Ok(());
            }
            show_failure(exercise, &verdict, out)?;
        }
        writeln!(
            out,
            "\nWaiting for a change of {}. Ctrl-C ends the program.",
            shown(&file)
        )?;
        out.flush()?;
        change(&file, &before).await;
    }
}

/// Waits until the text of a file differs from `before`.
async fn change(file: &Path, before: &str) {
    // Some editors replace a file, so for a moment it may not exist.
    while read(file).map_or(true, |now| now == before) {
        sleep(PERIOD).await;
    }
}

/// A path relative to the project's folder.
pub(crate) fn shown(path: &Path) -> String {
    let root = catalogue::folder();
    let root = root.parent().unwrap_or(&root);
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}
