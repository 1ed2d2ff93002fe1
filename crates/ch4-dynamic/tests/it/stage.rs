//! A project that reports to its test.

use ch4_dynamic::api::{Event, Names, Plan, Project, Role, Stage};
use otp_core::prelude::*;
use otp_text::limit::Limit;
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::timeout;

/// What happens, in order.
pub(crate) struct Seen(UnboundedReceiver<Event>);

impl Seen {
    /// Everything that has happened by now and has not been looked at.
    pub(crate) fn so_far(&mut self) -> Vec<String> {
        let mut seen = Vec::new();
        while let Ok(event) = self.0.try_recv() {
            seen.push(match event {
                Event::Start(name, _, false) => format!("start {name}"),
                Event::Start(name, ..) => format!("restart {name}"),
                Event::Mayday(name, reason) => format!("{name} goes: {reason}"),
                Event::Gone(name) => format!("{name} is gone"),
            });
        }
        seen
    }
}

/// A plan with local names, and what happens.
pub(crate) fn plan() -> (Plan, Seen) {
    let (tell, seen) = mpsc::unbounded_channel();
    let plan = Plan {
        dynamic: true,
        max_children: usize::MAX,
        names: Names::Local,
        limit: Limit::default(),
        restart: Restart::Permanent,
        shutdown: Shutdown::DEFAULT,
        last_words: None,
        characters: vec![Role::new("superman", "I would fly.")],
        stage: Stage::new(move |event| {
            let _ = tell.send(event);
        }),
    };
    (plan, Seen(seen))
}

/// Runs a session in a process on a node of its own.
pub(crate) async fn session<T: Send + 'static>(
    body: impl Future<Output = T> + Send + 'static,
) -> T {
    // Longer than anything in it takes, on a clock that jumps: one that waits for ever fails at once.
    let limit = Duration::from_secs(300);
    let session = timeout(limit, Node::new().run(body)).await;
    session
        .expect("the session ends in time")
        .expect("the session ends by itself")
}

/// Waits until another process than this one has a character's name.
pub(crate) async fn back(project: &Project, name: &str, before: Option<Pid>) -> Pid {
    loop {
        let now = project.hero(name).whereis();
        if let Some(pid) = now.filter(|_| now != before) {
            return pid;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
