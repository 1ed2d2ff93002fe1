//! The exercises and the recorded sessions, typed at the program.

use otp_tests::transcript::check;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch2-egg-timer");

#[test]
fn the_exercises_are_solved() {
    check("exercises", "ch2-egg-timer", PROGRAM);
}

#[test]
fn the_sessions_go_as_they_were_recorded() {
    check("sessions", "ch2-egg-timer", PROGRAM);
}
