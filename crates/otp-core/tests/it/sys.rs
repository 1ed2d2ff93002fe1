//! sys: looking into a server, replacing its state.

use std::time::Duration;

use otp_core::gen_server::{Address, Status, TimeLimit};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::sys::{self, Mode, StateError};
use otp_core::test::Probe;
use tokio::time::Instant;

use crate::support::{Heard, in_process, panic_of, settle, with_mailbox};

pub(crate) const IDLE: Duration = Duration::from_millis(300);

/// Adds up, and reports what it does.
pub(crate) struct Tally {
    pub(crate) total: u64,
    kept: Vec<ReplyTo<u64>>,
    probe: Probe<Did>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Did {
    Add(u64),
    Timeout,
    Exit(ExitReason),
    Terminate(ExitReason),
}

pub(crate) enum Call {
    Total(ReplyTo<u64>),
    Keep(ReplyTo<u64>),
    /// Answers, and takes this long over it.
    Slowly(Duration, ReplyTo<u64>),
}

pub(crate) enum Cast {
    Add(u64),
    /// Adds, and then waits for [`IDLE`].
    AddAndWait(u64),
}

#[gen_server]
impl GenServer for Tally {
    type Args = Probe<Did>;
    type Call = Call;
    type Cast = Cast;
    type Info = u64;

