//! Starts the nodes, has them measure in turns, and prints what came out.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;

use otp_core::Node;
use otp_dist::Distribution;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Failed;
use crate::machine::processor;

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

fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

#[expect(clippy::print_stdout, reason = "it is for people")]
pub(crate) async fn run(rounds: usize) -> Result<(), Failed> {
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
    let targets = ["beam_server@127.0.0.1", "our_server@127.0.0.1"];
    let _servers = [
        Peer::start(beam("server", targets[0], epmd, &code)).await?,
        Peer::start(ours("server", targets[1], epmd)?).await?,
    ];
    let mut clients = [
        Peer::start(beam("client", "beam_client@127.0.0.1", epmd, &code)).await?,
        Peer::start(ours("client", "our_client@127.0.0.1", epmd)?).await?,
    ];
    let mut samples = vec![[const { Vec::new() }; 4]; ROWS.len()];
    // The first round is not counted.
    for round in 0..=rounds {
        for (row, (name, count, _)) in ROWS.iter().enumerate() {
            for turn in 0..PAIRS.len() {
                let pair = (turn + round) % PAIRS.len();
                let (client, server, _) = PAIRS[pair];
                let sample = clients[client]
                    .measure(name, *count, targets[server])
                    .await?;
                if round > 0 {
                    samples[row][pair].push(sample);
                }
            }
        }
    }
    fs::remove_dir_all(&code)?;
    println!("{}", processor());
    println!("operations a second, and beside BEAM -> BEAM of the same round; medians of {rounds}");
    for ((_, _, title), samples) in ROWS.iter().zip(&mut samples) {
        let beams = samples[0].clone();
        println!("{title}");
        for ((_, _, pair), samples) in PAIRS.iter().zip(samples) {
            let ratios = samples.iter().zip(&beams).map(|(ours, beam)| ours / beam);
            let mut ratios: Vec<f64> = ratios.collect();
            let ratio = median(&mut ratios);
            let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
            let speed = median(samples);
            println!("  {pair}  {speed:>9.0}  {ratio:.2} ({least:.2} to {most:.2})");
        }
    }
    Ok(())
}
