//! The exercises, the recorded sessions and those of the guide, typed at the program.

use otp_tests::transcript::{check, check_guide};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch4-dynamic");

#[test]
fn the_exercises_are_solved() {
    check("exercises", "ch4-dynamic", PROGRAM);
}

#[test]
fn the_sessions_go_as_they_were_recorded() {
    check("sessions", "ch4-dynamic", PROGRAM);
}

#[test]
fn the_sessions_of_the_guide_are_true() {
    check_guide("4-dynamic.md", PROGRAM);
}
