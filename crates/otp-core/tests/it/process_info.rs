//! What can be asked of a process: its ancestors, its state, who lives.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process::{self, ProcessStatus, SystemInfo};
use otp_core::test::Probe;
use otp_core::{table, timer};

use crate::puppet::{Order, Puppet, Seen, as_process, boom};
use crate::support::settle;

struct Server;

#[gen_server]
impl GenServer for Server {
    type Args = Probe<Vec<Pid>>;

    async fn init(
        probe: Probe<Vec<Pid>>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        let info = context.node().process_info(context.pid());
        probe.report(info.map(|info| info.ancestors).unwrap_or_default());
        Ok(Init::state(Self))
    }
}

// PRC-009
#[tokio::test(start_paused = true)]
async fn a_process_knows_its_ancestors_parent_first() {
    as_process(|grandparent: Mailbox<Never>| async move {
        let probe = Probe::new();
        let report = probe.clone();
        let parent = process::spawn(|_: Mailbox<Never>| async move {
            Server::start(report.clone()).await?;
            Server::start_link(report.clone()).await?;
            process::spawn(move |child: Mailbox<Never>| async move {
                let info = process::node().process_info(child.pid());
                report.report(info.map(|info| info.ancestors).unwrap_or_default());
            });
            std::future::pending::<Result<(), ExitReason>>().await
        });
        for how in ["started", "started with a link", "spawned"] {
            assert_eq!(
                probe.next().await,
                [parent.pid(), grandparent.pid()],
                "{how}"
            );
        }
    })
    .await;
}

// PRC-010
#[tokio::test(start_paused = true)]
async fn process_info_shows_a_live_process_and_nothing_of_a_dead_one() {
    let node = Node::new();
    let puppet = Puppet::new(&node);
    let (linked, watcher, watched) = (Puppet::new(&node), Puppet::new(&node), Puppet::new(&node));
    let info = puppet.info();
    assert!(!info.trap_exit);
    assert_eq!(info.label, None);
    assert!(info.names.is_empty() && info.links.is_empty() && info.ancestors.is_empty());
    assert!(info.monitors.is_empty() && info.monitored_by.is_empty());

    puppet.traps_exits().await;
    puppet.links(&linked).await;
    puppet.monitors(&watched).await;
    puppet.monitors(&watched).await;
    watcher.monitors(&puppet).await;
    puppet.does(|_| process::set_label("the subject")).await;
    assert_eq!(node.register("subject", &puppet), Ok(()));
    let busy = puppet
        .does(move |mailbox| process::node().process_info(mailbox.pid()))
        .await;
    assert_eq!(busy.map(|info| info.status), Some(ProcessStatus::Running));
    puppet.hears("one");
    puppet.hears("two");
    let info = puppet.info();
    assert_eq!(info.pid, puppet.pid());
    assert_eq!(info.label.as_deref(), Some("the subject"));
    assert_eq!(info.names, [Name::local("subject")]);
    assert_eq!(info.status, ProcessStatus::Waiting);
    assert_eq!(info.message_queue_len, 2);
    assert!(info.trap_exit);
    assert_eq!(info.links, [linked.pid()]);
    assert_eq!(info.monitors, [watched.pid(), watched.pid()]);
    assert_eq!(info.monitored_by, [watcher.pid()]);
    assert!(
        info.initial_call.contains("perform"),
        "{}",
        info.initial_call
    );
    assert_eq!(puppet.seen().await, [Seen::Word("one"), Seen::Word("two")]);
    assert_eq!(puppet.info().message_queue_len, 0);

    puppet.ends(ExitReason::Normal).await;
    assert!(node.process_info(puppet.pid()).is_none());
}

// PRC-010
#[tokio::test(start_paused = true)]
async fn the_queue_length_counts_messages_that_a_selective_receive_has_passed_over() {
    let node = Node::new();
    let probe = Probe::new();
    let report = probe.clone();
    let process = node.spawn(move |mut mailbox: Mailbox<u32>| async move {
        report.report(mailbox.receive_match(|n| *n == 3).await);
        std::future::pending::<()>().await;
    });
    for number in [1, 2, 3] {
        process.send(number);
    }
    assert_eq!(probe.next().await, 3);
    process.send(4);
    let info = node.process_info(process.pid());
    assert_eq!(info.map(|info| info.message_queue_len), Some(3));
}

// PRC-010
#[tokio::test(start_paused = true)]
async fn processes_lists_the_living_only_just_spawned_ones_included() {
    let node = Node::new();
    assert!(node.processes().is_empty());
    let puppets: Vec<Puppet> = (0..10).map(|_| Puppet::new(&node)).collect();
    let pids: Vec<Pid> = puppets.iter().map(Puppet::pid).collect();
    assert_eq!(node.processes(), pids);
    puppets[3].ends(ExitReason::Normal).await;
    puppets[7].ends(boom()).await;
    // Its end is decided: it counts as dead before it has come to it.
    node.exit(&puppets[9], ExitReason::Kill);
    let left: Vec<Pid> = [0, 1, 2, 4, 5, 6, 8].map(|n: usize| pids[n]).to_vec();
    assert_eq!(node.processes(), left);
    assert!(Node::new().processes().is_empty(), "another node");
}

#[tokio::test(start_paused = true)]
async fn a_node_counts_what_it_holds_and_holds_nothing_without_processes() {
    let node = Node::new();
    assert_eq!(node.system_info(), SystemInfo::default());
    let (first, second) = (Puppet::new(&node), Puppet::new(&node));
    first.links(&second).await;
    first.monitors(&second).await;
    second.monitors(&first).await;
    second.monitors(&first).await;
    node.register("first", &first).unwrap();
    node.register(Name::global("first"), &first).unwrap();
    node.register(Name::global("second"), &second).unwrap();
    let later = Duration::from_secs(3600);
    first
        .does(move |mailbox| {
            timer::send_after(mailbox.me(), later, Order::nothing());
            let table: table::Table<u32, u32> = table::set("unnamed").create().unwrap();
            drop(table);
        })
        .await;
    let info = node.system_info();
    assert_eq!(info.process_count, 2);
    assert_eq!((info.local_names, info.global_names), (1, 2));
    assert_eq!((info.links, info.monitors), (1, 3));
    assert_eq!((info.timers, info.table_count), (1, 1));

    // Its end is decided: until that is over, all of it is still there.
    node.exit(&first, ExitReason::Kill);
    assert_eq!(node.system_info(), info);
    settle().await;
    assert_eq!(node.system_info(), SystemInfo::default());
}
