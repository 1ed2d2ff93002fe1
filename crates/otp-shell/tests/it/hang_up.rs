//! The end of the terminal at a prompt, and signals to end: the exit code is always the signal's.

use crate::pty::State;
use crate::support::program;
use otp_tests::terminals::Terminal;
use std::fs;
use std::process::Command;
use std::thread;

/// How often each case is tried, in each of several threads at once: the order in which a program sees the end of its input,
/// an output that fails and the signal is never the same.
const TIMES: u32 = 3;
const THREADS: u32 = 4;

/// What has been typed when the terminal goes away, and what shows that.
const CASES: [(&str, &str); 6] = [
    ("", "demo(1)> "),
    ("half a line", "half a line"),
    ("farewell 100\r", "demo(2)> "),
    ("later tick --lines 1000000\r", "tick\r\n"),
    ("patient\r", "waiting\r\n"),
    ("stubborn\r", "waiting\r\n"),
];

/// Tries these cases from several threads.
fn many(name: &str, cases: &[(&str, &str)], round: impl Fn(&State, &str, &str) + Sync) {
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let round = &round;
            scope.spawn(move || {
                let state = State::new(&format!("{name}-{thread}"));
                fs::create_dir_all(&state.0).expect("it can be made");
                for _ in 0..TIMES {
                    for (typed, seen) in cases {
                        round(&state, typed, seen);
                    }
                }
            });
        }
    });
}

fn open(mut command: Command, state: &State, typed: &str, seen: &str) -> Terminal {
    command
        .env("XDG_STATE_HOME", &state.0)
        .env("NO_COLOR", "1")
        .env("TERM", "xterm");
    let mut terminal = Terminal::open(&command);
    terminal.sees("Ctrl-D to leave.");
    if !typed.is_empty() {
        terminal.sees("demo(1)> ");
        terminal.types(typed);
    }
    terminal.sees(seen);
    terminal
}

#[test]
fn a_terminal_that_is_gone_is_a_hang_up_whatever_the_program_sees_first() {
    many("gone-often", &CASES[..5], |state, typed, seen| {
        let terminal = open(Command::new(program()), state, typed, seen);
        assert_eq!(terminal.hangs_up(), 129, "{typed:?}");
    });
}

/// The shell that leads the session gets the signal and keeps it. A command that neither reads nor writes does not know of
/// the hang-up then.
#[test]
fn a_terminal_that_is_gone_is_a_hang_up_without_a_signal() {
    many("gone-quietly", &CASES[..4], |state, typed, seen| {
        let told = state.0.join("told");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "trap : HUP; \"$0\"; echo $? > \"$1\""])
            .args([&program(), &told]);
        open(shell, state, typed, seen).hangs_up();
        let code = fs::read_to_string(&told).expect("the shell has written it");
        assert_eq!(code, "129\n", "{typed:?}");
        fs::remove_file(told).expect("it is there");
    });
}

/// Without a prompt, as its output is no terminal.
#[test]
fn a_script_that_is_typed_ends_with_its_terminal() {
    let state = State::new("gone-script");
    fs::create_dir_all(&state.0).expect("it can be made");
    let told = state.0.join("told");
    let mut shell = Command::new("sh");
    shell
        .args([
            "-c",
            "trap : HUP; \"$0\" --keep-going > /dev/null; echo $? > \"$1\"",
        ])
        .args([&program(), &told]);
    for _ in 0..TIMES {
        let mut terminal = Terminal::open(&shell);
        terminal.types("kill nobody\r");
        terminal.sees("no process is registered as nobody");
        terminal.hangs_up();
        let code = fs::read_to_string(&told).expect("the shell has written it");
        assert_eq!(code, "129\n");
    }
}

/// The first of several signals counts, also where the second does not wait.
#[test]
fn a_signal_to_end_has_its_exit_code_whatever_runs() {
    for (signals, code) in [
        (&["-TERM"][..], 143),
        (&["-HUP"], 129),
        (&["-TERM", "-HUP", "-TERM"], 143),
    ] {
        let cases = &CASES[..4 + signals.len().min(2)];
        many("ended-often", cases, |state, typed, seen| {
            let terminal = open(Command::new(program()), state, typed, seen);
            for signal in signals {
                terminal.signals(signal);
            }
            let (ended, rest) = terminal.ends();
            assert_eq!(ended, code, "{typed:?}: {rest:?}");
        });
    }
}
