//! The application and its supervision tree.
//!
//! ```text
//! jobs (rest for one)
//! ├── queue      the database
//! └── workers (one for one)
//!     ├── 0
//!     └── …
//! ```
//!
//! If the queue fails, the workers are restarted with it, and the next queue resets their jobs. If a worker fails, only its job fails.
//! The tree stops from its end: the workers finish their jobs, and the queue records the results before it ends.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{Application, ApplicationSpec, Child};

use crate::boundary::queue::{self, Queue};
use crate::boundary::worker::{self, Work};

/// The name of the queue.
pub const QUEUE: &str = "jobs.queue";

/// The time limit of the jobs at the end of the program.
const JOB_SHUTDOWN: Duration = Duration::from_secs(30);

/// The settings of the runner.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The settings of the queue.
    pub queue: queue::Settings,
    /// The number of workers.
    pub workers: u32,
    /// The function that runs a job.
    pub work: Work,
}

/// The application.
#[derive(Debug)]
struct Jobs;

/// The runner for [`application::run`](otp_core::application::run).
pub fn application(settings: Settings) -> ApplicationSpec {
    ApplicationSpec::new::<Jobs>("jobs", settings).description("a job runner")
}

impl Application for Jobs {
    type Args = Settings;

    async fn start(settings: Settings) -> Result<(Child, Self), ExitReason> {
        let Settings {
            queue,
            workers: number,
            work,
        } = settings;
        let tree = Supervisor::new(Strategy::RestForOne)
            .child(ChildSpec::worker("queue", move || {
                let options = Queue::options().name(QUEUE).own_thread();
                options.start_link(queue.clone())
            }))
            .child(ChildSpec::supervisor("workers", move || {
                let worker = |n| worker::child_spec(n, ServerName::new(QUEUE), work);
                let patient = |n| worker(n).shutdown(Shutdown::Within(JOB_SHUTDOWN));
                let workers = Supervisor::new(Strategy::OneForOne);
                workers.children((0..number).map(patient)).start_link()
            }));
        Ok((tree.start_link().await?.into(), Self))
    }
}
