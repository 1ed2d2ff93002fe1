//! Tests of the program: its drain on SIGTERM.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use futures_util::StreamExt;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn sigterm_closes_the_sockets_and_the_program_ends_with_0() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_example-chat"))
        .arg("127.0.0.1:0")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let address = first.strip_prefix("listening on http://").unwrap();
    let url = format!("ws://{address}/rooms/kitchen/ann");
    let (mut ann, _) = connect_async(url).await.unwrap();
    let joined = ann.next().await.unwrap().unwrap();
    assert_eq!(joined, Message::text("* ann joined"));

    let pid = program.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(sent.unwrap().success());
    let goodbye = ann.next().await.unwrap().unwrap();
    assert!(matches!(goodbye, Message::Close(Some(frame)) if u16::from(frame.code) == 1001));
    assert!(ann.next().await.is_none());
    assert!(program.wait().unwrap().success());
    assert_eq!(lines.next().unwrap().unwrap(), "stopped");
}
