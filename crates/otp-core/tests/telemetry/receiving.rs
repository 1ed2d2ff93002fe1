//! Whether a process waits for a message or for something else, without an observation.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process::{self, ProcessInfo, ProcessStatus};
use otp_core::test::Probe;
use otp_core::{MailboxLimit, Pid, sys};
use tokio::sync::oneshot;

/// Stays in each of its callbacks until it may go on.
struct Sitter {
    probe: Probe<(Pid, &'static str)>,
    /// The last one is the first that is used.
    ways_on: Vec<oneshot::Receiver<()>>,
}

impl Sitter {
    async fn stay(&mut self, here: &'static str) {
        self.probe.report((process::current(), here));
        let way_on = self.ways_on.pop().expect("there is one for each callback");
        way_on.await.expect("it may go on");
    }
}

#[gen_server]
impl GenServer for Sitter {
    type Args = Self;
    type Call = ReplyTo<()>;
    type Cast = ();
    type Info = ();
    type Continue = ();

    async fn init(mut sitter: Self, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        sitter.stay("init").await;
        Ok(Init::state(sitter))
    }

    async fn handle_call(&mut self, from: ReplyTo<()>, _: &mut Context<Self>) -> Reply<Self> {
        self.stay("call").await;
        from.reply(())
    }

    async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        self.stay("cast").await;
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<()>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(()) => {
                self.stay("info").await;
                Next::Continue(())
            }
            _ => {
                self.stay("timeout").await;
                Next::Stop(ExitReason::Normal)
            }
        }
    }

    async fn handle_continue(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        self.stay("continue").await;
        Next::Timeout(Duration::from_millis(1))
    }

    async fn terminate(&mut self, _: &ExitReason, _: &mut Context<Self>) {
        self.stay("terminate").await;
    }
}

/// Waits until a process is as it is wanted.
async fn until(pid: Pid, wanted: impl Fn(&ProcessInfo) -> bool) -> ProcessInfo {
    loop {
        let info = process::node().process_info(pid).expect("it lives");
        if wanted(&info) {
            return info;
        }
        tokio::task::yield_now().await;
    }
}

async fn is_receiving(pid: Pid) -> bool {
    let info = until(pid, |info| info.status == ProcessStatus::Waiting).await;
    info.is_receiving
}

async fn a_server_receives_or_is_in_a_callback() {
    for options in [
        Sitter::options(),
        Sitter::options().mailbox_limit(MailboxLimit::refuse(10)),
    ] {
        let (probe, started) = (Probe::new(), Probe::new());
        let (go_on, mut ways_on): (Vec<_>, Vec<_>) = (0..8).map(|_| oneshot::channel()).unzip();
        ways_on.reverse();
        let sitter = Sitter {
            probe: probe.clone(),
            ways_on,
        };
        let report = started.clone();
        process::spawn(move |_: Mailbox<()>| async move {
            report.report(options.start(sitter).await.expect("it starts"));
        });
        let mut go_on = go_on.into_iter();
        let mut go_on = || {
            let way = go_on.next().expect("there is one for each callback");
            way.send(()).expect("it waits");
        };
        let (pid, here) = probe.next().await;
        assert_eq!(here, "init");
        assert!(!is_receiving(pid).await, "init");
        go_on();
        let server: ServerRef<Sitter> = started.next().await;
        until(pid, |info| info.is_receiving).await;
        server.cast(());
        assert_eq!(probe.next().await, (pid, "cast"));
        assert!(!is_receiving(pid).await, "cast");
        // What waits changes nothing.
        let asked = server.send_request(|from| from);
        assert!(!is_receiving(pid).await, "cast");
        go_on();
        assert_eq!(probe.next().await, (pid, "call"));
        assert!(!is_receiving(pid).await, "call");
        go_on();
        asked.await.expect("it answers");
        until(pid, |info| info.is_receiving).await;
        sys::suspend(pid).await.expect("it lives");
        server.send(());
        let info = until(pid, |info| info.is_receiving).await;
        assert_eq!(info.message_queue_len, 1, "it is suspended");
        sys::resume(pid).await.expect("it lives");
        for here in ["info", "continue", "timeout", "terminate"] {
            assert_eq!(probe.next().await, (pid, here));
            assert!(!is_receiving(pid).await, "{here}");
            go_on();
        }
    }
}

#[otp_core::test]
async fn a_server_receives_or_is_in_a_callback_on_one_thread() {
    a_server_receives_or_is_in_a_callback().await;
}

#[otp_core::test(workers = 2)]
async fn a_server_receives_or_is_in_a_callback_on_several_threads() {
    a_server_receives_or_is_in_a_callback().await;
}

#[otp_core::test]
async fn a_process_receives_or_waits_for_something_else() {
    let (go_on, way_on) = oneshot::channel();
    let other = process::spawn(move |mut mailbox: Mailbox<u32>| async move {
        mailbox.receive_match(|n| *n == 2).await;
        let _ = way_on.await;
        mailbox.receive().await;
        mailbox.receive().await;
    });
    let pid = other.pid();
    let info = process::node().process_info(pid).expect("it lives");
    assert!(info.is_receiving, "it has not run yet");
    other.send(1);
    until(pid, |info| info.is_receiving && info.message_queue_len == 1).await;
    other.send(2);
    until(pid, |info| {
        info.message_queue_len == 1 && !info.is_receiving
    })
    .await;
    assert!(!is_receiving(pid).await);
    go_on.send(()).expect("it waits");
    until(pid, |info| info.is_receiving).await;
    let me = process::current();
    let info = process::node().process_info(me).expect("it lives");
    assert!(!info.is_receiving, "it runs");
}
