//! Prints the number of rules of each group that have a test: `just conformance`.

use std::io::{self, Write};
use std::process::ExitCode;

use otp_tests::conformance::{self, DELIVERED, Rule, Standing};

fn main() -> io::Result<ExitCode> {
    let rules = conformance::index();
    let mut faults = conformance::row_faults(&rules);
    faults.extend(conformance::test_faults(&rules));
    let missing = conformance::unproven(&rules);
    let out = &mut io::stdout().lock();
    table(out, &rules)?;
    for line in missing.iter().chain(&faults) {
        writeln!(out, "{line}")?;
    }
    Ok(if missing.is_empty() && faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn table(out: &mut impl Write, rules: &[Rule]) -> io::Result<()> {
    writeln!(
        out,
        "{:<34} {:>5} {:>7} {:>8} {:>15} {:>8}",
        "group", "rules", "proven", "by type", "not applicable", "missing"
    )?;
    for group in DELIVERED {
        let of_group: Vec<&Rule> = rules
            .iter()
            .filter(|rule| rule.id.starts_with(group.id))
            .collect();
        row(out, &format!("{}  {}", group.id, group.title), &of_group)?;
    }
    row(out, "all", &rules.iter().collect::<Vec<_>>())
}

fn row(out: &mut impl Write, title: &str, rules: &[&Rule]) -> io::Result<()> {
    let count = |wanted| {
        rules
            .iter()
            .filter(|rule| rule.standing() == wanted)
            .count()
    };
    writeln!(
        out,
        "{title:<34} {:>5} {:>7} {:>8} {:>15} {:>8}",
        rules.len(),
        count(Standing::Proven),
        count(Standing::ByType),
        count(Standing::NotApplicable),
        count(Standing::Missing)
    )
}
