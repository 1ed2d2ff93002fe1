//! Messages that overtake those that wait, as EEP 76 describes them.

use std::sync::Arc;
use std::time::Duration;

use otp_core::gen_server::Priority;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{MailboxLimit, process, sys};
use tokio::sync::Notify;

/// Tells of all that it handles, and waits in the middle of a cast of `wait`.
struct Clerk {
    probe: Probe<&'static str>,
    go_on: Arc<Notify>,
}

enum Call {
    Priority(ReplyTo<Priority<Clerk>>),
    Tell(&'static str, ReplyTo<()>),
}

#[gen_server]
impl GenServer for Clerk {
    type Args = (Probe<&'static str>, Arc<Notify>);
    type Call = Call;
    type Cast = &'static str;
    type Info = &'static str;

    async fn init(
        (probe, go_on): Self::Args,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, Stop> {
        context.trap_exit(true);
        Ok(Init::state(Self { probe, go_on }))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Priority(from) => from.reply(context.priority()),
            Call::Tell(what, from) => {
                self.probe.report(what);
                from.reply(())
            }
        }
    }

    async fn handle_cast(&mut self, what: &'static str, _: &mut Context<Self>) -> Next<Self> {
        self.probe.report(what);
        match what {
            "wait" => self.go_on.notified().await,
            "limit" => return Next::Timeout(Duration::from_millis(100)),
            "hibernate" => return Next::Hibernate,
            _ => {}
        }
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<&'static str>, _: &mut Context<Self>) -> Next<Self> {
        self.probe.report(match info {
            Info::Message(what) => what,
            Info::Exit(_) => "exit",
            Info::Down(_) => "down",
            Info::Timeout => "timeout",
        });
        Next::NoReply
    }
}

struct Stage {
    clerk: ServerRef<Clerk>,
    urgent: Priority<Clerk>,
    probe: Probe<&'static str>,
    go_on: Arc<Notify>,
}

/// A clerk; with a limit, if there is one.
async fn stage(limit: Option<MailboxLimit>) -> Stage {
    let (probe, go_on) = (Probe::new(), Arc::new(Notify::new()));
    let mut options = Clerk::options();
    if let Some(limit) = limit {
        options = options.mailbox_limit(limit);
    }
    let clerk = options.start((probe.clone(), go_on.clone())).await;
    let clerk = clerk.expect("it starts");
    let urgent = clerk.call(Call::Priority).await.expect("it lives");
    Stage {
        clerk,
        urgent,
        probe,
        go_on,
    }
}

impl Stage {
    /// Lets the clerk handle all that there is.
    async fn told(&self) -> Vec<&'static str> {
        self.go_on.notify_one();
        let told = self.clerk.call(|from| Call::Tell("last", from));
        told.await.expect("it lives");
        self.probe.drain()
    }
}

// PRI-002
#[otp_core::test]
async fn those_with_priority_come_first_in_their_order_and_the_others_in_theirs() {
    keep_their_order().await;
}

/// The same in real time.
#[otp_core::test(workers = 2)]
async fn on_several_threads_the_order_is_the_same() {
    keep_their_order().await;
    overtake_the_rest().await;
}

async fn keep_their_order() {
    let stage = stage(None).await;
    for what in ["wait", "a", "b"] {
        stage.clerk.cast(what);
    }
    // The clerk has taken all of them out of its mailbox.
    stage.probe.next().await;
    stage.clerk.cast("c");
    stage.urgent.cast("1");
    stage.clerk.send("d");
    stage.urgent.send("2");
    let third = process::spawn({
        let urgent = stage.urgent.clone();
        move |_: Mailbox<Never>| async move {
            let told = urgent.call(|from| Call::Tell("3", from));
            told.await.expect("it lives");
        }
    });
    while stage.clerk.message_queue_len() < 7 {
        tokio::task::yield_now().await;
    }
    let expected = ["1", "2", "3", "a", "b", "c", "d", "last"];
    assert_eq!(stage.told().await, expected);
    assert_eq!(third.wait().await, ExitReason::Normal);
}

// PRI-003
#[otp_core::test]
async fn one_that_comes_while_another_is_handled_overtakes_the_rest() {
    overtake_the_rest().await;
}

async fn overtake_the_rest() {
    let stage = stage(None).await;
    stage.clerk.cast("wait");
    assert_eq!(stage.probe.next().await, "wait");
    for what in ["a", "b"] {
        stage.clerk.cast(what);
    }
    stage.urgent.cast("wait");
    stage.urgent.cast("1");
    stage.go_on.notify_one();
    assert_eq!(stage.probe.next().await, "wait");
    stage.urgent.cast("2");
    stage.clerk.cast("c");
    assert_eq!(stage.told().await, ["1", "2", "a", "b", "c", "last"]);
}

// PRI-004
#[otp_core::test]
async fn a_server_that_waits_is_woken_and_its_time_out_is_over() {
    let stage = stage(None).await;
    for wait in ["limit", "hibernate"] {
        stage.clerk.cast(wait);
        assert_eq!(stage.probe.next().await, wait);
        tokio::time::sleep(Duration::from_millis(50)).await;
        stage.urgent.cast("1");
        assert_eq!(stage.probe.next().await, "1");
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(stage.probe.drain(), [""; 0]);
    }
    for what in ["1", "2"] {
        stage.urgent.cast(what);
        assert_eq!(stage.probe.next().await, what);
    }
    stage.clerk.cast("a");
    assert_eq!(stage.probe.next().await, "a");
}

// PRI-005
#[otp_core::test]
async fn exits_and_the_order_to_stop_are_overtaken() {
    let stage = stage(None).await;
    stage.clerk.cast("wait");
    stage.probe.next().await;
    process::exit(&stage.clerk, ExitReason::other("odd"));
    let clerk = stage.clerk.clone();
    let stops = process::spawn(move |_: Mailbox<Never>| async move {
        clerk.stop().await.expect("it lives");
    });
    tokio::task::yield_now().await;
    stage.urgent.cast("1");
    stage.urgent.send("2");
    stage.go_on.notify_one();
    assert_eq!(stops.wait().await, ExitReason::Normal);
    assert_eq!(stage.probe.drain(), ["1", "2", "exit"]);
}

// PRI-006
#[otp_core::test]
async fn a_full_mailbox_takes_them_and_counts_them() {
    for limit in [MailboxLimit::refuse(2), MailboxLimit::drop_oldest(2)] {
        let stage = stage(Some(limit)).await;
        stage.clerk.cast("wait");
        assert_eq!(stage.probe.next().await, "wait");
        for what in ["1", "2", "3"] {
            stage.urgent.cast(what);
        }
        assert_eq!(stage.clerk.message_queue_len(), 3);
        assert_eq!(stage.clerk.try_cast("a"), Err("a"), "there is no room");
        stage.go_on.notify_one();
        for what in ["1", "2", "3"] {
            assert_eq!(stage.probe.next().await, what);
        }
        assert_eq!(stage.clerk.try_cast("b"), Ok(()));
        assert_eq!(stage.probe.next().await, "b");
    }
}

// PRI-007
#[otp_core::test]
async fn a_suspended_server_handles_them_first_when_it_goes_on() {
    let stage = stage(None).await;
    assert_eq!(sys::suspend(&stage.clerk).await, Ok(()));
    stage.clerk.cast("a");
    stage.urgent.cast("1");
    assert!(sys::get_status(&stage.clerk).await.is_ok());
    stage.urgent.cast("2");
    assert!(sys::get_status(&stage.clerk).await.is_ok());
    assert_eq!(stage.probe.drain(), [""; 0]);
    assert_eq!(sys::resume(&stage.clerk).await, Ok(()));
    assert_eq!(stage.told().await, ["1", "2", "a", "last"]);
}

// PRI-008
#[otp_core::test]
async fn a_server_that_has_ended_is_no_more_for_them_than_for_others() {
    let stage = stage(None).await;
    stage.clerk.stop().await.expect("it lives");
    stage.urgent.cast("1");
    let told = stage.urgent.call(|from| Call::Tell("2", from)).await;
    assert!(matches!(told, Err(CallError::NoProcess { .. })), "{told:?}");
    assert_eq!(stage.probe.drain(), [""; 0]);
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("boom");
    }
}

