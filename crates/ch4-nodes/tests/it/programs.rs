//! Exercise 4.4 with several programs: nodes that know each other by their names.

use assert_cmd::Command;
use otp_core::Node;
use otp_dist::{Atom, Config, Distribution};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch4-nodes");

/// A program that reads its commands from a pipe, and ends with this.
struct Terminal {
    child: Child,
    stdin: ChildStdin,
    out: BufReader<ChildStdout>,
}

impl Terminal {
    fn open(node: &str, epmd: SocketAddr) -> Self {
        let mut child = std::process::Command::new(PROGRAM)
            .args(options(node, epmd))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it is built");
        let stdin = child.stdin.take().expect("it is piped");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, stdin, out }
    }

    /// Types a line, and reads one.
    fn types(&mut self, line: &str) -> String {
        writeln!(self.stdin, "{line}").expect("it reads");
        self.reads()
    }

    fn reads(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("it is text");
        line.trim_end().to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn options(node: &str, epmd: SocketAddr) -> Vec<String> {
    let port = epmd.port().to_string();
    let options = ["--log", "off", "--node", node, "--cookie", "secret"];
    let options = options.into_iter().chain(["--epmd-port", &port]);
    options.map(str::to_owned).collect()
}

/// What a program prints that is told one thing.
fn tells(node: &str, epmd: SocketAddr, line: &str) -> Result<String, String> {
    told(node, epmd, &[line])
}

/// What a program prints that is told some things.
fn told(node: &str, epmd: SocketAddr, lines: &[&str]) -> Result<String, String> {
    let mut command = Command::new(PROGRAM);
    command.args(options(node, epmd));
    for line in lines {
        command.args(["-e", line]);
    }
    let output = command.timeout(Duration::from_secs(60)).output();
    let output = output.expect("it is built");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end().to_owned();
    match output.status.success() {
        true => Ok(text(output.stdout)),
        false => Err(text(output.stderr)),
    }
}

// S87, DST-031
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn characters_on_several_programs_are_found_by_their_address() {
    let node = Node::new();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let epmd = Distribution::serve_epmd(&node, any).await;
    let epmd = epmd.expect("a free port");
    let mut b = Terminal::open("b@127.0.0.1", epmd);
    let started = b.types("add b@127.0.0.1/superman 'I am on b.'");
    assert!(
        started.starts_with("start b@127.0.0.1/superman <"),
        "{started}"
    );
    // From another program, by the same address.
    let say = "say b@127.0.0.1/superman";
    assert_eq!(tells("a@127.0.0.1", epmd, say), Ok("I am on b.".to_owned()));
    assert_eq!(b.types(say), "I am on b.");
    // It is added over there, by the program there.
    let add = "add b@127.0.0.1/yoshi 'Hm.'";
    assert_eq!(tells("a@127.0.0.1", epmd, add), Ok(String::new()));
    assert!(b.reads().starts_with("start b@127.0.0.1/yoshi <"));
    let again = tells("a@127.0.0.1", epmd, add).expect_err("it is there");
    assert!(again.contains("already"), "{again}");
    // It dies over there, and is back.
    let die = "die b@127.0.0.1/superman";
    assert_eq!(tells("a@127.0.0.1", epmd, die), Ok(String::new()));
    assert_eq!(b.reads(), "Mayday! b@127.0.0.1/superman goes down: boom");
    assert!(b.reads().starts_with("restart b@127.0.0.1/superman <"));
    // A process over there, looked at from here; a script says it, as each program connects anew.
    let script = [
        "whereis b@127.0.0.1/yoshi",
        "info b@127.0.0.1/yoshi",
        "alive b@127.0.0.1/yoshi",
        "alive b@127.0.0.1/nobody",
        "trap_exit on",
        "link b@127.0.0.1/yoshi",
        "tree",
        "kill b@127.0.0.1/yoshi oops",
        "receive",
    ];
    let shown = told("a@127.0.0.1", epmd, &script).expect("b tells");
    let lines: Vec<&str> = shown.lines().collect();
    let (pid, rest) = lines.split_first().expect("the pid");
    assert!(rest[0].ends_with(pid), "{shown}");
    assert_eq!(
        rest[1..3],
        ["node          b@127.0.0.1", "name          yoshi"]
    );
    let linked = format!("<0.1.0> shell, linked with {pid} of b@127.0.0.1");
    for line in [
        "true",
        "false",
        &linked,
        &format!("EXIT from {pid}: <<\"oops\">>"),
    ] {
        assert!(rest.contains(&line), "{line}: {shown}");
    }
    assert!(b.reads().starts_with("restart b@127.0.0.1/yoshi <"));
    let far = tells("a@127.0.0.1", epmd, "info 77.1.0").expect_err("nobody has it");
    assert!(far.contains("no process has had the pid 77.1.0"), "{far}");
    // Its own node goes away with the program.
    let own = tells("a@127.0.0.1", epmd, "stop a@127.0.0.1").expect_err("it is its own");
    assert!(own.contains("is the node of this program"), "{own}");
    // What Elixir says: `GenServer.call({:superman, :"b@127.0.0.1"}, :say)`.
    let config = Config::new("c@127.0.0.1").cookie("secret").epmd(epmd);
    let c = Distribution::start(&node, config).await.expect("c starts");
    let superman = c.process("superman", "b@127.0.0.1");
    let said: Vec<String> = superman
        .call(&Atom::constant("say"))
        .await
        .expect("it answers");
    assert_eq!(said, ["I am on b."]);
    for (line, why) in [
        ("say b@127.0.0.1/nobody", "there is no such process"),
        ("say d@127.0.0.1/superman", "the node cannot be reached"),
        ("add d@127.0.0.1/yoshi x", "the node cannot be reached"),
    ] {
        let error = tells("a@127.0.0.1", epmd, line).expect_err(line);
        assert!(error.contains(why), "{line}: {error}");
    }
    // A name that somebody has.
    let taken = tells("b@127.0.0.1", epmd, "list").expect_err("it is b's");
    assert!(taken.contains("not registered as b@127.0.0.1"), "{taken}");
}
