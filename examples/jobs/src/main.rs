//! The program: `example-jobs DATABASE enqueue COMMAND…`, `… run [--until-done]`, `… list`.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use example_jobs::boundary::store::Store;
use example_jobs::boundary::{queue, worker};
use example_jobs::core::{Job, Policy};
use example_jobs::supervision::{Settings, application};
use otp_core::{Node, application};

const USAGE: &str = "usage: example-jobs DATABASE (enqueue COMMAND... | run [--until-done] | list)";

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut out = io::stdout();
    match arguments.as_slice() {
        [path, "enqueue", commands @ ..] => {
            let store = Store::open(path.as_ref())?;
            for command in commands {
                writeln!(out, "job {}", store.enqueue(command)?)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        [path, "list"] => {
            let store = Store::open(path.as_ref())?;
            writeln!(out, "{}", store.counts()?)?;
            for (job, error) in store.parked()? {
                writeln!(out, "parked: job {}: {}: {error}", job.id, job.command)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        [path, "run"] => run(path.into(), false).await,
        [path, "run", "--until-done"] => run(path.into(), true).await,
        _ => Err(USAGE.into()),
    }
}

/// Runs until a signal, or until all jobs are done or parked.
async fn run(path: PathBuf, until_done: bool) -> Result<ExitCode, Box<dyn Error>> {
    let settings = Settings {
        queue: queue::Settings {
            path,
            policy: Policy::default(),
            until_done,
        },
        workers: 4,
        work,
    };
    let signals = application::signals()?;
    let status = application::run(&Node::new(), application(settings), signals).await;
    writeln!(io::stderr(), "{status}")?;
    Ok(ExitCode::from(status.exit_code()))
}

/// Runs a job with the shell and prints the outcome.
fn work(job: &Job) -> Result<(), String> {
    let outcome = worker::shell(job);
    let text = outcome.as_ref().map_or_else(String::as_str, |()| "done");
    // The output may be closed.
    let _ = writeln!(io::stdout(), "job {}, try {}: {text}", job.id, job.tries);
    outcome
}
