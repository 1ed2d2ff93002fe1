//! Real signals, sent to the test itself. It stands in a program of its own, as all of a program hears a signal.

#![cfg(unix)]

use std::process::Command;

use otp_core::application::{self, Application, ApplicationSpec, ExitStatus};
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Child, process};

fn send(signal: &str) {
    let pid = std::process::id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &pid]).status();
    assert!(sent.expect("there is a program `kill`").success());
}

/// It says what it does, and never ends when it is stopped.
struct Stubborn;

impl Application for Stubborn {
    type Args = Probe<&'static str>;

    async fn start(probe: Self::Args) -> Result<(Child, Self), ExitReason> {
        let top = process::spawn_link(move |mut mailbox: Mailbox<&'static str>| async move {
            mailbox.trap_exit(|_| "stopping");
            probe.report("running");
            loop {
                probe.report(mailbox.receive().await);
            }
        });
        Ok((top.into(), Self))
    }
}

#[tokio::test]
async fn the_first_signal_stops_the_applications_and_the_second_the_waiting() {
    for signal in ["TERM", "INT", "HUP"] {
        let signals = application::signals().expect("the system lets us listen");
        send(signal);
        let nothing = ApplicationSpec::library("nothing");
        let status = application::run(&Node::new(), nothing, signals).await;
        assert_eq!(
            (status.exit_code(), status.to_string()),
            (0, "stopped".into())
        );
    }

    let signals = application::signals().expect("the system lets us listen");
    let (node, probe) = (Node::new(), Probe::new());
    let spec = ApplicationSpec::new::<Stubborn>("stubborn", probe.clone());
    let (status, ()) = tokio::join!(application::run(&node, spec, signals), async {
        assert_eq!(probe.next().await, "running");
        send("TERM");
        assert_eq!(probe.next().await, "stopping");
        send("TERM");
    });
    assert_eq!(status, ExitStatus::Interrupted);
    assert_eq!(status.exit_code(), 130);
}
