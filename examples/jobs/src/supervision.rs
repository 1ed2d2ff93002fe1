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
use otp_core::{Application, ApplicationSpec, Child, StartError, SupervisorRef};

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
            workers,
            work,
        } = settings;
        let tree = Supervisor::new(Strategy::RestForOne)
            .child(ChildSpec::worker("queue", move || {
                let options = Queue::options().name(QUEUE).own_thread();
                options.start_link(queue.clone())
            }))
            .child(ChildSpec::supervisor("workers", move || {
                pool(workers, work)
            }));
        Ok((tree.start_link().await?.into(), Self))
    }
}

fn pool(
    workers: u32,
    work: Work,
) -> impl Future<Output = Result<SupervisorRef, StartError>> + Send {
    let workers = (0..workers).map(move |number| {
        ChildSpec::worker(number.to_string(), move || async move {
            let queue = ServerName::<Queue>::new(QUEUE).whereis();
            let queue = queue.ok_or(ExitReason::NoProcess)?;
            Ok::<_, ExitReason>(worker::start_link(queue, work))
        })
        .shutdown(Shutdown::Within(PATIENCE))
    });
    Supervisor::new(Strategy::OneForOne)
        .children(workers)
        .start_link()
}
