//! Real signals, sent to the test itself.

#![cfg(unix)]

use std::process::Command;

use futures_util::StreamExt;
use otp_core::Node;
use otp_core::application::{self, ApplicationSpec, ExitStatus};

fn send(signal: &str) {
    let pid = std::process::id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &pid]).status();
    assert!(sent.expect("there is a program `kill`").success());
}

#[tokio::test]
async fn a_signal_of_the_system_stops_the_applications() {
    let mut signals = otp_shell::signals::signals().expect("nobody else listens");
    send("TERM");
    assert_eq!(signals.next().await, Some(()));
    send("INT");
    let nothing = ApplicationSpec::library("nothing");
    let status = application::run(&Node::new(), nothing, signals).await;
    assert_eq!(status, ExitStatus::Stopped);
}
