//! A node that comes back under its name: what was before is gone.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use otp_dist::wire::control::{Control, Target as Named};
use otp_dist::{CallError, Destination, NodeEvent};
use otp_etf::{Term, term};
use tokio::net::TcpStream;

use crate::raw::Raw;
use crate::support::{B, Call, Pair, Server, atom};

const RAW: &str = "raw@127.0.0.1";

const NO_NODE: [ExitReason; 2] = [const { ExitReason::NoConnection }; 2];
const NO_PROCESS: [ExitReason; 2] = [const { ExitReason::NoProcess }; 2];

impl Raw {
    /// Answers a link with the process that has this number in that life of it, and a monitor of it, as a node where there is none.
    async fn denies(&mut self, id: u32, creation: u32) {
        let pid = otp_etf::Pid {
            creation,
            ..self.pid(id)
        };
        for _ in 0..2 {
            let denial = match self.next().await.0 {
                Control::Link { from, to } if to == pid => Control::Exit { from: to, to: from },
                Control::Monitor {
                    from,
                    to: to @ Named::Pid(_),
                    reference,
                } if to == Named::Pid(pid.clone()) => Control::MonitorExit {
                    from: to,
                    to: from,
                    reference,
                },
                other => panic!("{other:?}"),
            };
            self.carry(&denial, &term!(noproc)).await;
        }
    }
}

// DST-003, DST-014
#[tokio::test]
async fn a_new_connection_ends_the_old_one_first_and_each_loss_is_told_once() {
    let pair = Pair::start().await;
    let events = Probe::new();
    let told = events.clone();
    let _events = pair
        .on_b
        .monitor_nodes(move |event| told.report(event.clone()));
    let first = Raw::connect_as(&pair.on_b, RAW, 7).await;
    assert_eq!(events.next().await, NodeEvent::Up(atom(RAW)));
    // The old one is half open: its peer has forgotten it.
    let second = Raw::connect_as(&pair.on_b, RAW, 8).await;
    assert_eq!(events.next().await, NodeEvent::Down(atom(RAW)));
    assert_eq!(events.next().await, NodeEvent::Up(atom(RAW)));
    assert!(first.closed().await);
    assert_eq!(pair.on_b.nodes(), [atom(RAW)]);
    drop(second);
    assert_eq!(events.next().await, NodeEvent::Down(atom(RAW)));
    let _third = Raw::connect_as(&pair.on_b, RAW, 9).await;
    assert_eq!(events.next().await, NodeEvent::Up(atom(RAW)));
    assert_eq!(events.drain(), []);
}

// DST-014, THR-002
#[tokio::test]
async fn a_stranger_cannot_take_the_place_of_a_node() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect_as(&pair.on_b, RAW, 7).await;
    let stream = TcpStream::connect(pair.on_b.address()).await;
    let (input, output) = stream.expect("it listens").into_split();
    let streams: otp_dist::Streams = (Box::new(input), Box::new(output));
    let stranger = Raw::shake_hands(streams, &pair.on_b, RAW, 8, "wrong").await;
    assert!(stranger.is_none());
    assert_eq!(raw.until_answered("server").await, []);
}

// DST-003
#[tokio::test]
async fn a_monitor_of_nodes_that_panics_costs_no_connection() {
    let pair = Pair::start().await;
    let events = Probe::new();
    let told = events.clone();
    let _panics = pair.on_a.monitor_nodes(|_| panic!("a test"));
    let _hears = pair
        .on_a
        .monitor_nodes(move |event| told.report(event.clone()));
    let server = pair.on_a.server::<Server>("server", B);
    let count = server.call(Call::Get).await;
    assert_eq!(count.expect("it answers"), 0);
    assert_eq!(events.next().await, NodeEvent::Up(atom(B)));
    assert!(pair.on_a.disconnect(&atom(B)));
    assert_eq!(events.next().await, NodeEvent::Down(atom(B)));
    let count = server.call(Call::Get).await;
    assert_eq!(count.expect("it is dialled again"), 0);
}

/// What is told of a node comes in the order of what happens, also what is caused by being told.
// DST-003
#[tokio::test]
async fn a_loss_that_is_caused_by_an_event_is_told_after_it() {
    let pair = Pair::start().await;
    let (events, told) = (Probe::new(), Probe::new());
    let (first, second, on_b) = (told.clone(), events.clone(), pair.on_b.clone());
    let _cuts = pair.on_b.monitor_nodes(move |event| {
        first.report(event.clone());
        if let NodeEvent::Up(node) = event {
            on_b.disconnect(node);
        }
    });
    let _hears = pair
        .on_b
        .monitor_nodes(move |event| second.report(event.clone()));
    let raw = Raw::connect_as(&pair.on_b, RAW, 7).await;
    for told in [told, events] {
        assert_eq!(told.next().await, NodeEvent::Up(atom(RAW)));
        assert_eq!(told.next().await, NodeEvent::Down(atom(RAW)));
    }
    assert!(raw.closed().await);
}

