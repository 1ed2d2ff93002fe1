//! Checks that the index of OTP rules is complete and correct.

use otp_tests::conformance::{DELIVERED, Rule, Standing, index, row_faults, test_faults, unproven};
use otp_tests::workspace::read;

#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_delivered_rule_has_exactly_one_row() {
    none(&row_faults(&index()));
}

#[test]
fn every_rule_has_a_test_or_a_reason() {
    none(&unproven(&index()));
}

#[test]
fn every_named_test_exists_and_carries_the_id() {
    none(&test_faults(&index()));
}

#[test]
fn the_readme_shows_the_count() {
    let rules = index();
    let readme = read("README.md");
    let lost: Vec<String> = DELIVERED
        .iter()
        .map(|group| (group.id, group.title))
        .chain([("", "all")])
        .map(|(id, title)| row(&rules, id, title))
        .filter(|row| !readme.lines().any(|line| line == row))
        .collect();
    none(&lost);
}

/// The row of a group in the table of the README.
fn row(rules: &[Rule], id: &str, title: &str) -> String {
    let of_group: Vec<&Rule> = rules
        .iter()
        .filter(|rule| rule.id.starts_with(id))
        .collect();
    let count = |standing| {
        let count = of_group
            .iter()
            .filter(|rule| rule.standing() == standing)
            .count();
        match count {
            0 => String::new(),
            count => count.to_string(),
        }
    };
    let cells = [
        id.to_owned(),
        title.to_owned(),
        of_group.len().to_string(),
        count(Standing::Proven),
        count(Standing::ByType),
        count(Standing::NotApplicable),
    ];
    format!("| {} |", cells.join(" | "))
}
