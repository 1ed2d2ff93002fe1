//! This program, started once more.

use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use std::{env, thread};

/// Starts this program once more with other arguments, and gives back what it writes.
///
/// # Errors
///
/// Fails when the process cannot be started, fails itself or takes longer than `limit`: then it is killed, and the
/// error's kind is [`TimedOut`](io::ErrorKind::TimedOut).
pub fn afresh(arguments: &[String], limit: Duration) -> io::Result<String> {
    let mut child = Command::new(env::current_exe()?)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let Some(mut stdout) = child.stdout.take() else {
        return Err(io::Error::other("it has no output"));
    };
    let (tell, told) = mpsc::channel();
    // A read has no time limit, so it is done where nobody waits for it.
    thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.read_to_string(&mut text).map(|_| text);
        // After the limit nobody wants it.
        let _ = tell.send(read);
    });
    let text = match told.recv_timeout(limit) {
        Ok(text) => text?,
        Err(RecvTimeoutError::Timeout) => {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("it takes longer than {limit:?} and was killed"),
            ));
        }
        Err(RecvTimeoutError::Disconnected) => String::new(),
    };
    let status = child.wait()?;
    if !status.success() {
        return Err(io::Error::other(format!("it failed: {status}")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::time::Duration;
    use std::{env, thread};

    use super::afresh;

    /// Starts this very test program once more.
    fn check(arguments: &[&str], limit: Duration) -> std::io::Result<String> {
        let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
        afresh(&arguments, limit)
    }

    /// Runs one test, which takes long when it is alone.
    const WAITS: &[&str] = &["--exact", "afresh::tests::a_program_that_waits"];

    #[test]
    fn a_program_that_waits() {
        if env::args().any(|argument| argument == WAITS[1]) {
            thread::park_timeout(MINUTE);
        }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn what_a_program_writes_is_given_back() {
        let text = check(&["--list"], MINUTE).unwrap();
        assert!(text.contains("what_a_program_writes_is_given_back: test"));
    }

    #[test]
    fn a_program_that_fails_is_an_error() {
        let error = check(&["--no-such-option"], MINUTE).unwrap_err();
        assert!(error.to_string().starts_with("it failed: "), "{error}");
    }

    #[test]
    fn a_program_that_takes_too_long_is_killed() {
        let limit = Duration::from_millis(100);
        let error = check(WAITS, limit).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(
            error.to_string(),
            "it takes longer than 100ms and was killed"
        );
    }
}
