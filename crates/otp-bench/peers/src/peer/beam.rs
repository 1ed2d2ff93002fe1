//! The BEAM, in a process of its own: an Elixir program is told on its input what to measure.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use otp_bench::{BEAM as NAME, Contender, Cost, Past, RuntimeKind};
use tokio::runtime::{Runtime, RuntimeFlavor};

use crate::entrants::Entrant;

/// The Elixir program.
const PROGRAM: &str = include_str!("beam.exs");

/// The workloads that the program knows.
macro_rules! sides {
    ($($workload:literal),* $(,)?) => {
        &[$(($workload, |on, operations| cost($workload, on, operations))),*]
    };
}

pub(crate) const BEAM: Entrant = Entrant {
    contender: Contender {
        name: NAME,
        sides: sides![
            "call",
            "64 callers",
            "cast",
            "four casters",
            "ring hop",
            "pairs",
            "lookup+cast",
            "start",
            "stop",
            "restart",
            "dynamic start",
            "dynamic terminate, 100",
            "dynamic terminate, 1,000",
            "dynamic terminate, 10,000",
            "call, watched",
            "cast of 1 KiB",
            "32 callers, 0 us, p50",
            "32 callers, 0 us, p99",
            "32 callers, 0 us, p99.9",
            "32 callers, 1 us, p50",
            "32 callers, 1 us, p99",
            "32 callers, 1 us, p99.9",
            "32 callers, 10 us, p50",
            "32 callers, 10 us, p99",
            "32 callers, 10 us, p99.9",
            "beside a flood, p50",
            "beside a flood, p99",
            "beside a flood, p99.9",
            "task",
            "process",
            "dispatch to 1,000",
            "table lookup",
            "table insert",
            "table update_counter",
            "timer, 1,000,000 due",
        ],
    },
    idle,
    package: None,
};

/// Which release of OTP `elixir` runs on, such as `Erlang/OTP 25`; nothing where there is no `elixir`.
pub(crate) fn version() -> Option<String> {
    let output = Command::new("elixir").arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let release = text.split(" [").next()?.trim();
    output.status.success().then(|| release.to_owned())
}

fn idle(past: Past, servers: u64) -> io::Result<f64> {
    let command = match past {
        Past::Fresh => "idle",
        Past::Used => "used",
    };
    let line = Beam::start(RuntimeKind::CurrentThread)?.ask(command, servers)?;
    let bytes: f64 = line.parse().map_err(|_| unexpected(&line))?;
    Ok(bytes / servers as f64)
}

/// A BEAM that waits for commands. When this program ends, however it ends, the BEAM's input does, and so does the BEAM.
struct Beam {
    _child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Asks for the cost of a workload. The BEAM stays for the next: a warm-up warms it up.
fn cost(workload: &str, runtime: &Runtime, operations: u64) -> Cost {
    static RUNNING: Mutex<Option<Beam>> = Mutex::new(None);
    // A tokio runtime says on how many schedulers the BEAM is to run, and does nothing else here.
    let on = match runtime.handle().runtime_flavor() {
        RuntimeFlavor::CurrentThread => RuntimeKind::CurrentThread,
        _ => RuntimeKind::MultiThread,
    };
    let mut running = RUNNING.lock().expect("nobody panics with the BEAM in hand");
    let beam = match &mut *running {
        Some(beam) => beam,
        none => {
            none.insert(Beam::start(on).expect("elixir is there: its version has been asked for"))
        }
    };
    let line = beam
        .ask(workload, operations)
        .expect("the BEAM answers every command");
    parse(&line).unwrap_or_else(|| panic!("{}", unexpected(&line)))
}

impl Beam {
    fn start(on: RuntimeKind) -> io::Result<Self> {
        // As many schedulers as the runtime has threads.
        let schedulers = match on {
            RuntimeKind::CurrentThread => "+S 1:1",
            RuntimeKind::MultiThread => "+S 2:2",
        };
        let mut child = Command::new("elixir")
            .args(["--erl", schedulers, "-e", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or_else(|| io::Error::other("elixir has no pipes"))?;
        Ok(Self {
            _child: child,
            input,
            output: BufReader::new(output),
        })
    }

    fn ask(&mut self, workload: &str, operations: u64) -> io::Result<String> {
        writeln!(self.input, "{workload} {operations}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

fn parse(line: &str) -> Option<Cost> {
    let (wall, cpu) = line.split_once(' ')?;
    Some(Cost {
        wall: Duration::from_nanos(wall.parse().ok()?),
        cpu: Duration::from_nanos(cpu.parse().ok()?),
    })
}

fn unexpected(line: &str) -> io::Error {
    io::Error::other(format!("the BEAM answered {line:?}: expected numbers"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use otp_bench::Cost;

    use super::parse;

    #[test]
    fn the_beam_answers_with_two_numbers_of_nanoseconds() {
        let cost = Cost {
            wall: Duration::from_nanos(1_500),
            cpu: Duration::from_millis(1),
        };
        assert_eq!(parse("1500 1000000"), Some(cost));
        assert_eq!(parse(""), None);
        assert_eq!(parse("1500"), None);
    }
}
