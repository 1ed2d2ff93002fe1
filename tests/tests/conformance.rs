//! The index of OTP rules is whole and true.

use otp_tests::conformance::{index, row_faults, test_faults, unproven};

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
