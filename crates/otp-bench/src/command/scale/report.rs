//! What the runs came to, as a table or as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::life::Phase;
use super::run::{GROWTH, Run};
use crate::cli::{Options, Side};
use crate::runtime::RuntimeKind;
use crate::spread::Spread;

/// The table of one runtime.
pub(super) fn text(runtime: RuntimeKind, runs: &[Run]) -> String {
    let mut text = format!(
        "{:<5} {:>11}  {:>8} {:>6} {:>6} {:>6}  {:>8} {:>6} {:>6}\n",
        format!("on {runtime}"),
        "operations",
        "ours: s",
        "ns",
        "cpu ns",
        "growth",
        "floor ns",
        "cpu ns",
        "growth"
    );
    for phase in Phase::ALL {
        let mut name = phase.name();
        for (ours, floor) in pairs(runs) {
            line(&mut text, &cells(name, phase, ours, floor, runs));
            name = "";
        }
    }
    let heading = format!(
        "{:<5} {:>11}  {:>15} {:>13}  {:>15} {:>6}",
        "", "servers", "ours: bytes each", "MiB left", "floor: bytes", "left"
    );
    line(&mut text, &heading);
    for (ours, floor) in pairs(runs) {
        let cells = format!(
            "{:<5} {:>11}  {:>15.0} {:>13.1}  {:>15.0} {:>6.1}",
            "",
            thousands(ours.servers()),
            ours.bytes().median,
            mebibytes(ours),
            floor.bytes().median,
            mebibytes(floor),
        );
        line(&mut text, &cells);
    }
    text
}

/// What has been looked at, and whether the goal is met.
pub(super) fn footer(runs: &[Run]) -> String {
    let beyond = runs
        .iter()
        .flat_map(|run| Phase::ALL.map(|phase| (run, phase)));
    let beyond = beyond
        .filter(|(run, phase)| is_beyond(run, *phase, runs))
        .count();
    let growth = match beyond {
        0 => format!("no operation of ours has grown beyond {GROWTH} times"),
        1 => format!("1 operation of ours has grown beyond {GROWTH} times (!)"),
        many => format!("{many} operations of ours have grown beyond {GROWTH} times (!)"),
    };
    format!(
        "each server answered and each death was seen; the supervisor counted right, and no process was left\n{growth}"
    )
}

/// The whole report for programs.
pub(super) fn document(options: &Options, runs: &[Run]) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "optimised": !cfg!(debug_assertions),
        "rounds": options.rounds,
        "quick": options.quick,
        "growth": GROWTH,
        "runs": runs.iter().map(|run| object(run, runs)).collect::<Vec<_>>(),
    })
}

fn object(run: &Run, runs: &[Run]) -> Value {
    let phases = Phase::ALL.map(|phase| {
        json!({
            "phase": phase.name(),
            "operations": phase.operations(run.servers()),
            "wall": spread(&run.wall(phase)),
            "cpu": spread(&run.cpu(phase)),
            "growth": run.growth(phase, runs),
        })
    });
    json!({
        "runtime": run.runtime().to_string(),
        "side": side(run.side()),
        "servers": run.servers(),
        "phases": phases,
        "bytes": spread(&run.bytes()),
        "left": spread(&run.left()),
    })
}

fn cells(name: &str, phase: Phase, ours: &Run, floor: &Run, runs: &[Run]) -> String {
    let operations = phase.operations(ours.servers());
    let wall = ours.wall(phase).median;
    format!(
        "{:<5} {:>11}  {:>8.2} {:>6.0} {:>6.0} {:>6}  {:>8.0} {:>6.0} {:>6}{}",
        name,
        thousands(operations),
        wall * operations as f64 / 1e9,
        wall,
        ours.cpu(phase).median,
        factor(ours.growth(phase, runs)),
        floor.wall(phase).median,
        floor.cpu(phase).median,
        factor(floor.growth(phase, runs)),
        if is_beyond(ours, phase, runs) {
            "  !"
        } else {
            ""
        },
    )
}

/// Ours and the floor, size by size.
fn pairs(runs: &[Run]) -> impl Iterator<Item = (&Run, &Run)> {
    runs.chunks_exact(2).map(|pair| (&pair[0], &pair[1]))
}

fn is_beyond(run: &Run, phase: Phase, runs: &[Run]) -> bool {
    let growth = run.growth(phase, runs);
    run.side() == Side::Ours && growth.is_some_and(|growth| growth > GROWTH)
}

fn line(text: &mut String, cells: &str) {
    writeln!(text, "{}", cells.trim_end()).expect("a string takes all that is written to it");
}

fn factor(growth: Option<f64>) -> String {
    growth
        .map(|growth| format!("{growth:.2}x"))
        .unwrap_or_default()
}

fn mebibytes(run: &Run) -> f64 {
    run.left().median / f64::from(1 << 20)
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Floor => "floor",
        Side::Ours => "ours",
    }
}

/// A number with a comma before every three digits.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn spread(spread: &Spread) -> Value {
    json!({ "median": spread.median, "min": spread.min, "max": spread.max })
}

#[cfg(test)]
mod tests {
    use super::{footer, text, thousands};
    use crate::cli::Side;
    use crate::command::scale::run::tests::run;
    use crate::runtime::RuntimeKind;

    #[test]
    fn a_table_shows_the_growth_of_both_sides() {
        let runs = [
            run(Side::Ours, 1_000, 100),
            run(Side::Floor, 1_000, 50),
            run(Side::Ours, 2_000, 140),
            run(Side::Floor, 2_000, 60),
        ];
        let text = text(RuntimeKind::CurrentThread, &runs);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[..3],
            [
                "on ct  operations   ours: s     ns cpu ns growth  floor ns cpu ns growth",
                "start       1,000      0.00    200    100              100     50",
                "            2,000      0.00    280    140  1.40x       120     60  1.20x  !",
            ]
        );
        assert_eq!(
            lines[9..],
            [
                "          servers  ours: bytes each      MiB left     floor: bytes   left",
                "            1,000             1000           1.0             1000    1.0",
                "            2,000             1000           1.0             1000    1.0",
            ]
        );
        let footer = footer(&runs);
        assert!(footer.ends_with("4 operations of ours have grown beyond 1.3 times (!)"));
    }

    #[test]
    fn the_floor_may_grow() {
        let runs = [
            run(Side::Ours, 10, 100),
            run(Side::Floor, 10, 50),
            run(Side::Ours, 100, 129),
            run(Side::Floor, 100, 500),
        ];
        assert!(footer(&runs).ends_with("no operation of ours has grown beyond 1.3 times"));
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(10_000), "10,000");
        assert_eq!(thousands(1_000_000), "1,000,000");
    }
}
