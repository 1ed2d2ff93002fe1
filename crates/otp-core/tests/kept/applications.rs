//! `application::run`: the cause of a failure, and failures while all is being stopped.

use std::future::{pending, poll_fn};
use std::mem;
use std::sync::{Arc, Barrier};
use std::task::Poll;
use std::time::Duration;

use futures_util::stream;
use otp_core::application::{
    self, Application, ApplicationSpec, Applications, Cause, Ended, ExitStatus,
};
use otp_core::guard::{Guard, OnLimit};
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Child, drain, process};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

/// An application of these children.
struct App;

impl Application for App {
    type Args = fn() -> Vec<ChildSpec>;

    async fn start(children: Self::Args) -> Result<(Child, Self), ExitReason> {
        let tree = children()
            .into_iter()
            .fold(Supervisor::new(Strategy::OneForOne), Supervisor::child);
        Ok((tree.name("top").start_link().await?.into(), Self))
    }
}

/// Runs for a moment, and fails.
fn failing(id: &'static str) -> ChildSpec {
    ChildSpec::worker(id, || async {
        process::spawn_link(|_: Mailbox<Never>| async {
            sleep(Duration::from_millis(10)).await;
            ExitReason::other("no database")
        })
    })
}

fn calm() -> ChildSpec {
    ChildSpec::worker("calm", || async {
        process::spawn_link(|_: Mailbox<Never>| pending::<()>())
    })
}

fn under(id: &'static str, children: fn() -> Vec<ChildSpec>) -> ChildSpec {
    ChildSpec::supervisor(id, move || {
        let tree = children()
            .into_iter()
            .fold(Supervisor::new(Strategy::OneForOne), Supervisor::child);
        tree.start_link()
    })
}

/// Starts, runs, and does not start again.
fn once() -> ChildSpec {
    let starts = std::sync::atomic::AtomicU32::new(0);
    ChildSpec::worker("once", move || {
        let first = starts.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        async move {
            match first {
                true => Ok(process::spawn_link(|_: Mailbox<Never>| async {
                    ExitReason::other("first")
                })),
                false => Err(ExitReason::other("not again")),
            }
        }
    })
}

async fn run(node: &Node, children: fn() -> Vec<ChildSpec>) -> ExitStatus {
    let app = ApplicationSpec::new::<App>("app", children);
    application::run(node, app, stream::pending()).await
}

#[otp_core::test(reports)]
async fn the_cause_of_a_failure_is_the_child_that_has_failed_too_often() {
    /// The children, the path to the one that fails, and why it does.
    type Case = (
        fn() -> Vec<ChildSpec>,
        &'static [&'static str],
        &'static str,
    );
    let cases: [Case; 5] = [
        (|| vec![calm(), failing("db")], &["db"], "no database"),
        (
            || vec![calm(), under("storage", || vec![failing("db"), calm()])],
            &["storage", "db"],
            "no database",
        ),
        (
            || {
                let guard = Guard::new()
                    .limit(2, Duration::from_secs(60))
                    .on_limit(OnLimit::Fail);
                vec![under("storage", || vec![failing("db")]).guarded(guard)]
            },
            &["storage", "db"],
            "no database",
        ),
        (|| vec![once()], &["once"], "not again"),
        (
            || {
                vec![ChildSpec::supervisor("rooms", || async {
                    let rooms = DynamicSupervisor::new().start_link().await?;
                    rooms.start_child(failing("room")).await?;
                    Ok::<_, Stop>(rooms)
                })]
            },
            &["rooms", "room"],
            "no database",
        ),
    ];
    for (children, path, reason) in cases {
        let node = Node::new();
        let status = run(&node, children).await;
        assert_eq!(status.exit_code(), 1);
        let text = status.to_string();
        let path = path.join("/");
        assert_eq!(
            text,
            format!("application app has ended: child {path} has failed too often: {reason}")
        );
        let ExitStatus::Failed {
            reason: ExitReason::Shutdown,
            cause: Some(Cause { reason: cause, .. }),
            ..
        } = status
        else {
            panic!("{status:?}");
        };
        assert_eq!(cause.to_string(), reason);
        let all = Applications::on(&node);
        assert!(all.cause("app").is_some() && all.cause("other").is_none());
    }
}

