//! What the compiler says to the mistakes that beginners make: part of the product, so it is pinned.
//!
//! The messages are those of the toolchain that the workspace's `rust-version` names (the library's own is older); with another one, which
//! words them in its own way, nothing is compared. To take over new ones after a look at them:
//! `TRYBUILD=overwrite cargo test -p otp-core --test ui`.

use std::process::Command;

/// The toolchain whose messages are pinned.
fn pinned() -> &'static str {
    let manifest = include_str!("../../../Cargo.toml");
    let mut lines = manifest.lines();
    let version = lines.find_map(|line| line.strip_prefix("rust-version = \""));
    let version = version.and_then(|version| version.strip_suffix('"'));
    version.expect("the workspace names one")
}

#[test]
fn mistakes_are_compile_errors_that_say_what_is_wrong() {
    let version = Command::new("rustc").arg("--version").output();
    let version = version.expect("rustc has compiled this test").stdout;
    let version = String::from_utf8(version).expect("a version is text");
    let pinned = pinned();
    if !version.starts_with(&format!("rustc {pinned}.")) {
        eprintln!("not compared: the messages are those of rustc {pinned}, and this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
