//! The exercises in the folder: their numbers, files and texts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// One exercise.
pub(crate) struct Exercise {
    /// The number, such as `1.1`.
    pub(crate) number: String,
    /// The title, in one line.
    pub(crate) title: String,
    /// The failure of the check for the unchanged start.
    pub(crate) fails: String,
    /// The name of the package.
    pub(crate) package: String,
    folder: PathBuf,
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    description: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    exercise: Fields,
}

#[derive(Deserialize)]
struct Fields {
    fails: String,
}

impl Exercise {
    pub(crate) fn read(number: &str, folder: PathBuf) -> io::Result<Self> {
        let path = folder.join("Cargo.toml");
        let manifest = read(&path)?;
        let manifest: Manifest = toml::from_str(&manifest)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        Ok(Self {
            number: number.to_owned(),
            title: manifest.package.description,
            fails: manifest.package.metadata.exercise.fails,
            package: manifest.package.name,
            folder,
        })
    }

    /// The file that the learner edits.
    pub(crate) fn source(&self) -> PathBuf {
        self.folder.join("src").join("lib.rs")
    }

    /// The file at the beginning of the exercise.
    pub(crate) fn start(&self) -> PathBuf {
        self.folder.join("start.rs")
    }

    pub(crate) fn solution(&self) -> PathBuf {
        self.folder.join("solution.rs")
    }

    pub(crate) fn check(&self) -> PathBuf {
        self.folder.join("check.rs")
    }

    /// The text of the learner's file, or an empty text if the file does not exist or cannot be read.
    pub(crate) fn source_text(&self) -> String {
        fs::read_to_string(self.source()).unwrap_or_default()
    }

    /// Whether the learner has changed the file.
    pub(crate) fn is_changed(&self) -> io::Result<bool> {
        Ok(self.source_text() != read(&self.start())?)
    }

    /// The task, in Markdown.
    pub(crate) fn task(&self) -> io::Result<String> {
        read(&self.folder.join("TASK.md"))
    }

    /// The hints. Each one says more than the one before.
    pub(crate) fn hints(&self) -> io::Result<Vec<String>> {
        let text = read(&self.folder.join("HINTS.md"))?;
        let hints = text.split("\n---\n").map(str::trim);
        Ok(hints
            .filter(|hint| !hint.is_empty())
            .map(str::to_owned)
            .collect())
    }
}

/// The folder of the exercises.
pub(crate) fn folder() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = crates.and_then(Path::parent);
    root.unwrap_or(Path::new(".")).join("exercises")
}

/// All exercises, in order.
pub(crate) fn all() -> io::Result<Vec<Exercise>> {
    let mut exercises = Vec::new();
    for entry in fs::read_dir(folder())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some((number, _)) = name.split_once('-')
            && number.starts_with(|digit: char| digit.is_ascii_digit())
        {
            exercises.push(Exercise::read(number, entry.path())?);
        }
    }
    exercises.sort_by_key(|exercise| exercise.number.clone());
    Ok(exercises)
}

pub(crate) fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}
