//! The tests that the runner of the exercises names are there.

use otp_tests::exercises::EXERCISES;
use otp_tests::source::{Function, Source};

#[test]
fn every_exercise_names_tests_that_exist() {
    let mut faults = Vec::new();
    for exercise in EXERCISES {
        let tests: Vec<String> = Source::all(&format!("crates/{}", exercise.package))
            .iter()
            .flat_map(Source::functions)
            .filter(Function::is_test)
            .map(|test| test.name)
            .collect();
        for name in exercise.tests {
            let function = name.rsplit("::").next().unwrap_or(name);
            if !tests.iter().any(|test| test == function) {
                faults.push(format!(
                    "{}: {}: no test {name}",
                    exercise.number, exercise.package
                ));
            }
        }
        if exercise.tests.is_empty() {
            faults.push(format!("{}: no tests", exercise.number));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn exercises_stand_in_order() {
    let numbers: Vec<&str> = EXERCISES.iter().map(|exercise| exercise.number).collect();
    assert!(!numbers.is_empty() && numbers.is_sorted(), "{numbers:?}");
}
