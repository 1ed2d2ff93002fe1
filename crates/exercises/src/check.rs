//! Running an exercise's check, which is a test of its package.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::catalogue::{Exercise, folder};
use crate::group::output;

/// How long a check may run. The build before it has no limit. Each check of a solution ends within two seconds.
const LIMIT: Duration = Duration::from_secs(60);

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

/// Compiles and runs the check of one exercise. If the future is dropped, the processes of the check are killed.
pub(crate) async fn run(exercise: &Exercise, subject: Subject) -> io::Result<Verdict> {
    let check = || {
        let mut command = cargo(subject);
        command.args(["--package", &exercise.package, "--test", "check", "--quiet"]);
        command
    };
    let built = output(check().arg("--no-run")).await?;
    if !built.status.success() {
        return refused(exercise, &built);
    }
    within(LIMIT, &mut check()).await
}

/// What a failed build says of an exercise: nothing, if something else than its own code was the reason.
fn refused(exercise: &Exercise, built: &Output) -> io::Result<Verdict> {
    let verdict = Verdict::of(built);
    let own = format!("could not compile `{}`", exercise.package);
    // Without its file cargo does not even come to compile.
    match verdict.said.contains(&own) || !exercise.source().exists() {
        true => Ok(verdict),
        false => Err(io::Error::other(format!(
            "the check cannot be built, and the exercise is not the reason:\n{}",
            verdict.said
        ))),
    }
}

/// Runs a command that has a time limit.
async fn within(limit: Duration, command: &mut Command) -> io::Result<Verdict> {
    match timeout(limit, output(command)).await {
        Ok(output) => Ok(Verdict::of_check(&output?)),
        Err(_) => Ok(Verdict {
            passed: false,
            said: format!(
                "The check did not end within {} s. Is there a loop that never ends, or an await that nobody answers?",
                limit.as_secs()
            ),
        }),
    }
}

impl Verdict {
    /// The exit code does not suffice: code that is checked may end the whole process, with any exit code.
    fn of_check(output: &Output) -> Self {
        let mut verdict = Self::of(output);
        let mut lines = verdict.said.lines();
        if verdict.passed && !lines.any(|line| line.starts_with("test result: ok.")) {
            verdict.passed = false;
            verdict.said += "\nThe check was ended before it was through. Does something call `std::process::exit`?";
        }
        verdict
    }

    fn of(output: &Output) -> Self {
        let compiler = String::from_utf8_lossy(&output.stderr);
        let check = String::from_utf8_lossy(&output.stdout);
        let said = compiler.lines().chain(check.lines());
        let said: Vec<&str> = said.filter(|line| !is_noise(line)).collect();
        Self {
            passed: output.status.success(),
            said: said.join("\n").trim().to_owned(),
        }
    }
}

/// Compiles the checks of all exercises at once.
pub(crate) async fn build_all(subject: Subject) -> io::Result<Verdict> {
    let mut command = cargo(subject);
    command.args(["--workspace", "--test", "check", "--no-run", "--quiet"]);
    Ok(Verdict::of(&output(&mut command).await?))
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
    ];
    NOISE.iter().any(|noise| line.starts_with(noise))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_check_that_does_not_end_is_given_up_and_says_so() -> io::Result<()> {
        let mut endless = Command::new("sh");
        endless.args(["-c", "while :; do :; done"]);
        let verdict = within(Duration::from_secs(1), &mut endless).await?;
        assert!(!verdict.passed);
        assert_eq!(
            verdict.said,
            "The check did not end within 1 s. Is there a loop that never ends, or an await that nobody answers?"
        );
        Ok(())
    }

    #[tokio::test]
    async fn a_check_that_ends_is_told_by_its_exit_code_and_its_words() -> io::Result<()> {
        for (code, passed) in [(0, true), (1, false)] {
            let said = "test result: ok. 1 passed";
            let script = format!("echo; echo 'running 1 test'; echo '{said}'; exit {code}");
            let verdict = checked(&script).await?;
            assert_eq!((verdict.passed, verdict.said.as_str()), (passed, said));
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_check_whose_process_is_ended_by_what_it_checks_has_not_passed() -> io::Result<()> {
        let verdict = checked("echo; echo 'running 1 test'; exit 0").await?;
        assert!(!verdict.passed);
        assert!(
            verdict.said.contains("std::process::exit"),
            "{}",
            verdict.said
        );
        Ok(())
    }

    #[tokio::test]
    async fn of_a_check_that_prints_without_end_the_beginning_is_kept() -> io::Result<()> {
        let verdict = checked("while echo again; do :; done 2>/dev/null; exit 1").await?;
        assert!(!verdict.passed);
        assert!(
            verdict.said.len() < 2 * crate::group::MOST,
            "{}",
            verdict.said.len()
        );
        assert!(verdict.said.ends_with("The rest is left out."));
        Ok(())
    }

    #[tokio::test]
    async fn a_build_that_fails_for_another_reason_is_an_error_and_no_verdict() -> io::Result<()> {
        let exercises = crate::catalogue::all()?;
        let exercise = &exercises[0];
        let built = async |says: &str| {
            let script = format!("echo '{says}' >&2; exit 101");
            refused(
                exercise,
                &output(Command::new("sh").args(["-c", &script])).await?,
            )
        };
        let own = format!("error: could not compile `{}` (lib)", exercise.package);
        assert_eq!(built(&own).await?.said, own);
        for says in [
            "error: could not compile `otp-core` (lib)",
            "No space left on device",
        ] {
            let error = built(says).await.err().expect("it is not the exercise");
            assert!(error.to_string().ends_with(says), "{error}");
        }
        Ok(())
    }

    async fn checked(script: &str) -> io::Result<Verdict> {
        let mut command = Command::new("sh");
        within(LIMIT, command.args(["-c", script])).await
    }
}
