//! Runs the check of an exercise, which is a test of its package.

use std::env;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::process::Command;

use crate::catalogue::{Exercise, folder};
use crate::group::{self, Ran};

/// The time limit of a check. The build before it has no limit. Each check of a solution ends within two seconds.
const LIMIT: Duration = Duration::from_secs(60);

/// The file that is checked.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Subject {
    /// The learner's file.
    Own,
    /// The file at the beginning of the exercise.
    Start,
    Solution,
}

pub(crate) struct Verdict {
    pub(crate) passed: bool,
    /// The output of the compiler and of the check.
    pub(crate) output: String,
}

/// Whether no check has been built yet. The first check also builds the libraries.
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
    let built = group::run(check().arg("--no-run"), None).await?;
    if !built.succeeded() {
        return build_failure(exercise, &built);
    }
    // What the checked code prints comes here at once. The test harness would collect it all in memory.
    run_check(LIMIT, check().args(["--", "--nocapture"])).await
}

/// The verdict of a failed build, or an error if the build failed for a reason outside of the exercise.
fn build_failure(exercise: &Exercise, built: &Ran) -> io::Result<Verdict> {
    let verdict = Verdict::of(built);
    let own = format!("could not compile `{}`", exercise.package);
    // Without the learner's file cargo fails before it compiles.
    match verdict.output.contains(&own) || !exercise.source().exists() {
        true => Ok(verdict),
        false => Err(io::Error::other(format!(
            "cannot build the check, for a reason outside of the exercise:\n{}",
            verdict.output
        ))),
    }
}

/// Runs a check with a time limit.
async fn run_check(limit: Duration, command: &mut Command) -> io::Result<Verdict> {
    let ran = group::run(command, Some(limit)).await?;
    if ran.status.is_some() {
        return Ok(Verdict::of_check(&ran));
    }
    let mut verdict = Verdict::of(&ran);
    verdict.add(&format!(
        "The check did not end within {} s. Look for an endless loop, or for a call that is never answered.",
        limit.as_secs()
    ));
    Ok(verdict)
}

impl Verdict {
    /// Checks the output beside the exit code, because the checked code may end the process with any exit code.
    fn of_check(ran: &Ran) -> Self {
        let mut verdict = Self::of(ran);
        let mut lines = verdict.output.lines();
        if verdict.passed && !lines.any(|line| line.starts_with("test result: ok.")) {
            verdict.passed = false;
            verdict.add("The process of the check ended before the check. Look for a call of `std::process::exit`.");
        }
        verdict
    }

    fn of(ran: &Ran) -> Self {
        let lines = ran.stderr.lines().chain(ran.stdout.lines());
        let lines: Vec<&str> = lines.filter(|line| !is_noise(line)).collect();
        Self {
            passed: ran.succeeded(),
            output: lines.join("\n").trim().to_owned(),
        }
    }

    /// Adds a line to the output.
    fn add(&mut self, line: &str) {
        if !self.output.is_empty() {
            self.output.push('\n');
        }
        self.output += line;
    }
}

/// Compiles the checks of all exercises at once.
pub(crate) async fn build_all(subject: Subject) -> io::Result<Verdict> {
    let mut command = cargo(subject);
    command.args(["--workspace", "--test", "check", "--no-run", "--quiet"]);
    Ok(Verdict::of(&group::run(&mut command, None).await?))
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

/// Lines of the test harness that do not help a learner.
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
    async fn a_check_that_does_not_end_fails_with_a_message() -> io::Result<()> {
        let mut endless = Command::new("sh");
        endless.args(["-c", "while :; do :; done"]);
        let verdict = run_check(Duration::from_secs(1), &mut endless).await?;
        assert!(!verdict.passed);
        assert_eq!(
            verdict.output,
            "The check did not end within 1 s. Look for an endless loop, or for a call that is never answered."
        );
        Ok(())
    }

    #[tokio::test]
    async fn exit_code_and_output_decide_a_check() -> io::Result<()> {
        for (code, passed) in [(0, true), (1, false)] {
            let output = "test result: ok. 1 passed";
            let script = format!("echo; echo 'running 1 test'; echo '{output}'; exit {code}");
            let verdict = checked(&script).await?;
            assert_eq!((verdict.passed, verdict.output.as_str()), (passed, output));
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_check_whose_process_ends_early_has_not_passed() -> io::Result<()> {
        let verdict = checked("echo; echo 'running 1 test'; exit 0").await?;
        assert!(!verdict.passed);
        assert!(
            verdict.output.contains("std::process::exit"),
            "{}",
            verdict.output
        );
        Ok(())
    }

    #[tokio::test]
    async fn the_output_of_a_check_that_prints_without_end_has_a_limit() -> io::Result<()> {
        let mut endless = Command::new("sh");
        endless.args(["-c", "echo begin; while echo again; do :; done"]);
        let verdict = run_check(Duration::from_secs(1), &mut endless).await?;
        let output = verdict.output;
        assert!(!verdict.passed);
        assert!(output.len() < 3 * group::KEPT, "{}", output.len());
        assert!(output.starts_with("begin\nagain\n"), "{output}");
        assert!(output.contains(" bytes are left out here]\n"), "{output}");
        assert!(
            output.contains("\nThe check did not end within 1 s."),
            "{output}"
        );
        Ok(())
    }

    #[tokio::test]
    async fn a_build_that_fails_for_another_reason_is_an_error_and_no_verdict() -> io::Result<()> {
        let exercises = crate::catalogue::all()?;
        let exercise = &exercises[0];
        let built = async |message: &str| {
            let script = format!("echo '{message}' >&2; exit 101");
            let built = group::run(Command::new("sh").args(["-c", &script]), None).await?;
            build_failure(exercise, &built)
        };
        let own = format!("error: could not compile `{}` (lib)", exercise.package);
        assert_eq!(built(&own).await?.output, own);
        for message in [
            "error: could not compile `otp-core` (lib)",
            "No space left on device",
        ] {
            let error = built(message)
                .await
                .err()
                .expect("the exercise is not the reason");
            assert!(error.to_string().ends_with(message), "{error}");
        }
        Ok(())
    }

    async fn checked(script: &str) -> io::Result<Verdict> {
        let mut command = Command::new("sh");
        run_check(LIMIT, command.args(["-c", script])).await
    }
}
