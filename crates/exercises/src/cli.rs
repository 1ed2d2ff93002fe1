//! The command line and its output.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use crate::catalogue::{self, Exercise};
use crate::check::{self, Subject, Verdict};
use crate::progress::Progress;
use crate::watch::{shown, watch};

/// The course's exercises: a check fails, and you make it pass.
///
/// Without arguments it shows the progress and the next task.
#[derive(Parser)]
#[command(after_help = "Examples:
  exercises             show the progress and the next task
  exercises 2.3         run the check of exercise 2.3
  exercises 2.3 hint    show a hint; the next call shows the next hint
  exercises watch       run the next check again at each save")]
pub(crate) struct Arguments {
    /// An exercise, such as 2.3; a chapter, such as 2; or `watch`.
    what: Option<String>,
    /// An action in place of the check.
    action: Option<Action>,
    /// Run the solutions in place of your own files.
    #[arg(long, conflicts_with_all = ["what", "starts"])]
    solutions: bool,
    /// Run the starts, each of which must compile and fail as its manifest says.
    #[arg(long, conflicts_with = "what")]
    starts: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Action {
    /// Show the task.
    Task,
    /// Show a hint.
    Hint,
    /// Show the solution.
    Solution,
    /// Replace your file by the start; a copy of your file is kept.
    Reset,
}

pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> io::Result<ExitCode> {
    if arguments.solutions {
        return prove(Subject::Solution, out).await;
    }
    if arguments.starts {
        return prove(Subject::Start, out).await;
    }
    let exercises = catalogue::all()?;
    match (arguments.what.as_deref(), arguments.action) {
        (None, _) => list(&exercises, out).await,
        (Some("watch"), None) => watch(out).await.map(|()| ExitCode::SUCCESS),
        (Some("watch"), Some(_)) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "unexpected argument after `watch`: type `watch` alone",
        )),
        (Some(chapter), None) if !chapter.contains('.') => {
            let prefix = format!("{chapter}.");
            let mut exercises = exercises;
            exercises.retain(|exercise| exercise.number.starts_with(&prefix));
            match exercises.is_empty() {
                true => Err(unknown(chapter)),
                false => list(&exercises, out).await,
            }
        }
        (Some(number), action) => {
            let found = exercises.iter().find(|exercise| exercise.number == number);
            let exercise = found.ok_or_else(|| unknown(number))?;
            match action {
                None => try_one(exercise, out).await,
                Some(Action::Task) => show_task(exercise, out).map(|()| ExitCode::SUCCESS),
                Some(Action::Hint) => show_hint(exercise, out),
                Some(Action::Solution) => {
                    out.write_all(catalogue::read(&exercise.solution())?.as_bytes())?;
                    Ok(ExitCode::SUCCESS)
                }
                Some(Action::Reset) => reset(exercise, out),
            }
        }
    }
}

fn unknown(what: &str) -> io::Error {
    let problem = format!(
        "no exercise {what:?}: expected a number such as 2.3, a chapter from 1 to 4, or `watch`"
    );
    io::Error::new(io::ErrorKind::InvalidInput, problem)
}

