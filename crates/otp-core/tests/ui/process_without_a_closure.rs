//! A process whose body is an async block, as a task of tokio has it.
//! Says: pass a closure that takes the mailbox (`|mailbox: Mailbox<Message>| async move { .. }`)

use otp_core::process;

fn greet() {
    process::spawn(async { println!("hello") });
}

fn main() {}
