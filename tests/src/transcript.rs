//! Transcripts: files with the input of a program and its expected output.
//!
//! Sessions and exercises have the form of a terminal. Their lines are compared with the standard output and the standard error of the
//! program:
//!
//! ```text
//! # A comment; the first one is the title.
//! $ ch1-calculator --initial 10 subtract 4
//! 6
//!
//! $ ch1-calculator
//! ? 1
//! > start 10
//! started <0.7.0>
//! > subtract 4
//! > state
//! 6
//! ```
//!
//! - `$ program arguments` runs the program. Arguments may be quoted, `'a b'` or `"a b"`.
//! - `? 1` in the next line is the expected exit code. Without such a line it is 0.
//! - `> command` is a line of the script on the program's standard input. The program runs with `--echo`, so that the output has the
//!   commands, too. Without commands the program gets no input.
//! - All other lines are the output. `[..]` matches any text within a line, and a line `...` matches any number of lines. Neighbouring
//!   lines that begin with `~ ` may come in any order. They may include commands (`~ > sleep 50ms`), because a cast and its effect do not
//!   wait for each other. After a line `...` other lines may come between them, too.
//! - A pid such as `<0.7.0>` matches any pid. Equal pids of a run match equal pids, and different ones match different ones. A command
//!   needs a name of the process, because the real pid is not known.
//! - Empty lines, comments, and empty lines of the output are not compared.

mod fit;
mod run;

use std::path::{Path, PathBuf};

pub use self::fit::Mismatch;

use crate::workspace;

/// A file of runs.
#[derive(Debug, Clone)]
pub struct Transcript {
    /// The path, relative to the workspace.
    pub path: PathBuf,
    /// The first comment.
    pub title: String,
    /// The runs, in order.
    pub runs: Vec<Run>,
}

/// A run of a program, with its input and its expected output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The line of the `$`, from 1.
    pub line: usize,
    /// The program's name.
    pub program: String,
    /// The arguments.
    pub arguments: Vec<String>,
    /// The expected exit code.
    pub code: i32,
    /// The commands for the standard input, or `None` for no input.
    pub script: Vec<String>,
    /// The expected lines, including the commands.
    pub expected: Vec<Expected>,
}

/// An expected line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A line in this place.
    Line(String),
    /// A line in this place, or in the place of a neighbour of the same kind.
    InAnyOrder(String),
    /// Any number of lines.
    Anything,
}

impl Transcript {
    /// Reads all transcripts of a folder of `tests/`, in the order of their names.
    ///
    /// # Panics
    ///
    /// A transcript is malformed, or the folder has none.
    pub fn all(folder: &str) -> Vec<Self> {
        let paths = workspace::files(&format!("tests/{folder}"), &["txt"]);
        assert!(!paths.is_empty(), "tests/{folder} has no transcripts");
        paths.iter().map(|path| Self::read(path)).collect()
    }

    /// Reads a transcript.
    ///
    /// # Panics
    ///
    /// The transcript is malformed.
    pub fn read(path: &Path) -> Self {
        Self::parse(path, &workspace::read(path))
            .unwrap_or_else(|fault| panic!("{}:{fault}", path.display()))
    }

    /// Reads the sessions of a guide: the blocks of Markdown that begin with ` ```session `, each a transcript without a title.
    ///
    /// # Panics
    ///
    /// A transcript is malformed.
    pub fn of_guide(path: &Path) -> Self {
        let mut inside = false;
        let mut text = format!("# {}", path.display());
        for line in workspace::read(path).lines() {
            text.push('\n');
            match line {
                "```session" => inside = true,
                "```" => inside = false,
                // The other lines are empty, so that line numbers are those of the guide.
                line if inside => text.push_str(line),
                _ => {}
            }
        }
        // The first line is that of the guide's title.
        let text = text.replacen('\n', "", 1);
        Self::parse(path, &text).unwrap_or_else(|fault| panic!("{}:{fault}", path.display()))
    }

    fn parse(path: &Path, text: &str) -> Result<Self, String> {
        let mut title = None;
        let mut runs: Vec<Run> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let (line, number) = (line.trim_end(), index + 1);
            if line.is_empty() {
                continue;
            }
            if let Some(comment) = line.strip_prefix('#') {
                title.get_or_insert_with(|| comment.trim().to_owned());
                continue;
            }
            if let Some(command) = line.strip_prefix("$ ") {
                runs.push(Run::new(number, command).map_err(|fault| format!("{number}: {fault}"))?);
                continue;
            }
            let run = runs.last_mut().ok_or_else(|| {
                format!("{number}: expected `$ program` before the first line of output")
            })?;
            run.take(line)
                .map_err(|fault| format!("{number}: {fault}"))?;
        }
        Ok(Self {
            path: path.to_owned(),
            title: title.ok_or("1: expected a title, such as `# S7: a session`")?,
            runs,
        })
    }

    /// The file's name up to its first hyphen: `s07` of `s07-genserver-session.txt`, `1.3` of `1.3-stack.txt`.
    pub fn number(&self) -> String {
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy();
        name.split('-').next().unwrap_or_default().to_owned()
    }

    /// The program of all runs.
    ///
    /// # Panics
    ///
    /// The transcript runs no program, or several.
    pub fn program(&self) -> &str {
        let mut programs = self.runs.iter().map(|run| run.program.as_str());
        let first = programs.next();
        let path = self.path.display();
        assert!(
            programs.all(|program| Some(program) == first),
            "{path} runs several programs"
        );
        first.unwrap_or_else(|| panic!("{path} runs nothing"))
    }

    /// Runs the transcript with the program at `binary`.
    ///
    /// # Errors
    ///
    /// A text with the first difference.
    pub fn play(&self, binary: &Path) -> Result<(), String> {
        for run in &self.runs {
            run.play(binary)
                .map_err(|mismatch| format!("{}:{}: {mismatch}", self.path.display(), run.line))?;
        }
        Ok(())
    }
}