// DST-008
#[tokio::test]
async fn a_pid_of_a_former_life_is_a_dead_process() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect_as(&pair.on_b, RAW, 7).await;
    // Of the node that is asked.
    let server = pair.on_b.pid(pair.server.pid()).expect("a process of b");
    let stale = otp_etf::Pid {
        creation: server.creation ^ 1,
        ..server
    };
    let me = raw.pid(1);
    raw.signal(&Control::Monitor {
        from: me.clone(),
        to: Named::Pid(stale.clone()),
        reference: raw.reference(1),
    })
    .await;
    let (control, reason) = raw.next().await;
    assert!(
        matches!(control, Control::MonitorExit { .. }),
        "{control:?}"
    );
    assert_eq!(reason, term!(noproc));
    raw.signal(&Control::Link {
        from: me.clone(),
        to: stale.clone(),
    })
    .await;
    let (control, reason) = raw.next().await;
    let (from, to) = (stale.clone(), me.clone());
    assert_eq!(control, Control::Exit { from, to });
    assert_eq!(reason, term!(noproc));
    let (from, to) = (me.clone(), stale.clone());
    raw.carry(&Control::Exit2 { from, to }, &term!(kill)).await;
    let (from, to) = (me.clone(), stale);
    let cast = term!({@"$gen_cast", {add, 5}});
    raw.carry(&Control::SendSender { from, to }, &cast).await;
    // And one that pretends to be of a former life of its own node is nobody: its signals do nothing.
    let former = otp_etf::Pid { creation: 6, ..me };
    let to = pair.on_b.pid(pair.server.pid()).expect("a process of b");
    let from = former.clone();
    raw.carry(&Control::Exit2 { from, to }, &term!(kill)).await;
    assert_eq!(raw.until_answered("server").await, []);
    assert!(pair.server.is_alive());
    let state = pair.on_a.process("server", B);
    assert_eq!(state.call::<i64>(&term!(get)).await.expect("it lives"), 0);
}

// DST-008
#[tokio::test]
async fn a_pid_of_a_peers_former_life_is_dead_for_its_next() {
    let pair = Pair::start().await;
    let raw = Raw::connect_as(&pair.on_b, RAW, 7).await;
    let there = pair.on_b.at(Destination::Pid(raw.pid(5)));
    let pid = there.pid().await.expect("it is a pid");
    drop(raw);
    while !pair.on_b.nodes().is_empty() {
        tokio::task::yield_now().await;
    }
    let mut raw = Raw::connect_as(&pair.on_b, RAW, 8).await;
    // The same number there now is another process.
    let dead = there.call::<Term>(&term!(hello)).await;
    assert!(matches!(dead, Err(CallError::NoProcess)), "{dead:?}");
    there.send(&term!(hello)).await.expect("it can be written");
    let told = Probe::new();
    let reported = told.clone();
    let _watcher = pair.b.spawn(async move |mut mailbox: Mailbox<ExitReason>| {
        mailbox.trap_exit(|exit| exit.reason);
        process::link(pid);
        mailbox.monitor(pid, |down| down.reason);
        for _ in 0..2 {
            reported.report(mailbox.receive().await);
        }
    });
    raw.denies(5, 7).await;
    for _ in 0..2 {
        assert_eq!(told.next().await, ExitReason::NoProcess);
    }
    assert_eq!(raw.until_answered("server").await, []);
    // Without the node nobody knows.
    drop(raw);
    no_peer(&pair).await;
    assert_eq!(ends(&pair, pid).await, NO_NODE);
    let mut raw = Raw::connect_as(&pair.on_b, RAW, 9).await;
    let (ends, ()) = tokio::join!(ends(&pair, pid), raw.denies(5, 7));
    assert_eq!(ends, NO_PROCESS);
}

// DST-008
#[tokio::test]
async fn a_pid_of_a_life_that_was_never_connected_is_asked_of_the_one_that_is() {
    let pair = Pair::start().await;
    let other = |id| otp_etf::Pid {
        serial: 0,
        id,
        node: atom(RAW),
        creation: 7,
    };
    let early = pair.on_b.at(Destination::Pid(other(5)));
    let early = early.pid().await.expect("it is a pid");
    let name = pair.on_b.process("server", RAW).target().await;
    assert_eq!(ends(&pair, early).await, NO_NODE);
    let mut raw = Raw::connect_as(&pair.on_b, RAW, 8).await;
    // Known before the connection, and since.
    let late = pair.on_b.at(Destination::Pid(other(6)));
    let late = late.pid().await.expect("it is a pid");
    for (pid, number) in [(early, 5), (late, 6)] {
        let (ends, ()) = tokio::join!(ends(&pair, pid), raw.denies(number, 7));
        assert_eq!(ends, NO_PROCESS);
    }
    // Of a name on a node that could not be reached nobody knows whether there is such a process now.
    let monitoring = async move |mut mailbox: Mailbox<ExitReason>| {
        mailbox.monitor(name, |down| down.reason);
        mailbox.receive().await
    };
    let down = pair.b.run_with(monitoring).await.expect("it watches");
    assert_eq!(down, ExitReason::NoConnection);
    // A process of the connected life with the same number is another one.
    let (from, to) = (raw.pid(5), pair.on_b.pid(pair.server.pid()).expect("of b"));
    let exit = Control::Exit { from, to };
    raw.carry(&exit, &term!(kill)).await;
    assert_eq!(raw.until_answered("server").await, []);
    // A half-open connection to a life before that of the pid: the loss answers.
    let lost = async {
        for _ in 0..2 {
            raw.next().await;
        }
        drop(raw);
    };
    assert_eq!(tokio::join!(ends(&pair, late), lost).0, NO_NODE);
    assert_eq!(ends(&pair, early).await, NO_NODE);
    // And then the life is there.
    let mut raw = Raw::connect_as(&pair.on_b, RAW, 7).await;
    assert_eq!(pair.on_b.pid(late), Some(raw.pid(6)));
    let (ends, ()) = tokio::join!(ends(&pair, late), raw.denies(6, 7));
    assert_eq!(ends, NO_PROCESS);
}

