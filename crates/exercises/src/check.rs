//! Running an exercise's check, which is a test of its package.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::catalogue::{Exercise, folder};

/// Which file is checked.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Subject {
    /// What the learner has written.
    Own,
    /// The exercise as it was at first.
    Start,
    Solution,
}

pub(crate) struct Verdict {
    pub(crate) passed: bool,
    /// What the compiler or the check has said.
    pub(crate) said: String,
}

/// Whether nothing has been built yet: then the first check builds the library, too.
pub(crate) fn is_first() -> bool {
    !target().join("debug").exists()
}

/// Compiles and runs the check of one exercise.
pub(crate) fn run(exercise: &Exercise, subject: Subject) -> io::Result<Verdict> {
    let mut command = cargo(subject);
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .args(["--package", &exercise.package, "--test", "check", "--quiet"])
        .output()?;
    let compiler = String::from_utf8_lossy(&stderr);
    let check = String::from_utf8_lossy(&stdout);
    let said = compiler
        .lines()
        .chain(check.lines())
        .filter(|line| !is_noise(line));
    let said: Vec<&str> = said.collect();
    Ok(Verdict {
        passed: status.success(),
        said: said.join("\n").trim().to_owned(),
    })
}

/// Compiles the checks of all exercises at once.
pub(crate) fn build_all(subject: Subject) -> io::Result<bool> {
    let mut command = cargo(subject);
    let status = command
        .args(["--workspace", "--test", "check", "--no-run", "--quiet"])
        .status()?;
    Ok(status.success())
}

fn target() -> PathBuf {
    folder().join("target")
}

fn cargo(subject: Subject) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["test", "--locked", "--manifest-path"])
        .arg(folder().join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", target())
        .env("RUST_BACKTRACE", "0");
    match subject {
        Subject::Own => {}
        Subject::Start => {
            command.args(["--features", "start"]);
        }
        Subject::Solution => {
            command.args(["--features", "solution"]);
        }
    }
    command
}

/// Lines that tell a learner nothing: the test harness's frame around what the check says.
fn is_noise(line: &str) -> bool {
    const NOISE: &[&str] = &[
        "note: run with `RUST_BACKTRACE",
        "error: test failed, to rerun pass",
        "failures:",
        "running ",
        "warning: unused",
    ];
    NOISE.iter().any(|noise| line.starts_with(noise))
}
