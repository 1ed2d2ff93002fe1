//! What works outside of processes: in tasks of others, and in threads without a runtime.

#![allow(
    clippy::disallowed_methods,
    reason = "tasks that are no processes are what this is about"
)]

use std::panic::catch_unwind;
use std::thread;
use std::time::Duration;

use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::registry::{RegistrationError, Registry};
use otp_core::supervisor::StartChildError;
use otp_core::table::TableError;
use otp_core::{
    Agent, DynamicSupervisor, Pid, StopError, TaskSupervisor, process, sys, table, timer,
};
use tokio::runtime::Runtime;

use crate::support::{Call, Lab, echo, quiet};

const LIMIT: Duration = Duration::from_millis(50);

/// A server with the name "lab" on a node of its own.
async fn lab() -> (Node, ServerRef<Lab>) {
    let node = Node::new();
    let server = Lab::options().on(&node).name("lab").start(quiet()).await;
    (node, server.expect("it starts"))
}

fn name() -> ServerName<Lab> {
    ServerName::new("lab")
}

fn child(id: usize) -> ChildSpec {
    ChildSpec::worker(id, || Lab::start_link(quiet()))
}

#[tokio::test(start_paused = true)]
async fn what_has_its_node_in_its_arguments_works_anywhere() {
    let (node, server) = lab().await;
    assert_eq!(process::try_node(), None);
    assert_eq!(server.call(echo(1)).await, Ok(1));
    assert_eq!(name().on(&node).call(echo(2)).await, Ok(2));
    assert_eq!(sys::get_state(&server, |_| 3).await, Ok(3));
    assert_eq!(sys::get_statistics(&server).await, Ok(None));
    let pid = server.pid();
    assert_eq!(sys::get_status(pid).await.expect("it lives").pid, pid);
    sys::suspend(&server).await.expect("it lives");
    sys::resume(pid).await.expect("it lives");
    timer::send_after(&server, LIMIT, crate::support::Order::Note(1));
    process::register("other", &server).expect_err("it has a name already");

    let crowd = DynamicSupervisor::new()
        .on(&node)
        .start()
        .await
        .expect("it starts");
    crowd.start_child(child(0)).await.expect("it starts");
    let tasks = TaskSupervisor::new()
        .on(&node)
        .start()
        .await
        .expect("it starts");
    let task = tasks.start_child(Restart::Temporary, || async {}).await;
    assert_eq!(task.expect("it starts").node(), node.id());

    process::exit(&server, ExitReason::Shutdown);
    assert_eq!(server.wait().await, ExitReason::Shutdown);
    let stuck = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    timer::kill_after(&stuck, LIMIT);
    assert_eq!(stuck.wait().await, ExitReason::Killed);
}

#[tokio::test(start_paused = true)]
async fn where_a_node_or_a_process_is_missing_a_result_says_so() {
    let (node, _server) = lab().await;
    let outside = name().call(echo(1)).await;
    assert!(
        matches!(outside, Err(CallError::Outside { .. })),
        "{outside:?}"
    );
    let outside = name().stop().await;
    assert!(
        matches!(outside, Err(StopError::Outside { .. })),
        "{outside:?}"
    );
    let outside = name().send(crate::support::Order::Note(1));
    assert!(
        matches!(outside, Err(CallError::Outside { .. })),
        "{outside:?}"
    );
    let outside = sys::suspend(Name::from("lab")).await;
    assert!(
        matches!(outside, Err(CallError::Outside { .. })),
        "{outside:?}"
    );
    assert_eq!(Lab::start(quiet()).await.err(), Some(StartError::Outside));
    assert_eq!(
        Lab::start_link(quiet()).await.err(),
        Some(StartError::Outside)
    );
    let linked = Lab::options().on(&node).start_link(quiet()).await;
    assert_eq!(linked.err(), Some(StartError::Outside));
    assert_eq!(Agent::start(|| 1).await.err(), Some(StartError::Outside));
    let visor = Supervisor::new(Strategy::OneForOne).start_link().await;
    assert_eq!(visor.err(), Some(StartError::Outside));
    assert!(matches!(
        table::set::<u8, u8>("table").create(),
        Err(TableError::Outside)
    ));
    let registry = Registry::<String>::unique("registry");
    let started = node.scope(registry.start()).await;
    started.expect("it starts");
    assert_eq!(registry.register("me", ()), Err(RegistrationError::Outside));
    assert_eq!(registry.stop().await, Ok(()));
    let tasks = TaskSupervisor::new()
        .on(&node)
        .start()
        .await
        .expect("it starts");
    let spawned = tasks.spawn(async {}).await;
    assert!(matches!(spawned, Err(StartChildError::Outside)));
}

async fn use_the_node(node: &Node) {
    assert_eq!(process::node(), *node);
    assert_eq!(name().call(echo(1)).await, Ok(1));
    assert_eq!(name().call(echo(1)).await, Ok(1));
    assert!(process::whereis("lab").is_some());
    let started = Lab::start(quiet()).await.expect("it starts");
    assert_eq!(started.pid().node(), node.id());
    let spawned = process::spawn(|_: Mailbox<Never>| async {});
    assert_eq!(spawned.wait().await, ExitReason::Normal);
    sys::suspend(Name::from("lab")).await.expect("it lives");
    sys::resume(Name::from("lab")).await.expect("it lives");
    assert_eq!(process::try_current(), None);
}

