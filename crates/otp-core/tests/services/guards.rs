//! Guards: back-off, limits, starts in the background.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use otp_core::guard::{self, Backoff, Guard, NotReady, OnLimit, RestartLimit};
use otp_core::prelude::*;
use otp_core::test::{Probe, reports};
use otp_core::{CallError, StartError, process};
use tokio::time::{Instant, sleep};

/// A child that starts when it is let, and reports when.
#[derive(Clone)]
pub(crate) struct Patient {
    pub(crate) probe: Probe<(&'static str, Duration)>,
    since: Instant,
    pub(crate) well: Arc<AtomicBool>,
}

pub(crate) struct Server;

#[gen_server]
impl GenServer for Server {
    type Args = bool;
    type Cast = ExitReason;

    async fn init(well: bool, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        match well {
            true => Ok(Init::state(Self)),
            false => Err(ExitReason::other("down")),
        }
    }

    async fn handle_cast(&mut self, reason: ExitReason, _: &mut Context<Self>) -> Next<Self> {
        Next::Stop(reason)
    }
}

impl Patient {
    pub(crate) fn new(well: bool) -> Self {
        Self {
            probe: Probe::new(),
            since: Instant::now(),
            well: Arc::new(AtomicBool::new(well)),
        }
    }

    pub(crate) fn child(&self) -> ChildSpec {
        let me = self.clone();
        ChildSpec::worker("patient", move || {
            let me = me.clone();
            async move {
                let well = me.well.load(Ordering::SeqCst);
                me.probe
                    .report((if well { "starts" } else { "fails" }, me.since.elapsed()));
                Server::options().name("patient").start_link(well).await
            }
        })
    }

