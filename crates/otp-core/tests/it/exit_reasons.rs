//! Exit reasons and how they travel.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

use crate::puppet::{Puppet, as_process, boom, down, exit};

/// A reason with some depth to it.
#[derive(Debug, PartialEq)]
struct Disaster {
    code: u64,
    notes: BTreeMap<String, Vec<Option<f64>>>,
}

fn disaster() -> Disaster {
    let notes = (0..1000)
        .map(|n| (format!("note {n}"), vec![Some(f64::from(n) / 8.0), None]))
        .collect();
    Disaster {
        code: u64::MAX,
        notes,
    }
}

// EXR-001
#[tokio::test(start_paused = true)]
async fn any_value_is_a_reason_and_arrives_unchanged() {
    let node = Node::new();
    let watcher = Puppet::trapping(&node).await;
    for reason in [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with(("late", 3)),
        ExitReason::Kill,
        ExitReason::Killed,
        ExitReason::NoProcess,
        ExitReason::Timeout,
        ExitReason::other(42),
        ExitReason::other("we_broke_something"),
        ExitReason::other(disaster()),
        ExitReason::error(std::fmt::Error),
    ] {
        let subject = Puppet::new(&node);
        watcher.links(&subject).await;
        let monitor = watcher.monitors(&subject).await;
        subject.ends(reason.clone()).await;
        assert_eq!(subject.ended().await, reason);
        let seen = watcher.seen().await;
        assert_eq!(seen.len(), 2, "{seen:?}");
        assert!(seen.contains(&exit(&subject, reason.clone())), "{seen:?}");
        assert!(seen.contains(&down(monitor, &subject, reason)), "{seen:?}");
    }
}

// EXR-001
#[tokio::test(start_paused = true)]
async fn the_value_in_a_reason_can_be_taken_out_again() {
    let node = Node::new();
    let subject = Puppet::new(&node);
    subject.ends(ExitReason::other(disaster())).await;
    let reason = subject.ended().await;
    assert_eq!(reason.downcast_term::<Disaster>(), Some(&disaster()));
    assert_eq!(reason.downcast_term::<u32>(), None);
    assert_ne!(reason, ExitReason::other("a disaster"));
    assert_ne!(ExitReason::other(1_u32), ExitReason::other(1_u64));
    assert_ne!(ExitReason::other(1), ExitReason::shutdown_with(1));
}

fn deep_inside(reason: ExitReason) -> &'static str {
    process::exit_self(reason)
}

#[tokio::test(start_paused = true)]
async fn what_was_caught_has_the_reason_that_it_would_have_ended_with() {
    let node = Node::new();
    let caught = |body: fn()| {
        let unwound = catch_unwind(body).expect_err("it unwinds");
        process::caught(unwound)
    };
    let reasons = node.run(async move {
        [
            caught(|| process::exit_self(boom())),
            caught(|| panic!("on purpose")),
        ]
    });
    let [exited, panicked] = reasons.await.expect("the process lives on");
    assert_eq!(exited, boom());
    let ExitReason::Panic(panic) = panicked else {
        panic!("{panicked:?}");
    };
    assert_eq!(panic.message, "on purpose");
    let location = panic.location.as_deref().expect("the hook has seen it");
    assert!(location.contains("exit_reasons.rs:"), "{location}");
}

// EXR-002
#[tokio::test(start_paused = true)]
async fn exit_self_ends_the_process_with_exactly_its_reason() {
    let node = Node::new();
    for reason in [
        boom(),
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::Kill,
    ] {
        let (probe, given) = (Probe::new(), reason.clone());
        let report = probe.clone();
        let process = node.spawn(move |_: Mailbox<Never>| async move {
            report.report("before");
            report.report(deep_inside(given));
        });
        assert_eq!(process.wait().await, reason);
        assert_eq!(probe.drain(), ["before"]);
    }
}

