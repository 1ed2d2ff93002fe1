//! The transcripts of the course's exercises: commands of the programs, and their expected output.
//!
//! Each has a file in `tests/exercises`, named by number: `1.3-stack.txt`. [`transcript`](crate::transcript) describes the form of the
//! files.

use crate::transcript::Transcript;
use crate::workspace;

/// The number of exercises of each chapter.
pub const DELIVERED: &[(&str, usize)] = &[("1", 5), ("2", 5), ("3", 7), ("4", 5)];

/// The exercises of a chapter such as `2`, or of all chapters, in order.
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

/// The numbers of the folders in `exercises`.
pub fn folders() -> Vec<String> {
    let manifests = workspace::files("exercises", &["toml"]);
    let mut numbers: Vec<String> = manifests
        .iter()
        .filter_map(|path| {
            let folder = path.parent()?.file_name()?.to_str()?;
            Some(folder.split_once('-')?.0.to_owned())
        })
        .collect();
    numbers.sort();
    numbers
}