    /// The seconds at which it was tried to start it, so far.
    fn tries(&self) -> Vec<u64> {
        self.probe
            .drain()
            .iter()
            .map(|(_, at)| (at.as_secs_f64() * 10.0).round() as u64)
            .collect()
    }
}

pub(crate) fn exponential() -> Backoff {
    Backoff::exponential(Duration::from_secs(1), Duration::from_secs(5)).without_jitter()
}

pub(crate) fn named() -> ServerName<Server> {
    ServerName::new("patient")
}

pub(crate) async fn tree(child: ChildSpec) -> otp_core::SupervisorRef {
    let sibling = ChildSpec::worker("sibling", || {
        Server::options().name("sibling").start_link(true)
    });
    let tree = Supervisor::new(Strategy::OneForOne)
        .child(sibling)
        .child(child);
    tree.start_link().await.expect("it starts")
}

#[otp_core::test(reports)]
async fn a_child_that_fails_at_once_is_tried_again_and_disturbs_nobody() {
    let patient = Patient::new(false);
    let tree = tree(patient.child().backoff(exponential())).await;
    let sibling = process::whereis("sibling");
    let not_yet = tree.await_ready().timeout(Duration::from_secs(20)).await;
    assert_eq!(
        not_yet,
        Err(NotReady::Timeout {
            limit: Duration::from_secs(20)
        })
    );
    assert_eq!(patient.tries(), [0, 10, 30, 70, 120, 170]);
    patient.well.store(true, Ordering::SeqCst);
    assert_eq!(tree.await_ready().await, Ok(()));
    assert!(named().is_alive());
    assert_eq!(
        process::whereis("sibling"),
        sibling,
        "its sibling has not ended"
    );
    let reports = reports().take();
    let failures = reports
        .iter()
        .filter(|it| it.field("context") == Some("start_error"));
    assert_eq!(failures.count(), 6, "each failed start is reported");
}

/// The child ends after so many seconds each time, and is started again after so many.
async fn restarts_after(backoff: Backoff, lives: impl IntoIterator<Item = (u64, u32)>) {
    let patient = Patient::new(true);
    let tree = tree(patient.child().backoff(backoff)).await;
    for (lives, waits) in lives {
        assert_eq!(tree.await_ready().await, Ok(()));
        sleep(Duration::from_secs(lives)).await;
        let ended = Instant::now();
        let server = named().whereis().expect("it is ready");
        server.cast(ExitReason::other("oops"));
        server.wait().await;
        assert_eq!(patient.probe.next().await.0, "starts");
        tokio::task::yield_now().await;
        assert_eq!(tree.await_ready().await, Ok(()));
        let waited = ended.elapsed().as_secs_f64();
        assert!(
            (f64::from(waits)..f64::from(waits) + 0.1).contains(&waited),
            "{waited} not {waits}"
        );
    }
}

#[otp_core::test]
async fn a_child_that_has_been_well_begins_anew() {
    let backoff = exponential().reset_after(Duration::from_secs(60));
    restarts_after(backoff, [(0, 1), (0, 2), (59, 4), (60, 1), (0, 2)]).await;
}

#[otp_core::test]
async fn by_default_a_child_is_well_after_the_longest_delay() {
    restarts_after(exponential(), [(0, 1), (0, 2), (4, 4), (5, 1), (0, 2)]).await;
}

#[otp_core::test]
async fn without_a_healthy_time_each_start_begins_anew() {
    let backoff = exponential().reset_after(Duration::ZERO);
    restarts_after(backoff, [(0, 1), (0, 1)]).await;
}

#[otp_core::test(reports)]
async fn one_that_fails_too_often_rests_and_the_others_live() {
    let patient = Patient::new(true);
    let guard = Guard::new().limit(3, Duration::from_secs(60));
    let tree = tree(patient.child().guarded(guard)).await;
    let sibling = process::whereis("sibling");
    for _ in 0..4 {
        assert_eq!(tree.await_ready().await, Ok(()));
        let server = named().whereis().expect("it is ready");
        server.cast(ExitReason::other("oops"));
        server.wait().await;
    }
    sleep(Duration::from_secs(1)).await;
    let stopped = NotReady::Stopped("patient".into());
    assert_eq!(tree.await_ready().await, Err(stopped));
    assert_eq!(process::whereis("sibling"), sibling);
    assert_eq!(patient.tries().len(), 4);
    let reports = reports().take();
    let limits = reports
        .iter()
        .filter(|it| it.field("context") == Some("shutdown"));
    assert_eq!(limits.count(), 1);
    tree.restart_child("patient").await.expect("it begins anew");
    assert_eq!(tree.await_ready().await, Ok(()));
}

#[otp_core::test]
async fn a_guard_that_fails_is_the_supervisors_affair() {
    for reason in [ExitReason::other("oops"), ExitReason::Normal] {
        let patient = Patient::new(true);
        let guard = Guard::new()
            .limit(0, Duration::from_secs(60))
            .on_limit(OnLimit::Fail);
        let child = patient.child().guarded(guard);
        let tree = Supervisor::new(Strategy::OneForOne)
            .max_restarts(1, Duration::from_secs(5))
            .child(child);
        let tree = tree.start().await.expect("it starts");
        for _ in 0..2 {
            assert_eq!(tree.await_ready().await, Ok(()));
            let server = named().whereis().expect("it is ready");
            server.cast(reason.clone());
            server.wait().await;
            while tree.is_alive() && named().whereis().is_none() {
                sleep(Duration::from_millis(10)).await;
            }
        }
        assert!(
            !tree.is_alive(),
            "one restart of the guard is allowed, and this was the second"
        );
    }
    let limit = RestartLimit {
        id: "a".into(),
        max_restarts: 1,
        period: Duration::from_secs(5),
    };
    assert_eq!(
        limit.to_string(),
        "child a was started again too often: more than 1 times within 5s"
    );
}

#[otp_core::test]
async fn nobody_waits_for_a_start_in_the_background() {
    let supervisor = DynamicSupervisor::new()
        .start_link()
        .await
        .expect("it starts");
    let slow = ChildSpec::worker("slow", || async {
        sleep(Duration::from_secs(30)).await;
        Server::start_link(true).await
    });
    let before = Instant::now();
    let slow = supervisor
        .start_child(slow.guarded(Guard::new()))
        .await
        .expect("the guard starts");
    let quick = ChildSpec::worker("quick", || Server::start_link(true));
    supervisor.start_child(quick).await.expect("it starts");
    assert!(before.elapsed() < Duration::from_secs(1));
    let slow = slow.pid().expect("the guard runs");
    let early = guard::ready(slow).timeout(Duration::from_secs(29)).await;
    assert!(matches!(early, Err(NotReady::Timeout { .. })), "{early:?}");
    let child = guard::ready(slow).await.expect("it starts");
    assert_ne!(child, slow);
    assert!(before.elapsed() >= Duration::from_secs(30));
    assert_eq!(
        guard::ready(child).await,
        Ok(child),
        "what is no guard runs"
    );
}

#[otp_core::test]
async fn a_child_that_is_being_started_is_ended_with_the_supervisor() {
    let begun = Probe::new();
    let tell = begun.clone();
    let endless = ChildSpec::worker("endless", move || {
        let tell = tell.clone();
        async move {
            let child = process::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>());
            tell.report(child.clone());
            sleep(Duration::from_secs(3600)).await;
            child
        }
    });
    let tree = tree(endless.guarded(Guard::new())).await;
    let child = begun.next().await;
    let before = Instant::now();
    tree.stop().await.expect("it stops");
    assert!(before.elapsed() < Duration::from_secs(1));
    assert_eq!(child.wait().await, ExitReason::Shutdown);
}

