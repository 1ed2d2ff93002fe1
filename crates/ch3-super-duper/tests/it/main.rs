//! The characters from outside: through the API, and as the program shows them.
//!
//! An S-number in a comment names a scenario recorded from Erlang and Elixir that a test re-plays.

mod application;
mod characters;
mod children;
mod cli;
mod limit;
mod start;
mod stop;
mod strategies;

use ch3_super_duper::api::{Event, Hero, Plan, Stage};
use otp_core::SupervisorRef;
use otp_core::prelude::*;
use otp_shell::plain;
use std::sync::{Arc, Mutex};

/// Nobody panics while a line is added.
const UNHARMED: &str = "nobody panics with the lock";

/// What is heard on a stage, in order.
#[derive(Debug, Clone, Default)]
struct Audience(Arc<Mutex<Vec<String>>>);

impl Audience {
    fn stage(&self) -> Stage {
        let heard = self.0.clone();
        Stage::new(move |event| heard.lock().expect(UNHARMED).push(words(event)))
    }

    /// What was heard since the last time.
    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect(UNHARMED))
    }
}

fn words(event: Event) -> String {
    match event {
        Event::Start { name, again, .. } => {
            let start = if again { "restart" } else { "start" };
            format!("{start} {name}")
        }
        Event::Mayday(name, reason) => format!("mayday {name}: {}", plain(&reason)),
        Event::Gone(name) => format!("gone {name}"),
        Event::Shrug(name, exit) => format!("shrug {name}: {}", plain(&exit.reason)),
    }
}

/// The three characters, one for one, and nobody traps exits.
fn plan(audience: &Audience) -> Plan {
    Plan::new(audience.stage())
}

/// Runs the body of a test as a process that traps exits, so that it lives to tell.
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

/// Has a character die, and waits until its supervisors are done with it.
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
