//! Ctrl-C, once and twice.
#![cfg(unix)]

use crate::cli::{spawn, text};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(status.expect("there is a kill program").success());
}

#[test]
fn one_interrupt_prints_the_pending_alarms() {
    for (name, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let mut child = spawn(&["schedule", "tea", "10m", "eggs", "1h30m", "now", "0s"]);
        let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut lines = (&mut reader).lines().map(|line| line.expect("a line"));
        assert!(lines.any(|line| line == "ring now"));
        signal(&child, name);
        let pending: Vec<_> = lines.collect();
        assert!(
            pending[0].starts_with("pending eggs 1h 29m 5"),
            "{pending:?}"
        );
        assert!(pending[1].starts_with("pending tea 9m 5"), "{pending:?}");
        assert_eq!(pending.len(), 2);
        assert_eq!(child.wait().expect("it ends").code(), Some(code));
        assert_eq!(text(child.stderr), "");
    }
}

/// Ctrl-C in a pipeline ends the reader first, so the output is closed.
#[test]
fn an_interrupt_without_a_reader_is_an_interrupt() {
    let mut child = spawn(&["schedule", "tea", "10m"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe"))
        .read_line(&mut line)
        .expect("a line");
    signal(&child, "-INT");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert_eq!(text(child.stderr), "");
}

/// The output is a full pipe without a reader, so the program cannot print the pending alarms.
#[test]
fn a_second_interrupt_does_not_wait() {
    let names: Vec<_> = (0..5000)
        .map(|number| format!("an egg with the number {number}"))
        .collect();
    let mut args = vec!["schedule"];
    for name in &names {
        args.extend([name, "1h"]);
    }
    let mut child = spawn(&args);
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .expect("the handler is set before the first line");
    // Two signals in a short time may count as one, so the program gets more than two.
    while child.try_wait().expect("the process is a child").is_none() {
        signal(&child, "-INT");
    }
    assert_eq!(child.wait().expect("it has ended").code(), Some(130));
}