/// Shows the progress and the next task.
async fn list(exercises: &[Exercise], out: &mut impl Write) -> io::Result<ExitCode> {
    let mut progress = Progress::load();
    let mut done = 0;
    let mut next = None;
    for exercise in exercises {
        let state = if progress.is_done(exercise).await? {
            done += 1;
            "done"
        } else if next.is_none() {
            next = Some(exercise);
            "next"
        } else {
            "not yet"
        };
        writeln!(out, "{}  {:<68} {state}", exercise.number, exercise.title)?;
    }
    writeln!(out, "{done} of {} done", exercises.len())?;
    if let Some(exercise) = next {
        writeln!(out)?;
        show_task(exercise, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows the task, the file to edit, and the commands for the check and a hint.
pub(crate) fn show_task(exercise: &Exercise, out: &mut impl Write) -> io::Result<()> {
    let number = &exercise.number;
    writeln!(out, "{}", exercise.task()?.trim())?;
    writeln!(out)?;
    writeln!(out, "Edit:  {}", shown(&exercise.source()))?;
    writeln!(out, "Check: {}", typed(number))?;
    writeln!(out, "Hint:  {}", typed(&format!("{number} hint")))
}

/// The command to type, with `just` and without it.
fn typed(words: &str) -> String {
    let line = format!("just exercise {words}");
    format!("{line:<24} (or cargo run -q -p exercises -- {words})")
}

pub(crate) fn show_failure(
    exercise: &Exercise,
    verdict: &Verdict,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{}\n", verdict.output)?;
    writeln!(out, "{} {}: not yet", exercise.number, exercise.title)
}

/// Explains the long time of the first check.
pub(crate) fn announce(out: &mut impl Write) -> io::Result<()> {
    if check::is_first() {
        writeln!(
            out,
            "The first check builds the libraries of the course, which takes one or two minutes. Later checks take seconds.\n"
        )?;
    }
    out.flush()
}

async fn try_one(exercise: &Exercise, out: &mut impl Write) -> io::Result<ExitCode> {
    announce(out)?;
    let verdict = Progress::load().check(exercise).await?;
    if !verdict.passed {
        show_failure(exercise, &verdict, out)?;
        let number = &exercise.number;
        match exercise.source().exists() {
            true => writeln!(out, "A hint: {}", typed(&format!("{number} hint")))?,
            false => writeln!(
                out,
                "The file does not exist. Restore the start: {}",
                typed(&format!("{number} reset"))
            )?,
        }
        return Ok(ExitCode::FAILURE);
    }
    writeln!(out, "{} {}: done", exercise.number, exercise.title)?;
    writeln!(
        out,
        "Next exercise: just exercises (or cargo run -q -p exercises)"
    )?;
    Ok(ExitCode::SUCCESS)
}

fn show_hint(exercise: &Exercise, out: &mut impl Write) -> io::Result<ExitCode> {
    let hints = exercise.hints()?;
    let at = Progress::load().next_hint(exercise, hints.len())?;
    writeln!(out, "Hint {at} of {}:\n\n{}", hints.len(), hints[at - 1])?;
    Ok(ExitCode::SUCCESS)
}

fn reset(exercise: &Exercise, out: &mut impl Write) -> io::Result<ExitCode> {
    let own = exercise.source();
    if own.exists() && exercise.is_changed()? {
        let copy = keep(&own)?;
        writeln!(out, "copied your file to {}", shown(&copy))?;
    }
    if let Some(folder) = own.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(exercise.start(), &own)?;
    writeln!(out, "restored the start of {}", shown(&own))?;
    Ok(ExitCode::SUCCESS)
}

/// Copies a file to an unused name.
fn keep(own: &Path) -> io::Result<PathBuf> {
    let text = fs::read(own)?;
    for copy in 1_u64.. {
        let copy = match copy {
            1 => own.with_extension("rs.before-reset"),
            _ => own.with_extension(format!("rs.before-reset-{copy}")),
        };
        match File::create_new(&copy) {
            Ok(mut file) => return file.write_all(&text).map(|()| copy),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    unreachable!("a folder cannot have so many files")
}

/// Runs all starts or all solutions, for CI. A solution must pass. A start must compile, and fail as its manifest says.
async fn prove(subject: Subject, out: &mut impl Write) -> io::Result<ExitCode> {
    let exercises = catalogue::all()?;
    let built = check::build_all(subject).await?;
    if !built.passed {
        let problem = format!("not all exercises compile:\n{}", built.output);
        return Err(io::Error::other(problem));
    }
    let mut correct = 0;
    for exercise in &exercises {
        let verdict = check::run(exercise, subject).await?;
        let problem = problem(exercise, subject, &verdict)?;
        let state = match (&problem, subject) {
            (None, Subject::Start) => "fails as expected",
            (None, _) => "ok",
            (Some(_), _) => "wrong",
        };
        writeln!(out, "{}  {:<68} {state}", exercise.number, exercise.title)?;
        match problem {
            None => correct += 1,
            Some(problem) => writeln!(out, "{problem}\n")?,
        }
    }
    writeln!(out, "{correct} of {}", exercises.len())?;
    Ok(match correct == exercises.len() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The problem with an exercise, or `None` if the check had the expected result.
fn problem(exercise: &Exercise, subject: Subject, verdict: &Verdict) -> io::Result<Option<String>> {
    let Verdict { passed, output } = verdict;
    Ok(match subject {
        Subject::Own | Subject::Solution => (!passed).then(|| output.clone()),
        Subject::Start if *passed => Some("The start passes its check.".to_owned()),
        Subject::Start if !output.contains(&exercise.fails) => Some(format!(
            "The start does not fail with {:?}:\n{output}",
            exercise.fails
        )),
        Subject::Start if exercise.is_changed()? => Some(format!(
            "{} differs from the start. Restore it: {}",
            shown(&exercise.source()),
            typed(&format!("{} reset", exercise.number))
        )),
        Subject::Start => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_restores_a_file_and_copies_each_changed_one() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("exercises-reset-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let manifest = catalogue::folder().join("2.4-status/Cargo.toml");
        fs::copy(manifest, folder.join("Cargo.toml"))?;
        fs::write(folder.join("start.rs"), "start")?;
        let exercise = Exercise::read("2.4", folder.clone())?;
        let copy = exercise.source().with_extension("rs.before-reset");

        // The folder `src` does not exist.
        assert!(exercise.is_changed()?);
        reset(&exercise, &mut io::sink())?;
        assert_eq!(catalogue::read(&exercise.source())?, "start");
        assert!(!exercise.is_changed()? && !copy.exists());

        fs::write(exercise.source(), "mine")?;
        reset(&exercise, &mut io::sink())?;
        assert_eq!(catalogue::read(&exercise.source())?, "start");
        assert_eq!(catalogue::read(&copy)?, "mine");

        fs::write(exercise.source(), "mine again")?;
        reset(&exercise, &mut io::sink())?;
        assert_eq!(catalogue::read(&copy)?, "mine");
        let second = copy.with_extension("before-reset-2");
        assert_eq!(catalogue::read(&second)?, "mine again");
        fs::remove_dir_all(folder)
    }
}
