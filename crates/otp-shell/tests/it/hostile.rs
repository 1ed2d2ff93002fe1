//! Input and output that nobody should have to expect.

use crate::support::{demo, program, script};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

#[test]
fn a_line_that_is_no_text_is_refused_with_its_number() {
    fn check(line: &[u8], error: &str) {
        let mut input = b"state\n".to_vec();
        input.extend(line);
        input.extend(b"\nstate\n");
        let error = format!("error: line 2: {error}\n");
        assert_eq!(script(&[], &*input).fails(2, &error), "0\n");
        let out = script(&["--keep-going"], input).fails(2, &error);
        assert_eq!(out, "0\n0\n");
    }

    check(b"sta\0te", "the line contains a NUL byte");
    check(b"st\xffte", "the line is not valid UTF-8");
    check(
        b"echo 'bob",
        "the line ends inside quotes or after a backslash",
    );
    check(
        b"echo \"bob",
        "the line ends inside quotes or after a backslash",
    );
    check(
        b"echo bob\\",
        "the line ends inside quotes or after a backslash",
    );
    let long = vec![b'x'; 1_000_000];
    check(&long, "the line is too long: expected at most 65536 bytes");
}

/// Nobody waits for the end of a line that has none.
#[test]
#[cfg(unix)]
fn an_endless_line_is_refused() {
    let mut yes = Command::new("sh")
        .args(["-c", "while printf xxxxxxxxxxxxxxxx; do :; done"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("there is a shell");
    let endless = yes.stdout.take().expect("a pipe");
    let output = Command::new(program()).stdin(endless).output();
    let output = output.expect("it ends");
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).expect("text");
    assert!(
        error.starts_with("error: line 1: the line is too long"),
        "{error}"
    );
    yes.wait().expect("its reader is gone");
}

#[test]
fn an_argument_of_any_length_is_only_an_argument() {
    let input = format!("send self '{}'\nflush\n", "é".repeat(30_000));
    assert_eq!(script(&[], input).well().chars().count(), 30_001);
}

#[test]
fn many_commands_are_run_one_after_the_other() {
    let mut input = "add 1\n".repeat(5000);
    input.push_str(&"# nothing\n".repeat(100_000));
    input.push_str("state\n");
    assert_eq!(script(&[], input).well(), "5000\n");
}

#[test]
fn a_reader_that_goes_away_ends_a_script_quietly() {
    let input = "state\n".repeat(5000);
    for args in [&["--keep-going"][..], &[]] {
        let mut child = Command::new(program())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.clone();
        let writer = std::thread::spawn(move || {
            // It may end before it has read everything.
            let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
            stdin
        });
        let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        assert_eq!(line, "0\n");
        drop(reader);
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
        let mut err = String::new();
        let mut stderr = child.stderr.take().expect("a pipe");
        stderr.read_to_string(&mut err).expect("text");
        assert_eq!(err, "");
        drop(writer.join().expect("it has written"));
    }
}

/// A process prints while nothing is typed, and standard input stays open.
#[test]
fn a_reader_that_goes_away_ends_the_program_though_only_a_process_prints() {
    let mut child = Command::new(program())
        .args([
            "-e",
            "later tick --lines 100000",
            "-e",
            "await nobody --limit 60s",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    reader.read_line(&mut line).expect("a line");
    assert_eq!(line, "tick\n");
    drop(reader);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_a_failure() {
    for (args, place) in [(&["state"][..], ""), (&["-e", "state"], "line 1: ")] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let output = Command::new(program())
            .args(args)
            .stdout(full.expect("a full device"))
            .output()
            .expect("it ends");
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8(output.stderr).expect("text");
        let expected = format!("error: {place}cannot write the output: ");
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn arguments_that_are_no_text_are_refused() {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;

        let mut command = demo(&["echo"]);
        command.arg(std::ffi::OsStr::from_bytes(b"\xff"));
        command.assert().code(2);
    }
    demo(&["add", ""]).assert().code(2);
}
