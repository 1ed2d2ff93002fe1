//! The transcripts of the exercises, of the recorded sessions and of the guide, run with the program and its examples.

use otp_tests::transcript::{check, check_guide, example};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch4-dynamic");

#[test]
fn the_exercises_are_solved() {
    check("exercises", "ch4-dynamic", PROGRAM);
    check("exercises", "directory", example(PROGRAM, "directory"));
    check("exercises", "memory", example(PROGRAM, "memory"));
}

#[test]
fn the_sessions_go_as_they_were_recorded() {
    check("sessions", "ch4-dynamic", PROGRAM);
    check("sessions", "memory", example(PROGRAM, "memory"));
}

#[test]
fn the_sessions_of_the_guide_are_true() {
    check_guide("4-dynamic.md", PROGRAM);
    check_guide("4-dynamic.md", example(PROGRAM, "directory"));
    check_guide("4-dynamic.md", example(PROGRAM, "memory"));
}