// EXR-003
#[tokio::test(start_paused = true)]
async fn a_panic_ends_the_process_with_its_message_and_place() {
    let node = Node::new();
    let watcher = Puppet::trapping(&node).await;
    let subject = Puppet::new(&node);
    watcher.links(&subject).await;
    subject.will(|_| panic!("no {} left", "eggs"));
    let reason = subject.ended().await;
    let ExitReason::Panic(info) = &reason else {
        panic!("a panic was expected: {reason:?}");
    };
    assert_eq!(info.message, "no eggs left");
    let place = info.location.as_deref().unwrap_or_default();
    assert!(place.contains("exit_reasons.rs:"), "{place}");
    assert_eq!(watcher.seen().await, [exit(&subject, reason)]);
}

// EXR-003
#[tokio::test(start_paused = true)]
async fn a_run_time_error_is_a_panic_too() {
    let node = Node::new();
    let messages: Vec<String> = Vec::new();
    let process = node.spawn(move |_: Mailbox<Never>| async move {
        tokio::task::yield_now().await;
        drop(messages[3].clone());
    });
    let reason = process.wait().await;
    assert!(
        matches!(&reason, ExitReason::Panic(info) if info.message.contains("index is 3")),
        "{reason:?}",
    );
}

// EXR-004
#[test]
fn only_normal_and_the_two_shutdowns_are_orderly() {
    for orderly in [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("deploy"),
    ] {
        assert!(!orderly.is_abnormal(), "{orderly}");
    }
    for abnormal in [
        ExitReason::Kill,
        ExitReason::Killed,
        ExitReason::NoProcess,
        ExitReason::NoConnection,
        ExitReason::Timeout,
        ExitReason::error(std::fmt::Error),
        ExitReason::other("normal"),
        ExitReason::other("shutdown"),
    ] {
        assert!(abnormal.is_abnormal(), "{abnormal}");
    }
}

// EXR-004
#[tokio::test(start_paused = true)]
async fn a_panic_is_abnormal() {
    let process = Node::new().spawn(|_: Mailbox<Never>| async { panic!("boom") });
    assert!(process.wait().await.is_abnormal());
}

// EXR-005
#[tokio::test(start_paused = true)]
async fn an_exit_signal_to_oneself_cannot_be_caught() {
    let node = Node::new();
    let probe = Probe::new();
    let report = probe.clone();
    let process = node.spawn(move |mut mailbox: Mailbox<u32>| async move {
        let me = mailbox.pid();
        mailbox.me().send(1);
        let caught = catch_unwind(AssertUnwindSafe(|| process::exit(me, boom())));
        assert!(caught.is_ok(), "a signal does not unwind");
        report.report("signalled");
        mailbox.receive().await;
        report.report("received");
    });
    assert_eq!(process.wait().await, boom());
    assert_eq!(probe.drain(), ["signalled"]);
}

// EXR-005
#[tokio::test(start_paused = true)]
async fn an_exit_signal_to_oneself_acts_at_the_next_await() {
    /// Which await the process comes to next.
    #[derive(Debug, Clone, Copy)]
    enum Next {
        Receive,
        ReceiveNow,
        ReceiveMatch,
        ReceiveMatchNow,
        Yield,
        Pending,
    }

    let node = Node::new();
    for next in [
        Next::Receive,
        Next::ReceiveNow,
        Next::ReceiveMatch,
        Next::ReceiveMatchNow,
        Next::Yield,
        Next::Pending,
    ] {
        let probe = Probe::new();
        let report = probe.clone();
        let process = node.spawn(move |mut mailbox: Mailbox<()>| async move {
            process::exit(mailbox.pid(), boom());
            match next {
                Next::Receive => mailbox.receive().await,
                Next::ReceiveNow => mailbox
                    .receive()
                    .timeout(Duration::ZERO)
                    .await
                    .unwrap_or_default(),
                Next::ReceiveMatch => mailbox.receive_match(|_| true).await,
                Next::ReceiveMatchNow => {
                    let none = mailbox
                        .receive_match(|_| true)
                        .timeout(Duration::ZERO)
                        .await;
                    report.report(none.map_or("none", |()| "some"));
                }
                Next::Yield => tokio::task::yield_now().await,
                Next::Pending => std::future::pending().await,
            }
            report.report("went on");
        });
        assert_eq!(process.wait().await, boom(), "{next:?}");
        assert_eq!(probe.drain(), Vec::<&str>::new(), "{next:?}");
    }
}