    async fn init(probe: Probe<Did>, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(true);
        Ok(Init::state(Self {
            total: 0,
            kept: Vec::new(),
            probe,
        }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Total(from) => from.reply(self.total),
            Call::Keep(from) => {
                self.kept.push(from);
                Reply::later()
            }
            Call::Slowly(time, from) => {
                tokio::time::sleep(time).await;
                from.reply(self.total)
            }
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        let (n, next) = match cast {
            Cast::Add(n) => (n, Next::NoReply),
            Cast::AddAndWait(n) => (n, Next::Timeout(IDLE)),
        };
        self.total += n;
        self.probe.report(Did::Add(n));
        next
    }

    async fn handle_info(&mut self, info: Info<u64>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Timeout => self.probe.report(Did::Timeout),
            Info::Exit(exit) => self.probe.report(Did::Exit(exit.reason)),
            Info::Message(n) => {
                self.total += n;
                self.probe.report(Did::Add(n));
            }
            Info::Down(_) => {}
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.probe.report(Did::Terminate(reason.clone()));
    }

    fn format_status(&self, status: &mut Status) {
        assert_ne!(self.total, 13, "the tally is superstitious");
        status.state = Some(format!("total {}", self.total));
    }
}

pub(crate) async fn tally() -> (ServerRef<Tally>, Probe<Did>) {
    let probe = Probe::new();
    let server = Tally::start(probe.clone()).await;
    (server.expect("init does not fail"), probe)
}

pub(crate) async fn total(server: &ServerRef<Tally>) -> Result<u64, StateError> {
    sys::get_state(server, |tally| tally.total).await
}

/// The present state with another total.
pub(crate) fn with_total(tally: &Tally, total: u64) -> Tally {
    Tally {
        total,
        kept: Vec::new(),
        probe: tally.probe.clone(),
    }
}

// SYS-001
#[tokio::test(start_paused = true)]
async fn get_state_stands_in_the_mailbox_like_a_call() {
    in_process(async {
        let (server, _) = tally().await;
        server.cast(Cast::Add(1));
        server.cast(Cast::Add(2));
        let now = total(&server);
        let mut now = Box::pin(now);
        assert!(futures_poll(&mut now).await.is_none(), "sent, not answered");
        server.cast(Cast::Add(4));
        assert_eq!(now.await, Ok(3));
        assert_eq!(total(&server).await, Ok(7));
        assert_eq!(process::register("tally", &server), Ok(()));
        let named = ServerName::<Tally>::new("tally");
        assert_eq!(sys::get_state(&named, |tally| tally.total).await, Ok(7));
        let text = sys::get_state(&server, |_| "any value").await;
        assert_eq!(text, Ok("any value"));
    })
    .await;
}

/// Polls a future once.
async fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(cx) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

// SYS-001
#[tokio::test(start_paused = true)]
async fn a_system_request_waits_for_five_seconds_and_fails_like_a_call() {
    in_process(async {
        let (server, _) = tally().await;
        let busy = |time| server.send_request(move |from| Call::Slowly(time, from));
        let at = Address::Pid(server.pid());
        let late = |limit| CallError::Timeout {
            server: at.clone(),
            limit,
        };

        let (_first, start) = (busy(Duration::from_secs(60)), Instant::now());
        let five = Duration::from_secs(5);
        assert_eq!(total(&server).await, Err(late(five).into()));
        assert_eq!(start.elapsed(), five);
        let one = Duration::from_secs(1);
        let status = sys::get_status(&server).timeout(one).await;
        assert_eq!(status, Err(late(one)));
        let patient = sys::get_state(&server, |tally| tally.total).timeout(TimeLimit::Infinity);
        assert_eq!(patient.await, Ok(0));

        let _second = busy(Duration::from_secs(60));
        let (victim, node) = (server.pid(), process::node());
        process::spawn(move |_: Mailbox<Never>| async move {
            settle().await;
            node.exit(victim, ExitReason::Kill);
        });
        let exited = CallError::Exited {
            server: at.clone(),
            reason: ExitReason::Killed,
        };
        assert_eq!(total(&server).await, Err(exited.into()));
        let gone = CallError::NoProcess { server: at };
        assert_eq!(total(&server).await, Err(gone.clone().into()));
        assert_eq!(sys::suspend(server.pid()).await, Err(gone));
        let nobody = CallError::NoProcess {
            server: Address::Name("nobody".into()),
        };
        assert_eq!(sys::resume("nobody").await, Err(nobody));
    })
    .await;
}

// SYS-001
#[tokio::test(start_paused = true)]
async fn a_process_that_is_no_server_drops_system_requests() {
    with_mailbox(|mut mailbox: Mailbox<Heard>| async move {
        let me = mailbox.me();
        let raw = process::spawn(|mut mailbox: Mailbox<u32>| async move {
            while let n @ 1.. = mailbox.receive_match(|n| *n < 10).await {
                me.send(Heard::Note(n));
            }
        });
        raw.send(1);
        let dropped = CallError::ReplyDropped {
            server: Address::Pid(raw.pid()),
        };
        assert_eq!(sys::get_status(&raw).await, Err(dropped));
        raw.send(2);
        assert_eq!(mailbox.receive().await, Heard::Note(1));
        assert_eq!(mailbox.receive().await, Heard::Note(2));
        let oneself = CallError::CallingSelf {
            server: Address::Pid(mailbox.pid()),
        };
        assert_eq!(sys::suspend(mailbox.pid()).await, Err(oneself));
    })
    .await;
}

// SYS-002
#[tokio::test(start_paused = true)]
async fn replace_state_installs_what_the_function_makes_of_the_state() {
    in_process(async {
        let (server, _) = tally().await;
        server.cast(Cast::Add(1));
        let add_ten = |tally: &Tally| with_total(tally, tally.total + 10);
        let before = sys::replace_state(&server, add_ten).await.unwrap();
        assert_eq!(before.total, 1);
        assert_eq!(server.call(Call::Total).await, Ok(11));

        sys::suspend(&server).await.unwrap();
        let before = sys::replace_state(&server, add_ten).await.unwrap();
        assert_eq!(before.total, 11);
        assert_eq!(total(&server).await, Ok(21));
        sys::resume(&server).await.unwrap();
        assert_eq!(server.call(Call::Total).await, Ok(21));
    })
    .await;
}

// SYS-002
#[otp_core::test]
async fn update_state_changes_the_state_in_place() {
    let (server, _) = tally().await;
    server.cast(Cast::Add(1));
    let add_ten = |tally: &mut Tally| {
        tally.total += 10;
        tally.total
    };
    assert_eq!(sys::update_state(&server, add_ten).await, Ok(11));
    assert_eq!(server.call(Call::Total).await, Ok(11));
    let fail = |tally: &mut Tally| -> u64 {
        tally.total = 3;
        panic!("half done")
    };
    let failed = sys::update_state(&server, fail).await;
    assert!(matches!(failed, Err(StateError::Function(_))), "{failed:?}");
    assert_eq!(total(&server).await, Ok(3));
}

// SYS-003
#[tokio::test(start_paused = true)]
async fn a_function_that_fails_leaves_state_and_server_alone() {
    in_process(async {
        let (server, probe) = tally().await;
        server.cast(Cast::Add(5));
        for suspended in [false, true] {
            if suspended {
                sys::suspend(&server).await.unwrap();
            }
            let replaced = sys::replace_state(&server, |_| panic!("no new state")).await;
            match replaced.map(|tally| tally.total) {
                Err(StateError::Function(reason)) => {
                    assert_eq!(panic_of(&reason).message, "no new state");
                }
                other => panic!("{other:?}"),
            }
            let exit = |_: &Tally| -> u64 { process::exit_self(ExitReason::Shutdown) };
            let read = sys::get_state(&server, exit).await;
            assert_eq!(read, Err(StateError::Function(ExitReason::Shutdown)));
            assert_eq!(total(&server).await, Ok(5));
        }
        assert_eq!(probe.drain(), [Did::Add(5)]);
    })
    .await;
}

// SYS-006
#[tokio::test(start_paused = true)]
async fn get_status_tells_what_a_server_is_and_how_it_is() {
    in_process(async {
        let server = Tally::options().name("tally");
        let server = server.start_link(Probe::new()).await.unwrap();
        let status = sys::get_status("tally").await.unwrap();
        assert_eq!(status.pid, server.pid());
        assert_eq!(status.server, std::any::type_name::<Tally>());
        assert_eq!(status.mode, Mode::Running);
        assert_eq!(status.parent, Some(process::current()));
        assert_eq!(status.state.as_deref(), Some("total 0"));

        sys::suspend("tally").await.unwrap();
        let status = sys::get_status(server.pid()).await.unwrap();
        assert_eq!(status.mode, Mode::Suspended);
        sys::resume("tally").await.unwrap();
        server.cast(Cast::Add(13));
        let status = sys::get_status(&server).await.unwrap();
        assert_eq!(status.mode, Mode::Running);
        let hidden = "not shown: format_status panicked";
        assert_eq!(status.state.as_deref(), Some(hidden));

        let (alone, _) = tally().await;
        assert_eq!(sys::get_status(&alone).await.unwrap().parent, None);
    })
    .await;
}
