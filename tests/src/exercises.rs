//! The course's exercises that exist, and the tests that show them solved.

use std::env;
use std::io;
use std::process::Command;

/// One exercise of a chapter.
#[derive(Debug, Clone, Copy)]
pub struct Exercise {
    /// `2.3`.
    pub number: &'static str,
    /// What it asks for.
    pub title: &'static str,
    /// The package that has its tests.
    pub package: &'static str,
    /// The tests, by their full names in the package's test binary `it`.
    pub tests: &'static [&'static str],
}

/// Every exercise there is, in order.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "1.1",
        title: "negate: the calculator changes its sign",
        package: "ch1-calculator",
        tests: &[
            "handmade::negate_inc_dec_and_fold_change_the_total",
            "gen_server::negate_changes_the_sign",
        ],
    },
    Exercise {
        number: "1.2",
        title: "inc: a plain message among the casts",
        package: "ch1-calculator",
        tests: &["gen_server::inc_is_a_plain_message_and_keeps_its_place_among_the_casts"],
    },
    Exercise {
        number: "2.3",
        title: "cancel: an alarm that will not ring",
        package: "ch2-egg-timer",
        tests: &["alarm::a_cancelled_alarm_never_rings"],
    },
    Exercise {
        number: "2.5",
        title: "trap exits: terminate sees what is pending",
        package: "ch2-egg-timer",
        tests: &[
            "stop::stop_tells_what_was_pending_and_spares_the_linked_session",
            "stop::the_exit_of_a_stranger_is_ignored",
            "stop::the_end_of_the_parent_stops_the_timer_in_good_order",
        ],
    },
];

impl Exercise {
    /// Runs its tests with cargo; `Err` with what cargo said unless every one of them ran and passed.
    ///
    /// # Errors
    ///
    /// When cargo cannot be started.
    pub fn run(&self) -> io::Result<Result<(), String>> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["test", "--locked", "--quiet", "--package", self.package])
            .args(["--test", "it", "--"])
            .args(self.tests)
            .arg("--exact")
            .output()?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        // A name that matches nothing is a success for cargo, and none for us.
        if output.status.success() && passed(&stdout) == self.tests.len() {
            return Ok(Ok(()));
        }
        Ok(Err(format!(
            "{stdout}{}",
            String::from_utf8_lossy(&output.stderr)
        )))
    }
}

/// The `N passed` of every test binary that passed, added up.
fn passed(output: &str) -> usize {
    output
        .lines()
        .filter_map(|line| line.strip_prefix("test result: ok. "))
        .filter_map(|rest| rest.split(' ').next()?.parse::<usize>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_tests_are_added_up_over_all_binaries() {
        let output = "test result: ok. 2 passed; 0 failed\n\ntest result: ok. 0 passed; 0 failed\n\
                      test result: FAILED. 7 passed; 1 failed\ntest result: ok. 1 passed; 0 failed\n";
        assert_eq!(passed(output), 3);
    }
}
