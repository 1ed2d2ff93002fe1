//! The observer's page beside a program.

use crate::support::{run, script};

/// Whether this is the link of a page on this machine.
fn is_link(text: &str) -> bool {
    let rest = text.strip_prefix("http://127.0.0.1:");
    let parts = rest.and_then(|rest| rest.split_once("/?token="));
    parts.is_some_and(|(port, token)| port.parse::<u16>().is_ok() && token.len() == 32)
}

#[test]
fn the_option_prints_the_link_beside_the_output() {
    for option in ["--observe", "--observe=0", "--observe=127.0.0.1:0"] {
        let ran = run(&[option, "add", "2"]);
        let plain = run(&["add", "2"]);
        assert_eq!((ran.code, &ran.out), (0, &plain.out));
        let link = ran.err.trim_end().strip_prefix("observe: ");
        assert!(link.is_some_and(is_link), "{}", ran.err);
    }
}

#[test]
fn the_address_may_be_the_next_word() {
    for address in ["0", "127.0.0.1:0"] {
        let ran = run(&["--observe", address, "add", "2"]);
        assert_eq!((ran.code, &ran.out), (0, &run(&["add", "2"]).out));
        assert!(ran.err.starts_with("observe: http://"), "{}", ran.err);
        let ran = script(&["--observe", address, "--observe-acts"], "add 2\n");
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    let none = run(&["--observe", "127.0.0.1", "state"]);
    assert_eq!((none.code, &*none.out), (2, ""));
    assert!(none.err.contains("expected a port"), "{}", none.err);
    for words in [
        &["--observe", "0", "bogus"][..],
        &["--observe", "bogus"],
        &["0", "--observe"],
    ] {
        let refused = run(words);
        assert_eq!((refused.code, &*refused.out), (2, ""), "{words:?}");
        let unknown = words.iter().rfind(|word| !word.starts_with('-'));
        let expected = format!("unrecognized subcommand '{}'", unknown.expect("one"));
        assert!(refused.err.contains(&expected), "{}", refused.err);
    }
}

#[test]
fn the_command_prints_the_link_and_the_same_one_again() {
    let out = script(&[], "observe\nobserve\nobserve --acts\n").well();
    let links: Vec<&str> = out.lines().collect();
    assert_eq!(links.len(), 3, "{out}");
    assert!(links.iter().all(|link| is_link(link)), "{out}");
    assert_eq!(links[0], links[1]);
    assert_ne!(links[1], links[2], "what may act is another page");
}

#[test]
fn an_address_that_is_none_is_refused() {
    let refused = run(&["--observe=nowhere", "state"]);
    assert_eq!((refused.code, &*refused.out), (2, ""));
    assert!(refused.err.contains("expected a port"), "{}", refused.err);
    let alone = run(&["--observe-acts", "state"]);
    assert_eq!(alone.code, 2, "a page that acts is a page");
}

#[test]
fn a_port_that_is_taken_ends_the_program_with_a_word() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("it has one").port();
    let ran = run(&[&format!("--observe={port}"), "state"]);
    assert_eq!((ran.code, &*ran.out), (1, ""));
    assert!(
        ran.err.contains("cannot listen on 127.0.0.1:"),
        "{}",
        ran.err
    );
}
