//! Processes and spawning.

use std::collections::HashSet;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use otp_core::{Down, Exit};

use crate::puppet::{Puppet, Seen, as_process, boom, down};

// PRC-001
#[tokio::test(start_paused = true)]
async fn spawn_returns_before_the_body_has_done_anything() {
    let node = Node::new();
    let probe = Probe::new();
    let report = probe.clone();
    let process = node.spawn(move |_: Mailbox<Never>| {
        report.report("called");
        async move { report.report("polled") }
    });
    assert!(process.is_alive());
    assert_eq!(probe.drain(), Vec::<&str>::new());
    assert_eq!(process.wait().await, ExitReason::Normal);
    assert_eq!(probe.drain(), ["called", "polled"]);
}

// PRC-001
#[tokio::test(start_paused = true)]
async fn spawn_does_not_fail_when_the_body_panics_before_its_first_await() {
    let node = Node::new();
    let process = node.spawn(|_: Mailbox<Never>| {
        assert!(node_is_broken(), "at once");
        async {}
    });
    let reason = process.wait().await;
    assert!(
        matches!(&reason, ExitReason::Panic(info) if info.message == "at once"),
        "{reason}"
    );
}

fn node_is_broken() -> bool {
    false
}

// PRC-001
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spawn_does_not_fail_when_the_body_ends_before_it_returns() {
    as_process(|_: Mailbox<Never>| async {
        for _ in 0..200 {
            let process = process::spawn(|_: Mailbox<Never>| async { boom() });
            assert_eq!(process.wait().await, boom());
        }
    })
    .await;
}

// PRC-002
#[tokio::test(start_paused = true)]
async fn the_pid_of_a_dead_process_is_never_given_to_another() {
    let node = Node::new();
    let probe = Probe::new();
    let first = node.spawn(|_: Mailbox<&'static str>| async {});
    first.wait().await;
    let mut pids = HashSet::from([first.pid()]);
    let mut later = Vec::new();
    for _ in 0..1000 {
        let report = probe.clone();
        let process = node.spawn(move |mut mailbox: Mailbox<&'static str>| async move {
            report.report(mailbox.receive().await);
        });
        assert!(pids.insert(process.pid()), "{} twice", process.pid());
        later.push(process);
    }
    first.send("for the first one only");
    assert!(!node.is_alive(first.pid()));
    for process in &later {
        assert!(process.is_alive());
        node.exit(process, ExitReason::Kill);
        process.wait().await;
    }
    assert_eq!(probe.drain(), Vec::<&str>::new());
}

// PRC-003
#[tokio::test(start_paused = true)]
async fn a_body_that_returns_ends_its_process_normally() {
    let node = Node::new();
    let plain = node.spawn(|_: Mailbox<Never>| async {});
    assert_eq!(plain.wait().await, ExitReason::Normal);
    let fine = node.spawn(|_: Mailbox<Never>| async { Ok::<(), ExitReason>(()) });
    assert_eq!(fine.wait().await, ExitReason::Normal);
}

// PRC-003
#[tokio::test(start_paused = true)]
async fn a_body_that_returns_a_reason_or_an_error_ends_its_process_with_it() {
    let node = Node::new();
    let told = node.spawn(|_: Mailbox<Never>| async { ExitReason::Shutdown });
    assert_eq!(told.wait().await, ExitReason::Shutdown);
    let failed = node.spawn(|_: Mailbox<Never>| async {
        let number: u32 = "seven".parse()?;
        assert_eq!(number, 7);
        Ok::<(), std::num::ParseIntError>(())
    });
    let reason = failed.wait().await;
    let error = reason.downcast_error::<std::num::ParseIntError>();
    assert_eq!(
        error.map(std::num::ParseIntError::kind),
        Some(&std::num::IntErrorKind::InvalidDigit)
    );
}

