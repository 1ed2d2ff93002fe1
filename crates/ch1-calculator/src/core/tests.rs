//! Tests of the numbers and of the reducers.

use super::*;
use proptest::prelude::*;

fn n(text: &str) -> Number {
    text.parse().expect("a number")
}

#[track_caller]
fn check(result: &Number, expected: &str) {
    assert_eq!(result.to_string(), expected);
}

/// The message of the panic in `f`.
fn crash(f: impl FnOnce() -> Number) -> String {
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).expect_err("a crash");
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast::<&str>().expect("a text")).to_owned(),
    }
}

// S2
// ANCHOR: reducers
#[test]
fn the_reducers_take_the_total_first() {
    check(&add(n("10"), n("4")), "14");
    check(&subtract(n("10"), n("4")), "6");
    check(&multiply(n("10"), n("4")), "40");
    check(&divide(n("10"), n("2")), "5");
    check(&inc(inc(inc(n("10")))), "13");
    check(&dec(n("0")), "-1");
    check(
        &subtract(subtract(subtract(n("10"), n("1")), n("2")), n("3")),
        "4",
    );
}

#[test]
fn fold_gives_the_accumulator_to_the_reducer_first() {
    let list = || ["1", "2", "3"].map(n);
    check(&fold(list(), n("0"), add), "6");
    check(&fold(list(), n("10"), subtract), "4");
    check(&fold(list(), n("10"), |total, _| inc(total)), "13");
    check(&fold([], n("10"), add), "10");
    assert_eq!(
        fold(["a", "b"], String::new(), |acc, item| acc + item),
        "ab"
    );
}
// ANCHOR_END: reducers

// S13
#[test]
fn negate_changes_the_sign_of_everything_but_zero() {
    check(&negate(n("5")), "-5");
    check(&negate(n("-5")), "5");
    check(&negate(n("2.5")), "-2.5");
    check(
        &negate(n("1180591620717411303424")),
        "-1180591620717411303424",
    );
    check(&negate(n("0")), "0");
    check(&negate(n("-0.0")), "0");
}

// S2
#[test]
fn division_is_exact_or_rounded_to_30_digits() {
    check(&divide(n("10"), n("4")), "2.5");
    check(&divide(n("7"), n("2")), "3.5");
    check(&divide(n("0"), n("5")), "0");
    check(&divide(n("1"), n("-8")), "-0.125");
    check(&divide(n("1"), n("3")), "0.333333333333333333333333333333");
    check(
        &divide(n("-2"), n("3")),
        "-0.666666666666666666666666666667",
    );
    check(&divide(n("100"), n("7")), "14.2857142857142857142857142857");
    check(
        &divide(n("1"), n("3e9")),
        "0.000000000333333333333333333333333333333",
    );
}

// S2
#[test]
fn sums_do_not_round_and_do_not_wrap() {
    check(&add(n("0.1"), n("0.2")), "0.3");
    check(
        &add(n("9223372036854775807"), n("1")),
        "9223372036854775808",
    );
    check(
        &multiply(n("9223372036854775807"), n("9223372036854775807")),
        "85070591730234615847396907784232501249",
    );
    check(
        &divide(n("9223372036854775807"), n("1")),
        "9223372036854775807",
    );
    check(
        &multiply(n("1e308"), n("10")),
        &format!("1{}", "0".repeat(309)),
    );
    check(&divide(n("1e400"), n("1e399")), "10");
}

