//! Timers that do something else than send a message: exit signals and functions.

use otp_core::prelude::*;
use otp_core::{process, timer};
use tokio::time::{Instant, sleep, sleep_until};

use crate::puppet::{Puppet, as_process, boom, exit};
use crate::timers::{LATER, MS};

// TIM-009
#[tokio::test(start_paused = true)]
async fn exit_after_sends_an_exit_signal_in_the_starters_name() {
    let node = Node::new();
    let (starter, trapping, plain) = (
        Puppet::new(&node),
        Puppet::trapping(&node).await,
        Puppet::new(&node),
    );
    let (to, doomed) = (trapping.pid(), plain.pid());
    starter
        .does(move |_| timer::exit_after(to, 50 * MS, boom()))
        .await;
    starter
        .does(move |_| timer::exit_after(doomed, 50 * MS, boom()))
        .await;
    let cancelled = starter
        .does(move |_| timer::exit_after(to, 60 * MS, boom()))
        .await;
    // It outlives its starter.
    starter.ends(ExitReason::Normal).await;
    sleep(49 * MS).await;
    assert!(plain.is_alive());
    assert!(cancelled.cancel().is_some());
    assert_eq!(plain.ended().await, boom());
    sleep(LATER).await;
    assert_eq!(trapping.seen().await, [exit(&starter, boom())]);
}

// TIM-009
#[tokio::test(start_paused = true)]
async fn kill_after_kills_even_one_that_traps_exits() {
    let node = Node::new();
    let trapping = Puppet::trapping(&node).await;
    let started = Instant::now();
    trapping
        .does(|mailbox| timer::kill_after(mailbox.pid(), 50 * MS))
        .await;
    assert_eq!(trapping.ended().await, ExitReason::Killed);
    assert_eq!(started.elapsed(), 50 * MS);
}

// TIM-009
#[tokio::test(start_paused = true)]
async fn apply_after_runs_a_task_in_a_process_of_its_own() {
    as_process(|mut mailbox: Mailbox<Pid>| async move {
        let started = Instant::now();
        let me = mailbox.me();
        timer::apply_after(50 * MS, async move {
            sleep_until(Instant::now() + 5 * MS).await;
            me.send(process::current());
        });
        let cancelled = timer::apply_after(50 * MS, async { panic!("never run") });
        assert_eq!(cancelled.cancel(), Some(50 * MS));
        let runner = mailbox.receive().await;
        assert_ne!(runner, mailbox.pid());
        assert_eq!(started.elapsed(), 55 * MS);
        assert_eq!(mailbox.receive().timeout(LATER).await, None);
    })
    .await;
}
