//! The start of a machine.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::state_machine::{Initial, enter_loop};
use otp_core::test::{Probe, reports};

use crate::book::{Ask, Book, Player};
use crate::stage::Stage;

// STM-001
#[otp_core::test]
async fn a_start_does_not_wait_for_the_first_state_to_be_entered() {
    let before = tokio::time::Instant::now();
    let stage = Stage::start("init: insert i\n a enter: wait").await;
    assert_eq!(before.elapsed(), Duration::ZERO, "to enter it takes 50 ms");
    stage.check(&["a enter from a", "a internal i"]).await;
}

// STM-001
#[otp_core::test]
async fn a_start_waits_for_init() {
    let before = tokio::time::Instant::now();
    let stage = Stage::start("init: pause").await;
    assert!(before.elapsed() >= Duration::from_millis(50));
    stage.check(&[]).await;
}

// STM-002
#[otp_core::test]
async fn what_init_inserts_and_its_zeros_come_before_every_message() {
    let probe = Probe::new();
    let book = Book::new(
        "init: pause; timeout z 0; insert i; insert_cast c; state_timeout y 0\n a enter: add",
        &probe,
    );
    let options = Player::options().name("early");
    let starting = process::spawn(move |_: Mailbox<Never>| async move {
        let started = options.start(book).await.expect("it starts");
        started.wait().await
    });
    // Its name is there while init runs, and so is its mailbox.
    let name = ServerName::<Machine<Player>>::new("early");
    while !name.is_alive() {
        tokio::task::yield_now().await;
    }
    name.cast("first".to_owned());
    let expected = [
        "a enter from a",
        "a internal i",
        "a cast c",
        "a timeout z",
        "a timeout y",
        "a cast first",
    ];
    for expected in expected {
        assert_eq!(probe.next().await, expected);
    }
    process::exit(starting.pid(), ExitReason::Kill);
}

// STM-004
#[otp_core::test(reports)]
async fn init_may_refuse_in_three_ways() {
    let start = async |text: &str| Player::start(Book::new(text, &Probe::new())).await;
    assert!(matches!(
        start("init: ignore").await,
        Err(StartError::Ignored)
    ));
    let refused = start("init: error full").await;
    assert!(
        matches!(refused, Err(StartError::Init(reason)) if reason == ExitReason::other("full"))
    );
    assert_eq!(reports().take_kinds(), Vec::<String>::new());
    let stopped = start("init: stop burnt").await;
    assert!(
        matches!(stopped, Err(StartError::Init(reason)) if reason == ExitReason::other("burnt"))
    );
    assert_eq!(reports().take_kinds(), ["crash"]);
}

// STM-004
#[otp_core::test]
async fn a_trapping_starter_gets_the_error_and_no_exit() {
    let starter = process::spawn(|mut mailbox: Mailbox<Exit>| async move {
        mailbox.trap_exit(|exit| exit);
        let started = Player::start_link(Book::new("init: stop burnt", &Probe::new())).await;
        assert!(matches!(started, Err(StartError::Init(_))));
        assert_eq!(
            mailbox.receive().timeout(Duration::from_millis(1)).await,
            None
        );
    });
    assert_eq!(starter.wait().await, ExitReason::Normal);
}

// STM-005
#[otp_core::test(reports)]
async fn a_panic_in_init_gives_the_crash_report_only() {
    let started = Player::start(Book::new("init: panic boom", &Probe::new())).await;
    assert!(matches!(
        started,
        Err(StartError::Init(ExitReason::Panic(_)))
    ));
    assert_eq!(reports().take_kinds(), ["crash"]);
    let started = Player::start(Book::new("init: stop shutdown", &Probe::new())).await;
    assert!(matches!(
        started,
        Err(StartError::Init(ExitReason::Shutdown))
    ));
    assert_eq!(reports().take_kinds(), Vec::<String>::new());
}

// STM-006
#[otp_core::test]
async fn a_failure_of_the_first_enter_call_comes_after_a_successful_start() {
    let stage = Stage::start("a enter: panic boom").await;
    let reason = stage.machine.wait().await;
    assert!(matches!(reason, ExitReason::Panic(_)));
    assert_eq!(stage.probe.next().await, "a enter from a");
}

// STM-007
#[otp_core::test]
async fn names_limits_and_monitors_are_those_of_a_server() {
    let probe = Probe::new();
    let book = Book::new("", &probe);
    let machine = Player::options()
        .name("door")
        .start(book.clone())
        .await
        .expect("it starts");
    let again = Player::options().name("door").start(book.clone()).await;
    assert!(matches!(again, Err(StartError::AlreadyStarted(pid)) if pid == machine.pid()));
    let name = ServerName::<Machine<Player>>::new("door");
    assert_eq!(name.whereis().expect("it has the name"), machine);
    let found = Player::options().name("door").ensure_started(book).await;
    assert_eq!(found.expect("it runs"), machine);

    let slow = Player::options().timeout(Duration::from_millis(10));
    let slow = slow.start(Book::new("init: pause", &probe)).await;
    assert!(matches!(slow, Err(StartError::Timeout(_))));

    let watcher = process::spawn(move |mut mailbox: Mailbox<Down>| async move {
        let book = Book::new("a go: stop done", &probe);
        let (machine, monitor) = Player::start_monitor(book).await.expect("it starts");
        mailbox.on_down(monitor, |down| down);
        machine.cast("go".to_owned());
        let down = mailbox.receive().await;
        assert_eq!(
            (down.monitor, down.reason),
            (monitor, ExitReason::other("done"))
        );
    });
    assert_eq!(watcher.wait().await, ExitReason::Normal);
}

// STM-008
#[otp_core::test]
async fn a_process_may_become_a_machine_by_itself() {
    let probe = Probe::new();
    let book = Book::new("b enter: add\n b ask: reply yes\n b go: stop done", &probe);
    let player = Player::with_book(book);
    let process = process::spawn(move |mailbox| async move {
        let first = Initial::state("b".to_owned(), player).insert("i".to_owned());
        enter_loop(mailbox, first, None).await
    });
    let machine = ServerRef::from(process);
    let answer = machine.call(|from| Ask("ask".to_owned(), from)).await;
    assert_eq!(answer, Ok("yes".to_owned()));
    machine.cast("go".to_owned());
    assert_eq!(machine.wait().await, ExitReason::other("done"));
    let seen = ["b enter from b", "b internal i", "b call ask", "b cast go"];
    assert_eq!(probe.drain()[..4], seen);
}
