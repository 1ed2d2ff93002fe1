//! Where the lines are kept that were typed at a prompt.
//!
//! The file has the format of the line editor: a first line `#V2`, then an entry a line, in which `\\` is a backslash
//! and `
//! ` the end of a line. It is read and written here, as bytes, because the editor stops at the first byte that is no
//! text. Lines are only appended. When there are too many, the file becomes the former one, which is read as well.

use std::collections::VecDeque;
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How many lines are kept.
pub(crate) const LINES: usize = 1000;

/// The first line of the file.
const VERSION: &str = "#V2";

/// More than the size of any history. A larger file is something else.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The history of a program.
#[derive(Debug)]
pub(crate) struct History {
    /// The file, or why there is none.
    file: Result<PathBuf, Unkept>,
}

/// Why the history is not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unkept {
    #[error("the history is not kept: neither XDG_STATE_HOME nor HOME is set")]
    NoPlace,
    #[error("the history is not kept: {}: {error}", .path.display())]
    File { path: PathBuf, error: io::Error },
}

impl History {
    /// The history in the user's state directory. Nothing is read yet.
    pub(crate) fn of(program: &str) -> Self {
        let variable = |name| env::var_os(name).map(PathBuf::from);
        let file = path(program, variable("XDG_STATE_HOME"), variable("HOME"));
        Self {
            file: file.ok_or(Unkept::NoPlace),
        }
    }

    /// The entries, the oldest first. Bytes that are no UTF-8 are replaced in them; the file keeps these bytes.
    pub(crate) fn load(&mut self) -> VecDeque<String> {
        let mut entries = VecDeque::new();
        let Ok(file) = &self.file else { return entries };
        // The former file may be missing or odd: then it is missing.
        let former = former(file);
        entries.extend(read(&former).unwrap_or_default());
        match read(file) {
            Ok(present) => {
                if present.len() > LINES {
                    // If it cannot be moved, it grows.
                    let _ = fs::rename(file, &former);
                }
                entries.extend(present);
            }
            // The first time there is none.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.give_up(error),
        }
        entries.drain(..entries.len().saturating_sub(LINES));
        entries
    }

    /// Adds an entry at once: no entry is lost, however the program ends.
    pub(crate) fn add(&mut self, entry: &str) {
        if let Ok(file) = &self.file
            && let Err(error) = append(file, entry)
        {
            self.give_up(error);
        }
    }

    /// Why the history is not kept; once.
    pub(crate) fn take_problem(&mut self, told: &mut bool) -> Option<&Unkept> {
        let problem = self.file.as_ref().err()?;
        (!std::mem::replace(told, true)).then_some(problem)
    }

    fn give_up(&mut self, error: io::Error) {
        if let Ok(path) = &self.file {
            let path = path.clone();
            self.file = Err(Unkept::File { path, error });
        }
    }
}

fn former(file: &Path) -> PathBuf {
    file.with_extension("old")
}

fn read(path: &Path) -> io::Result<Vec<String>> {
    regular(path)?;
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    let mut lines = bytes.split(|byte| *byte == b'\n').peekable();
    let escaped = lines.next_if(|line| *line == VERSION.as_bytes()).is_some();
    let lines = lines.filter(|line| !line.is_empty());
    let lines = lines.map(String::from_utf8_lossy);
    Ok(lines
        .map(|line| match escaped {
            true => shown(&unescape(&line)),
            false => shown(&line),
        })
        .collect())
}

/// An entry for display: characters that control the terminal are replaced, and so are bytes that are no text.
pub(crate) fn shown(entry: &str) -> String {
    let controls = |it: char| it.is_control() && !matches!(it, '\n' | '\t');
    entry.replace(controls, "\u{fffd}")
}

/// To open a named pipe waits for its other end, maybe for ever.
fn regular(path: &Path) -> io::Result<()> {
    match fs::metadata(path)?.is_file() {
        true => Ok(()),
        false => Err(io::Error::other("it is no regular file")),
    }
}

fn append(path: &Path, entry: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    match regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => other?,
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Typed commands are private.
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    let mut text = String::new();
    if length == 0 {
        text.push_str(&format!("{VERSION}\n"));
    } else if byte(&mut file, length - 1)? != b'\n' {
        // The last line was not complete: another program has written it, or the disk was full.
        text.push('\n');
    }
    match length == 0 || is_escaped(&mut file)? {
        true => text.push_str(&entry.replace('\\', "\\\\").replace('\n', "\\n")),
        false => text.push_str(entry),
    }
    text.push('\n');
    // One write, so that another prompt's entry is not in the middle of it.
    file.write_all(text.as_bytes())
}

