//! Applications: their end, the end of all, and `run` for a main function.

use std::time::Duration;

use futures_util::stream::{self, Stream};
use otp_core::application::{
    self, Application, ApplicationSpec, Applications, Ended, ExitStatus, RestartType,
    StartApplicationError,
};
use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Child, SupervisorRef, process};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::Level;

use crate::applications::{Did, Start, band};
use crate::collector::{Report, collect};
use crate::support::{in_process, settle};

const AN_HOUR: Duration = Duration::from_secs(60 * 60);

/// Signals that a test sends.
fn signals() -> (mpsc::UnboundedSender<()>, impl Stream<Item = ()>) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    (sender, stream::poll_fn(move |cx| receiver.poll_recv(cx)))
}

/// Two that run: `base`, and `app`, which needs it.
fn pair(all: &Applications, probe: &Probe<Did>, start: Start) -> ApplicationSpec {
    let base = band("base", probe, Start::Well);
    all.load(base).expect("it is loaded once");
    band("app", probe, start).depends_on("base")
}

fn top(node: &Node, name: &'static str) -> SupervisorRef {
    SupervisorRef::find(node, name).expect("its tree is there")
}

const IN_ORDER: [Did; 6] = [
    ("base", "start"),
    ("app", "start"),
    ("app", "prep_stop"),
    ("app", "stop"),
    ("base", "prep_stop"),
    ("base", "stop"),
];

// APP-008
#[tokio::test(start_paused = true)]
async fn what_the_end_of_an_application_means_depends_on_its_type() {
    use RestartType::{Permanent, Temporary, Transient};

    let boo = ExitReason::other("boo");
    for (restart, reason, is_fatal) in [
        (Temporary, ExitReason::Normal, false),
        (Temporary, ExitReason::Shutdown, false),
        (Temporary, boo.clone(), false),
        (Transient, ExitReason::Normal, false),
        (Transient, ExitReason::Shutdown, true),
        (Transient, boo.clone(), true),
        (Permanent, ExitReason::Normal, true),
        (Permanent, ExitReason::Shutdown, true),
        (Permanent, boo, true),
    ] {
        in_process(async move {
            let (all, probe) = (Applications::here(), Probe::new());
            all.start(band("other", &probe, Start::Well)).await.unwrap();
            let app = band("app", &probe, Start::Well);
            all.start_as(app, restart).await.unwrap();
            let _ = probe.drain();
            let tree = top(&process::node(), "app");
            tree.stop_with(reason.clone()).await.unwrap();
            settle().await;
            let mut did = vec![("app", "prep_stop without tree"), ("app", "stop")];
            if is_fatal {
                did.extend([("other", "prep_stop"), ("other", "stop")]);
                let failed = Ended::Failed {
                    application: "app".into(),
                    reason: reason.clone(),
                };
                assert_eq!(all.ended().await, failed);
                let late = all.start("other").await;
                assert_eq!(
                    late,
                    Err(StartApplicationError::ShuttingDown("other".into()))
                );
            }
            assert_eq!(probe.drain(), did, "{restart:?} with {reason}");
            let running = all.which_applications().len();
            assert_eq!(running, usize::from(!is_fatal));
        })
        .await;
    }
}

// APP-008
#[tokio::test(start_paused = true)]
async fn to_stop_a_permanent_application_ends_nothing_else() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        all.start(band("other", &probe, Start::Well)).await.unwrap();
        let app = band("app", &probe, Start::Well);
        all.start_as(app, RestartType::Permanent).await.unwrap();
        assert_eq!(all.stop("app").await, Ok(()));
        settle().await;
        assert_eq!(all.which_applications().len(), 1);
    })
    .await;
}

// APP-008
#[tokio::test(start_paused = true)]
async fn an_application_whose_master_is_killed_has_ended_too() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        let app = band("app", &probe, Start::Well);
        all.start_as(app, RestartType::Permanent).await.unwrap();
        let tree = top(&process::node(), "app");
        let info = process::node().process_info(tree.pid()).unwrap();
        process::exit(info.ancestors[0], ExitReason::Kill);
        assert_eq!(tree.wait().await, ExitReason::Killed);
        let failed = Ended::Failed {
            application: "app".into(),
            reason: ExitReason::Killed,
        };
        assert_eq!(all.ended().await, failed);
    })
    .await;
}

// APP-007
#[tokio::test(start_paused = true)]
async fn a_shutdown_stops_all_in_reverse_order_of_their_starts() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        let app = pair(&all, &probe, Start::Well);
        let order = all.ensure_all_started(app, RestartType::Permanent).await;
        assert_eq!(order.unwrap(), ["base", "app"]);
        assert_eq!(all.shutdown(TimeLimit::Infinity).await, Ended::Stopped);
        assert_eq!(probe.drain(), IN_ORDER);
        assert_eq!(all.which_applications(), []);
        let again = all.shutdown(TimeLimit::Infinity).await;
        assert_eq!(again, Ended::Stopped, "twice is the same as once");
    })
    .await;
}

