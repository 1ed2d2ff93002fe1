//! Reports of a server that shows nothing of its messages and handles none but one.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::sys::{self, Mode};
use otp_core::{DynamicSupervisor, Supervisor};

use crate::collector::{Report, collect};
use crate::support::{Lab, in_process, quiet, settle, stop};
use crate::sys_debug::logged;

/// Watches and is linked with another process, and waits for a message for a moment.
struct Silent;

impl GenServer for Silent {
    type Args = ServerRef<Lab>;
    type Call = Never;
    type Cast = ();
    type Info = u32;
    type Continue = Never;

    async fn init(
        other: ServerRef<Lab>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        context.link(other.pid());
        let _ = context.monitor(&other);
        Ok(Init::state(Self).then(Next::Timeout(Duration::from_millis(10))))
    }

    async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        Next::Timeout(Duration::ZERO)
    }
}

/// The kinds of messages, in the order in which they are told.
const KINDS: [&str; 4] = ["timeout", "u32", "EXIT from ", "DOWN from "];

#[tokio::test(start_paused = true)]
async fn unexpected_messages_are_reported_by_their_kind() {
    let (reports, _guard) = collect();
    in_process(async {
        let other = Lab::start(quiet()).await.unwrap();
        let server = Silent::start(other.clone()).await.unwrap();
        settle().await;
        server.send(7);
        settle().await;
        other.cast(stop(ExitReason::Shutdown));
        settle().await;
        assert!(server.is_alive());
    })
    .await;
    let mut reports = reports.take();
    reports.retain(|report| report.kind() == "unexpected");
    let texts: Vec<&str> = reports.iter().map(Report::text).collect();
    assert_eq!(texts.len(), 4, "{texts:?}");
    for (text, kind) in texts.iter().zip(KINDS) {
        let (_, message) = text.split_once("in handle_info: ").expect(text);
        assert!(message.starts_with(kind), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_runtime_itself_sends_is_shown_in_a_log_all_the_same() {
    in_process(async {
        let other = Lab::start(quiet()).await.unwrap();
        let server = Silent::start(other.clone()).await.unwrap();
        sys::log(&server, 10).await.unwrap();
        server.cast(());
        settle().await;
        other.cast(stop(ExitReason::Shutdown));
        settle().await;
        let log = sys::get_log(&server).await.unwrap();
        let log: Vec<String> = log.iter().map(ToString::to_string).collect();
        let got = log.iter().filter(|line| line.starts_with("got "));
        let got: Vec<&str> = got.map(String::as_str).collect();
        let [cast, timeout, exit, down] = got[..] else {
            panic!("{log:?}");
        };
        assert_eq!((cast, timeout), ("got cast", "got message timeout"));
        assert!(exit.starts_with("got message EXIT from "), "{exit}");
        assert!(down.starts_with("got message DOWN from "), "{down}");
        assert!(log.contains(&"returned".to_owned()), "{log:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_continue_is_an_event_of_its_own() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        sys::log(&server, 10).await.unwrap();
        server.cast(crate::support::act(|_, _| {
            Next::Continue(crate::support::Order::Note(1))
        }));
        settle().await;
        assert!(logged(&server).await.contains(&"continues".to_owned()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn supervisors_tell_their_status_too() {
    in_process(async {
        let crowd = DynamicSupervisor::new()
            .name("crowd")
            .start()
            .await
            .unwrap();
        let child = || ChildSpec::worker("child", || Lab::start_link(quiet()));
        crowd.start_child(child()).await.unwrap();
        let status = sys::get_status("crowd").await.unwrap();
        assert_eq!((status.pid, status.mode), (crowd.pid(), Mode::Running));
        let state = "dynamic supervisor crowd; children: 1, active: 1";
        assert_eq!(status.state.as_deref(), Some(state));

        let visor = Supervisor::new(Strategy::OneForOne).child(child());
        let visor = visor.start().await.unwrap();
        let status = sys::get_status(visor.pid()).await.unwrap();
        assert_eq!(status.parent, None);
        assert!(status.state.is_some());
        assert_ne!(process::current(), visor.pid());
    })
    .await;
}
