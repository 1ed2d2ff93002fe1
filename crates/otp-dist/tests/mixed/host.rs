//! The programs on the hosts, and what they say.

use std::env;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::judge::{Leftover, State, differences};
use crate::member::TICK;
use crate::net::{Host, Net, PORT, tell};
use crate::relay::Quality;

/// Whatever has not come together by then never does.
const LONG: Duration = Duration::from_secs(120);

/// The members whose programs are ours; the others are BEAMs.
pub(crate) const OURS: usize = 3;
const BEAMS: usize = 2;

/// What turns the clock of a program.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

pub(crate) struct Hosts {
    pub(crate) net: Net,
    pub(crate) members: Vec<Member>,
    /// What a BEAM runs, and what turns clocks.
    folder: PathBuf,
    /// What each program had when nothing had happened.
    before: Vec<Leftover>,
}

pub(crate) struct Member {
    pub(crate) name: String,
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Member {
    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("it runs");
    }

    /// The next line with this word, from the word on.
    async fn line(&mut self, word: &str) -> Option<String> {
        let reading = async {
            loop {
                let line = self.lines.next_line().await.ok()??;
                if let Some(at) = line.find(word) {
                    return Some(line[at..].to_owned());
                }
            }
        };
        timeout(LONG, reading).await.ok()?
    }

    pub(crate) async fn state(&mut self) -> State {
        self.input.write_all(b"state\n").await.expect("it reads");
        let line = self.line("STATE").await;
        let line = line.unwrap_or_else(|| panic!("{} has ended", self.name));
        State::parse(&line).unwrap_or_else(|| panic!("{} says {line:?}", self.name))
    }

    /// How many files and sockets the program has open, if it is one of ours. A BEAM opens two pipes to `inet_gethost` when it dials for the
    /// first time, and keeps them; its sockets are counted by `connections`.
    fn files(&self, state: &State) -> Option<usize> {
        state.processes()?;
        let folder = format!("/proc/{}/fd", self.id());
        Some(std::fs::read_dir(folder).ok()?.count())
    }

    /// How many connections its host has with those of our nodes.
    fn connections(&self, hosts: &[Host]) -> usize {
        let table = std::fs::read_to_string(format!("/proc/{}/net/tcp", self.id()));
        let peer = |line: &str| {
            let [_, _, peer, state] = line.split_whitespace().collect::<Vec<_>>()[..4] else {
                return None;
            };
            // Neither listening nor closed by this side.
            let address = u32::from_str_radix(peer.split_once(':')?.0, 16).ok()?;
            ["01", "08"]
                .contains(&state)
                .then_some(Ipv4Addr::from(address.to_ne_bytes()))
        };
        let table = table.unwrap_or_default();
        let peers = table.lines().skip(1).filter_map(peer);
        let is_ours = |peer: &Ipv4Addr| hosts[..OURS].iter().any(|host| host.address == *peer);
        peers.filter(is_ours).count()
    }
}

impl Hosts {
    /// Nothing where it is not possible.
    pub(crate) async fn start() -> Option<Self> {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(std::process::id().to_string());
        std::fs::create_dir_all(&folder).expect("there is a disk");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mixed/member.erl");
        let compiled = Command::new("erlc")
            .arg("-o")
            .arg(&folder)
            .arg(source)
            .status();
        if !compiled.await.is_ok_and(|status| status.success()) {
            assert!(
                env::var_os("OTP_REQUIRE_BEAM").is_none_or(|value| value != "1"),
                "Erlang is required, and is not here"
            );
            tell("skipped: there is no erlc, no mixed cluster is made");
            return None;
        }
        let net = Net::make(u8::try_from(OURS + BEAMS).expect("they are few"))?;
        if !Path::new(FAKETIME).exists() {
            tell("skipped: there is no libfaketime, no clock jumps");
        }
        let mut hosts = Self {
            net,
            members: Vec::new(),
            folder,
            before: Vec::new(),
        };
        for place in 0..OURS + BEAMS {
            let member = hosts.run(place).await;
            hosts.members.push(member);
        }
        Some(hosts)
    }

    fn name(place: usize, host: &Host) -> String {
        match place < OURS {
            true => format!("ours{place}@{}", host.address),
            false => format!("beam{place}@{}", host.address),
        }
    }

    /// Starts the program of a host anew.
    pub(crate) async fn restart(&mut self, place: usize) {
        self.members[place] = self.run(place).await;
    }

