//! Signals between two nodes, as frames: what the other side of a connection sees.

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Target, process};
use otp_dist::Destination;
use otp_dist::wire::control::{Control, Destination as To, Target as Named};
use otp_etf::{Term, term};

use crate::raw::Raw;
use crate::support::{B, Pair, atom};

/// A process of node b that others may link and monitor.
async fn linkable(pair: &Pair) -> (otp_etf::Pid, Pid) {
    let pid = pair.server.pid();
    (pair.on_b.pid(pid).expect("a process of b"), pid)
}

/// A process of node b that is told by links and monitors.
fn watcher(pair: &Pair, told: &Probe<(&'static str, ExitReason)>) -> ProcessRef<Order> {
    let told = told.clone();
    pair.b.spawn(async move |mut mailbox: Mailbox<Order>| {
        mailbox.trap_exit(|exit| Order::Told("exit", exit.reason));
        loop {
            match mailbox.receive().await {
                Order::Do(act) => act(&mut mailbox),
                Order::Told(how, reason) => told.report((how, reason)),
            }
        }
    })
}

type Act = Box<dyn FnOnce(&mut Mailbox<Order>) + Send>;

enum Order {
    Do(Act),
    Told(&'static str, ExitReason),
}

fn does(act: impl FnOnce(&mut Mailbox<Order>) + Send + 'static) -> Order {
    Order::Do(Box::new(act))
}

// DST-001
#[tokio::test]
async fn answers_and_the_end_come_in_the_order_sent() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let (server, _) = linkable(&pair).await;
    raw.monitor("server", 1).await;
    let me = raw.pid(1);
    raw.signal(&Control::Link {
        from: me.clone(),
        to: server.clone(),
    })
    .await;
    for n in 1..=50 {
        raw.call("server", Term::from(n), term!({double, (n)}))
            .await;
    }
    raw.call("server", term!(0), term!({panic, "boom"})).await;
    for n in 1..=50 {
        let (control, answer) = raw.next().await;
        let (from, to) = (server.clone(), me.clone());
        assert_eq!(control, Control::SendSender { from, to });
        assert_eq!(answer, term!({(n), {ok, (2 * n)}}));
    }
    let mut ends = Vec::new();
    for _ in 0..2 {
        let (control, reason) = raw.next().await;
        assert_eq!(reason, term!({panic, "boom"}));
        ends.push(control);
    }
    let exit = Control::Exit {
        from: server,
        to: me.clone(),
    };
    // By the name by which it was monitored.
    let down = Control::MonitorExit {
        from: Named::Name(atom("server")),
        to: me,
        reference: raw.reference(1),
    };
    assert!(ends.contains(&exit) && ends.contains(&down), "{ends:?}");
}

// DST-005, DST-006
#[tokio::test]
async fn a_dead_process_is_noproc_for_links_and_monitors() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    raw.monitor("nobody", 1).await;
    let (control, reason) = raw.next().await;
    let down = Control::MonitorExit {
        from: Named::Name(atom("nobody")),
        to: raw.pid(1),
        reference: raw.reference(1),
    };
    assert_eq!((control, reason), (down, term!(noproc)));
    let (server, pid) = linkable(&pair).await;
    pair.b.exit(pid, ExitReason::Kill);
    pair.server.wait().await;
    let link = Control::Link {
        from: raw.pid(1),
        to: server.clone(),
    };
    raw.signal(&link).await;
    let exit = Control::Exit {
        from: server,
        to: raw.pid(1),
    };
    assert_eq!(raw.next().await, (exit, term!(noproc)));
}

// DST-005
#[tokio::test]
async fn a_monitor_that_was_taken_back_says_nothing() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    raw.monitor("server", 1).await;
    raw.monitor("server", 2).await;
    let demonitor = Control::Demonitor {
        from: raw.pid(1),
        to: Named::Name(atom("server")),
        reference: raw.reference(1),
    };
    raw.signal(&demonitor).await;
    assert_eq!(raw.until_answered("server").await, []);
    pair.b.exit(pair.server.pid(), ExitReason::Kill);
    let (control, reason) = raw.next().await;
    let Control::MonitorExit { reference, .. } = control else {
        panic!("{control:?}");
    };
    assert_eq!((reference, reason), (raw.reference(2), term!(killed)));
}

// DST-007
#[tokio::test]
async fn an_unlink_is_acknowledged_before_anything_else() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let (server, _) = linkable(&pair).await;
    let (me, ids) = (raw.pid(1), [1, 7]);
    for id in ids {
        // The second one is of no link, and acknowledged nevertheless.
        let (from, to) = (me.clone(), server.clone());
        if id == 1 {
            raw.signal(&Control::Link {
                from: from.clone(),
                to: to.clone(),
            })
            .await;
        }
        raw.signal(&Control::UnlinkId { id, from, to }).await;
        raw.call("server", term!(1), term!(get)).await;
        let ack = Control::UnlinkIdAck {
            id,
            from: server.clone(),
            to: me.clone(),
        };
        assert_eq!(raw.next().await.0, ack);
        assert_eq!(raw.next().await.1, term!({1, 0}));
    }
    pair.b.exit(pair.server.pid(), ExitReason::Kill);
    pair.server.wait().await;
    // No link is left: nothing tells of the end.
    raw.monitor("server", 1).await;
    let (control, _) = raw.next().await;
    assert!(
        matches!(control, Control::MonitorExit { .. }),
        "{control:?}"
    );
}

