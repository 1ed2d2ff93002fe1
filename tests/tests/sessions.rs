//! Every recorded scenario is told, or it is said why not.

use otp_tests::sessions::{DELIVERED, excused, told};

#[test]
fn every_scenario_has_a_session_or_a_reason() {
    let (told, excused) = (told(), excused());
    let missing: Vec<u32> = DELIVERED
        .iter()
        .flat_map(|(_, scenarios)| scenarios.iter().copied())
        .filter(|scenario| !told.contains(scenario) && !excused.contains(scenario))
        .collect();
    assert!(missing.is_empty(), "neither told nor excused: {missing:?}");
}

#[test]
fn every_session_and_every_reason_is_about_a_scenario() {
    let known = |scenario: &u32| DELIVERED.iter().any(|(_, all)| all.contains(scenario));
    let unknown: Vec<u32> = [told(), excused()]
        .concat()
        .into_iter()
        .filter(|scenario| !known(scenario))
        .collect();
    assert!(unknown.is_empty(), "of no delivered chapter: {unknown:?}");
}
