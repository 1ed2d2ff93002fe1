//! Some of a node's processes, sorted.

use std::future::pending;
use std::time::{Duration, Instant};

use otp_core::process::{self, ProcessOrder, ProcessQuery};
use otp_core::{Mailbox, Name, Node, Pid, ProcessRef};

/// Processes with so many messages each, in whose mailboxes they stay.
fn hoarders(node: &Node, queues: &[usize]) -> Vec<ProcessRef<()>> {
    let spawned = queues.iter().map(|messages| {
        let process = node.spawn(|_: Mailbox<()>| pending::<()>());
        (0..*messages).for_each(|_| process.send(()));
        process
    });
    spawned.collect()
}

/// The numbers of the pids on a page, counted from that of the first process.
#[track_caller]
fn check(node: &Node, query: &ProcessQuery, matching: usize, expected: &[u64]) {
    let page = node.process_page(query);
    let numbers: Vec<u64> = page.processes.iter().map(|info| info.pid.id()).collect();
    assert_eq!((page.matching, &numbers[..]), (matching, expected));
}

#[tokio::test]
async fn processes_are_sorted_by_their_queue_and_shown_through_a_window() {
    let node = Node::new();
    let _all = hoarders(&node, &[2, 0, 5, 5, 1]);
    let by_queue = ProcessQuery::new().order(ProcessOrder::QueueLen);
    check(&node, &by_queue, 5, &[2, 5, 1, 3, 4]);
    check(&node, &by_queue.clone().descending(), 5, &[3, 4, 1, 5, 2]);
    let window = by_queue.clone().descending().offset(1).limit(2);
    check(&node, &window, 5, &[4, 1]);
    check(&node, &by_queue.clone().offset(4), 5, &[4]);
    check(&node, &by_queue.clone().offset(5), 5, &[]);
    check(&node, &by_queue.limit(0), 5, &[]);
    check(
        &node,
        &ProcessQuery::new().descending(),
        5,
        &[5, 4, 3, 2, 1],
    );
}

#[tokio::test]
async fn those_without_a_name_come_last_either_way() {
    let node = Node::new();
    let all = hoarders(&node, &[0; 4]);
    let pids: Vec<Pid> = all.iter().map(ProcessRef::pid).collect();
    node.register("zoe", pids[0]).expect("it is free");
    node.register(Name::global("adam"), pids[2])
        .expect("it is free");
    let by_name = ProcessQuery::new().order(ProcessOrder::Name);
    check(&node, &by_name, 4, &[3, 1, 2, 4]);
    check(&node, &by_name.descending(), 4, &[1, 3, 2, 4]);
}

#[tokio::test]
async fn a_text_is_looked_for_in_names_labels_types_and_pids() {
    let node = Node::new();
    let all = hoarders(&node, &[0; 2]);
    node.register("SuperDave", all[1].pid())
        .expect("it is free");
    let (tell, told) = tokio::sync::oneshot::channel();
    node.spawn(async move |_: Mailbox<()>| {
        process::set_label("the Baker");
        tell.send(()).expect("somebody waits");
        pending::<()>().await;
    });
    told.await.expect("it has begun");
    let with = |text: &str| ProcessQuery::new().containing(text);
    check(&node, &with("superd"), 1, &[2]);
    check(&node, &with("BAKER"), 1, &[3]);
    check(&node, &with("hoarders"), 2, &[1, 2]);
    check(&node, &with(&all[0].pid().to_string()), 1, &[1]);
    check(&node, &with("nobody"), 0, &[]);
    check(&node, &with(""), 3, &[1, 2, 3]);
}

#[tokio::test]
async fn links_and_monitors_are_counted() {
    let node = Node::new();
    let others = hoarders(&node, &[0; 2]);
    let (tell, told) = tokio::sync::oneshot::channel();
    let busy = node.spawn(async move |_: Mailbox<()>| {
        others.iter().for_each(|other| process::link(other));
        process::monitor(&others[1]);
        tell.send(()).expect("somebody waits");
        pending::<()>().await;
    });
    told.await.expect("it has begun");
    for order in [ProcessOrder::Links, ProcessOrder::Monitors] {
        let page = node.process_page(&ProcessQuery::new().order(order).descending());
        assert_eq!(page.processes[0].pid, busy.pid(), "{order:?}");
    }
    let watched = ProcessQuery::new().order(ProcessOrder::MonitoredBy);
    check(&node, &watched.descending(), 3, &[2, 1, 3]);
}

/// As quick as it is to go through them, twice: no sort of all.
#[tokio::test]
async fn a_page_of_a_hundred_thousand_is_there_at_once() {
    let node = Node::new();
    let _all = hoarders(&node, &[0; 100_000]);
    let query = ProcessQuery::new()
        .order(ProcessOrder::QueueLen)
        .descending();
    let begun = Instant::now();
    let page = node.process_page(&query.limit(50));
    let took = begun.elapsed();
    assert_eq!((page.total, page.processes.len()), (100_000, 50));
    assert!(took < Duration::from_secs(20), "{took:?}");
}
