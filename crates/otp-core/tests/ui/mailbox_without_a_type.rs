//! A process that does not say which messages it receives.
//! Says: consider giving this closure parameter an explicit type

use otp_core::process;

fn greet() {
    process::spawn(|_| async { println!("hello") });
}

fn main() {}