// DST-007
#[tokio::test]
async fn an_exit_on_its_way_is_swallowed_until_the_unlink_is_acknowledged() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let there = pair.on_b.at(Destination::Pid(raw.pid(5))).pid().await;
    let there = there.expect("it is a pid");
    let told = Probe::new();
    let watcher = watcher(&pair, &told);
    watcher.send(does(move |_| {
        process::link(there);
        process::unlink(there);
    }));
    let (control, _) = raw.next().await;
    let Control::Link { from: local, .. } = control else {
        panic!("{control:?}");
    };
    let (control, _) = raw.next().await;
    let Control::UnlinkId { id, .. } = control else {
        panic!("{control:?}");
    };
    let exit = Control::Exit {
        from: raw.pid(5),
        to: local.clone(),
    };
    // The peer does not know of the unlink yet.
    raw.carry(&exit, &term!(early)).await;
    raw.until_answered("server").await;
    assert_eq!(told.drain(), []);
    // A new link counts, whatever the first unlink's acknowledgement does.
    watcher.send(does(move |_| process::link(there)));
    let (control, _) = raw.next().await;
    assert!(matches!(control, Control::Link { .. }), "{control:?}");
    raw.signal(&Control::UnlinkIdAck {
        id,
        from: raw.pid(5),
        to: local,
    })
    .await;
    raw.carry(&exit, &term!(late)).await;
    assert_eq!(told.next().await, ("exit", ExitReason::other(term!(late))));
}

// DST-009
#[tokio::test]
async fn signals_of_no_link_or_monitor_are_ignored() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let (server, _) = linkable(&pair).await;
    let me = raw.pid(1);
    let exit = Control::Exit {
        from: me.clone(),
        to: server.clone(),
    };
    raw.carry(&exit, &term!(kill)).await;
    let down = Control::MonitorExit {
        from: Named::Pid(me.clone()),
        to: server.clone(),
        reference: raw.reference(3),
    };
    raw.carry(&down, &term!(gone)).await;
    raw.signal(&Control::UnlinkIdAck {
        id: 5,
        from: me.clone(),
        to: server.clone(),
    })
    .await;
    let demonitor = Control::Demonitor {
        from: me,
        to: Named::Pid(server),
        reference: raw.reference(3),
    };
    raw.signal(&demonitor).await;
    assert_eq!(raw.until_answered("server").await, []);
    assert!(pair.server.is_alive());
}

// DST-009
#[tokio::test]
async fn an_end_that_is_told_twice_is_heard_once() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let there = pair.on_b.at(Destination::Pid(raw.pid(5))).pid().await;
    let there = there.expect("it is a pid");
    let told = Probe::new();
    let watcher = watcher(&pair, &told);
    watcher.send(does(move |mailbox| {
        process::link(there);
        mailbox.monitor(there, |down| Order::Told("down", down.reason));
    }));
    let (Control::Link { from: local, .. }, _) = raw.next().await else {
        panic!("it links");
    };
    let (Control::Monitor { reference, .. }, _) = raw.next().await else {
        panic!("it monitors");
    };
    for _ in 0..2 {
        let (from, to) = (raw.pid(5), local.clone());
        raw.carry(&Control::Exit { from, to }, &term!(bye)).await;
        let down = Control::MonitorExit {
            from: Named::Pid(raw.pid(5)),
            to: local.clone(),
            reference: reference.clone(),
        };
        raw.carry(&down, &term!(bye)).await;
    }
    raw.until_answered("server").await;
    let bye = ExitReason::other(term!(bye));
    assert_eq!(told.next().await, ("exit", bye.clone()));
    assert_eq!(told.next().await, ("down", bye));
    let (quiet, done) = (Probe::new(), told.clone());
    let asked = quiet.clone();
    watcher.send(does(move |_| asked.report(())));
    quiet.next().await;
    assert_eq!(done.drain(), []);
}

// DST-010
#[tokio::test]
async fn kill_kills_only_if_it_is_sent_by_hand() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let told = Probe::new();
    let there = pair.on_b.at(Destination::Pid(raw.pid(5))).pid().await;
    let there = there.expect("it is a pid");
    let watcher = watcher(&pair, &told);
    watcher.send(does(move |_| process::link(there)));
    let (Control::Link { from: local, .. }, _) = raw.next().await else {
        panic!("it links");
    };
    // Over the link it is a reason as any other, and can be trapped.
    let exit = Control::Exit {
        from: raw.pid(5),
        to: local,
    };
    raw.carry(&exit, &term!(kill)).await;
    assert_eq!(told.next().await, ("exit", ExitReason::Kill));
    assert!(watcher.is_alive());
    let (server, _) = linkable(&pair).await;
    raw.monitor("server", 1).await;
    let exit = Control::Exit2 {
        from: raw.pid(1),
        to: server,
    };
    raw.carry(&exit, &term!(kill)).await;
    assert_eq!(raw.next().await.1, term!(killed));
}

