//! A real BEAM as the other node.
//!
//! Without Erlang these tests say so and are skipped, unless `OTP_REQUIRE_BEAM` is 1. `OTP_BEAM_DIR` names a folder with another OTP.

use std::env;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;

use otp_core::prelude::*;
use otp_core::pub_sub::PubSub;
use otp_dist::{Config, Distribution};
use otp_etf::{Atom, Term, term};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{LONG, atom};

/// A node of ours and one of a BEAM, connected with each other.
pub(crate) struct Beam {
    pub(crate) node: Node,
    pub(crate) dist: Distribution,
    pub(crate) name: Atom,
    child: Child,
}

impl Beam {
    /// Nothing where there is no Erlang.
    pub(crate) async fn start(
        program: &str,
        change: impl FnOnce(Config) -> Config,
    ) -> Option<Self> {
        let node = Node::new();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let epmd = Distribution::serve_epmd(&node, any).await;
        let epmd = epmd.expect("a free port");
        let folder = env::var_os("OTP_BEAM_DIR").filter(|folder| !folder.is_empty());
        let erl = folder.map_or("erl".into(), |folder| PathBuf::from(folder).join("bin/erl"));
        let name = "beam@127.0.0.1";
        let child = Command::new(erl)
            .args(["-noinput", "-start_epmd", "false", "-setcookie", "secret"])
            .args(["-kernel", "inet_dist_use_interface", "{127,0,0,1}"])
            .args(["-name", name])
            .args(["-eval", &format!("{program}, io:format(\"ready~n\").")])
            .env("ERL_EPMD_PORT", epmd.port().to_string())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let Ok(mut child) = child else {
            assert!(
                env::var_os("OTP_REQUIRE_BEAM").is_none_or(|value| value != "1"),
                "Erlang is required, and is not installed"
            );
            let message = "skipped: Erlang is not installed, nothing is tried with the BEAM";
            writeln!(io::stderr(), "{message}").expect("there is a standard error");
            return None;
        };
        let output = child.stdout.take().expect("it has a pipe");
        let mut ready = String::new();
        let reading = async { BufReader::new(output).read_line(&mut ready).await };
        let read = tokio::time::timeout(3 * LONG, reading).await;
        read.expect("it starts").expect("it writes");
        assert_eq!(ready, "ready\n");
        let config = Config::new("rust@127.0.0.1").cookie("secret").epmd(epmd);
        let dist = Distribution::start(&node, change(config)).await;
        Some(Self {
            node,
            dist: dist.expect("it starts"),
            name: atom(name),
            child,
        })
    }

    /// Calls a function there.
    pub(crate) async fn call<R: DeserializeOwned>(
        &self,
        module: &str,
        function: &str,
        arguments: impl Serialize,
    ) -> R {
        let called = (atom(module), atom(function));
        let result = self
            .dist
            .rpc(&self.name, called, arguments)
            .timeout(3 * LONG);
        result
            .await
            .unwrap_or_else(|error| panic!("{module}:{function}: {error}"))
    }

    /// A process there without anything to do.
    pub(crate) async fn process(&self) -> otp_etf::Pid {
        let sleep = (atom("timer"), atom("sleep"), vec![atom("infinity")]);
        self.call("erlang", "spawn", sleep).await
    }

    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it runs");
    }
}

