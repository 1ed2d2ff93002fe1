//! Processes of one node, as another one sees them.

use otp_core::prelude::*;
use otp_core::sys::{self, SysEvent};
use otp_core::test::Probe;
use otp_core::{Target, process};
use otp_dist::RpcError;
use otp_etf::{Term, term};

use crate::beam::Beam;
use crate::support::{A, B, Call, Pair, Server, atom};

// DST-031
#[tokio::test]
async fn a_process_of_another_node_is_looked_at_from_here() {
    let pair = Pair::start().await;
    let there = pair.on_a.process("server", B);
    let Target::Name(name) = there.target().await else {
        panic!("it is a name");
    };
    let hidden = pair.on_a.whereis(&atom("server"), &atom(B)).await;
    assert!(
        matches!(&hidden, Err(RpcError::Error(why)) if *why == term!(undef)),
        "{hidden:?}"
    );
    pair.on_b.show_processes();
    let pid = pair.on_a.whereis(&atom("server"), &atom(B)).await;
    let pid = pid.expect("b tells").expect("it has the name");
    assert_eq!(
        pair.on_a
            .whereis(&atom("nobody"), &atom(B))
            .await
            .expect("b tells"),
        None
    );
    assert_eq!(pid.id(), pair.server.pid().id());
    let tied = Probe::new();
    let ties = tied.clone();
    let watcher = pair.a.spawn(async move |mut mailbox: Mailbox<()>| {
        process::link(pid);
        mailbox.monitor(pid, |_| ());
        mailbox.monitor(name, |_| ());
        ties.report(());
        std::future::pending::<()>().await;
    });
    tied.next().await;
    // Signals and questions of one node come in order.
    let info = pair
        .on_a
        .process_info(pid)
        .await
        .expect("b tells")
        .expect("it lives");
    let watcher_there = Term::from(pair.on_a.pid(watcher.pid()).expect("a process of a"));
    assert_eq!(info.node, atom(B));
    assert_eq!(info.name, Some(atom("server")));
    assert_eq!(info.initial_call, std::any::type_name::<Server>());
    assert_eq!(info.status, atom("waiting"));
    assert_eq!((info.message_queue_len, info.trap_exit), (0, false));
    assert_eq!(info.links, std::slice::from_ref(&watcher_there));
    assert_eq!(info.monitors, []);
    assert_eq!(info.monitored_by, [watcher_there.clone(), watcher_there]);
    let shown = info.to_string();
    let links = format!("links         <0.{}.0> of {A}\n", watcher.pid().id());
    assert!(shown.contains(&links), "{shown}");
    // What monitors and is linked knows of it as well.
    let here = pair.a.process_info(watcher.pid()).expect("it lives");
    assert_eq!((here.links, here.monitors), (vec![pid], vec![pid]));
    let names: Vec<_> = here
        .monitored_names
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, [format!("{{server, node {}}}", pid.node())]);
    let node = pair.a.remote_node(pid.node()).expect("it is connected");
    assert_eq!(node.node_name().as_deref(), Some(B));
    // The dead have nothing to tell.
    process_ends(&pair).await;
    assert_eq!(pair.on_a.process_info(pid).await.expect("b tells"), None);
    pair.on_b.stop();
    let lost = pair.on_a.process_info(pid).await;
    assert!(matches!(lost, Err(RpcError::NodeDown)), "{lost:?}");
}

async fn process_ends(pair: &Pair) {
    pair.b.exit(pair.server.pid(), ExitReason::Kill);
    pair.server.wait().await;
}

