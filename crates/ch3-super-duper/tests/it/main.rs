//! Tests of the API and of the program.
//!
//! Numbers such as S49 name scenarios that were recorded on the BEAM.

mod application;
mod characters;
mod children;
mod cli;
#[cfg(target_os = "linux")]
mod hang_up;
mod limit;
mod start;
mod stop;
mod strategies;

use ch3_super_duper::api::{Event, Hero, Plan, Stage};
use otp_core::SupervisorRef;
use otp_core::prelude::*;
use otp_shell::plain;
use std::sync::{Arc, Mutex};

const NOT_POISONED: &str = "no code panics with this lock";

/// The events of a stage, in order.
#[derive(Debug, Clone, Default)]
struct EventLog(Arc<Mutex<Vec<String>>>);

impl EventLog {
    fn stage(&self) -> Stage {
        let log = self.0.clone();
        Stage::new(move |event| log.lock().expect(NOT_POISONED).push(text(event)))
    }

    /// The events since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect(NOT_POISONED))
    }
}

fn text(event: Event) -> String {
    match event {
        Event::Start(name, _, restarted) => {
            let start = if restarted { "restart" } else { "start" };
            format!("{start} {name}")
        }
        Event::Mayday(name, reason) => format!("mayday {name}: {}", plain(&reason)),
        Event::Gone(name) => format!("gone {name}"),
    }
}

/// The three characters, one for one, without traps.
fn plan(log: &EventLog) -> Plan {
    Plan::new(log.stage())
}

/// Runs the body of a test in a process that traps exits.
async fn session<F, T>(body: impl FnOnce(Mailbox<Exit>) -> F + Send + 'static) -> T
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let session = Node::new().run_with(|mut me: Mailbox<Exit>| {
        me.trap_exit(|exit| exit);
        body(me)
    });
    session.await.expect("the session survives")
}

/// Makes a character panic, and waits until its supervisors have handled its end.
async fn die(name: &str) {
    let hero = Hero::named(name.to_owned());
    let pid = hero.whereis().expect("it is alive");
    let aftermath = otp_shell::Aftermath::of(pid).await;
    hero.die();
    aftermath.wait().await;
}

/// The names and the pids of the children, the last one first.
async fn pids(visor: &SupervisorRef) -> Vec<(String, Option<Pid>)> {
    let children = visor
        .which_children()
        .await
        .expect("the supervisor answers");
    let named = children.iter().map(|child| {
        let id = child.id.as_ref().expect("a child has an id").to_string();
        (id, child.pid())
    });
    named.collect()
}
