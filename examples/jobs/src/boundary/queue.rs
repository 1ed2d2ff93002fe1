//! The queue as a server: it alone has the database, hands jobs to workers, and writes down what comes of them. Statements block, so it has
//! a thread of its own.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;

use otp_core::prelude::*;
use otp_core::{Applications, MonitorRef, TimerRef};

use super::store::{Claim, Store};
use crate::core::{Counts, Job, Policy};

/// The server's state. What is lost when it dies is in the database.
#[derive(Debug)]
pub struct Queue {
    store: Store,
    policy: Policy,
    until_done: bool,
    /// Workers without a job, each with the call that will be answered with one.
    idle: VecDeque<(MonitorRef, ReplyTo<Job>)>,
    /// Workers with a job.
    busy: HashMap<MonitorRef, Job>,
    /// When the next job will be due.
    timer: Option<TimerRef>,
}

/// What the queue is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The database.
    pub path: PathBuf,
    /// How often jobs are tried.
    pub policy: Policy,
    /// Whether to end the program in order when no job is left to be done.
    pub until_done: bool,
}

/// A request to the queue.
#[derive(Debug)]
pub enum Call {
    /// Adds a job; answers with its number.
    Enqueue(String, ReplyTo<i64>),
    /// A worker asks for a job. The answer comes when there is one.
    Next(Pid, ReplyTo<Job>),
    /// A worker tells what came of its job. The answer comes when it is written down.
    Finished(i64, Result<(), String>, ReplyTo<()>),
    /// The program is to end when no job is left to be done.
    EndWhenDone(ReplyTo<()>),
    /// How many jobs are in which state.
    Counts(ReplyTo<Counts>),
}

/// What the queue tells itself.
#[derive(Debug)]
pub enum Event {
    /// A job is due.
    Due,
}

/// What came of a job that a worker had.
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

    /// An error of the database stops the server: the supervisor opens it anew, and what was running is taken back.
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
            // A worker has ended. It may have been given a job that it never came to see: an answer to a caller that has
            // ended is no error. If it ended in order that was no try; else it was, as the job may be what has killed it.
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
    /// Gives jobs to idle workers, as long as there are both; and sets the timer if only a job is missing that is not due yet.
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

    /// Writes down what came of a worker's job, if it had one.
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
