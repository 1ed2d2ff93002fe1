//! A project whose test gets its events.

use ch4_dynamic::api::{Event, Names, Plan, Project, Role, Stage};
use otp_core::prelude::*;
use otp_text::limit::Limit;
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::timeout;

/// The events, in order.
pub(crate) struct EventLog(UnboundedReceiver<Event>);

impl EventLog {
    /// The events since the last call.
    pub(crate) fn take(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        while let Ok(event) = self.0.try_recv() {
            events.push(match event {
                Event::Start(name, _, false) => format!("start {name}"),
                Event::Start(name, ..) => format!("restart {name}"),
                Event::Mayday(name, reason) => format!("{name} goes: {reason}"),
                Event::Gone(name) => format!("{name} is gone"),
            });
        }
        events
    }
}

/// Settings with local names, and the events of their project.
pub(crate) fn plan() -> (Plan, EventLog) {
    let (sender, events) = mpsc::unbounded_channel();
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
            let _ = sender.send(event);
        }),
    };
    (plan, EventLog(events))
}

/// Runs a session in a process on a node of its own.
pub(crate) async fn session<T: Send + 'static>(
    body: impl Future<Output = T> + Send + 'static,
) -> T {
    // The clock is paused, so a session that waits for ever reaches this limit at once.
    let limit = Duration::from_secs(300);
    let session = timeout(limit, Node::new().run(body)).await;
    session
        .expect("the session ends in time")
        .expect("the session does not panic")
}

/// Waits until a process other than `before` is registered under the character's name.
pub(crate) async fn restarted(project: &Project, name: &str, before: Option<Pid>) -> Pid {
    loop {
        let now = project.hero(name).whereis();
        if let Some(pid) = now.filter(|_| now != before) {
            return pid;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