#[otp_core::test(reports)]
async fn a_guard_stops_its_child_as_the_specification_says() {
    struct Slow(Duration);

    impl GenServer for Slow {
        type Args = Duration;
        type Call = Never;
        type Cast = Never;
        type Info = Never;
        type Continue = Never;

        async fn init(
            time: Duration,
            context: &mut Context<Self>,
        ) -> Result<Init<Self>, ExitReason> {
            context.trap_exit(true);
            Ok(Init::state(Self(time)))
        }

        async fn terminate(&mut self, _: &ExitReason, _: &mut Context<Self>) {
            sleep(self.0).await;
        }
    }

    let secs = Duration::from_secs;
    for (takes, limit, ended) in [
        (3, Shutdown::Within(secs(10)), ExitReason::Shutdown),
        (20, Shutdown::Within(secs(10)), ExitReason::Killed),
        (20, Shutdown::Infinity, ExitReason::Shutdown),
        (20, Shutdown::BrutalKill, ExitReason::Killed),
    ] {
        let child = ChildSpec::worker("slow", move || {
            Slow::options().name("slow").start_link(secs(takes))
        });
        let tree = tree(child.shutdown(limit).guarded(Guard::new())).await;
        assert_eq!(tree.await_ready().await, Ok(()));
        let slow = ServerName::<Slow>::new("slow")
            .whereis()
            .expect("it is ready");
        tree.stop().await.expect("it stops");
        assert_eq!(slow.wait().await, ended, "{limit:?}");
    }
    let reports = reports().take();
    let late = reports
        .iter()
        .filter(|it| it.field("context") == Some("shutdown_error"));
    assert_eq!(late.count(), 1, "one took too long");
}

#[otp_core::test]
async fn restart_types_hold_for_the_guarded_child() {
    for (restart, reason, again) in [
        (Restart::Permanent, ExitReason::Normal, true),
        (Restart::Transient, ExitReason::Normal, false),
        (Restart::Transient, ExitReason::other("oops"), true),
        (Restart::Temporary, ExitReason::other("oops"), false),
    ] {
        let patient = Patient::new(true);
        let tree = tree(patient.child().restart(restart).guarded(Guard::new())).await;
        assert_eq!(tree.await_ready().await, Ok(()));
        let server = named().whereis().expect("it is ready");
        server.cast(reason.clone());
        server.wait().await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(named().is_alive(), again, "{restart} {reason:?}");
        tree.stop().await.expect("it stops");
    }
}

