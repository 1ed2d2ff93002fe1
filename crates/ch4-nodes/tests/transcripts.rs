//! The transcripts of the exercise, of the recorded session and of the guide.

use otp_tests::transcript::{check, check_guide};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch4-nodes");

#[test]
fn the_exercise_is_solved() {
    check("exercises", "ch4-nodes", PROGRAM);
}

#[test]
fn the_session_goes_as_it_was_recorded() {
    check("sessions", "ch4-nodes", PROGRAM);
}

#[test]
fn the_sessions_of_the_guide_are_true() {
    check_guide("4-dynamic.md", PROGRAM);
}