// PRC-004
#[tokio::test(start_paused = true)]
async fn a_send_to_a_dead_process_is_silently_lost() {
    let node = Node::new();
    let process = node.spawn(|_: Mailbox<u32>| async {});
    process.wait().await;
    process.send(1);
    assert_eq!(process.try_send(2), Err(2));
    assert!(node.process_ref::<u32>(process.pid()).is_none());
}

// PRC-005
#[tokio::test(start_paused = true)]
async fn a_process_that_waits_is_alive_and_one_that_has_ended_is_not() {
    let node = Node::new();
    let puppet = Puppet::new(&node);
    puppet.does(|_| ()).await;
    assert!(puppet.is_alive());
    assert!(node.is_alive(puppet.pid()));
    puppet.ends(ExitReason::Normal).await;
    assert!(!puppet.is_alive());
    assert!(!node.is_alive(puppet.pid()));
}

// PRC-006
#[tokio::test(start_paused = true)]
async fn a_process_spawned_with_a_link_has_it_before_it_runs() {
    as_process(|mut mailbox: Mailbox<Exit>| async move {
        mailbox.trap_exit(|exit| exit);
        let child = process::spawn_link(|_: Mailbox<Never>| async { boom() });
        let node = process::node();
        let me = node.process_info(mailbox.pid()).map(|info| info.links);
        assert_eq!(me, Some(vec![child.pid()]));
        let its = node.process_info(child.pid()).map(|info| info.links);
        assert_eq!(its, Some(vec![mailbox.pid()]));
        let exit = mailbox.receive().await;
        assert_eq!((exit.from, exit.reason), (child.pid(), boom()));
    })
    .await;
}

// PRC-006
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_child_dies_before_it_is_linked() {
    as_process(|mut mailbox: Mailbox<Exit>| async move {
        mailbox.trap_exit(|exit| exit);
        for _ in 0..500 {
            let child = process::spawn_link(|_: Mailbox<Never>| async { boom() });
            let exit = mailbox.receive().await;
            // Not `NoProcess`: that is what a link made too late would bring.
            assert_eq!((exit.from, exit.reason), (child.pid(), boom()));
        }
    })
    .await;
}

// PRC-006
#[tokio::test(start_paused = true)]
async fn a_linked_child_that_fails_at_once_takes_its_parent_along() {
    let outcome = Node::new()
        .run(async {
            process::spawn_link(|_: Mailbox<Never>| async { boom() });
            std::future::pending::<()>().await;
        })
        .await;
    assert_eq!(outcome, Err(boom()));
}

// PRC-007
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_monitor_from_the_start_tells_the_real_reason_however_early_the_end() {
    as_process(|mut mailbox: Mailbox<Down>| async move {
        for number in 0..500_u32 {
            let (child, monitor) = process::spawn_monitor(move |_: Mailbox<Never>| async move {
                ExitReason::other(number)
            });
            mailbox.on_down(monitor, |down| down);
            let seen = mailbox.receive().await;
            let expected = Down {
                monitor,
                target: child.pid().into(),
                reason: ExitReason::other(number),
            };
            assert_eq!(seen, expected);
        }
        assert!(mailbox.is_empty());
    })
    .await;
}

