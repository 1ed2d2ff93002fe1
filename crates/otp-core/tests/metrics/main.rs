//! What processes do as numbers of the crate `metrics`: `cargo test -p otp-core --features metrics --test metrics`.
//!
//! The recorder is one for the whole program, so each test has types of its own.

mod recorder;

use std::collections::BTreeMap;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::idle;

use self::recorder::{install, numbers};

fn expected<const N: usize>(numbers: [(&str, u64); N]) -> BTreeMap<String, u64> {
    numbers.map(|(name, value)| (name.to_owned(), value)).into()
}

macro_rules! server {
    ($server:ident) => {
        struct $server;

        #[gen_server]
        impl GenServer for $server {
            type Call = Option<ReplyTo<()>>;
            type Cast = ();

            async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
                Ok(Init::state(Self))
            }

            async fn handle_call(
                &mut self,
                call: Option<ReplyTo<()>>,
                _: &mut Context<Self>,
            ) -> Reply<Self> {
                match call {
                    Some(from) => from.reply(()),
                    None => panic!("a call without a caller"),
                }
            }

            async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
                tokio::time::sleep(Duration::from_secs(10)).await;
                Next::NoReply
            }
        }
    };
}

server!(Counted);

#[otp_core::test]
async fn calls_casts_and_the_end_are_counted_by_type() -> Result<(), ExitReason> {
    install();
    let server = Counted::start(()).await?;
    for _ in 0..3 {
        server.call(Some).await?;
    }
    server.cast(());
    let late = server.call(Some).timeout(Duration::from_secs(1)).await;
    assert!(matches!(late, Err(CallError::Timeout { .. })), "{late:?}");
    server.stop().await.expect("it lives");
    let expected = expected([
        ("otp_processes_started_total", 1),
        ("otp_calls_total", 4),
        ("otp_call_timeouts_total", 1),
        ("otp_queue_seconds", 5),
        ("otp_handle_seconds callback=handle_call", 4),
        ("otp_handle_seconds callback=handle_cast", 1),
        ("otp_processes_ended_total reason=normal", 1),
    ]);
    assert_eq!(numbers("Counted"), expected);
    Ok(())
}

server!(Killed);

#[otp_core::test]
async fn ends_are_counted_by_the_kind_of_their_reason() -> Result<(), ExitReason> {
    install();
    for reason in [
        ExitReason::Kill,
        ExitReason::Shutdown,
        ExitReason::other("broken"),
    ] {
        let server = Killed::start(()).await?;
        process::exit(&server, reason);
        let _ = server.wait().await;
    }
    let panics = Killed::start(()).await?;
    panics.call(drop_it).await.unwrap_err();
    idle().await;
    let numbers = numbers("Killed");
    for reason in ["killed", "shutdown", "error", "panic"] {
        let name = format!("otp_processes_ended_total reason={reason}");
        assert_eq!(numbers.get(&name), Some(&1), "{numbers:#?}");
    }
    Ok(())
}

fn drop_it(_: ReplyTo<()>) -> Option<ReplyTo<()>> {
    None
}

server!(Supervised);

#[otp_core::test]
async fn restarts_are_counted_by_supervisor() -> Result<(), ExitReason> {
    install();
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("it", || Supervised::start_link(())))
        .name("the_supervisor");
    let supervisor = supervisor.start_link().await?;
    for _ in 0..2 {
        let child = supervisor.which_children().await?.remove(0);
        let pid = child.pid().expect("it runs");
        process::exit(pid, ExitReason::Kill);
        idle().await;
    }
    assert_eq!(
        numbers("the_supervisor"),
        expected([("otp_restarts_total", 2)])
    );
    Ok(())
}

server!(Waiting);

#[otp_core::test]
async fn gauges_say_what_lives_and_what_waits_now() -> Result<(), ExitReason> {
    install();
    let servers = [Waiting::start(()).await?, Waiting::start(()).await?];
    for _ in 0..4 {
        servers[0].cast(());
    }
    idle().await;
    let gauges = || {
        process::node().record_gauges();
        let mut numbers = numbers("Waiting");
        numbers.retain(|name, _| !name.contains("_total") && !name.contains("seconds"));
        numbers
    };
    // The first cast is being handled.
    let living = [
        ("otp_processes", 2),
        ("otp_messages_queued", 3),
        ("otp_queue_longest", 3),
    ];
    assert_eq!(gauges(), expected(living));
    for server in servers {
        process::exit(&server, ExitReason::Kill);
        let _ = server.wait().await;
    }
    let gone = [
        ("otp_processes", 0),
        ("otp_messages_queued", 0),
        ("otp_queue_longest", 0),
    ];
    assert_eq!(gauges(), expected(gone));
    Ok(())
}
