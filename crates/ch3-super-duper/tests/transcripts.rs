//! The exercises, the recorded sessions and those of the guide, typed at the program.

use otp_tests::transcript::{check, check_guide};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch3-super-duper");

#[test]
fn the_exercises_are_solved() {
    check("exercises", "ch3-super-duper", PROGRAM);
}

#[test]
fn the_sessions_go_as_they_were_recorded() {
    check("sessions", "ch3-super-duper", PROGRAM);
}

#[test]
fn the_sessions_of_the_guide_are_true() {
    check_guide("3-super-duper.md", PROGRAM);
}
