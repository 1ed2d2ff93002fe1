//! Unreasonable input and output.

use crate::support::{demo, program, run, script};
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

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(script(&[], "\u{feff}add 2\nstate\n").well(), "2\n");
}

/// In a script, on the command line and in a line of `-e` alike: the corpus of every program goes through the first two in
/// the tests of what is typed.
#[test]
fn what_cannot_be_seen_is_named_wherever_it_is() {
    fn check(words: &[&str], name: &str) {
        let line = words.join(" ");
        for ran in [
            script(&[], format!("state\n{line}\n")),
            run(&["-e", "state", "-e", &line]),
            run(words),
        ] {
            assert!(
                ran.err
                    .contains(&format!("contains {name}, which separates no words")),
                "{}",
                ran.err
            );
            let out = if ran.err.starts_with("error: line 2: ") {
                "0\n"
            } else {
                ""
            };
            assert_eq!((ran.code, &*ran.out), (2, out), "{words:?}: {}", ran.err);
        }
    }

    check(&["add\u{a0}5"], "a no-break space (U+00A0)");
    check(&["state\u{200b}"], "a zero-width space (U+200B)");
    check(&["\u{a0}state"], "a no-break space (U+00A0)");
    check(&["add", "5\u{200b}"], "a zero-width space (U+200B)");
    check(&["add", "\u{3000}5"], "an ideographic space (U+3000)");
    check(
        &["kill", "no\u{202f}body"],
        "a narrow no-break space (U+202F)",
    );
    check(&["echo", "egg\u{200d}"], "a zero-width joiner (U+200D)");
    check(
        &["await", "nobody", "--limit\u{2009}", "1ms"],
        "a thin space (U+2009)",
    );
    let error = script(&[], "\u{feff}\u{feff}add 5").err;
    assert!(
        error.contains(r#"note: "\u{feff}add" contains a zero-width no-break space (U+FEFF)"#),
        "{error}"
    );
    // In a text it is a character as any other, and a part of an emoji is none.
    let out = script(&[], "send self 'œufs\u{a0}!'\necho 👩\u{200d}🍳\nflush\n").well();
    assert!(out.contains("œufs\u{a0}!\n"), "{out}");
    // In a comment it is nothing.
    script(&[], "add 5 # five\u{a0}!\n").well();
}

/// What a user has typed is shown, and does nothing to the terminal.
#[test]
fn control_characters_are_shown_escaped_wherever_they_come_out() {
    let bad = "\u{1b}[2J\u{7}\u{202e}";
    let shown = r"\u{1b}[2J\u{7}\u{202e}";
    for line in [
        format!("send self '{bad}'\nflush"),
        format!("idle '{bad}'\nprocesses"),
        format!("idle '{bad}'\ntree"),
        format!("idle '{bad}'\ninfo '{bad}'"),
        format!("echo a --link\nkill a '{bad}'\nawait a --gone"),
        format!("trap_exit on\necho a --link\nkill a '{bad}'\nawait a --gone\nflush"),
        format!("kill self '{bad}'"),
        format!("kill '{bad}'"),
        format!("nonsense{bad}"),
        format!("add '{bad}'"),
        format!("add 1 '--{bad}'"),
        format!("trap_exit '{bad}'"),
        format!("run '/{bad}'"),
        format!("await '{bad}' --limit 1ms"),
        format!("exit '{bad}'"),
    ] {
        let ran = script(&["--echo", "--keep-going", "--log", "debug"], &*line);
        for text in [&ran.out, &ran.err] {
            let control = |it: char| it != '\n' && (it.is_control() || it == '\u{202e}');
            assert!(!text.contains(control), "{line:?}: {text:?}");
        }
        let all = ran.out + &ran.err;
        // Once in the echo, and again where it comes out.
        assert!(all.matches(shown).count() >= 2, "{line:?}: {all}");
    }
    for args in [&[bad][..], &["add", bad], &["--log", bad], &["kill", bad]] {
        for force in ["0", "1"] {
            let output = demo(args).env("CLICOLOR_FORCE", force).output();
            let error = String::from_utf8(output.expect("it runs").stderr).expect("text");
            let plain = error.replace("\u{1b}[2J", "cleared");
            assert!(
                !plain.contains("cleared") && !plain.contains('\u{7}'),
                "{error:?}"
            );
            assert!(error.contains(shown), "{error:?}");
        }
    }
}

/// The shell does not wait for the end of a line that has none.
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
