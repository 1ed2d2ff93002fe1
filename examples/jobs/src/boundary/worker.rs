//! A worker: asks for a job, runs it, tells what came of it, and asks again.

use std::process::{Command, Stdio};

use otp_core::drain::{self, Drain};
use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::{blocking, process};

use super::queue::{Call, Queue};
use crate::core::Job;

/// What the work is: it may block, and it may panic.
pub type Work = fn(&Job) -> Result<(), String>;

/// A worker for a supervisor. One that is told to stop finishes its job first, for as long as its supervisor waits.
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
            // On a thread that may block, away from those that run processes.
            outcome = blocking::run(move || work(&job)) => outcome,
            // There is nobody to tell how the job ends: the thread is left alone, so that the tree can start again.
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
