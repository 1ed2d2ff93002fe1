//! A sample, taken in a fresh process of this program.
//!
//! So no contender finds the heap, the caches of the allocator or the threads that another has left behind, and the order
//! of the workloads does not matter.

use std::io::{self, Write};
use std::time::Duration;

use clap::Args;

use crate::afresh::afresh;
use crate::contender::Contender;
use crate::cost::Cost;
use crate::runtime::RuntimeKind;
use crate::workload::{WORKLOADS, Workload};

/// The hidden subcommand that a fresh process is started with, in every program that takes samples.
const SUBCOMMAND: &str = "sample";

/// A sample that is to be taken; also the arguments of the subcommand that takes it.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Sample {
    /// Whose
    contender: String,
    /// Of which workload
    workload: String,
    /// On which runtime
    on: RuntimeKind,
    /// How many operations
    operations: u64,
}

impl Sample {
    /// A sample of so many operations.
    pub fn new(
        contender: &Contender,
        workload: &Workload,
        runtime: RuntimeKind,
        operations: u64,
    ) -> Self {
        Self {
            contender: contender.name.to_owned(),
            workload: workload.name.to_owned(),
            on: runtime,
            operations,
        }
    }

    /// Takes the sample in a fresh process, which is this program with the subcommand `sample`.
    ///
    /// # Errors
    ///
    /// Fails when the process cannot be started, fails itself, reports no cost or takes longer than `limit`: then it
    /// is killed, and the error's kind is [`TimedOut`](io::ErrorKind::TimedOut).
    pub fn take(&self, limit: Duration) -> io::Result<Cost> {
        let text = afresh(&self.arguments(), limit)
            .map_err(|error| io::Error::new(error.kind(), format!("{self}: {error}")))?;
        parse(&text).ok_or_else(|| {
            io::Error::other(format!(
                "{self}: it reported {text:?}: expected two numbers of nanoseconds"
            ))
        })
    }

    /// Takes the sample in this process, for the one that has started it, and writes what it cost.
    ///
    /// # Errors
    ///
    /// Fails when there is no such contender or workload, the one has no part in the other, or nothing can be
    /// written to `out`.
    pub fn take_here(&self, contenders: &[&Contender], out: &mut dyn Write) -> io::Result<()> {
        let unknown = |what: &str, name: &str| {
            let kind = io::ErrorKind::InvalidInput;
            io::Error::new(
                kind,
                format!("unknown {what} {name:?}: expected one of the tables"),
            )
        };
        let workload = WORKLOADS
            .iter()
            .find(|workload| workload.name == self.workload)
            .ok_or_else(|| unknown("workload", &self.workload))?;
        let side = contenders
            .iter()
            .find(|contender| contender.name == self.contender)
            .ok_or_else(|| unknown("contender", &self.contender))?
            .side(workload.name)
            .ok_or_else(|| unknown("workload of this contender", &self.workload))?;
        if let Some(few) = workload.warm_up_operations(self.operations) {
            side(&self.on.build(), few);
        }
        let cost = side(&self.on.build(), self.operations);
        writeln!(out, "{} {}", cost.wall.as_nanos(), cost.cpu.as_nanos())
    }

    fn arguments(&self) -> [String; 5] {
        [
            SUBCOMMAND.to_owned(),
            self.contender.clone(),
            self.workload.clone(),
            self.on.to_string(),
            self.operations.to_string(),
        ]
    }
}

impl std::fmt::Display for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            contender,
            workload,
            on,
            operations,
        } = self;
        write!(
            f,
            "the sample of {operations} operations of {workload:?} by {contender} on {on}"
        )
    }
}

fn parse(text: &str) -> Option<Cost> {
    let mut words = text.split_whitespace().map(str::parse);
    let cost = Cost {
        wall: Duration::from_nanos(words.next()?.ok()?),
        cpu: Duration::from_nanos(words.next()?.ok()?),
    };
    words.next().is_none().then_some(cost)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;

    use super::{Sample, parse};
    use crate::cli::{Cli, Command};
    use crate::contender::{FLOOR, OURS};
    use crate::runtime::RuntimeKind;
    use crate::workload::CALL;

    #[test]
    fn the_parent_reads_what_the_child_writes() {
        let sample = Sample::new(&OURS, &CALL, RuntimeKind::CurrentThread, 10);
        let mut out = Vec::new();
        sample.take_here(&[&FLOOR, &OURS], &mut out).unwrap();
        let cost = parse(std::str::from_utf8(&out).unwrap()).unwrap();
        assert!(cost.wall > Duration::ZERO);
        assert_eq!(parse("792"), None);
        assert_eq!(parse("792 640 1"), None);
    }

    #[test]
    fn the_child_understands_its_command_line() {
        let sample = Sample::new(&FLOOR, &CALL, RuntimeKind::MultiThread, 10);
        let line = ["otp-bench".to_owned()]
            .into_iter()
            .chain(sample.arguments());
        let cli = Cli::try_parse_from(line).unwrap();
        assert!(matches!(cli.command, Command::Sample(read) if read == sample));
    }

    #[test]
    fn a_contender_that_does_not_take_part_is_an_error() {
        let sample = Sample::new(&OURS, &CALL, RuntimeKind::CurrentThread, 10);
        let error = sample.take_here(&[&FLOOR], &mut Vec::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown contender \"otp-core\": expected one of the tables"
        );
    }
}