    async fn run(&self, place: usize) -> Member {
        let hosts = self.net.hosts.iter().enumerate();
        let names: Vec<String> = hosts.map(|(place, host)| Self::name(place, host)).collect();
        let name = names[place].clone();
        let is_beam = |place: usize| place >= OURS;
        let list = |is_wanted: &dyn Fn(usize) -> bool| {
            let others = (0..names.len()).filter(|other| *other != place && is_wanted(*other));
            let mut others: Vec<&str> = others.map(|other| names[other].as_str()).collect();
            others.sort_unstable();
            others.join(",")
        };
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.net.hosts[place].namespace]);
        if is_beam(place) {
            let (tick, port) = (TICK.to_string(), PORT.to_string());
            command
                .args(["erl", "-noshell", "-setcookie", "secret", "-name", &name])
                .args(["-start_epmd", "false", "-erl_epmd_port", &port])
                .args(["-kernel", "net_ticktime", &tick])
                // Otherwise those that still see each other part, too.
                .args(["-kernel", "prevent_overlapping_partitions", "false"])
                .arg("-pa")
                .arg(&self.folder)
                .args(["-s", "member", "start"]);
        } else {
            let program = env::current_exe().expect("this program is a file");
            command
                .arg(program)
                .args(["the_member", "--exact", "--nocapture"])
                .env("OTP_MIXED_MEMBER", &name);
        }
        if Path::new(FAKETIME).exists() {
            self.turn_clock(place, "+0");
            command
                .env("LD_PRELOAD", FAKETIME)
                .env("FAKETIME_TIMESTAMP_FILE", self.clock(place))
                .env("FAKETIME_CACHE_DURATION", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        let mut child = command
            .env("OTHERS", list(&|_| true))
            // Those of ours dial everybody, BEAMs each other. Nobody dials the first one, which dials through relays.
            .env(
                "DIALS",
                list(&|other| other > 0 && (!is_beam(place) || is_beam(other))),
            )
            .env("RELAYS", u8::from(place == 0).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let output = child.stdout.take().expect("it has a pipe");
        let mut member = Member {
            name,
            input: child.stdin.take().expect("it has a pipe"),
            lines: BufReader::new(output).lines(),
            child,
        };
        let ready = member.line("READY").await;
        assert!(ready.is_some(), "{} does not start", member.name);
        member
    }

    /// From now on the network between the first host and another one is like this.
    pub(crate) async fn relay(&mut self, other: usize, quality: Quality) {
        let name = self.members[other].name.clone();
        let quality = serde_json::to_string(&quality).expect("it is JSON");
        let line = format!("relay {name} {quality}\n");
        let first = &mut self.members[0];
        first
            .input
            .write_all(line.as_bytes())
            .await
            .expect("it reads");
    }

    fn clock(&self, place: usize) -> PathBuf {
        self.folder.join(format!("clock{place}"))
    }

    /// Makes the clock of a host differ by so many seconds.
    pub(crate) fn turn_clock(&self, place: usize, by: &str) {
        std::fs::write(self.clock(place), format!("{by}\n")).expect("there is a disk");
    }

    async fn differences(&mut self) -> Vec<String> {
        let mut states = Vec::new();
        for member in &mut self.members {
            let state = member.state().await;
            states.push((member.name.clone(), state));
        }
        let leftover = self.leftover(&states);
        let mut differences = differences(&states);
        let had = self.before.iter().zip(&leftover).zip(&states);
        for ((before, now), (name, _)) in had {
            differences.extend(now.more_than(before).map(|more| format!("{name} {more}")));
        }
        differences
    }

    fn leftover(&self, states: &[(String, State)]) -> Vec<Leftover> {
        let members = self.members.iter().zip(states);
        let of_one = |(member, (_, state)): (&Member, &(String, State))| Leftover {
            processes: state.processes(),
            files: member.files(state),
            connections: member.connections(&self.net.hosts),
        };
        members.map(of_one).collect()
    }

    /// Waits until everything is as it has to be.
    pub(crate) async fn converge(&mut self) {
        let end = Instant::now() + LONG;
        loop {
            let differences = self.differences().await;
            if differences.is_empty() {
                return;
            }
            assert!(Instant::now() < end, "{}", differences.join("\n"));
            sleep(Duration::from_millis(300)).await;
        }
    }

    /// From now on nobody may have more than now.
    pub(crate) async fn remember(&mut self) {
        // What a start leaves is gone.
        sleep(Duration::from_secs(3)).await;
        let mut states = Vec::new();
        for member in &mut self.members {
            states.push((member.name.clone(), member.state().await));
        }
        self.before = self.leftover(&states);
        for (place, before) in self.before.iter().enumerate() {
            let others = OURS - usize::from(place < OURS);
            assert_eq!(
                before.connections, others,
                "one for each other node of ours"
            );
        }
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        // It is within the target folder, and nobody reads it.
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}
