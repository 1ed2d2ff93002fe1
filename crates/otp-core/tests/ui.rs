//! What the compiler says to the mistakes that beginners make: part of the product, so it is pinned.
//!
//! The messages are those of the toolchain that the workspace's `rust-version` names; with another one, which words them in
//! its own way, nothing is compared. To take over new ones after a look at them:
//! `TRYBUILD=overwrite cargo test -p otp-core --test ui`. That they are short and name the fix is checked in
//! `tests/tests/messages.rs`.

use std::process::Command;

/// The toolchain whose messages are pinned.
const PINNED: &str = "1.95";

#[test]
fn mistakes_are_compile_errors_that_say_what_is_wrong() {
    let version = Command::new("rustc").arg("--version").output();
    let version = version.expect("rustc has compiled this test").stdout;
    let version = String::from_utf8(version).expect("a version is text");
    if !version.starts_with(&format!("rustc {PINNED}.")) {
        eprintln!("not compared: the messages are those of rustc {PINNED}, and this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
