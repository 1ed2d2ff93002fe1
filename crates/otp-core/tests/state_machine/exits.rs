//! Exit signals that reach a machine.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

use crate::book::{Book, Player};

/// A process that starts a linked machine, hands it out, and ends with what it is told.
fn parent(
    text: &'static str,
    traps: bool,
) -> (
    ProcessRef<ExitReason>,
    Probe<String>,
    Probe<ServerRef<Machine<Player>>>,
) {
    let (probe, started) = (Probe::new(), Probe::new());
    let (shown, out) = (probe.clone(), started.clone());
    let parent = process::spawn(move |mut mailbox: Mailbox<ExitReason>| async move {
        let mut book = Book::new(text, &shown);
        book.traps = traps;
        out.report(Player::start_link(book).await.expect("it starts"));
        mailbox.receive().await
    });
    (parent, probe, started)
}

// STM-062
#[otp_core::test]
async fn the_exit_of_the_parent_ends_a_machine_that_traps_by_way_of_terminate() {
    for reason in [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::other("burnt"),
    ] {
        let (parent, probe, started) = parent("", true);
        let machine = started.next().await;
        parent.send(reason.clone());
        assert_eq!(machine.wait().await, reason);
        assert_eq!(probe.next().await, format!("terminate in a, n=0: {reason}"));
    }
}

// STM-062
#[otp_core::test]
async fn the_exit_of_another_process_is_an_info() {
    let (_parent, probe, started) = parent("", true);
    let machine = started.next().await;
    let to = machine.pid();
    process::spawn(move |_: Mailbox<Never>| async move {
        process::exit(to, ExitReason::other("burnt"));
    });
    assert_eq!(probe.next().await, "a info EXIT");
    assert!(machine.is_alive());
}

// STM-062
#[otp_core::test]
async fn a_machine_that_does_not_trap_ends_without_terminate() {
    let (parent, probe, started) = parent("", false);
    let machine = started.next().await;
    parent.send(ExitReason::other("burnt"));
    assert_eq!(machine.wait().await, ExitReason::other("burnt"));
    assert_eq!(probe.drain(), Vec::<String>::new());
}

// STM-015
#[otp_core::test(workers = 2)]
async fn a_machine_that_traps_and_never_listens_does_not_hear_of_its_parent() {
    let (parent, probe, started) = parent("a go: insert i\n a i: insert i", true);
    let machine = started.next().await;
    machine.cast("go".to_owned());
    assert_eq!(probe.next().await, "a cast go");
    parent.send(ExitReason::Shutdown);
    parent.wait().await;
    let _ = probe.drain();
    for _ in 0..1_000 {
        assert_eq!(probe.next().await, "a internal i");
    }
    process::exit(machine.pid(), ExitReason::Kill);
    assert_eq!(machine.wait().await, ExitReason::Killed);
}

// STM-061
#[otp_core::test(reports)]
async fn the_exit_of_the_parent_is_reported_with_an_empty_queue() {
    let (parent, _, started) = parent("", true);
    let machine = started.next().await;
    parent.send(ExitReason::other("burnt"));
    machine.wait().await;
    let reports = otp_core::test::reports().take();
    let report = reports
        .iter()
        .find(|it| it.kind() == "gen_statem")
        .expect("it is reported");
    assert_eq!(report.field("queue"), None);
}
