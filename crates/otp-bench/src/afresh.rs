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
