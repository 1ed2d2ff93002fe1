//! The learner's progress. It is stored in a file, so that only changed exercises are checked again.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Exercise, folder, read};
use crate::check::{self, Subject, Verdict};

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    #[serde(default)]
    exercises: BTreeMap<String, Record>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Record {
    /// The fingerprint of the checked text.
    checked: String,
    passed: bool,
    /// The number of the last hint that was shown.
    hints: usize,
}

impl Progress {
    /// Reads the file. Without a valid file all changed exercises are checked again.
    pub(crate) fn load() -> Self {
        let text = fs::read_to_string(path()).unwrap_or_default();
        toml::from_str(&text).unwrap_or_default()
    }

    fn save(&self) -> io::Result<()> {
        let path = path();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let text = toml::to_string(self).map_err(io::Error::other)?;
        fs::write(path, text)
    }

    /// Whether an exercise is done, or `None` if that is not known without a check, because the file has changed since its last check.
    pub(crate) fn known(&self, exercise: &Exercise) -> io::Result<Option<bool>> {
        // An unchanged start fails its check.
        if !exercise.is_changed()? {
            return Ok(Some(false));
        }
        let checked = fingerprint(exercise)?;
        let record = self.exercises.get(&exercise.number);
        let record = record.filter(|record| record.checked == checked);
        Ok(record.map(|record| record.passed))
    }

    /// Whether an exercise is done. Runs the check if the file has changed since the last check.
    pub(crate) async fn is_done(&mut self, exercise: &Exercise) -> io::Result<bool> {
        match self.known(exercise)? {
            Some(done) => Ok(done),
            None => Ok(self.check(exercise).await?.passed),
        }
    }

    /// Checks an exercise and stores the result.
    pub(crate) async fn check(&mut self, exercise: &Exercise) -> io::Result<Verdict> {
        let checked = fingerprint(exercise)?;
        let verdict = check::run(exercise, Subject::Own).await?;
        let record = self.exercises.entry(exercise.number.clone()).or_default();
        record.checked = checked;
        record.passed = verdict.passed;
        self.save()?;
        Ok(verdict)
    }

    /// The number of the next hint of an exercise, from 1. The first hint follows the last one.
    pub(crate) fn next_hint(&mut self, exercise: &Exercise, hints: usize) -> io::Result<usize> {
        let record = self.exercises.entry(exercise.number.clone()).or_default();
        record.hints = record.hints % hints + 1;
        let hint = record.hints;
        self.save()?;
        Ok(hint)
    }
}

fn path() -> PathBuf {
    folder().join("target").join("progress.toml")
}

/// A hash of the learner's file and of the check, which decide whether an exercise passes.
fn fingerprint(exercise: &Exercise) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    exercise.source_text().hash(&mut hasher);
    read(&exercise.check())?.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}
