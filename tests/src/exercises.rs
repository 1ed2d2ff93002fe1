//! The course's exercises, as transcripts: the commands that show one solved, and what must come of them.
//!
//! One file each in `tests/exercises`, named by number: `1.3-stack.txt`. Its first line is the title, and what follows
//! is told in [`transcript`](crate::transcript).

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::transcript::Transcript;

/// How many exercises each chapter has that is delivered with its exercises.
pub const DELIVERED: &[(&str, usize)] = &[("1", 5), ("2", 5), ("3", 7), ("4", 5)];

/// The exercises of a chapter such as `2`, or of all, in order.
pub fn exercises(chapter: Option<&str>) -> Vec<Transcript> {
    let mut exercises = Transcript::all("exercises");
    exercises.retain(|exercise| chapter.is_none_or(|chapter| chapter_of(exercise) == chapter));
    exercises
}

/// `2` for `2.3-cancel.txt`.
pub fn chapter_of(exercise: &Transcript) -> String {
    let number = exercise.number();
    number.split('.').next().unwrap_or_default().to_owned()
}

/// Builds the programs that the exercises are about, all at once, and says in which folder they are.
///
/// # Errors
///
/// When cargo cannot be started or the programs cannot be built; cargo has told why.
pub fn build(exercises: &[Transcript]) -> io::Result<PathBuf> {
    let this = env::current_exe()?;
    let folder = this.parent().unwrap_or(Path::new("."));
    let mut programs: Vec<&str> = exercises.iter().map(Transcript::program).collect();
    programs.sort_unstable();
    programs.dedup();

    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--locked", "--quiet"]);
    // They come to stand beside this program, which cargo has built the same way.
    if folder.ends_with("release") {
        command.arg("--release");
    }
    for program in programs {
        command.args(["--package", program]);
    }
    match command.status()?.success() {
        true => Ok(folder.to_owned()),
        false => Err(io::Error::other("the programs cannot be built")),
    }
}
