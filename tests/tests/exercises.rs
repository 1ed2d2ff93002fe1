//! Checks that all exercises exist.

use otp_tests::exercises::{DELIVERED, chapter_of, exercises, folders};
use otp_tests::transcript::Transcript;

#[test]
fn every_exercise_has_a_folder_and_a_transcript() {
    let wanted: Vec<String> = DELIVERED
        .iter()
        .flat_map(|(chapter, count)| (1..=*count).map(move |n| format!("{chapter}.{n}")))
        .collect();
    let mut found: Vec<String> = exercises(None).iter().map(Transcript::number).collect();
    found.sort();
    assert_eq!(found, wanted);
    assert_eq!(folders(), wanted);
}

#[test]
fn exercises_can_be_selected_by_chapter() {
    let first = exercises(Some("1"));
    assert!(!first.is_empty());
    assert!(first.iter().all(|exercise| chapter_of(exercise) == "1"));
    assert!(exercises(Some("9")).is_empty());
}
