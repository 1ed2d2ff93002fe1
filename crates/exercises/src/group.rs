//! Runs a command, and kills all processes of the command if the run is given up.

use std::collections::VecDeque;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use tokio::try_join;

/// How many bytes are kept of the beginning of each output stream, and how many of its end.
pub(crate) const KEPT: usize = 32 << 10;

/// The result of a command.
pub(crate) struct Ran {
    /// `None` if the command was killed at its time limit.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Runs a command within a time limit, if there is one. At the limit, and if the future is dropped before the end, all processes of the
/// command are killed.
pub(crate) async fn run(command: &mut Command, limit: Option<Duration>) -> io::Result<Ran> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // The command has a separate process group. So Ctrl-C reaches only this program, which then kills the group.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    let group = Group::of(&child);
    let (mut stdout, mut stderr) = (Kept::default(), Kept::default());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let ends = async {
        try_join!(stdout.read(out), stderr.read(err))?;
        child.wait().await
    };
    let status = match limit {
        Some(limit) => timeout(limit, ends).await.ok().transpose()?,
        None => Some(ends.await?),
    };
    if status.is_some() {
        group.forget();
    }
    Ok(Ran {
        status,
        stdout: stdout.text(),
        stderr: stderr.text(),
    })
}

/// The beginning and the end of a stream. What is between them is counted.
#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    omitted: usize,
}

impl Kept {
    /// Reads a stream to its end.
    async fn read(&mut self, stream: Option<impl AsyncRead + Unpin>) -> io::Result<()> {
        let Some(mut stream) = stream else {
            return Ok(());
        };
        let mut bytes = vec![0; KEPT];
        loop {
            match stream.read(&mut bytes).await? {
                0 => return Ok(()),
                count => self.add(&bytes[..count]),
            }
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        let (head, tail) = bytes.split_at(bytes.len().min(KEPT - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(tail);
        let surplus = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..surplus);
        self.omitted += surplus;
    }

    fn text(mut self) -> String {
        if self.omitted > 0 {
            let note = format!("\n[{} bytes are left out here]\n", self.omitted);
            self.head.extend_from_slice(note.as_bytes());
        }
        self.head.extend(self.tail);
        String::from_utf8_lossy(&self.head).into_owned()
    }
}

/// The processes of a command. They are killed when this value is dropped.
struct Group {
    /// The pid of the first process, which is the id of the group.
    leader: Option<u32>,
}

impl Group {
    fn of(child: &Child) -> Self {
        Self { leader: child.id() }
    }

    /// Does not kill the group any more. After the end of the command another group may get the same id.
    fn forget(mut self) {
        self.leader = None;
    }
}

impl Drop for Group {
    #[cfg(unix)]
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process_group};

        let leader = self.leader.and_then(|pid| i32::try_from(pid).ok());
        if let Some(leader) = leader.and_then(Pid::from_raw) {
            let _gone = kill_process_group(leader, Signal::KILL);
        }
    }

    #[cfg(not(unix))]
    fn drop(&mut self) {
        // This system has no process groups. `kill_on_drop` kills the first process.
        let _ = self.leader;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::io::Read;
    use std::process;
    use tokio::select;
    use tokio::task::spawn_blocking;

    #[tokio::test]
    async fn a_dropped_run_kills_all_processes_of_the_command() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("exercises-group-{}", process::id()));
        fs::create_dir_all(&folder)?;
        // A named pipe. The inner process keeps it open until its end.
        let pipe = folder.join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status().await?;
        assert!(made.success());
        let mut command = Command::new("sh");
        command.args(["-c", "(echo up; sleep 600) > \"$0\" & wait"]);
        command.arg(&pipe);
        let up = spawn_blocking(move || {
            let mut pipe = File::open(pipe)?;
            let mut up = [0; 3];
            pipe.read_exact(&mut up).map(|()| pipe)
        });
        let mut pipe = select! {
            _ = run(&mut command, None) => panic!("the command has ended"),
            up = up => up??,
        };
        // The future was dropped. The pipe is closed when the last process that has it open ends.
        let rest = spawn_blocking(move || pipe.read_to_end(&mut Vec::new()));
        assert_eq!(rest.await??, 0);
        fs::remove_dir_all(folder)
    }

    #[tokio::test]
    async fn the_output_of_a_command_is_returned_with_its_exit_code() -> io::Result<()> {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; cat; exit 3"]);
        let ran = run(&mut command, None).await?;
        assert_eq!((&*ran.stdout, &*ran.stderr), ("out\n", "err\n"));
        assert_eq!(ran.status.and_then(|status| status.code()), Some(3));
        Ok(())
    }

    #[test]
    fn the_beginning_and_the_end_of_an_output_are_kept() {
        let mut kept = Kept::default();
        kept.add(b"begin");
        for _ in 0..3 {
            kept.add(&[b'.'; KEPT]);
        }
        kept.add(b"end");
        let text = kept.text();
        assert!(text.starts_with("begin.") && text.ends_with(".end"));
        assert!(text.contains(&format!(".\n[{} bytes are left out here]\n.", KEPT + 8)));

        let mut short = Kept::default();
        short.add(&[b'.'; 2 * KEPT]);
        assert_eq!(short.text(), ".".repeat(2 * KEPT));
    }
}
