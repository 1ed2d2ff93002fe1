//! GenServer: stopping, and what terminate may do. When it runs is in `terminate_matrix.rs`.

use std::time::Duration;

use otp_core::StopError;
use otp_core::gen_server::Address;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::support::{
    Event, Gate, Heard, Lab, Order, echo, in_process, lab, panic_of, quiet, run, settle, stop, via,
    with_mailbox,
};

const LIMIT: Duration = Duration::from_millis(30);

// TRM-001
#[tokio::test(start_paused = true)]
async fn stop_returns_when_the_server_has_handled_what_came_before_and_is_dead() {
    in_process(async {
        let probe = Probe::new();
        let (open, gate) = oneshot::channel::<()>();
        let setup = lab(&probe).terminate(|_| async { gate.await.unwrap() });
        let server = Lab::options().name("egg").start(setup).await.unwrap();
        server.cast(Order::Note(1));
        let mut stopping = Box::pin(server.stop());
        assert!(
            tokio::time::timeout(LIMIT, &mut stopping).await.is_err(),
            "terminate is not over"
        );
        assert_eq!(
            probe.drain(),
            [
                Event::Init,
                Event::Cast(1),
                Event::Terminate(ExitReason::Normal)
            ]
        );
        assert!(server.is_alive());
        open.send(()).unwrap();
        assert_eq!(stopping.await, Ok(()));
        assert!(!server.is_alive());
        assert_eq!(process::whereis("egg"), None);
        assert_eq!(server.wait().await, ExitReason::Normal);
    })
    .await;
}

// TRM-002, TRM-011
#[tokio::test(start_paused = true)]
async fn a_stop_with_a_reason_is_what_links_and_monitors_see() {
    for reason in [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("later"),
        ExitReason::other("oops"),
        ExitReason::error(std::io::Error::other("disk full")),
    ] {
        with_mailbox(|mut mailbox| async move {
            mailbox.trap_exit(Heard::Exit);
            let server = Lab::start_link(quiet()).await.unwrap();
            let monitor = mailbox.monitor(&server, Heard::Down);
            let stopped = server.stop_with(reason.clone()).await;
            assert_eq!(stopped, Ok(()));
            let exit = Exit {
                from: server.pid(),
                reason: reason.clone(),
            };
            let down = Down {
                monitor,
                target: (&server).into(),
                reason,
            };
            assert_eq!(mailbox.receive().await, Heard::Exit(exit));
            assert_eq!(mailbox.receive().await, Heard::Down(down));
        })
        .await;
    }
}

// TRM-003
#[tokio::test(start_paused = true)]
async fn a_stop_of_nobody_says_so_at_once() {
    in_process(async {
        let begun = Instant::now();
        let server = Lab::start(quiet()).await.unwrap();
        server.stop().await.unwrap();
        assert_eq!(
            server.stop().await,
            Err(StopError::NoProcess {
                server: Address::Pid(server.pid())
            })
        );
        for name in [Name::local("egg"), Name::global("egg"), via("egg")] {
            let nobody = ServerName::<Lab>::new(name.clone());
            let error = StopError::NoProcess {
                server: Address::Name(name),
            };
            assert_eq!(nobody.stop().await, Err(error.clone()));
            let stopping = nobody.stop_with(ExitReason::Shutdown).timeout(LIMIT);
            assert_eq!(stopping.await, Err(error));
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
    })
    .await;
}

// TRM-001, TRM-003
#[tokio::test(start_paused = true)]
async fn a_server_is_stopped_by_any_kind_of_name() {
    in_process(async {
        for name in [Name::local("egg"), Name::global("egg"), via("egg")] {
            let options = Lab::options().name(name.clone());
            let server = options.start(quiet()).await.unwrap();
            ServerName::<Lab>::new(name.clone()).stop().await.unwrap();
            assert!(!server.is_alive());
            assert_eq!(process::whereis(name), None);
        }
    })
    .await;
}

// TRM-004
#[tokio::test(start_paused = true)]
async fn a_stop_that_takes_too_long_fails_and_goes_on() {
    in_process(async {
        let (open, gate) = oneshot::channel::<()>();
        let setup = quiet().terminate(|_| async { gate.await.unwrap() });
        let server = Lab::start(setup).await.unwrap();
        let begun = Instant::now();
        assert_eq!(
            server.stop_with(ExitReason::Shutdown).timeout(LIMIT).await,
            Err(StopError::Timeout {
                server: Address::Pid(server.pid()),
                limit: LIMIT
            })
        );
        let taken = begun.elapsed();
        assert!(taken >= LIMIT && taken < 2 * LIMIT, "{taken:?}");
        assert!(server.is_alive());
        open.send(()).unwrap();
        assert_eq!(server.wait().await, ExitReason::Shutdown);
    })
    .await;
}

// TRM-004
#[tokio::test(start_paused = true)]
async fn a_stop_that_a_busy_server_has_not_come_to_fails_too() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        let (_open, gate): (_, Gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        let error = server.stop_with(ExitReason::Normal).timeout(LIMIT).await;
        assert!(matches!(error, Err(StopError::Timeout { .. })), "{error:?}");
        assert_eq!(probe.drain(), [Event::Init]);
    })
    .await;
}

