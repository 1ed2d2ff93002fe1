//! Machines under every kind of supervisor.

use otp_core::child_spec::ChildSpec;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{PartitionSupervisor, process};

use crate::book::{Book, Player};

fn spec(id: &'static str, probe: &Probe<String>) -> ChildSpec {
    let book = Book::new("a go: next b\n a enter: add\n b bad: panic boom", probe);
    ChildSpec::worker(id, move || {
        Player::options().name(id).start_link(book.clone())
    })
}

/// Checks that the machine with this name comes back, in its first state.
async fn comes_back(id: &'static str, probe: &Probe<String>) {
    let name = ServerName::<Machine<Player>>::new(id);
    assert_eq!(probe.next().await, "a enter from a");
    let first = name.whereis().expect("it runs");
    first.cast("go".to_owned());
    first.cast("bad".to_owned());
    for expected in ["a cast go", "b cast bad"] {
        assert_eq!(probe.next().await, expected);
    }
    assert!(probe.next().await.starts_with("terminate in b"));
    assert_eq!(probe.next().await, "a enter from a");
    assert_ne!(name.whereis().expect("it runs again"), first);
}

#[otp_core::test]
async fn a_supervisor_restarts_a_machine() {
    let probe = Probe::new();
    let children = [spec("one", &probe)];
    let supervisor = Supervisor::new(Strategy::OneForOne).children(children);
    let supervisor = supervisor.start_link().await.expect("it starts");
    comes_back("one", &probe).await;
    supervisor.stop().await.expect("it stops");
}

#[otp_core::test]
async fn a_dynamic_supervisor_restarts_a_machine() {
    let probe = Probe::new();
    let supervisor = DynamicSupervisor::new()
        .start_link()
        .await
        .expect("it starts");
    supervisor
        .start_child(spec("two", &probe))
        .await
        .expect("it starts");
    comes_back("two", &probe).await;
}

#[otp_core::test]
async fn partitions_may_be_machines() {
    let probe = Probe::new();
    let shown = probe.clone();
    let supervisor =
        PartitionSupervisor::new("rooms", move |_| spec("three", &shown)).partitions(1);
    let supervisor = supervisor.start_link().await.expect("it starts");
    comes_back("three", &probe).await;
    drop(supervisor);
}

#[otp_core::test]
async fn a_machine_that_is_told_to_stop_cleans_up_if_it_traps() {
    let probe = Probe::new();
    let mut book = Book::new("", &probe);
    book.traps = true;
    let child = ChildSpec::worker("door", move || Player::start_link(book.clone()));
    let supervisor = Supervisor::new(Strategy::OneForOne).children([child]);
    let supervisor = process::spawn(move |mut mailbox: Mailbox<()>| async move {
        let supervisor = supervisor.start_link().await.expect("it starts");
        mailbox.receive().await;
        supervisor.stop().await.expect("it stops");
    });
    supervisor.send(());
    assert_eq!(supervisor.wait().await, ExitReason::Normal);
    assert_eq!(probe.next().await, "terminate in a, n=0: shutdown");
}
