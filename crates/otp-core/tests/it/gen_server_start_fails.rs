//! GenServer: starts that fail, and what is left of them.

use std::time::Duration;

use otp_core::gen_server::StartOptions;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;

use crate::support::{
    Event, Gate, Heard, Lab, Setup, echo, in_process, lab, panic_of, quiet, settle, with_mailbox,
};

const LIMIT: Duration = Duration::from_millis(50);

/// The ways in which an `init` fails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Fails,
    StopsNormally,
    Ignores,
    FailsQuietly,
    Panics,
    ExitsItself,
    IsKilled,
    TakesTooLong,
}

const WAYS: [Way; 8] = [
    Way::Fails,
    Way::StopsNormally,
    Way::Ignores,
    Way::FailsQuietly,
    Way::Panics,
    Way::ExitsItself,
    Way::IsKilled,
    Way::TakesTooLong,
];

/// A start that will fail, under the name `egg`.
struct Doomed {
    options: StartOptions<Lab>,
    setup: Setup,
    /// Keeps an init that is to wait for ever waiting.
    _closed: oneshot::Sender<()>,
}

impl Doomed {
    async fn start(self) -> StartError {
        let Self {
            options,
            setup,
            _closed,
        } = self;
        options.start(setup).await.expect_err("it is doomed")
    }

    async fn start_link(self) -> StartError {
        let Self {
            options,
            setup,
            _closed,
        } = self;
        options.start_link(setup).await.expect_err("it is doomed")
    }

    async fn start_monitor(self) -> StartError {
        let Self {
            options,
            setup,
            _closed,
        } = self;
        options
            .start_monitor(setup)
            .await
            .expect_err("it is doomed")
    }
}

impl Way {
    fn doomed(self) -> Doomed {
        let (_closed, gate) = oneshot::channel();
        let options = Lab::options().name("egg");
        let probe = Probe::new();
        let setup = lab(&probe);
        let (options, setup) = match self {
            Self::TakesTooLong => (options.timeout(LIMIT), setup.gate(gate)),
            Self::IsKilled => {
                process::spawn(|_: Mailbox<Never>| async move {
                    assert_eq!(probe.next().await, Event::Init);
                    let egg = process::whereis("egg").expect("it waits in init");
                    process::exit(egg, ExitReason::Kill);
                });
                (options, setup.gate(gate))
            }
            way => (options, way.setup(setup)),
        };
        Doomed {
            options,
            setup,
            _closed,
        }
    }

    fn setup(self, setup: Setup) -> Setup {
        setup.init(move |lab, _| match self {
            Self::Fails => Err(ExitReason::other("no eggs")),
            Self::StopsNormally => Err(ExitReason::Normal),
            Self::Ignores => Ok(Init::ignore()),
            Self::FailsQuietly => Ok(Init::error(ExitReason::other("no eggs"))),
            Self::Panics => panic!("boom"),
            Self::ExitsItself => process::exit_self(ExitReason::other("no eggs")),
            Self::IsKilled | Self::TakesTooLong => Ok(Init::state(lab)),
        })
    }

    /// What the starter is told.
    #[track_caller]
    fn check(self, error: &StartError) {
        let reason = ExitReason::other("no eggs");
        match (self, error) {
            (Self::Panics, StartError::Init(reason)) => {
                assert_eq!(panic_of(reason).message, "boom");
            }
            (Self::Fails | Self::FailsQuietly | Self::ExitsItself, error) => {
                assert_eq!(*error, StartError::Init(reason));
            }
            (Self::StopsNormally, error) => {
                assert_eq!(*error, StartError::Init(ExitReason::Normal));
            }
            (Self::Ignores, error) => assert_eq!(*error, StartError::Ignored),
            (Self::TakesTooLong, error) => assert_eq!(*error, StartError::Timeout(LIMIT)),
            (way, error) => assert_eq!(*error, StartError::Init(ExitReason::Killed), "{way:?}"),
        }
    }

    /// Whether a linked starter that does not trap exits goes down with it.
    fn takes_the_starter_along(self) -> bool {
        matches!(
            self,
            Self::Fails | Self::Panics | Self::ExitsItself | Self::IsKilled
        )
    }
}

// GST-002, GST-003, GST-004, GST-005, GST-008, GST-011
#[tokio::test(start_paused = true)]
async fn a_start_that_fails_says_why_and_leaves_process_and_name_gone() {
    for way in WAYS {
        in_process(async move {
            let alone = process::node().processes();
            for _ in 0..2 {
                let error = way.doomed().start().await;
                way.check(&error);
                assert_eq!(process::whereis("egg"), None, "{way:?}");
                assert_eq!(process::node().registered(), Vec::<String>::new());
                settle().await;
                assert_eq!(process::node().processes(), alone, "{way:?}");
            }
            let server = Lab::options().name("egg").start(quiet()).await.unwrap();
            assert_eq!(server.call(echo(1)).await, Ok(1));
        })
        .await;
    }
}

// GST-002, GST-003, GST-004, GST-005, GST-011
#[tokio::test(start_paused = true)]
async fn a_linked_starter_goes_down_only_with_a_process_that_ends_abnormally() {
    for way in WAYS {
        in_process(async move {
            let told = Probe::new();
            let telling = told.clone();
            let starter = process::spawn(move |_: Mailbox<Never>| async move {
                telling.report(way.doomed().start_link().await);
            });
            let reason = starter.wait().await;
            if !way.takes_the_starter_along() {
                assert_eq!(reason, ExitReason::Normal, "{way:?}");
                way.check(&told.next().await);
                return;
            }
            way.check(&StartError::Init(reason));
            assert_eq!(told.drain(), []);
        })
        .await;
    }
}