struct Depot;

#[gen_server]
impl GenServer for Depot {
    type Call = ReplyTo<Priority<Depot>>;
    type Cast = Bomb;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self))
    }

    async fn handle_call(
        &mut self,
        from: ReplyTo<Priority<Self>>,
        context: &mut Context<Self>,
    ) -> Reply<Self> {
        from.reply(context.priority())
    }

    async fn handle_cast(&mut self, bomb: Bomb, _: &mut Context<Self>) -> Next<Self> {
        std::mem::forget(bomb);
        Next::NoReply
    }
}

// PRI-008
#[otp_core::test(reports)]
async fn values_that_panic_when_they_are_dropped_end_no_program() {
    let depot = Depot::start(()).await.expect("it starts");
    let urgent = depot.call(|from| from).await.expect("it lives");
    assert_eq!(sys::suspend(&depot).await, Ok(()));
    for _ in 0..3 {
        urgent.cast(Bomb);
        // Half of them are taken out of the mailbox.
        assert!(sys::get_status(&depot).await.is_ok());
        urgent.cast(Bomb);
    }
    process::exit(&depot, ExitReason::Kill);
    assert_eq!(depot.wait().await, ExitReason::Killed);
    // Nobody takes it any more, so it is the sender's.
    let sender = process::spawn(move |_: Mailbox<Never>| async move { urgent.cast(Bomb) });
    assert!(matches!(sender.wait().await, ExitReason::Panic(_)));
}

