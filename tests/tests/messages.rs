//! Checks the compiler's messages for beginners' mistakes: they are short, name the fix, and name no private type.
//!
//! `crates/otp-core/tests/ui.rs` compares the messages with those of the compiler.

use std::path::PathBuf;

use otp_tests::house::private_types;
use otp_tests::workspace::{files, read};

/// The maximum number of lines of a message. Lines with only a margin, carets or dashes do not count.
const LONGEST: usize = 15;

const UI: &str = "crates/otp-core/tests/ui";

/// A program with a mistake, and the compiler's messages for it.
struct Mistake {
    name: String,
    program: String,
    said: String,
}

fn mistakes() -> Vec<Mistake> {
    let programs: Vec<PathBuf> = files(UI, &["rs"]);
    assert!(programs.len() > 30, "the programs are in {UI}");
    let mistake = |path: PathBuf| Mistake {
        name: path.display().to_string(),
        said: read(path.with_extension("stderr")),
        program: read(path),
    };
    programs.into_iter().map(mistake).collect()
}

#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn messages_are_short() {
    let mut faults = Vec::new();
    for mistake in mistakes() {
        for message in mistake.said.split("\n\n") {
            let has_words = |line: &&str| line.contains(char::is_alphabetic);
            let count = message.lines().filter(has_words).count();
            if count > LONGEST {
                faults.push(format!("{}: a message of {count} lines", mistake.name));
            }
        }
    }
    none(&faults);
}

#[test]
fn messages_name_the_fix() {
    let mut faults = Vec::new();
    for mistake in mistakes() {
        let said = mistake
            .program
            .lines()
            .find_map(|line| line.strip_prefix("//! Says: "));
        match said {
            Some(said) if mistake.said.contains(said) => {}
            Some(said) => faults.push(format!(
                "{}: the message does not contain: {said}",
                mistake.name
            )),
            None => faults.push(format!("{}: no line `//! Says: …`", mistake.name)),
        }
    }
    none(&faults);
}

#[test]
fn messages_name_no_private_type() {
    let private = private_types();
    let mut faults = Vec::new();
    for mistake in mistakes() {
        let names = mistake
            .said
            .split(|c: char| !(c.is_alphanumeric() || c == '_'));
        for name in names.filter(|name| private.contains(*name)) {
            if !mistake.program.contains(name) {
                faults.push(format!("{}: {name}", mistake.name));
            }
        }
    }
    none(&faults);
}

#[test]
fn messages_are_those_of_the_workspaces_toolchain() {
    let manifest: toml::Table = read("Cargo.toml").parse().expect("a manifest is TOML");
    let version = manifest["workspace"]["package"]["rust-version"].as_str();
    let version = version.expect("the workspace names its toolchain");
    assert!(
        read(format!("{UI}.rs")).contains(&format!("const PINNED: &str = \"{version}\";")),
        "tests/ui.rs compares the messages of another toolchain than {version}"
    );
}
