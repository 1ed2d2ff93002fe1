//! Scenarios and random histories, here and on a real BEAM.
//!
//! Without an Erlang and Elixir that work these tests say so and are skipped, unless `OTP_REQUIRE_BEAM` is 1.
//! `OTP_BEAM_DIR` chooses an installation that is not the first of the path, `OTP_BEAM_SEED` and `OTP_BEAM_HISTORIES` other
//! random histories.

use std::env;
use std::io;

use otp_beam_tests::beam::BeamError;
use otp_beam_tests::check::{Comparison, Difference};
use otp_beam_tests::subject::{EVENTS, MACHINES, PROCESSES};
use otp_beam_tests::{History, Otp, Subject, play};

/// The comparison, if there is a BEAM.
fn comparison(subject: &Subject) -> Option<Comparison> {
    // Not by a macro: what those write is not shown when the test passes.
    let comparison = Comparison::of(subject, &Otp::from_env(), &mut io::stderr());
    comparison.unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn none(differences: &[Difference], how_to_repeat: &str) {
    let shown: String = differences.iter().map(|it| format!("\n{it}")).collect();
    assert!(differences.is_empty(), "{shown}\n{how_to_repeat}");
}

/// What a reader wants to see, in place of its `Debug`.
#[expect(clippy::needless_pass_by_value, reason = "it stands in for a value")]
fn failed(error: BeamError) -> Vec<Difference> {
    panic!("{error}")
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
    for subject in &Subject::ALL {
        let Some(mut comparison) = comparison(subject) else {
            return;
        };
        let scenarios = subject.scenarios();
        assert!(scenarios.len() > 25);
        none(
            &comparison.differences(&scenarios).unwrap_or_else(failed),
            "",
        );
    }
}

/// Plays so many random histories, or as many as the variable says.
fn at_random(subject: &Subject, variable: &str, count: u64) {
    let Some(mut comparison) = comparison(subject) else {
        return;
    };
    let (seed, count) = (number("OTP_BEAM_SEED", 1), number(variable, count));
    let histories = subject.histories(seed, count);
    let again = format!("`just beam --seed {seed} --histories {count}` does that again");
    none(
        &comparison.differences(&histories).unwrap_or_else(failed),
        &again,
    );
}

#[test]
fn random_histories_go_the_same_way_on_the_beam() {
    at_random(&PROCESSES, "OTP_BEAM_HISTORIES", 200);
}

#[test]
fn random_histories_of_machines_go_the_same_way_on_the_beam() {
    at_random(&MACHINES, "OTP_BEAM_MACHINES", 40);
}

#[test]
fn random_histories_of_event_managers_go_the_same_way_on_the_beam() {
    at_random(&EVENTS, "OTP_BEAM_EVENTS", 60);
}

/// As otp-core plays it, but for a slip: a trapped exit with the reason `shutdown` gets lost.
fn with_a_slip(history: &History) -> Vec<String> {
    let mut lines = play(history);
    lines.retain(|line| !(line.starts_with("exit ") && line.ends_with(" shutdown")));
    lines
}

#[test]
fn a_slip_is_found_and_shown_with_the_steps_that_it_takes() {
    let Some(comparison) = comparison(&PROCESSES) else {
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
        .differences(&histories.unwrap())
        .unwrap_or_else(failed);
    let [slip] = &found[..] else {
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

/// As otp-core plays it, without the reports of supervisors.
fn without_reports(history: &History) -> Vec<String> {
    let mut lines = play(history);
    lines.retain(|line| !line.starts_with("report "));
    lines
}

// Newer versions of Elixir drop such reports before any handler hears of them.
#[test]
fn the_reports_of_the_supervisors_of_the_beam_are_heard() {
    let Some(comparison) = comparison(&PROCESSES) else {
        return;
    };
    let histories = History::parse_all(
        "history report
           spawn h
           define s one_for_one 1 never a/permanent/plain/brutal
           start h s
           crash a",
    );
    let found = comparison
        .with(without_reports)
        .differences(&histories.unwrap())
        .unwrap_or_else(failed);
    let [silence] = &found[..] else {
        panic!("there is one history");
    };
    let heard = "beam* report s#1 child_terminated a a#1\n";
    assert!(silence.to_string().contains(heard), "{silence}");
}