#[otp_core::test]
async fn waiting_for_what_is_gone_fails() {
    let gone = process::spawn(|_: Mailbox<Never>| async {});
    gone.wait().await;
    let error = guard::ready(gone.pid()).await;
    assert_eq!(error, Err(NotReady::Ended { guard: gone.pid() }));
    let counts = Arc::new(AtomicU32::new(0));
    let child = ChildSpec::worker("x", move || {
        counts.fetch_add(1, Ordering::SeqCst);
        async { Err::<Pid, _>(StartError::Ignored) }
    });
    let tree = tree(child.restart(Restart::Transient).guarded(Guard::new())).await;
    sleep(Duration::from_secs(1)).await;
    let stopped = NotReady::Stopped("x".into());
    assert_eq!(
        tree.await_ready().await,
        Err(stopped),
        "it chose not to start"
    );
    tree.stop().await.expect("it stops");
    assert!(matches!(
        tree.await_ready().await,
        Err(NotReady::Supervisor(CallError::NoProcess { .. }))
    ));
}

/// The paused clock stands still until this is dropped, also while all processes wait for a thread.
pub(crate) fn stand_still() -> std::sync::mpsc::Sender<()> {
    let (stand, wait) = std::sync::mpsc::channel();
    drop(tokio::task::spawn_blocking(move || wait.recv()));
    stand
}

/// A thread that blocks cannot be ended, and what it uses is not free. So it is with an unguarded child, too.
#[otp_core::test]
async fn a_supervisor_waits_for_a_guarded_child_that_blocks_its_thread() {
    let short = Shutdown::Within(Duration::from_millis(10));
    type Wrap = fn(ChildSpec) -> ChildSpec;
    let ways: [Wrap; 6] = [
        |spec| spec,
        |spec| spec.guarded(Guard::new()),
        |spec| spec.shutdown(Shutdown::BrutalKill).guarded(Guard::new()),
        |spec| {
            spec.guarded(Guard::new())
                .shutdown(Shutdown::Within(Duration::from_millis(20)))
        },
        |spec| spec.guarded(Guard::new()).shutdown(Shutdown::BrutalKill),
        |spec| {
            let guarded = spec.guarded(Guard::new()).shutdown(Shutdown::BrutalKill);
            guarded.guarded(Guard::new())
        },
    ];
    for (n, way) in ways.into_iter().enumerate() {
        let (told, blocks) = (Probe::new(), Probe::new());
        let (let_go, wait) = std::sync::mpsc::channel::<()>();
        let wait = Arc::new(std::sync::Mutex::new(wait));
        let (begins, ends) = (blocks.clone(), told.clone());
        let child = ChildSpec::worker("thread", move || {
            let (begins, ends, wait) = (begins.clone(), ends.clone(), wait.clone());
            async move {
                otp_core::blocking::spawn_link(move |_: Mailbox<Never>| async move {
                    begins.report(());
                    let _ = wait.lock().expect("no panic").recv();
                    ends.report("thread");
                })
            }
        });
        let tree = tree(way(child.shutdown(short))).await;
        let still = stand_still();
        blocks.next().await;
        drop(still);
        let (stopping, stopped) = (tree.clone(), told.clone());
        let stop = otp_core::Task::spawn(async move {
            stopping.stop().await.expect("it stops");
            stopped.report("stopped");
        });
        // All limits pass.
        sleep(Duration::from_secs(60)).await;
        assert_eq!(told.drain(), [""; 0], "way {n}");
        let _still = stand_still();
        drop(let_go);
        stop.await.expect("no panic");
        assert_eq!(told.drain(), ["thread", "stopped"]);
    }
}
