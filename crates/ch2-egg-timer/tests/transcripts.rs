//! The transcripts of the exercises, of the recorded sessions and of the guide, run with the program and its examples.

use otp_tests::transcript::{check, check_guide, example};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch2-egg-timer");

/// Smaller programs, in `examples/`.
const EXAMPLES: [&str; 5] = ["naive", "calls", "flood", "responses", "terminate"];

#[test]
fn the_exercises_are_solved() {
    check("exercises", "ch2-egg-timer", PROGRAM);
    check("exercises", "calls", example(PROGRAM, "calls"));
}

#[test]
fn the_sessions_go_as_they_were_recorded() {
    check("sessions", "ch2-egg-timer", PROGRAM);
    for name in EXAMPLES {
        check("sessions", name, example(PROGRAM, name));
    }
}

#[test]
fn the_sessions_of_the_guide_are_true() {
    check_guide("2-egg-timer.md", PROGRAM);
    for name in ["naive", "flood", "responses", "terminate"] {
        check_guide("2-egg-timer.md", example(PROGRAM, name));
    }
}