/// Waits until the raw peer is not connected.
async fn no_peer(pair: &Pair) {
    while !pair.on_b.nodes().is_empty() {
        tokio::task::yield_now().await;
    }
}

/// The reasons of a link with a process and of a monitor of it.
async fn ends(pair: &Pair, pid: Pid) -> [ExitReason; 2] {
    let watching = async move |mut mailbox: Mailbox<ExitReason>| {
        mailbox.trap_exit(|exit| exit.reason);
        process::link(pid);
        mailbox.monitor(pid, |down| down.reason);
        [mailbox.receive().await, mailbox.receive().await]
    };
    pair.b.run_with(watching).await.expect("it watches")
}

// DST-034
#[tokio::test]
async fn pids_are_equal_over_connections_of_one_creation_only() {
    let pair = Pair::start().await;
    let (life, next) = (7, 8);
    let raw = Raw::connect_as(&pair.on_b, RAW, life).await;
    let there = pair.on_b.at(Destination::Pid(raw.pid(5)));
    let first = there.pid().await.expect("it is a pid");
    drop(raw);
    no_peer(&pair).await;
    // Nobody answers, so it is dialled in vain.
    assert_eq!(there.pid().await, Some(first));
    let raw = Raw::connect_as(&pair.on_b, RAW, next).await;
    let other = pair.on_b.at(Destination::Pid(raw.pid(5)));
    assert_eq!(there.pid().await, Some(first));
    assert_ne!(other.pid().await, Some(first));
    drop(raw);
    no_peer(&pair).await;
    let mut raw = Raw::connect_as(&pair.on_b, RAW, life).await;
    assert_eq!(there.pid().await, Some(first));
    assert_eq!(pair.on_b.pid(first), Some(raw.pid(5)));
    // The pid of the first connection is one of a process that can be reached.
    let told = tokio::join!(ends(&pair, first), async {
        let (link, _) = raw.next().await;
        assert!(
            matches!(&link, Control::Link { to, .. } if *to == raw.pid(5)),
            "{link:?}"
        );
        let (monitor, _) = raw.next().await;
        let expected = Named::Pid(raw.pid(5));
        assert!(
            matches!(&monitor, Control::Monitor { to, .. } if *to == expected),
            "{monitor:?}"
        );
        drop(raw);
    });
    assert_eq!(told.0, NO_NODE);
}

// DST-008, DST-034
#[tokio::test]
async fn pids_of_former_lives_of_a_node_are_different_processes_that_do_not_exist() {
    let pair = Pair::start().await;
    let living = pair.a.spawn(|_: Mailbox<()>| std::future::pending::<()>());
    let own = pair.on_a.pid(living.pid()).expect("a process of a");
    let other_creation = |by| otp_etf::Pid {
        creation: own.creation ^ by,
        ..own.clone()
    };
    let other_number = otp_etf::Pid {
        serial: 9,
        ..other_creation(1)
    };
    let former = [other_creation(1), other_creation(2), other_number];
    let mut known = vec![living.pid()];
    for there in &former {
        let process = pair.on_a.at(Destination::Pid(there.clone()));
        let pid = process.pid().await.expect("it is a pid");
        assert!(!known.contains(&pid), "{pid}");
        known.push(pid);
        assert_eq!(process.pid().await, Some(pid));
        assert_eq!(pair.on_a.pid(pid), Some(there.clone()));
        let called = process.call::<Term>(&term!(hello)).await;
        assert!(matches!(called, Err(CallError::NoProcess)), "{called:?}");
        process.send(&term!(hello)).await.expect("it is written");
        pair.a.exit(pid, ExitReason::Kill);
        let watching = async move |mut mailbox: Mailbox<ExitReason>| {
            mailbox.trap_exit(|exit| exit.reason);
            process::link(pid);
            mailbox.monitor(pid, |down| down.reason);
            [mailbox.receive().await, mailbox.receive().await]
        };
        let told = pair.a.run_with(watching).await;
        assert_eq!(told, Ok([ExitReason::NoProcess, ExitReason::NoProcess]));
        // To one that does not trap exits it is an error.
        let linking = pair.a.spawn(async move |_: Mailbox<()>| process::link(pid));
        assert_eq!(linking.wait().await, ExitReason::NoProcess);
    }
    assert!(pair.a.is_alive(living.pid()));
}
