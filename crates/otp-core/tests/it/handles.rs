//! What all handles on processes have in common, and those that say little of their process.

use std::collections::HashSet;
use std::panic::{RefUnwindSafe, UnwindSafe};

use otp_core::child_spec::Significance;
use otp_core::prelude::*;
use otp_core::process::ExitSignals;
use otp_core::test::Probe;
use otp_core::{
    Agent, DynamicSupervisor, MonitorRef, PartitionSupervisor, Recipient, SupervisorRef, Target,
    TaskSupervisor, TimerRef, process, timer,
};
use std::time::Duration;

use crate::support::{Event, Lab, Order, act, lab, quiet};

fn assert_unwind_safe<T: UnwindSafe + RefUnwindSafe>(_: &T) {}

/// One of two handles on the same thing stands for the other.
fn assert_same<T: Clone + Eq + std::hash::Hash + UnwindSafe + RefUnwindSafe>(handle: &T) {
    let both = HashSet::from([handle.clone(), handle.clone()]);
    assert_eq!(both.len(), 1);
}

fn child(id: usize) -> ChildSpec {
    ChildSpec::worker(id, || Lab::start_link(quiet()))
}

#[otp_core::test]
async fn handles_are_compared_hashed_and_kept_over_panics() {
    let server = Lab::options()
        .name("lab")
        .start(quiet())
        .await
        .expect("it starts");
    assert_same(&server);
    assert_same(&ServerName::<Lab>::new("lab"));
    assert_ne!(ServerName::<Lab>::new("lab"), ServerName::new("other"));
    assert_same(&Agent::start(|| 1).await.expect("it starts"));
    assert_ne!(Agent::<u8>::named("a"), Agent::named("b"));
    assert_same(&process::spawn(|_: Mailbox<Never>| async {}));
    assert_same(&timer::send_after(&server, Duration::ZERO, Order::Note(1)));
    let visor = Supervisor::new(Strategy::OneForOne)
        .start()
        .await
        .expect("it starts");
    assert_same::<SupervisorRef>(&visor);
    assert_same(&DynamicSupervisor::new().start().await.expect("it starts"));
    let tasks = TaskSupervisor::new().start().await.expect("it starts");
    assert_same(&tasks);
    let parts = PartitionSupervisor::new("parts", child)
        .start()
        .await
        .expect("it starts");
    assert_same(&parts);
    assert_unwind_safe(&process::node());
    assert!(tasks.is_alive() && parts.is_alive());
    let stopped = tasks
        .stop_with(ExitReason::Shutdown, Duration::from_secs(1))
        .await;
    assert_eq!(stopped, Ok(()));
    assert!(!tasks.is_alive());
    let by_value: [Pid; 2] = [server.clone().into(), visor.clone().into()];
    assert_eq!(by_value, [server.pid(), visor.pid()]);
    assert!(matches!(Target::from(server.clone()), Target::Pid(pid) if pid == server.pid()));
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