// DST-001
#[tokio::test]
async fn what_is_larger_than_a_frame_keeps_its_place() {
    let pair = Pair::start().await;
    let server = pair.on_a.process("server", B);
    let large = Term::from("x".repeat(300_000));
    for n in 1..=10 {
        // It is no cast that the server knows, and so dropped; it only has to arrive before the next one.
        server.cast(&large).await.expect("it can be written");
        server
            .cast(&term!({add, (n)}))
            .await
            .expect("it can be written");
    }
    assert_eq!(server.call::<i64>(&term!(get)).await.expect("it lives"), 55);
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let tag = Term::from("t".repeat(200_000));
    raw.call("server", tag.clone(), term!(get)).await;
    raw.call("server", term!(2), term!(get)).await;
    assert_eq!(raw.next().await.1, term!({(tag), 55}));
    assert_eq!(raw.next().await.1, term!({2, 55}));
}

/// Which pid a name is monitored by does not matter to what is told.
// DST-005
#[tokio::test]
async fn the_end_of_what_is_monitored_by_name_names_it() {
    let pair = Pair::start().await;
    let told = Probe::new();
    let target: Target = pair.on_a.process("server", B).target().await;
    let reported = told.clone();
    let expected = target.clone();
    let _watcher = pair.a.spawn(async move |mut mailbox: Mailbox<Down>| {
        mailbox.monitor(target, |down| down);
        reported.report(mailbox.receive().await);
    });
    let server = pair.on_a.process("server", B);
    assert_eq!(server.call::<i64>(&term!(get)).await.expect("it lives"), 0);
    pair.b.exit(pair.server.pid(), ExitReason::other("why"));
    let down = told.next().await;
    assert_eq!(down.target, expected);
    assert_eq!(down.reason, ExitReason::other(term!("why")));
}

// DST-032
#[tokio::test]
async fn an_altact_signal_is_the_one_that_it_stands_for() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let (server, _) = linkable(&pair).await;
    let signal = |raw: &Raw, to: To, is_exit, is_priority| Control::Altact {
        is_priority,
        is_exit,
        from: raw.pid(1),
        to,
    };
    // A message, by name and by pid, with priority and without.
    for (n, to) in [To::Name(atom("server")), To::Pid(server.clone())]
        .into_iter()
        .enumerate()
    {
        for is_priority in [false, true] {
            let cast = signal(&raw, to.clone(), false, is_priority);
            let add = term!({@"$gen_cast", {add, 1}});
            raw.carry(&cast, &add).await;
            let from = raw.pid(1);
            let call = signal(&raw, to.clone(), false, is_priority);
            let get = term!({@"$gen_call", {(from), tag}, get});
            raw.carry(&call, &get).await;
            let count = 2 * n as i64 + 1 + i64::from(is_priority);
            assert_eq!(raw.next().await.1, term!({tag, (count)}));
        }
    }
    // A token for a tracer is walked over.
    let token = term!({37, 2, (raw.pid(1)), (server.clone()), [1, 2]});
    let get = term!({@"$gen_call", {(raw.pid(1)), traced}, get});
    let mut frame = vec![131, 68, 0];
    for part in [token, get] {
        part.encode_into(&mut frame).expect("it can be written");
    }
    raw.frame(&frame).await;
    assert_eq!(raw.next().await.1, term!({traced, 4}));
    // An answer to an alias of ours: a call from b is answered by one that b has handed out.
    let there = pair.on_b.process("any", "raw@127.0.0.1");
    let asked = tokio::spawn(async move { there.call::<i64>(&term!(what)).await });
    assert!(matches!(raw.next().await.0, Control::Monitor { .. }));
    let (_, request) = raw.next().await;
    let from = request.as_tuple().expect("a call")[1].clone();
    let tag = from.as_tuple().expect("a pid and a tag")[1].clone();
    let Term::ImproperList(alias) = &tag else {
        panic!("{tag} has an alias");
    };
    let alias = alias.tail().as_reference().expect("an alias").clone();
    let answer = signal(&raw, To::Alias(alias.clone()), false, false);
    raw.carry(&answer, &term!({(tag.clone()), 7})).await;
    assert_eq!(
        asked
            .await
            .expect("it does not panic")
            .expect("it is answered"),
        7
    );
    assert!(matches!(raw.next().await.0, Control::Demonitor { .. }));
    // The alias is used up.
    raw.carry(&answer, &term!({(tag), 8})).await;
    // To a name, or to an alias, there is no exit signal; one to a pid is by hand.
    for to in [To::Name(atom("server")), To::Alias(alias)] {
        let exit = signal(&raw, to, true, false);
        raw.carry(&exit, &term!(kill)).await;
    }
    assert_eq!(raw.until_answered("server").await, []);
    raw.monitor("server", 1).await;
    let exit = signal(&raw, To::Pid(server), true, false);
    raw.carry(&exit, &term!(kill)).await;
    assert_eq!(raw.next().await.1, term!(killed));
}
