//! A worker: asks for a job, runs it, tells what came of it, and asks again.

use std::process::{Command, Stdio};

use otp_core::blocking;
use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::process;

use super::queue::{Call, Queue};
use crate::core::Job;

/// What the work is: it may block, and it may panic.
pub type Work = fn(&Job) -> Result<(), String>;

/// What a worker hears.
#[derive(Debug)]
pub enum Event {
    /// Its supervisor tells it to stop.
    Stop,
    /// The queue has died.
    QueueDown,
}

/// Starts a worker. It is no server: nobody asks it anything.
pub fn start_link(queue: ServerRef<Queue>, work: Work) -> ProcessRef<Event> {
    process::spawn_link(move |mailbox| run(mailbox, queue, work))
}

/// Works until the supervisor or the end of the queue stops it.
///
/// A worker that is told to stop finishes its job first, for as long as its supervisor waits. If the queue has died there is
/// nobody to tell how the job ends: the worker ends at once, so that the tree can start again, and the job's thread is left alone.
async fn run(mut mailbox: Mailbox<Event>, queue: ServerRef<Queue>, work: Work) -> Result<(), Stop> {
    mailbox.trap_exit(|_| Event::Stop);
    mailbox.monitor(&queue, |_| Event::QueueDown);
    let me = mailbox.pid();
    let mut is_told_to_stop = false;
    while !is_told_to_stop {
        let job = tokio::select! {
            job = queue.call(|from| Call::Next(me, from)).timeout(TimeLimit::Infinity) => job?,
            _ = mailbox.receive() => break,
        };
        let id = job.id;
        // On a thread that may block, away from those that run processes.
        let mut running = Box::pin(blocking::run(move || work(&job)));
        let outcome = loop {
            tokio::select! {
                outcome = &mut running => break outcome,
                event = mailbox.receive() => match event {
                    Event::Stop => is_told_to_stop = true,
                    Event::QueueDown => return Err(ExitReason::NoProcess.into()),
                },
            }
        };
        let outcome = outcome.unwrap_or_else(|error| Err(error.to_string()));
        let request = |from| Call::Finished(id, outcome, from);
        queue.call(request).timeout(TimeLimit::Infinity).await?;
    }
    Err(ExitReason::Shutdown.into())
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
