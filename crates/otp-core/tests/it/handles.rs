//! What all handles on processes have in common, and those that say little of their process.

use otp_core::child_spec::Significance;
use otp_core::prelude::*;
use otp_core::process::ExitSignals;
use otp_core::test::{Probe, StubMessage, idle, stub};
use otp_core::{DynamicSupervisor, MonitorRef, Recipient, Target, TimerRef, process, task, timer};
use std::time::Duration;

use crate::support::{self, Event, Lab, Order, act, lab, quiet};

fn child(id: usize) -> ChildSpec {
    ChildSpec::worker(id, || Lab::start_link(quiet()))
}

#[otp_core::test]
async fn a_recipient_is_a_process_or_a_server_with_any_message() {
    let probe = Probe::new();
    let server = Lab::start(lab(&probe)).await.expect("it starts");
    assert_eq!(probe.next().await, Event::Init);
    let numbers: Recipient<u32> = Recipient::from(&server).map(Order::Note);
    numbers.send(7);
    assert_eq!(probe.next().await, Event::Message(7));
    timer::send_after(&numbers, Duration::from_millis(1), 8);
    assert_eq!(probe.next().await, Event::Message(8));
    assert!(numbers.is_alive() && numbers.pid() == server.pid());
    server.stop().await.expect("it stops");
    assert!(!numbers.is_alive());
    // It is lost.
    numbers.clone().send(9);
    assert_eq!(numbers.wait().await, ExitReason::Normal);
}

#[otp_core::test]
async fn after_a_flush_a_server_gets_no_down() {
    let probe = Probe::new();
    let server = Lab::start(lab(&probe)).await.expect("it starts");
    assert_eq!(probe.next().await, Event::Init);
    let flush = |wait: bool| {
        let dead = process::spawn(|_: Mailbox<Never>| async {});
        act(move |lab: &mut Lab, context: &mut Context<Lab>| {
            // The DOWN of a process that is dead already is in the mailbox at once.
            let target = if wait {
                Target::Name("nobody".into())
            } else {
                dead.pid().into()
            };
            let monitor: MonitorRef = context.monitor(target);
            let active = context.demonitor_flush(monitor);
            assert!(!(wait && active));
            lab.probe.report(Event::Note("flushed"));
            Next::NoReply
        })
    };
    for wait in [true, false] {
        server.send(flush(wait));
        assert_eq!(probe.next().await, Event::Note("flushed"));
    }
    server.send(Order::Note(1));
    assert_eq!(probe.next().await, Event::Message(1), "a DOWN has come");
}

#[otp_core::test]
async fn a_raw_process_monitors_without_its_mailbox() {
    let reason = process::node().run_with(|mut mailbox: Mailbox<ExitReason>| async move {
        let other = process::spawn(|_: Mailbox<Never>| async { ExitReason::Shutdown });
        let monitor = process::monitor(&other);
        mailbox.on_down(monitor, |down| down.reason);
        mailbox.receive().await
    });
    assert_eq!(reason.await, Ok(ExitReason::Shutdown));
}

#[otp_core::test]
async fn flags_have_names_and_take_bools() {
    let probe = Probe::new();
    let server = Lab::start(lab(&probe)).await.expect("it starts");
    assert_eq!(probe.next().await, Event::Init);
    server.send(act(|lab: &mut Lab, context: &mut Context<Lab>| {
        assert!(!context.trap_exit(ExitSignals::Trap));
        assert!(context.traps_exits());
        assert!(context.trap_exit(false));
        assert!(!context.traps_exits());
        lab.probe.report(Event::Note("done"));
        Next::NoReply
    }));
    assert_eq!(probe.next().await, Event::Note("done"));
    let named = child(1)
        .restart(Restart::Transient)
        .significant(Significance::Significant);
    let with_bool = child(1).restart(Restart::Transient).significant(true);
    assert!(named.is_significant() && with_bool.is_significant());
    assert!(!child(1).significant(false).is_significant());
}

#[otp_core::test]
async fn a_timer_is_shown_by_its_number() {
    let (a, b): (TimerRef, TimerRef) = {
        let timer = || timer::send_after("nobody", Duration::from_secs(1), 1_u8);
        (timer(), timer())
    };
    assert!(a.to_string().starts_with("#Ref<") && a.to_string() != b.to_string());
}

#[otp_core::test]
async fn a_future_s_value_or_its_failure_arrives_as_a_message() {
    let came =
        process::node().run_with(|mut mailbox: Mailbox<Result<u8, ExitReason>>| async move {
            let me = mailbox.me();
            task::pipe(&me, async { 7 }, |came| came);
            let value = mailbox.receive().await;
            let fails = async { process::exit_self(ExitReason::other("lost")) };
            task::pipe(&me, fails, |came: Result<u8, _>| came);
            (value, mailbox.receive().await)
        });
    assert_eq!(came.await, Ok((Ok(7), Err(ExitReason::other("lost")))));
}

#[otp_core::test]
async fn what_is_piped_to_a_process_ends_with_it() {
    let server = Lab::start(quiet()).await.expect("it starts");
    let node = process::node();
    let work = task::pipe(&server, std::future::pending::<u32>(), |_| unreachable!());
    idle().await;
    assert!(node.is_alive(work));
    process::exit(&server, ExitReason::Kill);
    server.wait().await;
    idle().await;
    assert!(!node.is_alive(work));
}

#[otp_core::test]
async fn a_child_that_is_started_once_is_not_started_again() {
    let crowd = DynamicSupervisor::new().start().await.expect("it starts");
    let (given, taken) = tokio::sync::oneshot::channel();
    let spec = ChildSpec::once("once", move || async move {
        given.send(7).expect("it is awaited");
        Lab::start_link(quiet()).await
    });
    assert_eq!(spec.restart_type(), Restart::Temporary);
    let copy = spec.clone();
    let child = crowd.start_child(spec).await.expect("it starts").pid();
    assert_eq!(taken.await, Ok(7));
    let again = crowd.start_child(copy).await.expect_err("it is used up");
    assert!(again.to_string().contains("started once"), "{again}");
    process::exit(child.expect("it runs"), ExitReason::Kill);
    idle().await;
    assert_eq!(crowd.count_children().await.expect("it lives").active, 0);
}

#[otp_core::test]
async fn a_stub_answers_in_place_of_a_server() {
    let probe = Probe::new();
    let told = probe.clone();
    let server = stub::<Lab>(move |message| match message {
        StubMessage::Call(support::Call::Echo(n, from)) => from.send(n + 1),
        StubMessage::Call(_) => {}
        StubMessage::Cast(_) => told.report("cast"),
        StubMessage::Info(_) => told.report("info"),
    });
    assert_eq!(server.call(support::echo(1)).await, Ok(2));
    let dropped = server.call(support::Call::Keep).await;
    assert!(
        matches!(dropped, Err(CallError::ReplyDropped { .. })),
        "{dropped:?}"
    );
    server.cast(Order::Note(1));
    server.send(Order::Note(1));
    idle().await;
    assert_eq!(probe.drain(), ["cast", "info"]);
}