#[test]
fn numbers_print_without_exponent_and_without_trailing_zeros() {
    for (text, shown) in [
        ("6.0", "6"),
        ("007", "7"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0", "0"),
        ("0e5", "0"),
        ("19.90", "19.9"),
        ("0.001", "0.001"),
        ("1e-5", "0.00001"),
        ("1E+16", "10000000000000000"),
        ("2.5e3", "2500"),
        ("-2.50e-1", "-0.25"),
    ] {
        check(&n(text), shown);
    }
    assert_eq!(format!("{:?}", n("2.50")), "2.5");
    assert_eq!(format!("{:>6}", n("-2.5")), "  -2.5");
}

// S2, S6
#[test]
fn dividing_by_any_zero_crashes() {
    for zero in ["0", "0.0", "-0"] {
        assert_eq!(crash(|| divide(n("1"), n(zero))), "division by zero");
    }
}

#[test]
fn a_result_of_more_digits_than_the_limit_crashes() {
    let long = n(&"9".repeat(MAX_DIGITS));
    check(&add(long.clone(), n("0")), &"9".repeat(MAX_DIGITS));
    let overflow = "overflow: the result needs more than 1000 digits";
    assert_eq!(crash(|| inc(long.clone())), overflow);
    assert_eq!(crash(|| dec(negate(long.clone()))), overflow);
    assert_eq!(crash(|| multiply(long.clone(), long.clone())), overflow);
    assert_eq!(crash(|| divide(n("1e-1000"), n("10"))), overflow);
}

#[test]
fn repeated_squaring_ends_in_an_overflow() {
    let squares = || (0..20).fold(n("10"), |total, _| multiply(total.clone(), total));
    assert!(crash(squares).starts_with("overflow"));
}

// S2, S8
#[test]
fn a_text_that_is_no_number_is_refused() {
    for text in [
        "", "-", "+", ".", "-.", "e5", "5e", "5e+", "--5", "+-5", "1,5", "1_000", "1.2.3", "0x10",
        "5 ", " 5", "inf", "NaN", "boom", "1e5.0", "５", "½", "é",
    ] {
        assert_eq!(
            text.parse::<Number>(),
            Err(InvalidNumber::Malformed),
            "{text:?}"
        );
    }
}

#[test]
fn a_number_that_is_too_long_is_refused_before_it_is_computed() {
    for text in ["1e999999999", "-1e-999999999", "1e1000", "1e-1001"] {
        assert_eq!(
            text.parse::<Number>(),
            Err(InvalidNumber::TooLong),
            "{text:?}"
        );
    }
    assert_eq!(n("1e999").to_string().len(), 1000);
    assert_eq!(n("1e-999").to_string().len(), "0.".len() + 999);

    for length in [1001, 1_000_000] {
        let long = "7".repeat(length);
        assert_eq!(long.parse::<Number>(), Err(InvalidNumber::TooLong));
    }
}

#[test]
fn every_op_does_what_its_reducer_does() {
    let ten = || n("10");
    for (op, expected) in [
        (Op::Add(n("4")), "14"),
        (Op::Subtract(n("4")), "6"),
        (Op::Multiply(n("4")), "40"),
        (Op::Divide(n("4")), "2.5"),
        (Op::Negate, "-10"),
        (Op::Inc, "11"),
        (Op::Dec, "9"),
        (Op::Clear, "0"),
        (Op::Fold(vec![Op::Add(n("1")), Op::Add(n("2"))]), "13"),
        (
            Op::Fold(vec![Op::Subtract(n("1")), Op::Subtract(n("2"))]),
            "7",
        ),
        (
            Op::Fold(vec![Op::Multiply(n("2")), Op::Multiply(n("3"))]),
            "60",
        ),
        (Op::Fold(vec![Op::Divide(n("2")), Op::Divide(n("5"))]), "1"),
        (Op::Fold(vec![Op::Negate; 3]), "-10"),
        (Op::Fold(vec![Op::Inc; 2]), "12"),
        (Op::Fold(vec![Op::Dec; 2]), "8"),
        (Op::Fold(vec![]), "10"),
    ] {
        check(&apply(ten(), op), expected);
    }
}

prop_compose! {
    /// A decimal number of up to 18 digits and 9 decimals, as text.
    fn decimal()(digits in -10_i64.pow(18)..10_i64.pow(18), places in 0_usize..=9) -> Number {
        n(&format!("{digits}e-{places}"))
    }
}

proptest! {
    #[test]
    fn a_decimal_number_survives_printing_and_reading(number in decimal()) {
        prop_assert_eq!(n(&number.to_string()), number);
    }

    #[test]
    fn subtraction_reverses_addition(a in decimal(), b in decimal()) {
        prop_assert_eq!(subtract(add(a.clone(), b.clone()), b), a);
    }

    #[test]
    fn whole_numbers_agree_with_integers(a in any::<i32>(), b in any::<i32>()) {
        let (a, b) = (i64::from(a), i64::from(b));
        let (x, y) = (Number::from(a), Number::from(b));
        prop_assert_eq!(add(x.clone(), y.clone()), Number::from(a + b));
        prop_assert_eq!(multiply(x.clone(), y).to_string(), (a * b).to_string());
        prop_assert_eq!(x.to_string(), a.to_string());
    }
}