// DST-031
#[tokio::test]
async fn processes_are_told_as_erlang_tells_them() {
    let pair = Pair::start().await;
    pair.on_b.show_processes();
    let node = atom(B);
    let erlang = async |function: &str, arguments: Term| {
        let called = (atom("erlang"), atom(function));
        pair.on_a.rpc::<Term>(&node, called, arguments).await
    };
    let pid: Term = pair
        .on_b
        .pid(pair.server.pid())
        .expect("a process of b")
        .into();
    let all = erlang("processes", term!([])).await.expect("they are told");
    assert!(all.as_list().expect("a list").contains(&pid));
    let lives = erlang("is_process_alive", term!([(pid.clone())])).await;
    assert_eq!(lives.expect("it is told"), term!(true));
    let of = async |what: Term| erlang("process_info", term!([(pid.clone()), (what)])).await;
    assert_eq!(
        of(term!([status, registered_name, monitors]))
            .await
            .expect("it is told"),
        term!([{status, waiting}, {registered_name, server}, {monitors, []}])
    );
    assert_eq!(
        of(term!(trap_exit)).await.expect("it is told"),
        term!({trap_exit, false})
    );
    let all = erlang("process_info", term!([(pid.clone())]))
        .await
        .expect("it is told");
    assert_eq!(all.as_list().map(<[Term]>::len), Some(9));
    for wrong in [term!(backtrace), term!([status, 1]), term!(1)] {
        let refused = of(wrong).await;
        assert!(
            matches!(&refused, Err(RpcError::Error(why)) if *why == term!(badarg)),
            "{refused:?}"
        );
    }
    // Of a process of another node only that node can tell.
    let foreign = pair
        .on_a
        .pid(pair.a.spawn(async |_: Mailbox<Never>| ()).pid());
    let foreign = Term::from(foreign.expect("a process of a"));
    for function in ["is_process_alive", "process_info"] {
        let refused = erlang(function, term!([(foreign.clone())])).await;
        assert!(
            matches!(&refused, Err(RpcError::Error(why)) if *why == term!(badarg)),
            "{refused:?}"
        );
    }
}

// DST-031
#[tokio::test]
async fn a_process_of_a_beam_is_looked_at_and_looks_at_ours() {
    let Some(beam) = Beam::start("true", |config| config).await else {
        return;
    };
    let pid = beam.dist.whereis(&atom("rex"), &beam.name).await;
    let pid = pid.expect("it tells").expect("rex runs");
    let info = beam
        .dist
        .process_info(pid)
        .await
        .expect("it tells")
        .expect("it lives");
    assert_eq!(info.name, Some(atom("rex")));
    assert_eq!(info.initial_call, "rpc:init/1");
    assert_eq!(info.status, atom("waiting"));
    // The BEAM asks us, by the functions that it has itself.
    beam.dist.show_processes();
    let me = beam.dist.name().clone();
    let ours = beam
        .node
        .spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    let ours = beam.dist.pid(ours.pid()).expect("a process of ours");
    let ask = async |function: &str, arguments: Term| {
        let all = (me.clone(), atom("erlang"), atom(function), arguments);
        beam.call::<Term>("erpc", "call", all).await
    };
    let asked = term!([(ours.clone()), [status, links]]);
    let told = ask("process_info", asked).await;
    assert_eq!(told, term!([{status, waiting}, {links, []}]));
    let lives = ask("is_process_alive", term!([(ours)])).await;
    assert_eq!(lives, term!(true));
}

#[tokio::test]
async fn a_server_knows_which_process_of_another_node_has_called() {
    let pair = Pair::start().await;
    sys::log(&pair.server, 10).await.expect("it answers");
    let there = pair.on_a.server::<Server>("server", B);
    let (asked, probe) = (Probe::new(), Probe::new());
    let ask = asked.clone();
    let caller = pair.a.spawn(async move |_: Mailbox<()>| {
        ask.report(there.call(Call::Get).await.expect("it answers"));
    });
    assert_eq!(asked.next().await, 0);
    let log = sys::get_log(&pair.server).await.expect("it answers");
    let client = log.iter().find_map(|event| match event {
        SysEvent::In { client, .. } => *client,
        _ => None,
    });
    let client = client.expect("it is noted");
    assert_eq!(pair.on_b.pid(client), pair.on_a.pid(caller.pid()));
    // On its own node a call by an address of the cluster is one of that node's.
    let here = pair.on_b.server::<Server>("server", B);
    let ask = probe.clone();
    let caller = pair.b.spawn(async move |_: Mailbox<()>| {
        ask.report(here.call(Call::Get).await.expect("it answers"));
    });
    assert_eq!(probe.next().await, 0);
    let log = sys::get_log(&pair.server).await.expect("it answers");
    assert!(log.iter().any(|event| matches!(event,
        SysEvent::In { client, .. } if *client == Some(caller.pid()))));
}
