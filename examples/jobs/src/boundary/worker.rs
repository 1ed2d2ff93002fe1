//! A worker, which asks the queue for a job, runs it, and reports the result, in a loop.

use std::process::{Command, Stdio};

use otp_core::drain::{self, Drain};
use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::{blocking, process};

use super::queue::{Call, Queue};
use crate::core::Job;

/// The function that runs a job. It may block, and it may panic.
pub type Work = fn(&Job) -> Result<(), String>;

/// The child specification of a worker. A worker that is stopped finishes its job within the shutdown time.
pub fn child_spec(number: u32, queue: ServerName<Queue>, work: Work) -> ChildSpec {
    drain::child_spec(number.to_string(), move |drain| {
        run(drain, queue.clone(), work)
    })
}

async fn run(drain: Drain, queue: ServerName<Queue>, work: Work) -> Result<(), Stop> {
    let queue = queue.whereis().ok_or(ExitReason::NoProcess)?;
    let me = process::current();
    while !drain.has_begun() {
        let job = tokio::select! {
            job = queue.call(|from| Call::Next(me, from)).timeout(TimeLimit::Infinity) => job?,
            () = drain.wait() => break,
        };
        let id = job.id;
        let outcome = tokio::select! {
            // Runs on a thread for blocking work.
            outcome = blocking::run(move || work(&job)) => outcome,
            // Without the queue the result cannot be recorded. The worker ends at once, so that the tree can be restarted; the
            // thread continues.
            reason = queue.wait() => return Err(reason.into()),
        };
        let outcome = outcome.unwrap_or_else(|error| Err(error.to_string()));
        let request = |from| Call::Finished(id, outcome, from);
        queue.call(request).timeout(TimeLimit::Infinity).await?;
    }
    Ok(())
}

/// Runs the command with the shell.
pub fn shell(job: &Job) -> Result<(), String> {
    let mut shell = Command::new("sh");
    shell.args(["-c", &job.command]).stdin(Stdio::null());
    match shell.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(status.to_string()),
        Err(error) => Err(error.to_string()),
    }
}
