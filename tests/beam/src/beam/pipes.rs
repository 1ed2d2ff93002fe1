//! Reading what another program writes, without limit in time and with a limit in size.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many lines may wait. The program waits when there are more.
const LINES: usize = 1000;

/// A longer line is taken for several.
const LENGTH: u64 = 64 * 1024;

/// How much is kept of what is only shown.
const SHOWN: usize = 8 * 1024;

/// How long a program that has closed its output has to end, and its last words to arrive. Another process may have
/// inherited its pipe and keep it open.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// Why there is no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoLine {
    /// The program has closed the pipe.
    Ended,
    /// The time is up.
    Late,
}

/// The lines that a program writes.
#[derive(Debug)]
pub(super) struct Lines(Receiver<String>);

impl Lines {
    pub(super) fn of(pipe: impl Read + Send + 'static) -> Self {
        let (sender, lines) = sync_channel(LINES);
        thread::spawn(move || forward(pipe, &sender));
        Self(lines)
    }

    /// Waits for the next one. The deadline holds even for a program that writes lines for ever.
    pub(super) fn next(&self, deadline: Instant) -> Result<String, NoLine> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(NoLine::Late);
        }
        self.0.recv_timeout(left).map_err(|error| match error {
            RecvTimeoutError::Timeout => NoLine::Late,
            RecvTimeoutError::Disconnected => NoLine::Ended,
        })
    }
}

fn forward(pipe: impl Read, lines: &SyncSender<String>) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while let Ok(1..) = pipe.by_ref().take(LENGTH).read_until(b'\n', &mut line) {
        let text = String::from_utf8_lossy(&line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        if lines.send(text.to_owned()).is_err() {
            // The reader has ended.
            return;
        }
        line.clear();
    }
}

/// The end of what a program writes.
#[derive(Debug)]
pub(super) struct Tail {
    kept: Arc<Mutex<Vec<u8>>>,
    /// Closed when the program has closed the pipe.
    ended: Receiver<()>,
}

impl Tail {
    pub(super) fn of(mut pipe: impl Read + Send + 'static) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (ends, ended) = sync_channel::<()>(0);
        let tail = kept.clone();
        thread::spawn(move || {
            let _ends = ends;
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = pipe.read(&mut bytes) {
                let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
                tail.extend_from_slice(&bytes[..read]);
                let surplus = tail.len().saturating_sub(SHOWN);
                tail.drain(..surplus);
            }
        });
        Self { kept, ended }
    }

    /// What there is when the program has closed the pipe, or soon enough.
    pub(super) fn take(&self) -> String {
        // Nothing is ever sent.
        let _ = self.ended.recv_timeout(GRACE);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).into_owned()
    }
}
