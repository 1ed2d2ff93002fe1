//! Folders for the databases of tests.

use std::path::PathBuf;
use std::{env, fs, process};

use example_jobs::boundary::store::Store;

/// A folder that is removed when this value is dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("example-jobs-{name}-{}", process::id()));
        // A killed test of an earlier process with this pid may have left its folder.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the system has a folder for temporary files");
        Self(path)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("jobs.db")
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.database()).expect("the folder is writable")
    }
}

impl Drop for Folder {
    /// Lets the jobs of a failed test go on, and removes the folder.
    fn drop(&mut self) {
        for file in fs::read_dir(&self.0).into_iter().flatten().flatten() {
            // Those that wait at a gate read its end. Opened both ways it does not wait for a reader itself.
            let mut both = fs::OpenOptions::new();
            drop(both.read(true).write(true).open(file.path()));
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}
