//! Runs the program of a transcript.

use std::io::{self, Read, Write, pipe};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::fit::compare;
use super::{Mismatch, Run};

/// The time limit of a run.
const PATIENCE: Duration = Duration::from_secs(60);

impl Run {
    /// Runs the program at `binary`, and compares its output and its exit code.
    pub(super) fn play(&self, binary: &Path) -> Result<(), String> {
        let not_run = |error: io::Error| Mismatch::NotRun(error.to_string()).to_string();
        let (child, output) = self.start(binary).map_err(not_run)?;
        let (output, code) = finish(child, output).map_err(not_run)?;
        let text = String::from_utf8_lossy(&output);
        let verdict = match code {
            None => Err(Mismatch::Endless),
            Some(code) => compare(&self.expected, &text).and(match code {
                Some(code) if code == self.code => Ok(()),
                found => Err(Mismatch::Code {
                    expected: self.code,
                    found,
                }),
            }),
        };
        verdict.map_err(|mismatch| format!("{mismatch}\n  whole output:\n{}", indented(&text)))
    }

    /// Starts the program, and writes the script to its input.
    ///
    /// Standard output and standard error share a pipe, so that their lines stay in order.
    fn start(&self, binary: &Path) -> io::Result<(Child, io::PipeReader)> {
        let (output, writer) = pipe()?;
        let mut command = Command::new(binary);
        command
            .args(&self.arguments)
            .stdout(writer.try_clone()?)
            .stderr(writer)
            // Transcripts have no backtraces and no colours.
            .env_remove("RUST_BACKTRACE")
            .env("NO_COLOR", "1");
        if self.script.is_empty() {
            command.stdin(Stdio::null());
        } else {
            command.arg("--echo").stdin(Stdio::piped());
        }
        let mut child = command.spawn()?;
        // Dropping the command closes this process's ends of the pipe, so that the reader sees the end of the output.
        drop(command);
        if let Some(mut stdin) = child.stdin.take() {
            for line in &self.script {
                // A program that has ended early does not read its input. Its exit code shows that.
                let _ = writeln!(stdin, "{line}");
            }
        }
        Ok((child, output))
    }
}

/// Waits for the end of a program and of its output. `None` means that the program was killed at the time limit.
fn finish(
    mut child: Child,
    mut output: io::PipeReader,
) -> io::Result<(Vec<u8>, Option<Option<i32>>)> {
    let (done, wait) = channel();
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.read_to_end(&mut bytes);
        // After the time limit the receiver has been dropped.
        let _ = done.send(());
        read.map(|_| bytes)
    });
    let ended = wait.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout);
    if !ended {
        child.kill()?;
    }
    let status = child.wait()?;
    let bytes = reader.join().expect("the reader does not panic")?;
    Ok((bytes, ended.then(|| status.code())))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