// PRC-008
#[tokio::test(start_paused = true)]
async fn the_dictionary_gives_back_former_values() {
    as_process(|_: Mailbox<Never>| async {
        assert_eq!(process::get::<u32>(), None);
        assert_eq!(process::put(1_u32), None);
        assert_eq!(process::put(2_u32), Some(1));
        assert_eq!(process::put("text"), None, "a type has a place of its own");
        assert_eq!(process::get::<u32>(), Some(2));
        assert_eq!(process::get::<u32>(), Some(2), "to get is not to take");
        assert_eq!(process::erase::<u32>(), Some(2));
        assert_eq!(process::erase::<u32>(), None);
        assert_eq!(process::get::<&'static str>(), Some("text"));
    })
    .await;
}

// PRC-008
#[tokio::test(start_paused = true)]
async fn the_dictionary_is_private_and_ends_with_its_process() {
    struct Tracked(Probe<&'static str>);
    impl Drop for Tracked {
        fn drop(&mut self) {
            self.0.report("dropped");
        }
    }

    let node = Node::new();
    let (mine, other) = (Puppet::new(&node), Puppet::new(&node));
    let probe = Probe::new();
    let tracked = Tracked(probe.clone());
    mine.does(|_| process::put(1_u32)).await;
    mine.does(move |_| process::put(tracked).is_none()).await;
    assert_eq!(other.does(|_| process::get::<u32>()).await, None);
    other.does(|_| process::put(2_u32)).await;
    assert_eq!(mine.does(|_| process::get::<u32>()).await, Some(1));
    assert_eq!(probe.drain(), Vec::<&str>::new());
    mine.ends(ExitReason::Normal).await;
    assert_eq!(probe.drain(), ["dropped"]);
    assert_eq!(other.does(|_| process::get::<u32>()).await, Some(2));
}

// PRC-011
#[tokio::test(start_paused = true)]
async fn a_hibernated_process_goes_on_with_the_next_message() {
    let node = Node::new();
    let puppet = Puppet::trapping(&node).await;
    let other = Puppet::new(&node);
    let monitor = puppet.monitors(&other).await;
    puppet.does(|_| process::put(5_u32)).await;
    puppet.will(Mailbox::hibernate);
    // Queued before it hibernates, and after.
    puppet.hears("queued");
    assert_eq!(puppet.seen().await, [Seen::Word("queued")]);
    puppet.does(Mailbox::hibernate).await;
    other.ends(boom()).await;
    assert_eq!(puppet.seen().await, [down(monitor, &other, boom())]);
    assert_eq!(puppet.does(|_| process::get::<u32>()).await, Some(5));
}

/// Hibernates after each cast.
struct Sleepy(Vec<u32>);

enum SleepyCall {
    Seen(ReplyTo<Vec<u32>>),
}

#[gen_server]
impl GenServer for Sleepy {
    type Call = SleepyCall;
    type Cast = u32;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(Vec::new())).then(Next::Hibernate))
    }

    async fn handle_call(&mut self, call: SleepyCall, _: &mut Context<Self>) -> Reply<Self> {
        let SleepyCall::Seen(from) = call;
        from.reply(self.0.clone()).then(Next::Hibernate)
    }

    async fn handle_cast(&mut self, number: u32, _: &mut Context<Self>) -> Next<Self> {
        self.0.push(number);
        Next::Hibernate
    }
}

// PRC-011
#[tokio::test(start_paused = true)]
async fn a_hibernated_server_keeps_its_state_and_handles_what_is_queued() {
    as_process(|_: Mailbox<Never>| async {
        let server = Sleepy::start(()).await.expect("it starts");
        server.cast(1);
        server.cast(2);
        assert_eq!(server.call(SleepyCall::Seen).await, Ok(vec![1, 2]));
        server.cast(3);
        assert_eq!(server.call(SleepyCall::Seen).await, Ok(vec![1, 2, 3]));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_pid_can_be_had_by_its_number_once_it_was_given_out() {
    let node = Node::new();
    assert_eq!(node.pid(0), None);
    assert_eq!(node.pid(1), None);
    let pid = node
        .run(async { process::current() })
        .await
        .expect("it ends");
    assert_eq!(
        node.pid(pid.id()),
        Some(pid),
        "also when the process is dead"
    );
    assert_eq!(node.pid(pid.id() + 1), None);
}

#[tokio::test(start_paused = true)]
async fn an_end_can_be_waited_for_by_pid() {
    let node = Node::new();
    let process = node.spawn(async |mut mailbox: Mailbox<()>| mailbox.receive().await);
    let waits = node.wait(process.pid());
    process.send(());
    assert_eq!(waits.await, Some(ExitReason::Normal));
    assert_eq!(node.wait(process.pid()).await, None);
}