/// Runs all transcripts of `program` in a folder of `tests/`, at the same time.
///
/// # Panics
///
/// A run differs from its transcript, or the program has no transcript.
pub fn check(folder: &str, program: &str, binary: impl AsRef<Path>) {
    let binary = binary.as_ref();
    let mut transcripts = Transcript::all(folder);
    transcripts.retain(|transcript| transcript.program() == program);
    assert!(
        !transcripts.is_empty(),
        "tests/{folder} has none about {program}"
    );
    play_all(&transcripts, binary);
}

/// Runs the sessions of a guide in `chapters` that use the program at `binary`.
///
/// # Panics
///
/// A run differs from its session, or the guide has no session of the program.
pub fn check_guide(guide: &str, binary: impl AsRef<Path>) {
    let binary = binary.as_ref();
    let mut sessions = Transcript::of_guide(&Path::new("chapters").join(guide));
    let program = binary.file_stem().unwrap_or_default().to_string_lossy();
    sessions.runs.retain(|run| run.program == program);
    assert!(
        !sessions.runs.is_empty(),
        "{guide} has no sessions of {program}"
    );
    play_all(&[sessions], binary);
}

/// The path of an example of a crate, given a program of the crate. `cargo test` builds the examples, unless it gets the name of a test;
/// then run `cargo build --examples`.
///
/// # Panics
///
/// The example has not been built.
pub fn example(program: &str, name: &str) -> PathBuf {
    let folder = Path::new(program).parent().unwrap_or(Path::new(""));
    let example = folder
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        example.exists(),
        "{} does not exist: build it with `cargo build --example {name}`",
        example.display()
    );
    example
}

fn play_all(transcripts: &[Transcript], binary: &Path) {
    let faults: Vec<String> = std::thread::scope(|scope| {
        let plays: Vec<_> = transcripts
            .iter()
            .map(|transcript| scope.spawn(|| transcript.play(binary)))
            .collect();
        plays
            .into_iter()
            .filter_map(|play| play.join().expect("a run does not panic").err())
            .collect()
    });
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

impl Run {
    fn new(line: usize, command: &str) -> Result<Self, String> {
        let mut words = words(command)?.into_iter();
        let program = words.next().ok_or("expected a program")?;
        Ok(Self {
            line,
            program,
            arguments: words.collect(),
            code: 0,
            script: Vec::new(),
            expected: Vec::new(),
        })
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        if let Some(code) = line.strip_prefix("? ")
            && self.expected.is_empty()
        {
            let fault = |_| format!("invalid exit code {code:?}: expected a number, such as 1");
            self.code = code.parse().map_err(fault)?;
            return Ok(());
        }
        let text = line.strip_prefix("~ ").unwrap_or(line);
        if let Some(command) = text.strip_prefix("> ") {
            self.script.push(command.to_owned());
        }
        self.expected.push(match line.strip_prefix("~ ") {
            Some(line) => Expected::InAnyOrder(line.to_owned()),
            None if line == "..." => Expected::Anything,
            None => Expected::Line(line.to_owned()),
        });
        Ok(())
    }
}

/// The words of a command line, with quotes and without escapes.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c == ' ' => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    match quote {
        Some(quote) => Err(format!("an unclosed {quote} in {text:?}")),
        None => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_parsed() {
        let text =
            "# S0: a title\n# more\n\n$ prog -e 'a b' \"\"\n? 2\n> go\nwell\n~ b\n~ > on\n...\n";
        let transcript = Transcript::parse(Path::new("s00-x.txt"), text).expect("it is valid");
        assert_eq!(transcript.title, "S0: a title");
        assert_eq!(transcript.number(), "s00");
        let line = |text: &str| Expected::Line(text.to_owned());
        let expected = Run {
            line: 4,
            program: "prog".to_owned(),
            arguments: ["-e", "a b", ""].map(str::to_owned).to_vec(),
            code: 2,
            script: vec!["go".to_owned(), "on".to_owned()],
            expected: vec![
                line("> go"),
                line("well"),
                Expected::InAnyOrder("b".to_owned()),
                Expected::InAnyOrder("> on".to_owned()),
                Expected::Anything,
            ],
        };
        assert_eq!(transcript.runs, [expected]);
    }

    #[test]
    fn a_malformed_transcript_is_refused_with_its_line() {
        for (text, fault) in [
            ("$ prog\n", "1: expected a title"),
            ("# t\n6\n", "2: expected `$ program`"),
            ("# t\n$ prog 'x\n", "2: an unclosed '"),
            ("# t\n$ prog\n? one\n", "3: invalid exit code \"one\""),
        ] {
            let refused = Transcript::parse(Path::new("x.txt"), text).expect_err(text);
            assert!(refused.starts_with(fault), "{refused}");
        }
    }
}
