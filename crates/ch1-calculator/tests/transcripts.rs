//! The transcripts of the exercises, of the recorded sessions and of the guide, run with the program and its examples.

use otp_tests::transcript::{check, check_guide, example};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch1-calculator");

/// The programs of the exercises, in `examples/`.
const EXAMPLES: [&str; 4] = ["inc", "stack", "counter", "clock"];

#[test]
fn the_exercises_are_solved() {
    check("exercises", "ch1-calculator", PROGRAM);
    for name in EXAMPLES {
        check("exercises", name, example(PROGRAM, name));
    }
}

#[test]
fn the_sessions_go_as_they_were_recorded() {
    check("sessions", "ch1-calculator", PROGRAM);
    for name in EXAMPLES {
        check("sessions", name, example(PROGRAM, name));
    }
}

#[test]
fn the_sessions_of_the_guide_are_true() {
    check_guide("1-calculator.md", PROGRAM);
}
