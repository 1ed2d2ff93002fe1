//! A BEAM that is not there, does not start, or fails in the middle of a history.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::time::Duration;

use otp_beam_tests::beam::BeamError;
use otp_beam_tests::subject::PROCESSES;
use otp_beam_tests::{Beam, History, Otp};

/// Programs that are called `elixir`, by what they do.
const FAKES: &[(&str, &str)] = &[
    ("fails", "echo 'no such library' >&2; exit 3"),
    ("silent", "echo 'I think' >&2; exec sleep 600"),
    ("garbled", "printf 'he\\377llo\\n'; exec sleep 600"),
    ("endless-line", "exec tr '\\0' x </dev/zero"),
    ("loud", "echo 'the first words' >&2; exec yes 'the last words' >&2"),
    (
        "works-after-a-flood",
        "head -c 1000000 /dev/zero | tr '\\0' x >&2
         echo 'ready a fake'
         while read line; do
             if [ \"$line\" = play ]; then head -c 1000000 /dev/zero | tr '\\0' y >&2; printf '> x\\nreply - ok\\n.\\n'; fi
         done",
    ),
    (
        "dies-over-a-history",
        "echo 'ready a fake'; read line; echo 'out of memory' >&2; kill -9 $$",
    ),
    (
        "hangs-over-a-history",
        "echo 'deadlock' >&2; echo 'ready a fake'; exec sleep 600",
    ),
    (
        "never-comes-to-an-end",
        "echo 'ready a fake'; read line; exec yes 'reply - ok'",
    ),
    (
        "does-not-read",
        "exec <&-; echo 'ready a fake'; exec sleep 600",
    ),
];

/// All of them are written before the first one runs: a file that is open in a process that another test has just forked
/// cannot be executed.
static FOLDERS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folders = Path::new(env!("CARGO_TARGET_TMPDIR")).join("installations");
    for (name, script) in FAKES {
        let bin = folders.join(name).join("bin");
        fs::create_dir_all(&bin).expect("the folder for tests can be written to");
        for (program, script) in [("erl", "exit 1"), ("elixir", *script)] {
            let file = bin.join(program);
            fs::write(&file, format!("#!/bin/sh\n{script}\n"))
                .expect("the folder for tests can be written to");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755))
                .expect("the folder for tests can be written to");
        }
    }
    fs::create_dir_all(folders.join("empty/bin")).expect("the folder for tests can be written to");
    let closed = folders.join("not-executable/bin");
    fs::create_dir_all(&closed).expect("the folder for tests can be written to");
    for program in ["erl", "elixir"] {
        fs::write(closed.join(program), "").expect("the folder for tests can be written to");
    }
    folders
});

const LONG: Duration = Duration::from_secs(600);

/// Long enough for what never comes.
const SHORT: Duration = Duration::from_millis(100);

fn fake(name: &str) -> Otp {
    Otp::in_folder(FOLDERS.join(name)).patience(LONG, LONG)
}

/// The error of a start, which must be the installation's.
#[track_caller]
fn start_error(otp: &Otp) -> String {
    let error = Beam::start(otp, &PROCESSES).expect_err("it does not work");
    assert!(error.is_of_the_installation(), "{error}");
    error.to_string()
}

fn history() -> History {
    let histories = History::parse_all("history short\n  spawn p");
    histories.expect("it is written well").remove(0)
}

/// The error over a history, which must not be taken for the installation's.
#[track_caller]
fn play_error(otp: &Otp) -> String {
    let mut beam = Beam::start(otp, &PROCESSES).expect("it starts");
    let error = beam.play(&history()).expect_err("it does not answer");
    assert!(matches!(error, BeamError::Failed { .. }), "{error}");
    assert!(!error.is_of_the_installation(), "{error}");
    let error = error.to_string();
    assert!(error.starts_with("the BEAM (a fake) has "), "{error}");
    assert!(
        error.ends_with("\nthe history:\nhistory short\n  spawn p\n"),
        "{error}"
    );
    error
}

#[track_caller]
fn assert_says(error: &str, words: &[&str]) {
    for words in words {
        assert!(error.contains(words), "{error:?} does not say {words:?}");
    }
}

