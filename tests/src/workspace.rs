//! Finds the project's files.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace.
///
/// Cargo sets `CARGO_MANIFEST_DIR` when it runs a test or a program. The value from compile time is used only for a program that is run by
/// hand, because two checkouts may share a target folder and so the program.
///
/// # Panics
///
/// Outside of the workspace.
pub fn root() -> PathBuf {
    let package =
        env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package)
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").exists())
        .expect("each package is in the workspace, which has a lock file")
        .to_path_buf()
}

/// All files below `folder` (relative to the root) with one of these extensions, sorted, relative to the root.
///
/// Hidden folders and build output are left out. A folder that does not exist has no files.
pub fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let root = root();
    let mut found = Vec::new();
    walk(&root.join(folder), &mut found);
    let mut found: Vec<PathBuf> = found
        .into_iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|it| extensions.iter().any(|wanted| it == *wanted))
        })
        .filter_map(|path| Some(path.strip_prefix(&root).ok()?.to_path_buf()))
        .collect();
    found.sort();
    found
}

/// The text of a file of the workspace.
///
/// # Panics
///
/// The file cannot be read.
pub fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(root().join(path))
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// The crates of the course, by folder name: `ch1-calculator`, `ch2-egg-timer`, and `rock-paper-scissors`, which belongs to
/// chapter 4, as `ch4-nodes` does.
pub fn chapters() -> Vec<String> {
    crates()
        .into_iter()
        .filter(|name| {
            let number = name.strip_prefix("ch");
            number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                || name == "rock-paper-scissors"
        })
        .collect()
}

/// The examples' packages, sorted: `example-chat` for `examples/chat`.
pub fn examples() -> Vec<String> {
    let names = folders("examples").into_iter();
    names.map(|name| format!("{EXAMPLE}{name}")).collect()
}

/// The published crates: their manifests do not inherit `publish = false`.
pub fn libraries() -> Vec<String> {
    let keeps_to_itself = |name: &String| {
        read(format!("{}/Cargo.toml", folder_of(name))).contains("publish.workspace = true")
    };
    let mut crates = crates();
    crates.retain(|name| !keeps_to_itself(name));
    crates
}

/// All folders of `crates/`, sorted. Each is a package of that name.
pub fn crates() -> Vec<String> {
    folders("crates")
}

/// The folder of a package of `crates/` or `examples/`.
pub fn folder_of(package: &str) -> String {
    match package.strip_prefix(EXAMPLE) {
        Some(example) => format!("examples/{example}"),
        None => format!("crates/{package}"),
    }
}

/// The prefix of the names of the examples' packages.
const EXAMPLE: &str = "example-";

fn folders(inside: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join(inside))
        .unwrap_or_else(|error| panic!("the workspace has a folder {inside}: {error}"))
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}