/// Waits until a value is as expected.
pub(crate) async fn until<T: PartialEq + std::fmt::Debug>(expected: T, look: impl AsyncFn() -> T) {
    let mut last = None;
    let waiting = async {
        loop {
            let value = look().await;
            if value == expected {
                return;
            }
            last = Some(value);
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(LONG, waiting).await;
    assert!(
        waited.is_ok(),
        "expected {expected:?}, but it stays {last:?}"
    );
}

// DST-024
#[tokio::test]
async fn a_scope_is_shared_with_pg_of_a_beam() {
    let Some(beam) = Beam::start("{ok, _} = pg:start(rooms)", |config| config).await else {
        return;
    };
    let scope = otp_core::pg::Scope::<String>::new("rooms");
    let starting = scope.clone();
    let started = beam.node.run(async move { starting.start().await }).await;
    started.expect("it does not crash").expect("it starts");
    assert!(beam.dist.share(&scope));
    let there = beam.process().await;
    let kitchen = (atom("rooms"), Term::from("kitchen"));
    let join = (kitchen.0.clone(), kitchen.1.clone(), there.clone());
    assert_eq!(
        beam.call::<Atom>("pg", "join", join.clone()).await,
        atom("ok")
    );
    let seen = async || {
        let members = scope.members("kitchen").into_iter();
        members.map(|pid| beam.dist.pid(pid)).collect::<Vec<_>>()
    };
    until(vec![Some(there.clone())], seen).await;
    // Ours, twice, and theirs again.
    let here = beam
        .node
        .spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    let (joining, pid) = (scope.clone(), here.pid());
    let joined = beam
        .node
        .run(async move { joining.join_all("kitchen", [pid, pid]).await });
    assert_eq!(joined.await, Ok(Ok(())));
    assert_eq!(
        beam.call::<Atom>("pg", "join", join.clone()).await,
        atom("ok")
    );
    let ours = beam.dist.pid(pid).expect("a process of ours");
    let members = async || {
        let mut pids = beam
            .call::<Vec<otp_etf::Pid>>("pg", "get_members", kitchen.clone())
            .await;
        pids.sort_by_key(|pid| pid.node != beam.name);
        pids
    };
    until(
        vec![there.clone(), there.clone(), ours.clone(), ours],
        members,
    )
    .await;
    until(4, async || scope.members("kitchen").len()).await;
    // Leaving, and ends.
    assert_eq!(beam.call::<Atom>("pg", "leave", join).await, atom("ok"));
    until(3, async || scope.members("kitchen").len()).await;
    beam.node.exit(pid, ExitReason::Kill);
    until(vec![there.clone()], members).await;
    let killed: bool = beam.call("erlang", "exit", (there, atom("kill"))).await;
    assert!(killed);
    until(0, async || scope.members("kitchen").len()).await;
    // The scope over there ends, and starts afresh after the connection is up.
    let there = beam.process().await;
    let join = (kitchen.0.clone(), kitchen.1.clone(), there);
    assert_eq!(beam.call::<Atom>("pg", "join", join).await, atom("ok"));
    until(1, async || scope.members("kitchen").len()).await;
    let stop = (atom("rooms"),);
    assert_eq!(
        beam.call::<Atom>("gen_server", "stop", stop).await,
        atom("ok")
    );
    until(0, async || scope.members("kitchen").len()).await;
    beam.call::<(Atom, otp_etf::Pid)>("pg", "start", (atom("rooms"),))
        .await;
    let there = beam.process().await;
    let join = (kitchen.0.clone(), kitchen.1.clone(), there);
    assert_eq!(beam.call::<Atom>("pg", "join", join).await, atom("ok"));
    until(1, async || scope.members("kitchen").len()).await;
    // The BEAM is killed.
    let looked = scope.clone();
    beam.kill().await;
    until(0, async || looked.members("kitchen").len()).await;
}

/// What an application's adapter is on the wire: a process in a group of the scope of all adapters, which has the group's name.
const ADAPTER: &str = "{ok, _} = pg:start('Elixir.Phoenix.PubSub'), \
    P = spawn(timer, sleep, [infinity]), register('Elixir.My.PubSub.Adapter', P), \
    ok = pg:join('Elixir.Phoenix.PubSub', 'Elixir.My.PubSub.Adapter', P)";

// DST-025, PBS-007
#[tokio::test]
async fn topics_are_those_of_phoenix() {
    let Some(beam) = Beam::start(ADAPTER, |config| config).await else {
        return;
    };
    let (scope, group) = (
        atom("Elixir.Phoenix.PubSub"),
        atom("Elixir.My.PubSub.Adapter"),
    );
    let pub_sub: PubSub<Term> = beam
        .dist
        .pub_sub(PubSub::options("My.PubSub"))
        .await
        .expect("the name is free");
    let again = beam.dist.pub_sub::<Term, ()>(PubSub::options("My.PubSub"));
    assert!(again.await.is_err());
    let starting = pub_sub.clone();
    let started = beam.node.run(async move { starting.start().await }).await;
    started.expect("it does not crash").expect("it starts");
    let members = async || {
        let groups = (scope.clone(), group.clone());
        beam.call::<Vec<otp_etf::Pid>>("pg", "get_members", groups)
            .await
    };
    until(2, async || members().await.len()).await;

    // From here to there, and to who is here.
    let heard = otp_core::test::Probe::new();
    let subscriber = beam.node.spawn({
        let heard = heard.clone();
        async move |mut mailbox: Mailbox<Term>| {
            loop {
                heard.report(mailbox.receive().await);
            }
        }
    });
    for _ in 0..2 {
        let subscribed = pub_sub.subscribe("prices", &subscriber);
        subscribed.expect("it runs");
    }
    let price = term!({price, 42});
    let told = pub_sub.broadcast("prices", price.clone());
    told.expect("it runs");
    for _ in 0..2 {
        assert_eq!(heard.next().await, price);
    }
    let forwarded =
        |message: Term| term!({forward_to_local, "prices", (message), @"Elixir.Phoenix.PubSub"});
    let pid: otp_etf::Pid = beam.call("erlang", "whereis", (group.clone(),)).await;
    let messages = async || {
        let item = (pid.clone(), atom("messages"));
        beam.call::<(Atom, Vec<Term>)>("erlang", "process_info", item)
            .await
            .1
    };
    until(vec![forwarded(price.clone())], messages).await;
    let from = subscriber.pid();
    let told = pub_sub.broadcast_from(from, "prices", term!(7));
    told.expect("it runs");
    until(
        vec![forwarded(price.clone()), forwarded(term!(7))],
        messages,
    )
    .await;

    // From there to here: to the member, and to its name.
    let ours = members()
        .await
        .into_iter()
        .find(|pid| pid.node != beam.name);
    let ours = Term::from(ours.expect("a member of ours"));
    let by_name = term!({(group.clone()), (beam.dist.name().clone())});
    let odd_dispatcher = term!({forward_to_local, "prices", odd, @"Elixir.Other"});
    for (to, message, expected) in [
        (&ours, forwarded(term!(one)), Some(term!(one))),
        (&by_name, forwarded(term!(two)), Some(term!(two))),
        (&ours, odd_dispatcher, None),
        (&ours, term!({forward_to_local, 1, 2, 3}), None),
        (&ours, forwarded(term!(three)), Some(term!(three))),
    ] {
        beam.call::<Term>("erlang", "send", (to, &message)).await;
        for _ in 0..2 {
            if let Some(expected) = &expected {
                assert_eq!(heard.next().await, *expected);
            }
        }
    }
    assert_eq!(pub_sub.unknown_dispatchers(), 1);
    pub_sub.unsubscribe("prices", &subscriber);
    let subscribed = pub_sub.subscribe("other", &subscriber);
    subscribed.expect("it runs");
    beam.call::<Term>("erlang", "send", (&ours, forwarded(term!(four))))
        .await;
    let told = pub_sub.broadcast("other", term!(8));
    told.expect("it runs");
    assert_eq!(heard.next().await, term!(8));
}