// GST-002, GST-003, GST-004, GST-005: since OTP 26 the EXIT of a failed start is taken away
#[tokio::test(start_paused = true)]
async fn a_starter_that_traps_exits_finds_no_exit_of_a_failed_start() {
    for way in WAYS {
        with_mailbox(move |mut mailbox| async move {
            mailbox.trap_exit(Heard::Exit);
            mailbox.me().send(Heard::Note(1));
            way.check(&way.doomed().start_link().await);
            settle().await;
            assert_eq!(mailbox.receive().await, Heard::Note(1));
            assert!(mailbox.is_empty(), "{way:?}: {:?}", mailbox.receive().await);
        })
        .await;
    }
}

// GST-009
#[tokio::test(start_paused = true)]
async fn a_failed_start_monitor_leaves_no_down_behind() {
    for way in WAYS {
        with_mailbox(move |mailbox| async move {
            way.check(&way.doomed().start_monitor().await);
            settle().await;
            assert!(mailbox.is_empty(), "{way:?}");
            let me = process::node().process_info(mailbox.pid()).unwrap();
            assert_eq!(me.monitors, []);
        })
        .await;
    }
}

/// Starts a server that waits in `init` before it fails, and tells how its process ends.
async fn end_of(way: Way) -> ExitReason {
    with_mailbox(move |mut mailbox| async move {
        let probe = Probe::new();
        let (open, gate): (_, Gate) = oneshot::channel();
        let setup = way.setup(lab(&probe)).gate(gate);
        process::spawn(|_: Mailbox<Never>| async {
            let _ = Lab::options().name("egg").start(setup).await;
        });
        assert_eq!(probe.next().await, Event::Init);
        mailbox.monitor("egg", Heard::Down);
        drop(open);
        match mailbox.receive().await {
            Heard::Down(down) => {
                assert_eq!(probe.drain(), [], "no terminate after a failed init");
                down.reason
            }
            other => panic!("{other:?}"),
        }
    })
    .await
}

// GST-002, GST-003, GST-004, GST-011
#[tokio::test(start_paused = true)]
async fn the_process_of_a_failed_start_ends_with_its_reason() {
    assert_eq!(end_of(Way::Fails).await, ExitReason::other("no eggs"));
    assert_eq!(end_of(Way::ExitsItself).await, ExitReason::other("no eggs"));
    assert_eq!(panic_of(&end_of(Way::Panics).await).message, "boom");
    assert_eq!(end_of(Way::Ignores).await, ExitReason::Normal);
    assert_eq!(end_of(Way::FailsQuietly).await, ExitReason::Normal);
    assert_eq!(end_of(Way::StopsNormally).await, ExitReason::Normal);
}

// GST-004
#[tokio::test(start_paused = true)]
async fn a_panic_in_init_says_where_it_was() {
    in_process(async {
        let error = Way::Panics.doomed().start().await;
        let StartError::Init(reason) = &error else {
            panic!("{error:?}");
        };
        let location = panic_of(reason).location.as_ref().unwrap();
        assert!(
            location.contains("gen_server_start_fails.rs:"),
            "{location}"
        );
        assert!(
            error
                .to_string()
                .starts_with("init failed: panicked: boom ("),
            "{error}"
        );
    })
    .await;
}

// GST-005
#[tokio::test(start_paused = true)]
async fn an_init_that_takes_too_long_is_killed_at_the_limit() {
    with_mailbox(|mut mailbox| async move {
        let probe = Probe::new();
        let (open, gate) = oneshot::channel();
        let setup = lab(&probe).trapping(true).gate(gate);
        let begun = tokio::time::Instant::now();
        let starting = process::spawn(|_: Mailbox<Never>| async {
            Lab::options()
                .name("egg")
                .timeout(LIMIT)
                .start_link(setup)
                .await
                .map(drop)
        });
        assert_eq!(probe.next().await, Event::Init);
        mailbox.monitor("egg", Heard::Down);
        let Heard::Down(down) = mailbox.receive().await else {
            panic!("only one thing is monitored");
        };
        assert_eq!(down.reason, ExitReason::Killed);
        let error = starting.wait().await;
        assert_eq!(
            error.downcast_error(),
            Some(&StartError::Timeout(LIMIT)),
            "the starter lives to be told"
        );
        let taken = begun.elapsed();
        assert!(taken >= LIMIT && taken < 2 * LIMIT, "{taken:?}");
        assert!(open.is_closed(), "init is gone");
        assert_eq!(probe.drain(), []);
    })
    .await;
}

// GST-005
#[tokio::test(start_paused = true)]
async fn an_init_that_is_just_in_time_starts() {
    in_process(async {
        let (open, gate) = oneshot::channel();
        process::spawn(move |_: Mailbox<Never>| async move {
            tokio::time::sleep(LIMIT - Duration::from_millis(10)).await;
            open.send(()).unwrap();
        });
        let starting = Lab::options().timeout(LIMIT).start(quiet().gate(gate));
        let server = starting.await.unwrap();
        settle().await;
        assert_eq!(server.call(echo(1)).await, Ok(1));
    })
    .await;
}

// GST-008
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_name_of_a_failed_start_is_free_at_once_on_many_threads() {
    in_process(async {
        for round in 0..200 {
            for way in [Way::Fails, Way::Ignores, Way::Panics, Way::IsKilled] {
                let error = way.doomed().start().await;
                assert!(
                    !matches!(error, StartError::AlreadyStarted(_)),
                    "{round}, {way:?}"
                );
                assert_eq!(process::whereis("egg"), None, "{round}, {way:?}");
            }
            let server = Lab::options().name("egg").start(quiet()).await.unwrap();
            server.stop().await.unwrap();
        }
    })
    .await;
}
