//! How to measure.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum, value_parser};
use otp_bench::{RuntimeKind, WORKLOADS};

/// What `--only` calls the memory of idle servers, which is no workload that takes time.
pub(crate) const IDLE: &str = "idle";

/// The arguments of `all`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Which runtime: ct (current_thread), mt (two workers) or both
    #[arg(long, value_enum, default_value_t = Runtimes::Both, value_name = "KIND")]
    runtime: Runtimes,
    /// How many rounds; the median is reported
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = value_parser!(u32).range(1..=1000))]
    pub(crate) rounds: u32,
    /// A fifth of the operations: quicker, and noisier
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only this workload, by its name in the table; may be given several times
    #[arg(long, value_name = "WORKLOAD", value_parser = workload)]
    only: Vec<String>,
    /// Shows the time on the processors in place of the time on the wall: steadier on a busy machine
    #[arg(long)]
    pub(crate) cpu: bool,
    /// Writes JSON to a file too, or with - in place of the tables
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// The choice of runtimes on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Runtimes {
    /// The current_thread runtime, and the BEAM with one scheduler: steady
    Ct,
    /// The multi_thread runtime with two workers, and the BEAM with two schedulers
    Mt,
    /// First one, then the other
    Both,
}

/// Where the JSON goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Json<'a> {
    /// Nowhere.
    No,
    /// To the output, which then has nothing else.
    Output,
    /// To this file.
    File(&'a Path),
}

impl Options {
    pub(crate) fn kinds(&self) -> &'static [RuntimeKind] {
        match self.runtime {
            Runtimes::Ct => &[RuntimeKind::CurrentThread],
            Runtimes::Mt => &[RuntimeKind::MultiThread],
            Runtimes::Both => &[RuntimeKind::CurrentThread, RuntimeKind::MultiThread],
        }
    }

    /// Whether a workload is to be measured.
    pub(crate) fn wants(&self, workload: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == workload)
    }

    pub(crate) fn json(&self) -> Json<'_> {
        match self.json.as_deref() {
            None => Json::No,
            Some(file) if file == Path::new("-") => Json::Output,
            Some(file) => Json::File(file),
        }
    }

    /// How long a sample is to take.
    pub(crate) fn sample_time(&self) -> Duration {
        Duration::from_millis(if self.quick { 15 } else { 75 })
    }

    /// How many idle servers there are.
    pub(crate) fn idle_servers(&self) -> u64 {
        if self.quick { 20_000 } else { 100_000 }
    }
}

fn workload(name: &str) -> Result<String, String> {
    let mut known: Vec<&str> = WORKLOADS.iter().map(|workload| workload.name).collect();
    known.push(IDLE);
    if known.contains(&name) {
        return Ok(name.to_owned());
    }
    let known: Vec<String> = known.iter().map(|name| format!("{name:?}")).collect();
    Err(format!("expected one of {}", known.join(", ")))
}
