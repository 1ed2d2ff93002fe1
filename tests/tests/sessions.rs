//! Every recorded scenario is told, or it is said why not.

use otp_tests::sessions::{DELIVERED, excused, excused_in_part, told};

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

#[test]
fn what_is_left_out_in_part_is_told_in_part() {
    let told = told();
    let untold = excused_in_part()
        .into_iter()
        .filter(|it| !told.contains(it));
    assert_eq!(untold.collect::<Vec<_>>(), Vec::<u32>::new());
    assert!(
        !excused().iter().any(|it| told.contains(it)),
        "told and excused"
    );
}