/// Counts what it is told, by the sender and with or without priority.
struct Ledger {
    last: [[u64; 2]; 4],
}

#[gen_server]
impl GenServer for Ledger {
    type Call = ReplyTo<Priority<Ledger>>;
    type Cast = (usize, usize, u64);

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self { last: [[0; 2]; 4] }))
    }

    async fn handle_call(
        &mut self,
        from: ReplyTo<Priority<Self>>,
        context: &mut Context<Self>,
    ) -> Reply<Self> {
        from.reply(context.priority())
    }

    async fn handle_cast(
        &mut self,
        (sender, kind, number): (usize, usize, u64),
        _: &mut Context<Self>,
    ) -> Next<Self> {
        let last = &mut self.last[sender][kind];
        assert_eq!(*last + 1, number, "sender {sender}, kind {kind}");
        *last = number;
        Next::NoReply
    }
}

// PRI-009
#[test]
fn none_is_lost_and_each_senders_stay_in_order_on_several_threads() {
    const MESSAGES: u64 = 5_000;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_time()
        .build()
        .expect("a runtime");
    let ended = runtime.block_on(Node::new().run(async {
        let ledger = Ledger::start(()).await.expect("it starts");
        let urgent = ledger.call(|from| from).await.expect("it lives");
        let senders = [0, 1, 2, 3].map(|sender| {
            let (ledger, urgent) = (ledger.clone(), urgent.clone());
            process::spawn(move |_: Mailbox<Never>| async move {
                for number in 1..=MESSAGES {
                    ledger.cast((sender, 0, number));
                    urgent.cast((sender, 1, number));
                }
            })
        });
        for sender in senders {
            sender.wait().await;
        }
        let last = sys::get_state(&ledger, |ledger| ledger.last).await;
        assert_eq!(last, Ok([[MESSAGES; 2]; 4]));
    }));
    assert_eq!(ended, Ok(()));
}
