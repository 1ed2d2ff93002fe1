//! Whole runs, on a paused clock.

use crate::{Program, line};
use otp_shell::log::{self, Colours, LogLevel};
use otp_shell::rig::{Parsed, Ran, Rig};
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::time;

/// The moment of Ctrl-C, on the program's clock: some scripts wait for ever.
const INTERRUPT: Duration = Duration::from_secs(60);

/// How long the program may take to end after that, on its own clock.
const ENDING: Duration = Duration::from_secs(3600);

/// How long a run may take on ours.
const PATIENCE: Duration = Duration::from_secs(120);

/// The last line of a script, and how it is told with its answer.
const LAST: (&str, &str) = ("whereis the-end", "> whereis the-end\nundefined\n");

/// The panics that are meant to be seen in a session.
const MEANT: &[&str] = &[
    "boom",
    "oh snap",
    "division by zero",
    "overflow: the result needs more than 1000 digits",
    "overflow: the counter is at its end",
    "the alarm is on fire",
    // The egg timer that is written first, and kept to be broken.
    "every ring has its alarm",
];

/// Runs a script and goes on after failures.
///
/// # Panics
///
/// When a command has panicked, a process has that should not have, the program has not ended, or has ended before the
/// last line or with an exit code of its own.
pub fn check(program: Program, options: &[&str], script: &[String]) {
    let mut rig = program.rig();
    if script.iter().any(|line| is_left_out(line)) {
        return;
    }
    let exits = script.iter().any(|line| is_exit(&mut rig, line));
    let mut args = vec!["--keep-going", "--echo"];
    args.extend(options);
    let input = format!("{}\n{}\n", script.join("\n"), LAST.0);
    let (ran, reports) = play(program, &args, input.as_bytes());
    let told = || format!("{program:?} {options:?}\n{input}\n{ran:?}\n{reports}");

    let panics: Vec<_> = [&*ran.err, &*reports]
        .into_iter()
        .flat_map(panics)
        .collect();
    assert!(panics.is_empty(), "{panics:?} in {}", told());
    assert!(!ran.err.contains("the command panicked"), "{}", told());
    assert!(exits || [0, 1, 2, 130].contains(&ran.code), "{}", told());
    if !exits && ran.code != 130 {
        assert!(ran.out.contains(LAST.1), "no last line: {}", told());
    }
}

/// Runs a script with a line in it that makes no sense, which ends it.
///
/// # Panics
///
/// When the lines after it were run, or anything of itself, or when the error has another place or exit code.
pub fn check_bad_line(program: Program, options: &[&str], script: &[String], bad: &str) {
    let mut rig = program.rig();
    let text = match rig.line(bad) {
        Parsed::Refused(text) | Parsed::Incomplete(text) => text,
        Parsed::Nothing | Parsed::Command(_) | Parsed::Text(_) => return,
    };
    if bad.contains(['\n', '\r', '\0']) || script.iter().any(|line| is_left_out(line)) {
        return;
    }
    // Of two players now the one is told first, now the other.
    if program == Program::RockPaperScissors {
        return;
    }
    if script.iter().any(|line| is_exit(&mut rig, line)) {
        return;
    }
    let good = script.join("\n");
    let (before, _) = play(program, options, good.as_bytes());
    if before.code != 0 {
        return;
    }
    let input = format!("{good}\n{bad}\n{}\n", LAST.0);
    let (ran, _) = play(program, options, input.as_bytes());
    let told = || format!("{program:?} {options:?}\n{input}\n{before:?}\n{ran:?}");
    assert_eq!(ran.code, 2, "{}", told());
    assert_eq!(masked(&ran.out), masked(&before.out), "{}", told());
    let error = format!("error: line {}: {text}\n", script.len() + 1);
    assert!(ran.err.ends_with(&error), "expected {error}: {}", told());
}

/// Runs the program with one command, which is not waited for for ever.
///
/// # Panics
///
/// When it has panicked, has not ended, or has ended with an exit code of its own.
pub fn check_command(program: Program, args: &[String]) {
    let text = shlex::try_join(args.iter().map(String::as_str)).unwrap_or_default();
    // It draws on the screen itself; and `-e` hides words from us.
    let is_drawn = program == Program::EggTimer && args.iter().any(|word| word == "schedule");
    if is_drawn || is_left_out(&text) || args.iter().any(|word| word.starts_with("-e")) {
        return;
    }
    let exits = args.iter().any(|word| word == "exit");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (ran, reports) = play(program, &args, LAST.0.as_bytes());
    let told = || format!("{program:?} {args:?}\n{ran:?}\n{reports}");
    let panics: Vec<_> = [&*ran.err, &*reports]
        .into_iter()
        .flat_map(panics)
        .collect();
    assert!(panics.is_empty(), "{panics:?} in {}", told());
    assert!(!ran.err.contains("the command panicked"), "{}", told());
    assert!(exits || [0, 1, 2, 130].contains(&ran.code), "{}", told());
}

/// Runs the program on a paused clock; returns what has come of it, and the reports.
///
/// # Panics
///
/// When it does not end.
#[must_use]
pub fn play(program: Program, args: &[&str], input: &[u8]) -> (Ran, String) {
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    let input = input.to_vec();
    let told = format!("{program:?} {args:?}\n{}", String::from_utf8_lossy(&input));
    let (done, wait) = mpsc::channel();
    // In a thread of its own, so that a program that never returns can be reported.
    let thread = thread::spawn(move || {
        let reports = Reports::default();
        let writer = reports.clone();
        let subscriber = log::subscriber(LogLevel::Debug, Colours::Off, move || writer.clone());
        let ran =
            tracing::subscriber::with_default(subscriber, || played(&program.rig(), &args, &input));
        // The receiver is gone if the program took too long.
        let _ = done.send((ran, reports.text()));
    });
    match wait.recv_timeout(PATIENCE) {
        Ok((Some(ran), reports)) => (ran, reports),
        Ok((None, reports)) => panic!("it does not end when it is interrupted: {told}\n{reports}"),
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it does not end: {told}"),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let payload = thread.join().expect_err("it has sent nothing");
            std::panic::resume_unwind(payload)
        }
    }
}

fn played(rig: &Rig, args: &[String], input: &[u8]) -> Option<Ran> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without a driver needs nothing of the system");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    runtime.block_on(async {
        let run = rig.run(&args, input, time::sleep(INTERRUPT));
        time::timeout(INTERRUPT + ENDING, run).await.ok()
    })
}

/// The messages of panics that are faults.
fn panics(text: &str) -> Vec<String> {
    let told = text.split("panicked: ").skip(1);
    told.filter(|rest| !MEANT.iter().any(|meant| rest.starts_with(meant)))
        .map(|rest| rest.lines().next().unwrap_or_default().to_owned())
        .collect()
}

/// Reads files, or takes longer than a test may.
fn is_left_out(line: &str) -> bool {
    let words = line::words(line).unwrap_or_default();
    let is_file =
        words.iter().any(|word| word == "run") && words.iter().any(|word| Path::new(word).exists());
    let is_long = words.iter().any(|word| word == "tournament")
        && words
            .iter()
            .any(|word| word.parse::<u64>().is_ok_and(|games| games > 100));
    is_file || is_long
}

fn is_exit(rig: &mut Rig, line: &str) -> bool {
    matches!(rig.line(line), Parsed::Command(command) if command.starts_with("Shell(Exit"))
}

/// Without numbers: those of nodes are never used again, and some are times.
fn masked(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_ascii_digit()).collect()
}

/// Reports that are kept.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<u8>>>);

impl Reports {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Reports {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
