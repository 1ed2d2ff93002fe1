//! A command with all the processes that it starts.

use std::io;
use std::process::{Output, Stdio};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::try_join;

/// How many bytes of each stream are kept. A command that prints more finds the stream closed.
pub(crate) const MOST: usize = 1 << 20;

/// Runs a command and returns what it has printed. If the future is dropped before, all processes of the command are killed.
pub(crate) async fn output(command: &mut Command) -> io::Result<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // A group of its own: Ctrl-C reaches this program alone, which then ends the group.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    let group = Group::of(&child);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = try_join!(beginning(out), beginning(err))?;
    let status = child.wait().await?;
    group.has_ended();
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

/// Reads to the end, or as much as is kept, and closes the stream.
async fn beginning(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(MOST as u64).read_to_end(&mut bytes).await?;
    }
    if bytes.len() == MOST {
        bytes.extend_from_slice(b"\n\nThe rest is left out.\n");
    }
    Ok(bytes)
}

/// The processes of a command, which are killed when this is dropped.
struct Group {
    /// The pid of the first one, which is the number of the group.
    leader: Option<u32>,
}

impl Group {
    fn of(child: &Child) -> Self {
        Self { leader: child.id() }
    }

    /// The number may belong to another group by now.
    fn has_ended(mut self) {
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
        // There are no groups. The first process is killed by `kill_on_drop`.
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
    async fn a_command_that_is_given_up_is_killed_with_the_processes_that_it_has_started()
    -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("exercises-group-{}", process::id()));
        fs::create_dir_all(&folder)?;
        // A named pipe, which the inner process holds as long as it lives.
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
            ended = output(&mut command) => panic!("it has ended: {ended:?}"),
            up = up => up??,
        };
        // Nothing was told to end; the future was dropped. The pipe ends with the last process that holds it.
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
