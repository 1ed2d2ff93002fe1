//! The server of the queue, which owns the database, gives jobs to workers, and records their results. Its statements block, so it has a
//! thread of its own.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;

use otp_core::prelude::*;
use otp_core::{Applications, MonitorRef, TimerRef};

use super::store::{Claim, Store};
use crate::core::{Counts, Job, Policy};

/// The state of the server. The database has all that a restart needs.
#[derive(Debug)]
pub struct Queue {
    store: Store,
    policy: Policy,
    until_done: bool,
    /// Workers without a job, each with the call that waits for a job.
    idle: VecDeque<(MonitorRef, ReplyTo<Job>)>,
    /// Workers with a job.
    busy: HashMap<MonitorRef, Job>,
    /// The timer for the next job that becomes due.
    timer: Option<TimerRef>,
}

/// The settings of the queue.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The database.
    pub path: PathBuf,
    /// The tries of jobs.
    pub policy: Policy,
    /// Whether to stop the program when all jobs are done or parked.
    pub until_done: bool,
}

/// Calls of the queue.
#[derive(Debug)]
pub enum Call {
    /// Add a job. The answer is its number.
    Enqueue(String, ReplyTo<i64>),
    /// Give a job to this worker. The answer comes when the queue has one.
    Next(Pid, ReplyTo<Job>),
    /// Record the result of a job. The answer comes when it is on the disk.
    Finished(i64, Result<(), String>, ReplyTo<()>),
    /// Stop the program when all jobs are done or parked.
    EndWhenDone(ReplyTo<()>),
    /// The number of jobs in each state.
    Counts(ReplyTo<Counts>),
}

/// Other messages of the queue.
#[derive(Debug)]
pub enum Event {
    /// A job is due.
    Due,
}

/// The end of a worker's job.
enum End {
    Done,
    Failed(String),
    NotTried,
}

#[gen_server]
impl GenServer for Queue {
    type Args = Settings;
    type Call = Call;
    type Info = Event;

    async fn init(settings: Settings, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        let Settings {
            path,
            policy,
            until_done,
        } = settings;
        let store = Store::open(&path)?;
        store.recover(&policy)?;
        Ok(Init::state(Self {
            store,
            policy,
            until_done,
            idle: VecDeque::new(),
            busy: HashMap::new(),
            timer: None,
        }))
    }

    /// An error of the database stops the server. The restarted server opens the database again and resets the running jobs.
    async fn handle_call(
        &mut self,
        call: Call,
        context: &mut Context<Self>,
    ) -> Result<Reply<Self>, Stop> {
        match call {
            Call::Enqueue(command, from) => {
                let id = self.store.enqueue(&command)?;
                self.hand_out(context)?;
                Ok(from.reply(id))
            }
            Call::Next(worker, from) => {
                self.idle.push_back((context.monitor(worker), from));
                self.hand_out(context)?;
                Ok(Reply::later())
            }
            Call::Finished(id, outcome, from) => {
                let worker = self.busy.iter().find(|(_, job)| job.id == id);
                if let Some(monitor) = worker.map(|(monitor, _)| *monitor) {
                    context.demonitor(monitor);
                    self.ended(monitor, outcome.map_or_else(End::Failed, |()| End::Done))?;
                    self.hand_out(context)?;
                }
                Ok(from.reply(()))
            }
            Call::EndWhenDone(from) => {
                self.until_done = true;
                self.hand_out(context)?;
                Ok(from.reply(()))
            }
            Call::Counts(from) => Ok(from.reply(self.store.counts()?)),
        }
    }

    async fn handle_info(
        &mut self,
        info: Info<Event>,
        context: &mut Context<Self>,
    ) -> Result<Next<Self>, Stop> {
        match info {
            // A worker has ended. It may have a job that it never received, because an answer to a dead caller is no error. After a
            // normal end this does not count as a try. After another end it does, because the job may be the cause.
            Info::Down(down) => {
                self.idle.retain(|(monitor, _)| *monitor != down.monitor);
                let end = match down.reason.is_abnormal() {
                    true => End::Failed(format!("the worker ended: {}", down.reason)),
                    false => End::NotTried,
                };
                self.ended(down.monitor, end)?;
            }
            Info::Message(Event::Due) | Info::Timeout | Info::Exit(_) => {}
        }
        self.hand_out(context)?;
        Ok(Next::NoReply)
    }
}

impl Queue {
    /// Gives jobs to idle workers. If no job is due, sets a timer for the next one.
    fn hand_out(&mut self, context: &mut Context<Self>) -> Result<(), Stop> {
        if let Some(timer) = self.timer.take() {
            timer.cancel();
        }
        while let Some((monitor, worker)) = self.idle.pop_front() {
            match self.store.claim()? {
                Claim::Job(job) => {
                    self.busy.insert(monitor, job.clone());
                    worker.send(job);
                    continue;
                }
                Claim::Later(wait) => self.timer = Some(context.send_after(wait, Event::Due)),
                Claim::Empty if self.until_done && self.busy.is_empty() => {
                    Applications::here().request_shutdown();
                }
                Claim::Empty => {}
            }
            self.idle.push_front((monitor, worker));
            break;
        }
        Ok(())
    }

    /// Records the end of a worker's job, if it had one.
    fn ended(&mut self, worker: MonitorRef, end: End) -> Result<(), Stop> {
        let Some(job) = self.busy.remove(&worker) else {
            return Ok(());
        };
        match end {
            End::Done => self.store.finish(job.id)?,
            End::Failed(error) => self.store.fail(&job, &error, &self.policy)?,
            End::NotTried => self.store.put_back(job.id)?,
        }
        Ok(())
    }
}