#[tokio::test(start_paused = true)]
async fn in_a_scope_a_task_of_others_has_a_node_and_is_no_process() {
    let (node, _server) = lab().await;
    let here = node.clone();
    let task = tokio::spawn(node.scope(async move { use_the_node(&here).await }));
    task.await.expect("it does not panic");
    assert_eq!(process::try_node(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_scopes_on_two_threads_keep_their_nodes_apart() {
    let nodes = [Node::new(), Node::new(), Node::new()];
    let tasks: Vec<_> = (0..300)
        .map(|n| {
            let node = nodes[n % 3].clone();
            tokio::spawn(nodes[n % 3].scope(async move {
                for _ in 0..10 {
                    assert_eq!(process::node(), node);
                    tokio::task::yield_now().await;
                }
            }))
        })
        .collect();
    for task in tasks {
        task.await.expect("it does not panic");
    }
}

#[tokio::test(start_paused = true)]
async fn scopes_nest_and_a_process_keeps_its_own_node() {
    let (outer, inner, own) = (Node::new(), Node::new(), Node::new());
    let (o, i) = (outer.clone(), inner.clone());
    outer
        .scope(async {
            assert_eq!(process::node(), o);
            inner.scope(async { assert_eq!(process::node(), i) }).await;
            assert_eq!(process::node(), o);
        })
        .await;
    let there = own.clone();
    let ran = own.run(outer.scope(async move { process::node() == there }));
    assert_eq!(ran.await, Ok(true));
}

#[test]
fn a_guard_is_left_also_by_a_panic() {
    let node = Node::new();
    let panicked = catch_unwind(|| {
        let _entered = node.enter();
        std::panic::resume_unwind(Box::new("on purpose"));
    });
    assert!(panicked.is_err());
    assert_eq!(process::try_node(), None);
}

#[test]
fn a_node_is_found_by_its_number_for_as_long_as_it_is_there() {
    let node = Node::new();
    let id = node.id();
    assert_eq!(Node::find_node(id), Some(node.clone()));
    drop(node);
    assert_eq!(Node::find_node(id), None);
}

#[test]
fn a_process_that_no_runtime_can_run_ends_at_once() {
    let node = Node::new();
    let spawned = catch_unwind(|| node.spawn(|_: Mailbox<Never>| async {}));
    assert!(spawned.is_err(), "there is no runtime");
    assert_eq!(node.processes(), []);
}

#[test]
fn a_thread_without_a_runtime_makes_blocking_calls() {
    let runtime = Runtime::new().expect("a runtime can be made");
    let (node, server) = runtime.block_on(lab());
    // The test's own thread is in no runtime now.
    assert_eq!(server.call_blocking(echo(7)), Ok(7));
    assert_eq!(name().on(&node).call(echo(8)).blocking(), Ok(8));
    let threads: Vec<_> = (0..4)
        .map(|n| {
            let server = server.clone();
            thread::spawn(move || (0..100).all(|_| server.call_blocking(echo(n)) == Ok(n)))
        })
        .collect();
    for thread in threads {
        assert!(thread.join().expect("it does not panic"));
    }
    let late = server.call(Call::Keep).timeout(LIMIT).blocking();
    assert!(
        matches!(late, Err(CallError::Timeout { limit: LIMIT, .. })),
        "{late:?}"
    );
    let late = server.call(Call::Keep).timeout(Duration::ZERO).blocking();
    assert!(matches!(late, Err(CallError::Timeout { .. })), "{late:?}");
    let waiting = server.clone();
    let thread = thread::spawn(move || {
        waiting
            .call(Call::Keep)
            .timeout(TimeLimit::Infinity)
            .blocking()
    });
    while server.call_blocking(crate::support::ask(|lab, from| {
        from.reply(lab.kept.len() as u32)
    })) != Ok(3)
    {
        thread::yield_now();
    }
    node.exit(&server, ExitReason::Kill);
    let ended = thread.join().expect("it does not panic");
    assert!(matches!(ended, Err(CallError::Exited { .. })), "{ended:?}");
    assert!(matches!(
        server.call_blocking(echo(1)),
        Err(CallError::NoProcess { .. })
    ));
}

#[test]
fn a_blocking_call_inside_of_a_runtime_is_an_error() {
    let runtime = Runtime::new().expect("a runtime can be made");
    let (_node, server) = runtime.block_on(lab());
    let refused = |answer: &Result<u32, _>| matches!(answer, Err(CallError::WouldBlock { .. }));
    assert!(runtime.block_on(async { refused(&server.call_blocking(echo(1))) }));
    let there = server.clone();
    let blocking = runtime.spawn_blocking(move || {
        let handle = tokio::runtime::Handle::current();
        (
            there.call_blocking(echo(1)),
            handle.block_on(there.call(echo(1))),
        )
    });
    let (first, second) = runtime.block_on(blocking).expect("it does not panic");
    assert!(refused(&first) && second == Ok(1));
    let _entered = runtime.enter();
    assert!(refused(&server.call_blocking(echo(1))));
}

#[test]
fn a_pid_is_read_as_it_is_written() {
    let pid = Node::new().id();
    for text in [
        "<0.1.0>",
        "<0.42.0>",
        "<3.4294967295.7>",
        "<4294967295.0.1>",
    ] {
        let read: Pid = text.parse().expect("it is a pid");
        assert_eq!(read.to_string(), text);
    }
    for text in [
        "",
        "<>",
        "0.1.0",
        "<0.1>",
        "<0.0.0>",
        "<0.1.0.0>",
        "<0.+1.0>",
        "<0.1.0> ",
        "<0.4294967296.0>",
        "<a.1.0>",
    ] {
        assert!(text.parse::<Pid>().is_err(), "{text}");
    }
    assert_eq!(
        format!("<{pid}.1.0>").parse::<Pid>().expect("a pid").node(),
        pid
    );
}
