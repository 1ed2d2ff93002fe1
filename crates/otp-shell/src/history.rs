//! Where the lines are kept that were typed at a prompt.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// How many lines are kept.
pub(crate) const LINES: usize = 1000;

/// The file, in the user's state directory; `None` if there is none.
pub(crate) fn file(program: &str) -> Option<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from);
    path(program, variable("XDG_STATE_HOME"), variable("HOME"))
}

/// Makes the directory of the file. If that fails the history is of this session only.
pub(crate) fn make_room(file: &Path) {
    if let Some(directory) = file.parent() {
        let _ = fs::create_dir_all(directory);
    }
}

/// A relative state directory is to be ignored, says the XDG specification.
fn path(program: &str, state: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let state = state
        .filter(absolute)
        .or_else(|| Some(home.filter(absolute)?.join(".local/state")))?;
    Some(state.join(program).join("history"))
}

#[cfg(test)]
mod tests {
    use super::path;
    use std::path::{Path, PathBuf};

    #[test]
    fn the_state_directory_of_the_user_is_asked_for_first() {
        fn check(state: Option<&str>, home: Option<&str>, expected: Option<&str>) {
            let found = path("ch1", state.map(PathBuf::from), home.map(PathBuf::from));
            assert_eq!(found.as_deref(), expected.map(Path::new));
        }

        check(Some("/s"), Some("/home/joe"), Some("/s/ch1/history"));
        let usual = Some("/home/joe/.local/state/ch1/history");
        check(None, Some("/home/joe"), usual);
        check(Some(""), Some("/home/joe"), usual);
        check(Some("here"), Some("/home/joe"), usual);
        check(None, Some("somewhere"), None);
        check(None, None, None);
    }
}
