//! Starts the nodes, has them measure in turns, and prints what came out.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;

use otp_core::Node;
use otp_dist::Distribution;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Failed;
use crate::machine::processor;
use crate::spread::Spread;

/// What is measured, how many operations a sample has, and what they are called.
const ROWS: [(&str, u32, &str); 5] = [
    ("calls", 2000, "sequential calls"),
    ("callers", 6400, "64 callers"),
    ("casts", 50_000, "casts"),
    ("kib", 2000, "calls with 1 KiB"),
    ("mib", 30, "calls with 1 MiB"),
];

/// Who calls whom.
const PAIRS: [(usize, usize, &str); 4] = [
    (0, 0, "BEAM -> BEAM"),
    (0, 1, "BEAM -> ours"),
    (1, 0, "ours -> BEAM"),
    (1, 1, "ours -> ours"),
];

/// Ours shall be as fast as two BEAMs.
const GOAL: f64 = 1.0;

/// A node, which ends with this.
struct Peer {
    _child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    async fn start(mut command: Command) -> Result<Self, Failed> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let stdout = stdout.ok_or("its output is piped")?;
        let mut peer = Self {
            _child: child,
            stdin: stdin.ok_or("its input is piped")?,
            lines: BufReader::new(stdout).lines(),
        };
        match peer.line().await?.as_str() {
            "READY" => Ok(peer),
            other => Err(format!("a node says {other:?} in place of READY").into()),
        }
    }

    async fn line(&mut self) -> Result<String, Failed> {
        let line = self.lines.next_line().await?;
        Ok(line.ok_or("a node has ended")?)
    }

    /// Operations in a second.
    async fn measure(&mut self, row: &str, count: u32, target: &str) -> Result<f64, Failed> {
        let order = format!("{row} {count} {target}\n");
        self.stdin.write_all(order.as_bytes()).await?;
        let micros: f64 = self.line().await?.parse()?;
        Ok(f64::from(count) * 1e6 / micros)
    }
}

fn ours(role: &str, name: &str, epmd: SocketAddr) -> Result<Command, Failed> {
    let mut command = Command::new(env::current_exe()?);
    command.args([role, name, &epmd.to_string()]);
    Ok(command)
}

fn beam(role: &str, name: &str, epmd: SocketAddr, code: &Path) -> Command {
    let mut command = Command::new("erl");
    command
        .env("ERL_EPMD_PORT", epmd.port().to_string())
        .args(["-noshell", "-name", name, "-setcookie", "secret"])
        .args(["-start_epmd", "false", "-hidden", "-pa"])
        .arg(code)
        .args(["-kernel", "inet_dist_use_interface", "{127,0,0,1}"])
        .args(["-run", "bench", "main", role]);
    command
}

/// How fast each pair is in a row: operations a second, round by round.
type Samples = [Vec<f64>; PAIRS.len()];

/// Operations a second, and beside those of two BEAMs in the same round.
fn spreads(samples: &Samples) -> [(Spread, Spread); PAIRS.len()] {
    let beams = &samples[0];
    std::array::from_fn(|pair| {
        let ratios = samples[pair].iter().zip(beams).map(|(it, beam)| it / beam);
        let ratios: Vec<f64> = ratios.collect();
        (Spread::of(&samples[pair]), Spread::of(&ratios))
    })
}

/// The same as JSON, in the form of `otp-bench all --json`. More is better here, as these are speeds.
fn document(rounds: usize, samples: &[Samples]) -> Value {
    let spread = |it: Spread| json!({ "median": it.median, "min": it.min, "max": it.max });
    let row = |((_, _, title), samples): (&(_, _, &str), _)| {
        let spreads = spreads(samples);
        let least = spreads.iter().map(|(_, ratio)| ratio.median);
        let least = least.fold(f64::INFINITY, f64::min);
        let contenders = PAIRS.iter().zip(spreads);
        let contenders = contenders.map(|((_, _, pair), (speed, ratio))| {
            json!({ "contender": pair, "amount": spread(speed), "ratio": spread(ratio) })
        });
        json!({
            "workload": title,
            "runtime": "mt",
            "unit": "operations/s",
            "contenders": contenders.collect::<Vec<_>>(),
            "limited": "ratio to BEAM -> BEAM",
            "goal": GOAL,
            "line": GOAL,
            "judged": least,
            "verdict": if least >= GOAL { "goal met" } else { "line missed" },
        })
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "optimised": !cfg!(debug_assertions),
        "processor": processor(),
        "rounds": rounds,
        "quick": false,
        "rows": ROWS.iter().zip(samples).map(row).collect::<Vec<_>>(),
        "notes": [],
    })
}

#[expect(clippy::print_stdout, reason = "who has started it reads it")]
pub(crate) async fn run(rounds: usize, json: bool) -> Result<(), Failed> {
    let code = env::temp_dir().join(format!("bench-dist-{}", std::process::id()));
    fs::create_dir_all(&code)?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bench/bench.erl");
    let mut compiler = Command::new("erlc");
    let compiled = compiler.arg("-o").arg(&code).arg(source).status().await?;
    if !compiled.success() {
        return Err("erlc has failed".into());
    }
    let node = Node::new();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let epmd = Distribution::serve_epmd(&node, any).await?;
    let mut samples = vec![[const { Vec::new() }; PAIRS.len()]; ROWS.len()];
    for round in 0..rounds {
        // Of the same program one process is a tenth faster than the next for as long as it runs: each round has its own.
        let name = |node: &str| format!("{node}{round}@127.0.0.1");
        let targets = [name("beam_server"), name("our_server")];
        let _servers = [
            Peer::start(beam("server", &targets[0], epmd, &code)).await?,
            Peer::start(ours("server", &targets[1], epmd)?).await?,
        ];
        let mut clients = [
            Peer::start(beam("client", &name("beam_client"), epmd, &code)).await?,
            Peer::start(ours("client", &name("our_client"), epmd)?).await?,
        ];
        for (row, (name, count, _)) in ROWS.iter().enumerate() {
            for turn in 0..PAIRS.len() {
                let pair = (turn + round) % PAIRS.len();
                let (client, server, _) = PAIRS[pair];
                let (client, target) = (&mut clients[client], &targets[server]);
                // The first ones are not counted.
                client.measure(name, (count / 4).max(64), target).await?;
                samples[row][pair].push(client.measure(name, *count, target).await?);
            }
        }
    }
    fs::remove_dir_all(&code)?;
    if json {
        println!("{:#}", document(rounds, &samples));
        return Ok(());
    }
    println!("{}", processor());
    println!(
        "operations a second, and beside BEAM -> BEAM of the same round; medians of {rounds} rounds, each with new nodes"
    );
    for ((_, _, title), samples) in ROWS.iter().zip(&samples) {
        println!("{title}");
        for ((_, _, pair), (speed, ratio)) in PAIRS.iter().zip(spreads(samples)) {
            let Spread { median, min, max } = ratio;
            let speed = speed.median;
            println!("  {pair}  {speed:>9.0}  {median:.2} ({min:.2} to {max:.2})");
        }
    }
    Ok(())
}
