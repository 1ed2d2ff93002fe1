//! A terminal that goes away, and signals to end.

use otp_tests::terminals::check_ends;
use std::process::Command;

#[test]
fn the_program_ends_by_a_signal_with_its_exit_code() {
    let state = std::env::temp_dir().join(format!("ch3-super-duper-ends-{}", std::process::id()));
    let mut program = Command::new(env!("CARGO_BIN_EXE_ch3-super-duper"));
    program.env("XDG_STATE_HOME", &state).env("TERM", "xterm");
    let commands = [
        ("app start", "start supermario"),
        ("app run", "start supermario"),
    ];
    check_ends(&program, "ch3(1)> ", &commands);
    let _ = std::fs::remove_dir_all(state);
}