fn byte(file: &mut File, at: u64) -> io::Result<u8> {
    let mut byte = [0];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// Whether the entries of the file are escaped: in very old ones they are not.
fn is_escaped(file: &mut File) -> io::Result<bool> {
    let mut first = Vec::new();
    file.rewind()?;
    file.take(VERSION.len() as u64 + 1)
        .read_to_end(&mut first)?;
    Ok(first == format!("{VERSION}\n").as_bytes())
}

fn unescape(line: &str) -> String {
    let mut entry = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => entry.push('\n'),
                Some(other) => entry.push(other),
                None => entry.push('\\'),
            },
            other => entry.push(other),
        }
    }
    entry
}

/// The XDG specification says that a relative state directory must be ignored.
fn path(program: &str, state: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let state = state
        .filter(absolute)
        .or_else(|| Some(home.filter(absolute)?.join(".local/state")))?;
    Some(state.join(program).join("history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A history in a folder of its own, gone with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let path = env::temp_dir().join(format!("otp-shell-{test}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }

        fn history(&self) -> History {
            History {
                file: Ok(self.0.join("history")),
            }
        }

        fn bytes(&self) -> Vec<u8> {
            fs::read(self.0.join("history")).expect("a history")
        }

        fn write(&self, bytes: &[u8]) {
            fs::create_dir_all(&self.0).expect("a folder");
            fs::write(self.0.join("history"), bytes).expect("it can be written");
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn entries_read_back_as_they_were() {
        let folder = Folder::new("history-back");
        let entries = ["add 41", r"say \\n \", "two\nlines", "œufs"];
        for entry in entries {
            folder.history().add(entry);
        }
        assert_eq!(folder.history().load(), entries);
    }

    #[test]
    fn a_byte_that_is_no_text_and_a_line_without_end_lose_nothing() {
        let folder = Folder::new("history-odd");
        for (before, first) in [
            (&b"#V2\nadd 1\nsay \xff\nadd 2"[..], "add 1"),
            (b"add 1\nsay \xff\nadd 2", "add 1"),
            (b"\xffadd 1\nsay \xff\nadd 2", "\u{fffd}add 1"),
        ] {
            folder.write(before);
            let mut history = folder.history();
            assert_eq!(history.load(), [first, "say \u{fffd}", "add 2"]);
            history.add("state");
            assert_eq!(history.load(), [first, "say \u{fffd}", "add 2", "state"]);
            assert_eq!(folder.bytes(), [before, b"\nstate\n"].concat());
        }
    }

    #[test]
    fn what_would_control_the_terminal_is_replaced_and_stays_in_the_file() {
        let folder = Folder::new("history-control");
        let entries = &b"#V2\nadd \x1b[31m3\x07 \xc2\x9b\nadd\t1\r\n"[..];
        folder.write(entries);
        let shown = ["add \u{fffd}[31m3\u{fffd} \u{fffd}", "add\t1\u{fffd}"];
        assert_eq!(folder.history().load(), shown);
        assert_eq!(folder.bytes(), entries);
    }

    #[test]
    fn an_old_file_keeps_its_form() {
        let folder = Folder::new("history-old");
        folder.write(b"say \\n\n");
        folder.history().add(r"say \\");
        assert_eq!(folder.history().load(), [r"say \n", r"say \\"]);
    }

    #[test]
    #[cfg(unix)]
    fn a_named_pipe_is_not_waited_for() {
        let folder = Folder::new("history-pipe");
        folder.write(b"");
        let pipe = folder.0.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("there is a program `mkfifo`").success());
        let mut history = History { file: Ok(pipe) };
        assert_eq!(history.load(), [""; 0]);
        let problem = history
            .take_problem(&mut false)
            .expect("a pipe is no history");
        assert!(
            problem.to_string().ends_with("it is no regular file"),
            "{problem}"
        );
    }

    #[test]
    fn a_long_history_keeps_its_last_lines() {
        let folder = Folder::new("history-long");
        let mut history = folder.history();
        let lines: String = (0..=LINES).map(|number| format!("{number}\n")).collect();
        folder.write(lines.as_bytes());
        assert_eq!(history.load().front().map(String::as_str), Some("1"));
        history.add("new");
        assert_eq!(folder.bytes(), b"#V2\nnew\n");
        let loaded = history.load();
        assert_eq!(
            (loaded.len(), &*loaded[0], &*loaded[LINES - 1]),
            (LINES, "2", "new")
        );
    }

    #[test]
    fn a_history_that_cannot_be_kept_says_so_once() {
        let folder = Folder::new("history-none");
        folder.write(b"");
        let file = folder.0.join("history/history");
        let mut history = History { file: Ok(file) };
        let mut told = false;
        assert_eq!(history.load(), [""; 0]);
        history.add("add 1");
        let problem = history.take_problem(&mut told).map(ToString::to_string);
        let problem = problem.expect("a file is no folder");
        assert!(
            problem.starts_with("the history is not kept: "),
            "{problem}"
        );
        history.add("add 2");
        assert!(history.take_problem(&mut told).is_none());
        assert!(
            History {
                file: Err(Unkept::NoPlace)
            }
            .take_problem(&mut false)
            .is_some()
        );
    }

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