/// The cause of the end of a supervisor whose significant child has ended.
#[otp_core::test(reports)]
async fn the_cause_of_an_end_by_a_significant_child_is_why_that_child_has_ended() {
    use otp_core::supervisor::AutoShutdown;

    /// The top supervisor has this significant child.
    struct Significant;

    impl Application for Significant {
        type Args = ChildSpec;

        async fn start(child: ChildSpec) -> Result<(Child, Self), ExitReason> {
            let tree = Supervisor::new(Strategy::OneForOne)
                .auto_shutdown(AutoShutdown::AnySignificant)
                .children([calm(), child.significant(true)]);
            Ok((tree.start_link().await?.into(), Self))
        }
    }

    let minute = Duration::from_secs(60);
    let rests = move |child: ChildSpec| {
        let child = child.restart(Restart::Transient);
        child.guarded(Guard::new().limit(1, minute).on_limit(OnLimit::Rest))
    };
    let cases: [(ChildSpec, &[&str]); 4] = [
        (rests(failing("db")), &["db"]),
        (failing("db").restart(Restart::Temporary), &["db"]),
        (
            under("disk", || vec![failing("db")]).restart(Restart::Transient),
            &["disk", "db"],
        ),
        (
            rests(under("disk", || vec![failing("db")]).restart(Restart::Permanent)),
            &["disk", "db"],
        ),
    ];
    for (child, path) in cases {
        let node = Node::new();
        let spec = ApplicationSpec::new::<Significant>("app", child);
        let status = application::run(&node, spec, stream::pending()).await;
        let ExitStatus::Failed { cause, .. } = &status else {
            panic!("{status:?}");
        };
        let cause = cause.clone().expect("there is a cause");
        let path: Vec<_> = path.iter().map(|id| (*id).into()).collect();
        assert_eq!(
            (cause.path, cause.reason),
            (path, ExitReason::other("no database"))
        );
    }
    // An orderly end is no failure.
    let done = ChildSpec::worker("done", || async {
        process::spawn_link(|_: Mailbox<Never>| async {})
    });
    let done = done.restart(Restart::Transient);
    for done in [done.clone(), done.guarded(Guard::new())] {
        let node = Node::new();
        let spec = ApplicationSpec::new::<Significant>("app", done);
        let status = application::run(&node, spec, stream::pending()).await;
        assert!(
            matches!(status, ExitStatus::Failed { cause: None, .. }),
            "{status:?}"
        );
    }
}

#[otp_core::test]
async fn an_application_that_is_ended_from_outside_has_no_cause() {
    let node = process::node();
    process::spawn(|_: Mailbox<Never>| async {
        let top = loop {
            sleep(Duration::from_millis(1)).await;
            if let Some(top) = process::whereis("top") {
                break top;
            }
        };
        let top = otp_core::SupervisorRef::find(&process::node(), top).expect("it runs");
        top.stop_with("enough").await.expect("it stops");
    });
    let status = run(&node, || vec![calm()]).await;
    let failed = ExitStatus::Failed {
        application: "app".into(),
        reason: ExitReason::other("enough"),
        cause: None,
    };
    assert_eq!(status, failed);
    assert_eq!(Applications::on(&node).cause("app"), None);
}

/// Children fail while they drain.
#[otp_core::test(reports)]
async fn what_fails_after_the_signal_changes_no_exit_code_and_holds_up_nothing() {
    fn drains() -> Vec<ChildSpec> {
        vec![
            calm(),
            drain::child_spec("web", |drain| async move {
                drain.wait().await;
                sleep(Duration::from_secs(1)).await;
                Err::<(), _>(ExitReason::other("no disk"))
            }),
            drain::child_spec("bus", |drain| async move {
                drain.wait().await;
                sleep(Duration::from_secs(1)).await;
                panic!("no bus")
            }),
        ]
    }

    let signals = stream::once(Box::pin(sleep(Duration::from_secs(10))));
    let app = ApplicationSpec::new::<App>("app", drains);
    let (node, before) = (process::node(), Instant::now());
    let status = application::run(&node, app, signals).await;
    let took = before.elapsed();
    assert_eq!((&status, status.exit_code()), (&ExitStatus::Stopped, 0));
    assert_eq!(Applications::on(&node).cause("app"), None);
    assert!(took >= Duration::from_secs(12) && took < Duration::from_secs(14));
}

