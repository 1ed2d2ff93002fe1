//! Scenarios and random histories, here and on a real BEAM.
//!
//! Without Erlang and Elixir these tests say so and are skipped, unless `OTP_REQUIRE_BEAM` is 1. `OTP_BEAM_SEED` and
//! `OTP_BEAM_HISTORIES` choose other random histories.

use std::env;
use std::io::{self, Write};

use otp_beam_tests::beam::Beam;
use otp_beam_tests::check::{Comparison, Difference};
use otp_beam_tests::{History, play, random};

/// The comparison, if there is a BEAM.
fn comparison() -> Option<Comparison> {
    let beam = Beam::if_installed().unwrap_or_else(|error| panic!("{error}"));
    if beam.is_none() {
        // Not by a macro: those are not heard of when the test passes.
        let message =
            "skipped: erlang or elixir is not installed, nothing is compared with the BEAM";
        writeln!(io::stderr(), "{message}").expect("there is a standard error");
    }
    beam.map(Comparison::new)
}

#[track_caller]
fn none(differences: &[Difference], how_to_repeat: &str) {
    let shown: String = differences.iter().map(|it| format!("\n{it}")).collect();
    assert!(differences.is_empty(), "{shown}\n{how_to_repeat}");
}

fn number(variable: &str, default: u64) -> u64 {
    match env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is {text:?}: expected a number")),
        Err(_) => default,
    }
}

#[test]
fn the_scenarios_go_the_same_way_on_the_beam() {
    let Some(mut comparison) = comparison() else {
        return;
    };
    let scenarios = History::scenarios();
    assert!(scenarios.len() > 25);
    none(&comparison.differences(&scenarios).unwrap(), "");
}

#[test]
fn random_histories_go_the_same_way_on_the_beam() {
    let Some(mut comparison) = comparison() else {
        return;
    };
    let (seed, count) = (
        number("OTP_BEAM_SEED", 1),
        number("OTP_BEAM_HISTORIES", 200),
    );
    let histories: Vec<History> = (0..count).map(|n| random::history(seed, n)).collect();
    let again = format!("`just beam --seed {seed} --histories {count}` does that again");
    none(&comparison.differences(&histories).unwrap(), &again);
}

/// As otp-core plays it, but for a slip: a trapped exit with the reason `shutdown` gets lost.
fn with_a_slip(history: &History) -> Vec<String> {
    let mut lines = play(history);
    lines.retain(|line| !(line.starts_with("exit ") && line.ends_with(" shutdown")));
    lines
}

#[test]
fn a_slip_is_found_and_shown_with_the_steps_that_it_takes() {
    let Some(comparison) = comparison() else {
        return;
    };
    let histories = History::parse_all(
        "history slip
           spawn p
           spawn bystander
           spawn q
           trap q on
           exit p q boom
           link p bystander
           exit p q shutdown
           end q normal",
    );
    let found = comparison
        .with(with_a_slip)
        .differences(&histories.unwrap());
    let [slip] = &found.unwrap()[..] else {
        panic!("there is one history");
    };
    let shown = "history slip
  spawn p
  spawn q
  trap q on
  exit p q shutdown

> spawn p
      start p#1 - puppet
      look p#1 traps=false name=- links= monitors=0 watched=
> spawn q
      start q#1 - puppet
      look q#1 traps=false name=- links= monitors=0 watched=
> trap q on
      reply q#1 false
      look q#1 traps=true name=- links= monitors=0 watched=
> exit p q shutdown
beam* exit q#1 p#1 shutdown
";
    assert_eq!(slip.to_string(), shown);
}
