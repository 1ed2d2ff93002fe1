//! Panics in a program that has no subscriber for reports.

use std::env;
use std::process::{Command, Stdio};

use otp_core::prelude::*;

use crate::support::panic_of;

const WORDS: &str = "is this seen anywhere?";

/// Set in the program that the test runs: this very one, with this test alone.
const ALONE: &str = "OTP_CORE_TEST_RUNS_ALONE";

/// Panics in a process.
async fn panic_unheard() {
    let process = Node::new().spawn(|_: Mailbox<Never>| async {
        if true {
            panic!("{WORDS}");
        }
    });
    let reason = process.wait().await;
    assert_eq!(panic_of(&reason).message, WORDS);
}

#[tokio::test]
async fn the_panic_of_a_process_is_seen_where_no_one_listens_to_reports() {
    if env::var_os(ALONE).is_some() {
        return panic_unheard().await;
    }
    // Other tests of this program have subscribers.
    let program = env::current_exe().expect("this program has a path");
    let test = "unheard_panics::the_panic_of_a_process_is_seen_where_no_one_listens_to_reports";
    let output = Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env(ALONE, "1")
        .stdin(Stdio::null())
        .output()
        .expect("this program runs again");
    assert!(output.status.success(), "{output:?}");
    let errors = String::from_utf8(output.stderr).expect("it writes text");
    assert!(errors.contains(WORDS), "{errors}");
}
