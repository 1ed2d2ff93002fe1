//! The node on the other host: this program again.

use std::env;
use std::io::Write;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_dist::{Config, Destination, Distribution, Exposure, Raised};
use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::net::Net;

/// Says where the node listens, to a program that is to be it.
const ASKED: &str = "OTP_DIST_PARTITIONS_PEER";

pub(crate) fn config(name: &str, listen: SocketAddr) -> Config {
    Config::new(format!("{name}@{}", listen.ip()))
        .cookie("secret")
        .without_epmd()
        .listen(listen)
        .unprotected()
        .tick_time(Duration::from_secs(2))
}

/// A scope that both share, with a process of each in a group.
pub(crate) async fn scope(node: &Node, dist: &Distribution) -> Scope<String> {
    let rooms = Scope::new("rooms");
    let starting = rooms.clone();
    let member = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    let started = node.run(async move {
        starting.start().await.expect("the name is free");
        starting.join("kitchen", &member).await.expect("it runs");
    });
    started.await.expect("it does not crash");
    assert!(dist.share(&rooms));
    rooms
}

/// A server without anything to do, which outlives those that are linked with it.
pub(crate) struct Idle;

#[gen_server]
impl GenServer for Idle {
    async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        Ok(Init::state(Self))
    }
}

pub(crate) fn open() -> Exposure<Idle> {
    Exposure::typed()
}

pub(crate) async fn idle(node: &Node) -> ServerRef<Idle> {
    let started = Idle::options().on(node).start(()).await;
    started.expect("it starts")
}

pub(crate) struct Peer(Child);

impl Peer {
    pub(crate) async fn start(net: &Net) -> Self {
        let program = env::current_exe().expect("this program is a file");
        let mut child = Command::new("ip")
            .args(["netns", "exec", &net.name])
            .arg(program)
            .args(["the_other_node", "--exact", "--nocapture"])
            .env(ASKED, net.there.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let output = child.stdout.take().expect("it has a pipe");
        let mut lines = BufReader::new(output).lines();
        loop {
            let line = lines.next_line().await.expect("it writes");
            if line.expect("it does not end").contains("READY") {
                return Self(child);
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id().expect("it runs")
    }

    pub(crate) async fn kill(&mut self) {
        self.0.kill().await.expect("it runs");
    }
}

/// Is the other node until the standard input ends, if it is to be.
pub(crate) async fn run_if_asked() {
    let Ok(listen) = env::var(ASKED) else {
        return;
    };
    let listen = listen.parse().expect("it is an address");
    let node = Node::new();
    let dist = Distribution::start(&node, config("b", listen)).await;
    let dist = dist.expect("it starts");
    let rooms = scope(&node, &dist).await;
    let server = Idle::options().on(&node).name("server").start(()).await;
    let server = server.expect("it starts");
    dist.expose::<Idle>("server");
    let pid = dist.pid(server.pid());
    dist.function("b", "server", move |(): ()| pid.clone());
    dist.function("b", "members", move |(): ()| rooms.members("kitchen").len());
    dist.function("b", "echo", |(bytes,): (serde_bytes::ByteBuf,)| bytes);
    let counted = node.clone();
    dist.function("b", "processes", move |(): ()| counted.processes().len());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let watcher = Arc::new(Mutex::new(None));
    let (watching, told) = (dist.clone(), heard.clone());
    let (nodes, watches) = (node.clone(), watcher.clone());
    dist.async_function("b", "watch", move |(pid,): (otp_etf::Pid,)| {
        let (dist, node, told) = (watching.clone(), nodes.clone(), told.clone());
        let watches = watches.clone();
        async move {
            told.lock().clear();
            let target = dist.at(Destination::Pid(pid)).pid().await;
            let target = target.ok_or(Raised::Exit(otp_etf::term!(noproc)))?;
            let (ready, is_ready) = tokio::sync::oneshot::channel();
            let process = node.spawn(async move |mut mailbox: Mailbox<String>| {
                mailbox.trap_exit(|exit| format!("EXIT {}", exit.reason));
                mailbox.link(target);
                mailbox.monitor(target, |down| format!("DOWN {}", down.reason));
                let _gone = ready.send(());
                loop {
                    let text = mailbox.receive().await;
                    told.lock().push(text);
                }
            });
            let _ready = is_ready.await;
            *watches.lock() = Some(process.pid());
            Ok(())
        }
    });
    // It watches no longer then.
    dist.function("b", "report", move |(): ()| {
        if let Some(watcher) = watcher.lock().take() {
            node.exit(watcher, ExitReason::Kill);
        }
        let mut heard = heard.lock().clone();
        heard.sort();
        heard
    });
    writeln!(std::io::stdout(), "READY").expect("somebody reads");
    let mut input = tokio::io::stdin();
    let mut buffer = [0; 16];
    while matches!(input.read(&mut buffer).await, Ok(1..)) {}
}
