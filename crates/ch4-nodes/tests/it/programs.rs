//! Exercise 4.4 with several programs in a cluster.

use assert_cmd::Command;
use otp_core::Node;
use otp_dist::{Atom, Config, Distribution};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch4-nodes");

/// A program that reads its commands from a pipe. It is killed when this value is dropped.
struct Terminal {
    child: Child,
    stdin: ChildStdin,
    out: BufReader<ChildStdout>,
}

impl Terminal {
    fn open(node: &str, epmd: SocketAddr) -> Self {
        let mut child = std::process::Command::new(PROGRAM)
            .args(options(node))
            .args(["--epmd-port", &epmd.port().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it is built");
        let stdin = child.stdin.take().expect("it is piped");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, stdin, out }
    }

    /// Writes a command, and reads a line of output.
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
        // The program may have ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn options(node: &str) -> [&str; 6] {
    ["--log", "off", "--node", node, "--cookie", "secret"]
}

/// The output of a program that runs one command.
fn run_one(node: &str, epmd: SocketAddr, line: &str) -> Result<String, String> {
    run(node, epmd, &[line])
}

/// The output of a program that runs some commands. It finds the epmd as Erlang does.
fn run(node: &str, epmd: SocketAddr, lines: &[&str]) -> Result<String, String> {
    let mut command = Command::new(PROGRAM);
    command.args(options(node));
    command.env("ERL_EPMD_PORT", epmd.port().to_string());
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
    // Another program uses the same address.
    let say = "say b@127.0.0.1/superman";
    assert_eq!(
        run_one("a@127.0.0.1", epmd, say),
        Ok("I am on b.".to_owned())
    );
    assert_eq!(b.types(say), "I am on b.");
    // The other program adds the character.
    let add = "add b@127.0.0.1/yoshi 'Hm.'";
    assert_eq!(run_one("a@127.0.0.1", epmd, add), Ok(String::new()));
    assert!(b.reads().starts_with("start b@127.0.0.1/yoshi <"));
    let second = run_one("a@127.0.0.1", epmd, add).expect_err("yoshi runs already");
    assert!(second.contains("already"), "{second}");
    // The character crashes and is restarted on its node.
    let die = "die b@127.0.0.1/superman";
    assert_eq!(run_one("a@127.0.0.1", epmd, die), Ok(String::new()));
    assert_eq!(b.reads(), "Mayday! b@127.0.0.1/superman goes down: boom");
    assert!(b.reads().starts_with("restart b@127.0.0.1/superman <"));
    // One program runs all commands about the remote process, because each program makes a new connection.
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
    let output = run("a@127.0.0.1", epmd, &script).expect("b answers");
    let lines: Vec<&str> = output.lines().collect();
    let (pid, rest) = lines.split_first().expect("the pid");
    assert!(rest[0].ends_with(pid), "{output}");
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
        assert!(rest.contains(&line), "{line}: {output}");
    }
    assert!(b.reads().starts_with("restart b@127.0.0.1/yoshi <"));
    let error = run_one("a@127.0.0.1", epmd, "info 77.1.0").expect_err("no process has the pid");
    assert!(
        error.contains("no process has had the pid 77.1.0"),
        "{error}"
    );
    // A program cannot stop its own node.
    let error = run_one("a@127.0.0.1", epmd, "stop a@127.0.0.1").expect_err("it is its own node");
    assert!(error.contains("is the node of this program"), "{error}");
    // The same call in Elixir: `GenServer.call({:superman, :"b@127.0.0.1"}, :say)`.
    let config = Config::new("c@127.0.0.1").cookie("secret").epmd(epmd);
    let c = Distribution::start(&node, config).await.expect("c starts");
    let superman = c.process("superman", "b@127.0.0.1");
    let lines: Vec<String> = superman
        .call(&Atom::constant("say"))
        .await
        .expect("it answers");
    assert_eq!(lines, ["I am on b."]);
    for (line, cause) in [
        ("say b@127.0.0.1/nobody", "there is no such process"),
        ("say d@127.0.0.1/superman", "the node cannot be reached"),
        ("add d@127.0.0.1/yoshi x", "the node cannot be reached"),
    ] {
        let error = run_one("a@127.0.0.1", epmd, line).expect_err(line);
        assert!(error.contains(cause), "{line}: {error}");
    }
    // Another program has the name.
    let error = run_one("b@127.0.0.1", epmd, "list").expect_err("b has the name");
    assert!(error.contains("not registered as b@127.0.0.1"), "{error}");
}
