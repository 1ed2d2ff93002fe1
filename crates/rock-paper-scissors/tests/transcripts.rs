//! The transcripts of exercise 4.5, of the recorded sessions and of the guide.

use otp_tests::transcript::{check, check_guide};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rock-paper-scissors");

#[test]
fn the_exercise_is_solved() {
    check("exercises", "rock-paper-scissors", PROGRAM);
}

#[test]
fn the_sessions_go_as_they_were_recorded() {
    check("sessions", "rock-paper-scissors", PROGRAM);
}

#[test]
fn the_sessions_of_the_guide_are_true() {
    check_guide("4-dynamic.md", PROGRAM);
}