#[test]
fn a_folder_without_erlang_is_named() {
    let error = start_error(&fake("empty"));
    let place = format!(
        "erl is not installed in {}",
        FOLDERS.join("empty").display()
    );
    assert_says(&error, &[&place]);
}

#[test]
fn a_program_that_cannot_be_run_is_named() {
    let error = start_error(&fake("not-executable"));
    assert_says(&error, &["not-executable/bin/elixir does not work: "]);
}

#[test]
fn a_beam_that_fails_at_once_is_shown_with_its_last_words() {
    let error = start_error(&fake("fails"));
    let status = "it has ended (exit status: 3) before it is ready";
    assert_says(&error, &[status, "its standard error:\nno such library"]);
}

#[test]
fn a_beam_that_says_nothing_is_given_up_and_shown_with_its_last_words() {
    // It may take a moment until it has written them: the limit is for what it never does.
    let otp = fake("silent").patience(Duration::from_secs(2), LONG);
    let error = start_error(&otp);
    assert_says(
        &error,
        &["it has not answered for 2s before it is ready", "I think"],
    );
}

#[test]
fn a_beam_that_says_something_else_is_shown_with_what_it_says() {
    let error = start_error(&fake("garbled"));
    assert_says(
        &error,
        &["it says \"he\u{fffd}llo\" where it should be ready"],
    );
    let error = start_error(&fake("endless-line"));
    assert_says(&error, &["it says \"xxxxxxxx"]);
}

#[test]
fn of_what_a_beam_writes_without_end_the_end_is_shown() {
    let otp = fake("loud").patience(Duration::from_secs(2), LONG);
    let error = start_error(&otp);
    assert_says(&error, &["the last words\nthe last words"]);
    assert!(!error.contains("the first words"), "{error}");
    assert!(error.len() < 10_000, "{} bytes", error.len());
}

#[test]
fn a_beam_whose_standard_error_is_flooded_plays_on() {
    let mut beam = Beam::start(&fake("works-after-a-flood"), &PROCESSES).unwrap();
    assert_eq!(beam.version(), "a fake");
    for _ in 0..3 {
        assert_eq!(beam.play(&history()).unwrap(), ["> x", "reply - ok"]);
    }
}

#[test]
fn a_beam_that_ends_over_a_history_is_shown_with_its_last_words_and_the_history() {
    let error = play_error(&fake("dies-over-a-history"));
    assert_says(
        &error,
        &["has ended (signal: 9 (SIGKILL))", "out of memory"],
    );
}

#[test]
fn a_beam_that_hangs_over_a_history_is_given_up() {
    let otp = fake("hangs-over-a-history").patience(LONG, SHORT);
    assert_says(
        &play_error(&otp),
        &["has not answered for 100ms", "deadlock"],
    );
}

#[test]
fn a_beam_that_comes_to_no_end_is_given_up() {
    let otp = fake("never-comes-to-an-end").patience(LONG, SHORT);
    assert_says(&play_error(&otp), &["has not answered for 100ms"]);
}

#[test]
fn a_beam_that_does_not_read_is_not_waited_for() {
    let error = play_error(&fake("does-not-read"));
    assert_says(&error, &["has closed its input or output"]);
}

/// The program, with this installation.
fn compare(name: &str, required: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_beam"));
    program
        .args(["--histories", "0"])
        .env("OTP_BEAM_DIR", FOLDERS.join(name))
        .env("OTP_REQUIRE_BEAM", required);
    program.output().expect("it runs")
}

#[test]
fn an_installation_that_does_not_work_is_skipped_unless_it_is_required() {
    let skipped = compare("fails", "0");
    assert!(skipped.status.success(), "{skipped:?}");
    let out = String::from_utf8(skipped.stdout).unwrap();
    let reason = "skipped: nothing is compared with the BEAM: ";
    assert_says(&out, &[reason, "exit status: 3", "no such library"]);

    let failed = compare("fails", "1");
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    let errors = String::from_utf8(failed.stderr).unwrap();
    assert_says(&errors, &["exit status: 3", "no such library"]);
}

#[test]
fn a_beam_that_fails_over_a_history_is_never_skipped() {
    let failed = compare("dies-over-a-history", "0");
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    let errors = String::from_utf8(failed.stderr).unwrap();
    assert_says(
        &errors,
        &["error: the BEAM (a fake) has ended", "out of memory"],
    );
}