// EXR-005
#[tokio::test(start_paused = true)]
async fn an_exit_signal_to_oneself_decides_the_reason_whatever_the_body_returns() {
    let node = Node::new();
    let returns = node.spawn(|mailbox: Mailbox<Never>| async move {
        process::exit(mailbox.pid(), boom());
        ExitReason::Shutdown
    });
    assert_eq!(returns.wait().await, boom());
    // Unlike from others, a `Normal` from oneself counts.
    let normal = node.spawn(|mailbox: Mailbox<Never>| async move {
        process::exit(mailbox.pid(), ExitReason::Normal);
        std::future::pending::<()>().await;
    });
    assert_eq!(normal.wait().await, ExitReason::Normal);
}

// EXR-005
#[tokio::test(start_paused = true)]
async fn an_exit_signal_to_oneself_is_trapped_like_any_other() {
    let node = Node::new();
    let puppet = Puppet::trapping(&node).await;
    puppet.sends_exit(&puppet, boom()).await;
    puppet.sends_exit(&puppet, ExitReason::Normal).await;
    let expected = [exit(&puppet, boom()), exit(&puppet, ExitReason::Normal)];
    assert_eq!(puppet.seen().await, expected);
    puppet.will(|mailbox| process::exit(mailbox.pid(), ExitReason::Kill));
    assert_eq!(puppet.ended().await, ExitReason::Killed);
}

struct Silent;

#[gen_server]
impl GenServer for Silent {
    type Call = SilentCall;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, call: SilentCall, _: &mut Context<Self>) -> Reply<Self> {
        let SilentCall::Anything(from) = call;
        from.reply(())
    }
}

enum SilentCall {
    Anything(ReplyTo<()>),
}

// EXR-006
#[tokio::test(start_paused = true)]
async fn no_process_is_the_reason_of_monitors_links_and_calls_to_nobody() {
    let node = Node::new();
    let gone = Puppet::new(&node);
    gone.ends(boom()).await;

    let trapping = Puppet::trapping(&node).await;
    let monitor = trapping.monitors(&gone).await;
    assert_eq!(
        trapping.seen().await,
        [down(monitor, &gone, ExitReason::NoProcess)]
    );
    let named = trapping.monitors("nobody").await;
    assert_eq!(
        trapping.seen().await,
        [down(named, "nobody", ExitReason::NoProcess)]
    );
    trapping.links(&gone).await;
    assert_eq!(trapping.seen().await, [exit(&gone, ExitReason::NoProcess)]);

    let plain = Puppet::new(&node);
    let to = gone.pid();
    plain.will(move |mailbox| mailbox.link(to));
    assert_eq!(plain.ended().await, ExitReason::NoProcess);

    as_process(|_: Mailbox<Never>| async {
        let server = Silent::start(()).await.expect("it starts");
        server.stop().await.expect("it stops");
        let by_pid = server.call(SilentCall::Anything).await;
        assert!(
            matches!(by_pid, Err(CallError::NoProcess { .. })),
            "{by_pid:?}"
        );
        let by_name = ServerName::<Silent>::new("nobody")
            .call(SilentCall::Anything)
            .await;
        assert!(
            matches!(by_name, Err(CallError::NoProcess { .. })),
            "{by_name:?}"
        );
    })
    .await;
}

// EXR-001
#[tokio::test(start_paused = true)]
async fn a_reason_passes_through_a_function_that_returns_a_boxed_error() {
    async fn run(node: &Node) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        node.run(async { process::exit_self(boom()) }).await?;
        Ok(())
    }
    let error = run(&Node::new()).await.unwrap_err();
    assert_eq!(error.to_string(), boom().to_string());
}
