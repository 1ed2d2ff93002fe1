//! The transcripts of the exercises, of the recorded sessions and of the guide, run with the program and its examples.

use otp_tests::transcript::{check, check_guide, example};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch3-super-duper");

#[test]
fn the_exercises_are_solved() {
    check("exercises", "ch3-super-duper", PROGRAM);
    check("exercises", "kitchen", example(PROGRAM, "kitchen"));
}

#[test]
fn the_sessions_go_as_they_were_recorded() {
    check("sessions", "ch3-super-duper", PROGRAM);
    check("sessions", "kitchen", example(PROGRAM, "kitchen"));
    check("sessions", "endings", example(PROGRAM, "endings"));
}

#[test]
fn the_sessions_of_the_guide_are_true() {
    check_guide("3-super-duper.md", PROGRAM);
}
