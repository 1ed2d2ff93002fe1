//! A terminal that goes away, and signals to end.

use otp_tests::terminals::check_ends;
use std::process::Command;

#[test]
fn the_program_ends_by_a_signal_with_its_exit_code() {
    let state = std::env::temp_dir().join(format!("ch2-egg-timer-ends-{}", std::process::id()));
    let mut program = Command::new(env!("CARGO_BIN_EXE_ch2-egg-timer"));
    program.env("XDG_STATE_HOME", &state).env("TERM", "xterm");
    let commands = [
        ("schedule eggs 1h", "set eggs 1h"),
        ("sleep 1h", "sleep 1h"),
    ];
    check_ends(&program, "ch2(1)> ", &commands);
    program.args(["schedule", "eggs", "1h"]);
    check_ends(&program, "eggs             ", &[]);
    let _ = std::fs::remove_dir_all(state);
}
