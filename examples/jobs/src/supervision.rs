//! The application and its tree.
//!
//! ```text
//! jobs (rest for one)
//! ├── queue      has the database
//! └── workers (one for one)
//!     ├── 0
//!     └── …
//! ```
//!
//! If the queue fails, so do the workers: what they run is taken back by the next queue. If a worker fails, only its job is.
//! The tree stops from its end: the workers finish their jobs, and the queue writes that down before it ends.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{Application, ApplicationSpec, Child};

use crate::boundary::queue::{self, Queue};
use crate::boundary::worker::{self, Work};

/// The name of the queue.
pub const QUEUE: &str = "jobs.queue";

/// How long a job may go on when the program is to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the runner is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The queue's part.
    pub queue: queue::Settings,
    /// How many jobs run at a time.
    pub workers: u32,
    /// What a job does.
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
                let patient = |n| worker(n).shutdown(Shutdown::Within(PATIENCE));
                let workers = Supervisor::new(Strategy::OneForOne);
                workers.children((0..number).map(patient)).start_link()
            }));
        Ok((tree.start_link().await?.into(), Self))
    }
}
