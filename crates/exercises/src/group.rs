//! Runs a command, and kills all processes of the command if the run is given up.

use std::io;
use std::process::{Output, Stdio};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::try_join;

/// The maximum number of bytes of each output stream. The stream is closed after it.
pub(crate) const MAX_OUTPUT: usize = 1 << 20;

/// Runs a command and returns its output. If the future is dropped before, all processes of the command are killed.
pub(crate) async fn output(command: &mut Command) -> io::Result<Output> {
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
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = try_join!(read(out), read(err))?;
    let status = child.wait().await?;
    group.forget();
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

/// Reads a stream to its end or to the limit, and closes it.
async fn read(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream
            .take(MAX_OUTPUT as u64)
            .read_to_end(&mut bytes)
            .await?;
    }
    if bytes.len() == MAX_OUTPUT {
        bytes.extend_from_slice(b"\n\nThe rest is omitted.\n");
    }
    Ok(bytes)
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
            ended = output(&mut command) => panic!("the command has ended: {ended:?}"),
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
        let output = output(&mut command).await?;
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.stderr, b"err\n");
        assert_eq!(output.status.code(), Some(3));
        Ok(())
    }
}
