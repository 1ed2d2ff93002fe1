//! Rounds of samples, each in a fresh process. Who crashes or hangs falls out of a row with a note, and the run goes on.

use std::io;
use std::time::Duration;

use otp_bench::{Cost, Figure, Past, Rounds, Row, RuntimeKind, Sample, Unit, Workload, afresh};

use crate::entrants::Entrant;
use crate::options::{IDLE, Options};

/// How long a sample may take: far more than any should.
const LIMIT: Duration = Duration::from_secs(60);

/// Memory hardly differs from round to round: more of them would only take longer.
const IDLE_ROUNDS: u32 = 3;

/// Which part of its full number of operations a workload is first tried with.
const TRIAL: u64 = 50;

/// How many times the full number of operations a sample has at most.
const MOST: u64 = 10;

/// Measures a workload on a runtime.
pub(crate) fn timed(
    workload: &Workload,
    runtime: RuntimeKind,
    entrants: &[&Entrant],
    options: &Options,
    notes: &mut Vec<String>,
) -> io::Result<Row> {
    let mut cost = |entrant: &Entrant, operations| {
        let sample = Sample::new(&entrant.contender, workload, runtime, operations);
        noted(sample.take(LIMIT), notes)
    };
    let few = workload.whole(workload.operations / TRIAL);
    let operations: Vec<Option<u64>> = entrants
        .iter()
        .map(|entrant| {
            entrant.contender.side(workload.name)?;
            let trial = cost(entrant, few)?;
            Some(enough(workload, trial, few, options.sample_time()))
        })
        .collect();
    let rounds = options.rounds.min(workload.most_rounds());
    let rounds = Rounds::interleave(rounds, &names(entrants), |index| {
        let figure = operations[index].and_then(|operations| {
            let cost = cost(entrants[index], operations)?;
            Some(Figure::of(cost, operations))
        });
        Ok(figure)
    })?;
    Ok(Row {
        workload: workload.name,
        runtime,
        unit: Unit::Nanoseconds,
        rounds,
        goal: workload.goal,
    })
}

/// Measures what an idle server occupies.
pub(crate) fn idle(
    past: Past,
    runtime: RuntimeKind,
    entrants: &[&Entrant],
    options: &Options,
    notes: &mut Vec<String>,
) -> io::Result<Row> {
    let servers = options.idle_servers().to_string();
    let rounds = options.rounds.min(IDLE_ROUNDS);
    let rounds = Rounds::interleave(rounds, &names(entrants), |index| {
        let name = entrants[index].name();
        let arguments = [IDLE, name, &past.to_string(), &servers].map(str::to_owned);
        let bytes = afresh(&arguments, LIMIT)
            .and_then(|text| text.trim().parse().map_err(io::Error::other))
            .map_err(|error| {
                io::Error::new(
                    error.kind(),
                    format!("{servers} idle servers ({past}) of {name}: {error}"),
                )
            });
        Ok(noted(bytes, notes).map(Figure::counted))
    })?;
    Ok(Row {
        workload: past.resident(),
        runtime,
        unit: Unit::Bytes,
        rounds,
        goal: past.goal(),
    })
}

fn names(entrants: &[&Entrant]) -> Vec<&'static str> {
    entrants.iter().map(|entrant| entrant.name()).collect()
}

fn noted<T>(result: io::Result<T>, notes: &mut Vec<String>) -> Option<T> {
    result.map_err(|error| notes.push(error.to_string())).ok()
}

/// How many operations take so much time, going by a trial.
fn enough(workload: &Workload, trial: Cost, operations: u64, time: Duration) -> u64 {
    let (wall, _) = trial.per_operation(operations);
    let wanted = time.as_nanos() as f64 / wall.max(1.0);
    workload.whole((wanted as u64).min(workload.operations * MOST))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use otp_bench::{Cost, WORKLOADS};

    use super::enough;

    #[test]
    fn a_sample_has_as_many_operations_as_fit_its_time_in_whole_steps() {
        let start = WORKLOADS.iter().find(|it| it.name == "start").unwrap();
        let check = |wall_of_1_000, operations| {
            let wall = Duration::from_micros(wall_of_1_000);
            let trial = Cost { wall, cpu: wall };
            let found = enough(start, trial, 1_000, Duration::from_millis(75));
            assert_eq!(found, operations);
        };
        check(2_500, 30_000);
        check(2_600, 29_000);
        check(1_000_000, 1_000);
        check(0, start.operations * 10);
    }
}
