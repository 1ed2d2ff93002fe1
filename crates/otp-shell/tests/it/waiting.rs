//! `sleep` and `await`, so that a script need not guess.

use crate::support::{run, script};
use otp_core::prelude::*;
use otp_core::process;
use otp_shell::Aftermath;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{self, Wake, Waker};

#[test]
fn a_sleep_is_a_duration_with_units() {
    assert_eq!(run(&["sleep", "1ms"]).well(), "");
    let refused = run(&["sleep", "5"]);
    assert_eq!(refused.code, 2);
    let error = "error: invalid value '5' for '<DURATION>': expected numbers with units";
    assert!(refused.err.starts_with(error), "{}", refused.err);
}

#[test]
fn a_living_name_is_awaited_until_its_process_is_dead() {
    let ran = script(&[], "idle bob\nawait bob --limit 20ms\n");
    let error = "error: line 2: gave up waiting for bob after 20ms\n";
    assert_eq!(ran.fails(1, error), "");
    let input = "mortal bob --after 1000\nawait bob\nwhereis bob\n";
    assert_eq!(script(&[], input).well(), "undefined\n");
}

#[test]
fn a_name_that_nobody_has_is_awaited_until_somebody_has_it() {
    let input = "mortal bob --after 100 --late\nawait bob\nwhereis bob\n";
    assert_eq!(script(&[], input).well(), "<0.2.0>\n");
}

#[test]
fn an_end_is_awaited_even_if_it_was_quick() {
    let input = "idle bob\nmonitor bob\nkill bob boom\nawait bob --gone\nflush\n";
    assert_eq!(script(&[], input).well(), "DOWN from bob: boom\n");
    // There is no process to wait for.
    assert_eq!(script(&[], "await nobody --gone\n").well(), "");
    let input = "idle bob\nawait bob --gone --limit 20ms\n";
    let error = "error: line 2: gave up waiting for bob after 20ms\n";
    assert_eq!(script(&[], input).fails(1, error), "");
}

#[test]
fn a_successor_is_awaited_even_if_it_was_quick() {
    let input = "idle bob\nkill bob\nidle bob\nawait bob --back\nwhereis bob\n";
    assert_eq!(script(&[], input).well(), "<0.3.0>\n");
    let input = "idle bob\nkill bob\nawait bob --back --limit 20ms\n";
    let error = "error: line 3: gave up waiting for bob after 20ms\n";
    assert_eq!(script(&[], input).fails(1, error), "");
}

#[test]
fn what_a_program_knows_by_name_is_awaited_first() {
    assert_eq!(script(&[], "await count\n").well(), "counted to 0\n");
    let error = "error: line 1: the count is not positive\n";
    assert_eq!(script(&[], "await positive\n").fails(1, error), "");
}

#[test]
fn an_exit_ends_a_command_that_waits() {
    let ran = script(
        &["--log", "error"],
        "crash --after 50\nawait nobody\nstate\n",
    );
    assert_eq!((ran.code, &*ran.out), (1, ""));
    assert!(ran.err.contains("** (EXIT from <0.1.0>) "), "{}", ran.err);
}

/// Counts wake-ups, and makes the step of a death that wakes a slow one.
struct Slow(AtomicUsize);

impl Wake for Slow {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
        // Time enough for another worker.
        for _ in 0..20_000 {
            std::thread::yield_now();
        }
    }
}

/// A process that monitors another one, waits for its DOWN by way of the waker, and says when it does.
fn watch(pid: Pid, waker: Waker, ready: ProcessRef<()>) {
    process::spawn(async move |mut own: Mailbox<Down>| {
        own.monitor(pid, |down| down);
        let waits = pin!(own.receive())
            .poll(&mut task::Context::from_waker(&waker))
            .is_pending();
        assert!(waits);
        ready.send(());
        std::future::pending::<()>().await;
    });
}

/// A command that follows must find the effects of all monitors, in whatever order they fire.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_end_all_monitors_have_fired() {
    let session = Node::new().run_with(async |mut me: Mailbox<()>| {
        for _ in 0..10 {
            let victim = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>()).pid();
            let told = Arc::new(Slow(AtomicUsize::new(0)));
            watch(victim, Waker::from(told.clone()), me.me());
            me.receive().await;
            let aftermath = Aftermath::of(victim).await;
            // A second wake-up pushes the first one to where another worker finds it.
            let _second = Aftermath::of(victim).await;
            watch(victim, Waker::from(told.clone()), me.me());
            me.receive().await;
            process::exit(victim, ExitReason::Kill);
            aftermath.wait().await;
            assert_eq!(told.0.load(Ordering::Relaxed), 2);
        }
    });
    session.await.expect("the session survives");
}