// APP-007
#[tokio::test(start_paused = true)]
async fn a_shutdown_with_a_limit_kills_what_takes_longer() {
    /// Its top does not heed exit signals.
    struct Stubborn;

    impl Application for Stubborn {
        type Args = ();

        async fn start((): ()) -> Result<(Child, Self), ExitReason> {
            let top = process::spawn_link(|mut mailbox: Mailbox<()>| async move {
                mailbox.trap_exit(|_| ());
                loop {
                    mailbox.receive().await;
                }
            });
            Ok((top.into(), Self))
        }
    }

    in_process(async {
        let all = Applications::here();
        let stubborn = ApplicationSpec::new::<Stubborn>("stubborn", ());
        all.start(stubborn).await.unwrap();
        let (start, limit) = (Instant::now(), Duration::from_secs(3));
        assert_eq!(all.shutdown(limit).await, Ended::Stopped);
        assert_eq!(start.elapsed(), limit);
        assert_eq!(all.which_applications(), []);
    })
    .await;
}

// APP-007
#[tokio::test(start_paused = true)]
async fn run_stops_everything_in_order_at_the_first_signal() {
    let (node, probe) = (Node::new(), Probe::new());
    let app = pair(&Applications::on(&node), &probe, Start::Well);
    let (signal, signals) = signals();
    let main = tokio::join!(application::run(&node, app, signals), async {
        settle().await;
        signal.send(()).unwrap();
    });
    assert_eq!(main.0, ExitStatus::Stopped);
    assert_eq!(main.0.exit_code(), 0);
    assert_eq!(probe.drain(), IN_ORDER);
}

// APP-007
#[tokio::test(start_paused = true)]
async fn run_returns_at_once_at_the_second_signal() {
    let (node, probe) = (Node::new(), Probe::new());
    let app = pair(&Applications::on(&node), &probe, Start::Slowly);
    let (signal, signals) = signals();
    let start = Instant::now();
    let main = tokio::join!(application::run(&node, app, signals), async {
        settle().await;
        signal.send(()).unwrap();
        settle().await;
        signal.send(()).unwrap();
    });
    assert_eq!(main.0, ExitStatus::Interrupted);
    assert_eq!(main.0.exit_code(), 130);
    assert!(start.elapsed() < AN_HOUR, "the start was not waited for");
}

// APP-008
#[tokio::test(start_paused = true)]
async fn a_top_supervisor_that_gives_up_ends_the_program_with_a_report() {
    struct Crashing;

    impl Application for Crashing {
        type Args = ();

        async fn start((): ()) -> Result<(Child, Self), ExitReason> {
            let child = ChildSpec::worker("crasher", || async {
                process::spawn_link(|_: Mailbox<Never>| async {
                    settle().await;
                    ExitReason::other("again")
                })
            });
            let top = Supervisor::new(Strategy::OneForOne).child(child);
            let top = top.max_restarts(2, AN_HOUR).start_link().await?;
            Ok((top.into(), Self))
        }
    }

    let (reports, _guard) = collect();
    let (node, probe) = (Node::new(), Probe::new());
    let all = Applications::on(&node);
    all.load(band("base", &probe, Start::Well)).unwrap();
    let app = ApplicationSpec::new::<Crashing>("crashing", ()).depends_on("base");
    let (_signal, signals) = signals();
    let status = application::run(&node, app, signals).await;
    let ExitStatus::Failed {
        application,
        reason,
        cause: Some(cause),
    } = &status
    else {
        panic!("{status:?}");
    };
    assert_eq!(
        (application.as_str(), reason),
        ("crashing", &ExitReason::Shutdown)
    );
    assert_eq!(cause.path, ["crasher".into()]);
    assert_eq!(cause.reason, ExitReason::other("again"));
    assert_eq!(status.exit_code(), 1);
    let did = ["start", "prep_stop", "stop"].map(|did| ("base", did));
    assert_eq!(probe.drain(), did, "the others were stopped");
    let about = |report: &Report| report.kind() == "application";
    let told: Vec<Report> = reports.take().into_iter().filter(about).collect();
    let levels: Vec<_> = told.iter().map(|report| report.level).collect();
    assert_eq!(levels, [Level::ERROR, Level::INFO], "{told:#?}");
    let text = "Application crashing exited: shutdown\nAll applications are shut down";
    assert_eq!(told[0].text(), text);
    assert_eq!(told[1].text(), "Application base exited: stopped");
}

// APP-004
#[tokio::test(start_paused = true)]
async fn run_tells_of_a_start_that_failed() {
    let (node, probe) = (Node::new(), Probe::new());
    let app = pair(&Applications::on(&node), &probe, Start::Fails);
    let (_signal, signals) = signals();
    let status = application::run(&node, app, signals).await;
    let error = StartApplicationError::Failed {
        application: "app".into(),
        reason: ExitReason::other("nope"),
    };
    assert_eq!(status, ExitStatus::NotStarted(error));
    assert_eq!(status.exit_code(), 1);
    assert_eq!(Applications::on(&node).which_applications(), []);
}

// APP-009
#[otp_core::test]
async fn a_process_of_an_application_ends_the_run_when_its_work_is_done() {
    let (all, probe, node) = (Applications::here(), Probe::new(), process::node());
    let app = pair(&all, &probe, Start::Well);
    let worker = process::spawn(move |_: Mailbox<Never>| async move {
        settle().await;
        // It goes on: the end waits for its supervisor, and this for nothing.
        Applications::here().request_shutdown();
        std::future::pending::<()>().await;
    });
    let status = application::run(&node, app, stream::pending()).await;
    assert_eq!(status, ExitStatus::Stopped);
    assert_eq!(probe.drain(), IN_ORDER);
    assert!(worker.is_alive());
}