/// Reports its end, and has a process beside its tree.
struct WithStray(Probe<&'static str>);

impl Application for WithStray {
    type Args = (Probe<&'static str>, Probe<Pid>);

    async fn start((probe, stray): Self::Args) -> Result<(Child, Self), ExitReason> {
        stray.report(process::spawn(|_: Mailbox<Never>| pending::<()>()).pid());
        let tree = Supervisor::new(Strategy::OneForOne).child(calm());
        Ok((tree.start_link().await?.into(), Self(probe)))
    }

    async fn stop(&mut self) {
        self.0.report("stop");
    }
}

/// The process with this label.
fn labelled(node: &Node, label: &str) -> Pid {
    let info = node
        .processes()
        .into_iter()
        .filter_map(|pid| node.process_info(pid));
    let mut of_it = info.filter(|info| info.label.as_deref() == Some(label));
    of_it.next().expect("it runs").pid
}

/// Goes behind the tasks that are to run; `yield_now` would wait until there are none.
async fn behind_the_others() {
    let mut is_behind = false;
    poll_fn(|cx| {
        if mem::replace(&mut is_behind, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Master and controller are killed at once, and so many successors of the master after them, each before its first poll.
async fn check_all_killed(successors: usize) {
    let node = Node::new();
    let applications = Applications::on(&node);
    let (probe, strays) = (Probe::new(), Probe::new());
    let spec = ApplicationSpec::new::<WithStray>("app", (probe.clone(), strays.clone()));
    applications.start(spec).await.expect("it starts");
    let stray = strays.next().await;
    let mut known = node.processes();
    let (its, killed) = (node.clone(), Probe::new());
    let reports = killed.clone();
    // It runs behind the process that starts a successor, and before the successor.
    let killer = node.spawn(move |mut mailbox: Mailbox<()>| async move {
        known.push(process::current());
        mailbox.receive().await;
        for _ in 0..successors {
            let mut all = its.processes().into_iter();
            let next = all.find(|pid| !known.contains(pid));
            let next = next.expect("a successor has been started");
            known.push(next);
            its.exit(next, ExitReason::Kill);
            behind_the_others().await;
        }
        reports.report(successors);
    });
    let kills = async {
        // Another one waits for the end by now.
        tokio::task::yield_now().await;
        let controller = labelled(&node, "application_controller");
        node.exit(labelled(&node, "application_master: app"), ExitReason::Kill);
        node.exit(controller, ExitReason::Kill);
        killer.send(());
        assert_eq!(killed.next().await, successors);
        assert_eq!(probe.next().await, "stop");
    };
    let (ended, ()) = tokio::join!(applications.ended(), kills);
    assert!(matches!(ended, Ended::Failed { .. }), "{ended:?}");
    assert!(!node.is_alive(stray));
    while !node.processes().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_application_ends_though_its_master_and_the_controller_are_killed_at_once() {
    for successors in [0, 1, 2, 10] {
        check_all_killed(successors).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_ends_though_its_master_and_the_controller_are_killed_on_other_threads() {
    for _ in 0..100 {
        check_all_killed(0).await;
    }
}

/// Two who find no controller each start one; the one that is not taken must leave the data of the other alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn starts_from_several_threads_at_once_are_all_listed() {
    for _ in 0..1000 {
        let node = Node::new();
        let gate = Arc::new(Barrier::new(4));
        let starts = (0..4).map(|n| {
            let (applications, gate) = (Applications::on(&node), gate.clone());
            let runtime = Handle::current();
            tokio::task::spawn_blocking(move || {
                gate.wait();
                let library = ApplicationSpec::library(format!("library {n}"));
                runtime.block_on(applications.start(library))
            })
        });
        for started in starts.collect::<Vec<_>>() {
            assert_eq!(started.await.expect("it does not panic"), Ok(()));
        }
        let applications = Applications::on(&node);
        assert_eq!(applications.which_applications().len(), 4);
        for n in 0..4 {
            assert!(applications.unload(&format!("library {n}")).is_err());
        }
    }
}
