//! A process that returns a value, which nobody can receive.
//! Says: its body returns `()`, an `ExitReason`, or a `Result<(), Stop>`; work with a value is a `Task`

use otp_core::prelude::*;
use otp_core::process;

fn count() {
    process::spawn(|_: Mailbox<Never>| async { 5 });
}

fn main() {}