// TRM-005
#[tokio::test(start_paused = true)]
async fn a_server_that_stops_itself_by_stop_is_told_so_at_once() {
    in_process(async {
        let told = Probe::new();
        let telling = told.clone();
        let server = Lab::options().name("egg").start(quiet()).await.unwrap();
        server.cast(run(|me| async move {
            telling.report(me.stop().await);
            let by_name = ServerName::<Lab>::new("egg");
            telling.report(by_name.stop_with(ExitReason::Shutdown).timeout(LIMIT).await);
            Next::NoReply
        }));
        // The error names the server as the caller did.
        for address in [Address::Pid(server.pid()), Address::Name("egg".into())] {
            let error = StopError::CallingSelf { server: address };
            assert_eq!(told.next().await, Err(error));
        }
        assert_eq!(server.call(echo(1)).await, Ok(1));
    })
    .await;
}

// TRM-002
#[tokio::test(start_paused = true)]
async fn a_stop_is_told_when_the_server_ends_for_another_reason() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        server.cast(stop(ExitReason::other("first")));
        let error = server.stop().await.unwrap_err();
        assert_eq!(
            error,
            StopError::Exited {
                server: Address::Pid(server.pid()),
                reason: ExitReason::other("first"),
            }
        );
        assert_eq!(
            error.to_string(),
            format!("{} ended with another reason: first", server.pid())
        );
    })
    .await;
}

/// A server without a terminate.
struct Plain;

#[gen_server]
impl GenServer for Plain {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }
}

// TRM-009
#[tokio::test(start_paused = true)]
async fn without_a_terminate_a_server_just_ends() {
    in_process(async {
        let server = Plain::start(()).await.unwrap();
        let reason = ExitReason::other("done");
        let stopped = server.stop_with(reason.clone());
        assert_eq!(stopped.await, Ok(()));
        assert_eq!(server.wait().await, reason);
    })
    .await;
}

// TRM-010
#[tokio::test(start_paused = true)]
async fn a_panic_or_exit_in_terminate_replaces_the_reason() {
    with_mailbox(|mut mailbox| async move {
        let server = Lab::start(quiet().terminate(|_| async { panic!("worse") }))
            .await
            .unwrap();
        mailbox.monitor(&server, Heard::Down);
        let error = server.stop().await.unwrap_err();
        let StopError::Exited { reason, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(panic_of(&reason).message, "worse");
        let Heard::Down(down) = mailbox.receive().await else {
            panic!("only a monitor was set");
        };
        assert_eq!(down.reason, reason);

        let worse = |_| async { process::exit_self(ExitReason::other("worse")) };
        let server = Lab::start(quiet().terminate(worse)).await.unwrap();
        server.cast(crate::support::boom());
        let queued = server.send_request(echo(1));
        assert_eq!(server.wait().await, ExitReason::other("worse"));
        let worse = crate::support::exited(&server, ExitReason::other("worse"));
        assert_eq!(queued.await, Err(worse));
    })
    .await;
}

// TRM-012
#[tokio::test(start_paused = true)]
async fn terminate_may_call_other_servers_and_take_its_time() {
    in_process(async {
        let probe = Probe::new();
        let telling = probe.clone();
        let other = Lab::start(quiet()).await.unwrap();
        let setup = quiet().terminate(|_| async move {
            tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
            let answer = other.call(echo(5)).await.unwrap();
            telling.report(Event::Call(answer));
        });
        let server = Lab::start(setup).await.unwrap();
        let begun = Instant::now();
        server.stop().await.unwrap();
        assert_eq!(probe.drain(), [Event::Call(5)]);
        assert!(begun.elapsed() >= Duration::from_secs(24 * 60 * 60));
    })
    .await;
}

// TRM-012, KIL-003
#[tokio::test(start_paused = true)]
async fn a_terminate_that_takes_too_long_can_be_killed() {
    in_process(async {
        let (open, gate): (_, Gate) = oneshot::channel();
        let setup = quiet().trapping(true).terminate(|_| async {
            let _ = gate.await;
        });
        let server = Lab::start(setup).await.unwrap();
        server.cast(stop(ExitReason::Shutdown));
        settle().await;
        process::exit(&server, ExitReason::other("hurry"));
        settle().await;
        assert!(server.is_alive(), "it traps exits");
        process::exit(&server, ExitReason::Kill);
        assert_eq!(server.wait().await, ExitReason::Killed);
        assert!(open.is_closed(), "terminate is gone");
    })
    .await;
}
