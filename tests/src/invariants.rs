//! Compares the invariants of ARCHITECTURE.md with the checks in `tests/tidy.rs`.

use crate::source::{Function, Source};
use crate::workspace::read;

/// Invariants that name no check, and checks that no invariant names.
pub fn unmatched() -> Vec<String> {
    let functions = Source::read("tests/tests/tidy.rs").functions();
    let checks: Vec<String> = functions
        .into_iter()
        .filter(Function::is_test)
        .map(|function| format!("`{}`", function.name))
        .collect();
    faults(&read("ARCHITECTURE.md"), &checks)
}

fn faults(text: &str, checks: &[String]) -> Vec<String> {
    let is_invariant = |text: &&str| text.starts_with("**Architecture Invariant:**");
    let invariants: Vec<&str> = text
        .split("\n\n")
        .map(str::trim)
        .filter(is_invariant)
        .collect();
    let unchecked = invariants
        .iter()
        .filter(|invariant| !checks.iter().any(|check| invariant.contains(check)))
        .map(|invariant| format!("ARCHITECTURE.md: no check is named in: {invariant}"));
    let unknown = checks
        .iter()
        .filter(|check| !invariants.iter().any(|it| it.contains(check.as_str())))
        .map(|check| format!("tests/tests/tidy.rs: {check}: no invariant names it"));
    unchecked.chain(unknown).collect()
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn an_invariant_without_a_check_and_the_reverse_are_found() {
        let text = "**Architecture Invariant:** up is up. (`up_is_up`)\n\nProse with `down`.\n";
        let checks = |names: &[&str]| -> Vec<String> {
            let quoted = names.iter().map(|name| format!("`{name}`"));
            quoted.collect()
        };
        assert_eq!(faults(text, &checks(&["up_is_up"])), Vec::<String>::new());
        assert_eq!(faults(text, &checks(&["up_is_up", "down"])).len(), 1);
        assert_eq!(faults(text, &checks(&["down"])).len(), 2);
    }
}
