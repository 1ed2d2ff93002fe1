//! Ctrl-C outside of a prompt.
#![cfg(unix)]

use crate::support::program;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

/// The signals that ask a program to stop, and what it ends with.
const SIGNALS: [(&str, i32); 3] = [("-INT", 130), ("-TERM", 143), ("-HUP", 129)];

/// Runs the program until it has printed `ready`, then sends it a signal as often as is said.
fn interrupted(args: &[&str], ready: &str, signal: &str) -> (Option<i32>, String, String) {
    interrupted_with(args, "", ready, signal)
}

/// The same, with lines on standard input, of which no further one comes.
fn interrupted_with(
    args: &[&str],
    lines: &str,
    ready: &str,
    signal: &str,
) -> (Option<i32>, String, String) {
    let mut child = Command::new(program())
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(lines.as_bytes()).expect("it reads");
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    assert_eq!(line.trim_end(), ready);
    send(&child, signal);
    let mut out = String::new();
    reader.read_to_string(&mut out).expect("text");
    let mut err = String::new();
    let mut stderr = child.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut err).expect("text");
    (child.wait().expect("it ends").code(), out, err)
}

fn send(child: &Child, signal: &str) {
    let status = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(status.expect("there is a kill program").success());
}

#[test]
fn a_command_is_dropped_and_the_script_with_it() {
    for (signal, code) in SIGNALS {
        let args = ["--keep-going", "-e", "state", "-e", "hang", "-e", "state"];
        let quiet = (Some(code), String::new(), String::new());
        assert_eq!(interrupted(&args, "0", signal), quiet);
    }
}

#[test]
fn a_script_that_waits_for_its_next_line_is_left() {
    for (signal, code) in SIGNALS {
        let (ended, out, err) = interrupted(&["-e", "state", "-e", "sleep 1h"], "0", signal);
        assert_eq!((ended, &*out, &*err), (Some(code), "", ""));
        let (ended, out, err) = interrupted_with(&[], "state\n", "0", signal);
        assert_eq!((ended, &*out, &*err), (Some(code), "", ""));
    }
}

#[test]
fn a_command_may_end_in_its_own_way() {
    for (signal, code) in SIGNALS {
        let (ended, out, err) = interrupted(&["patient"], "waiting", signal);
        assert_eq!((ended, &*out, &*err), (Some(code), "goodbye\n", ""));
    }
}

#[test]
fn a_second_interrupt_does_not_wait() {
    let mut child = Command::new(program())
        .args(["stubborn"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || lines.next().expect("a line").expect("text");
    assert_eq!(next(), "waiting");
    send(&child, "-INT");
    assert_eq!(next(), "no");
    send(&child, "-INT");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}
