//! The characters from outside: through the API, and as the program shows them.
//!
//! An S-number in a comment names a scenario recorded from Erlang and Elixir that a test re-plays.

mod application;
mod characters;
mod children;
mod cli;
mod endings;
mod kitchen;
mod limit;
mod start;
mod stop;
mod strategies;

use ch3_super_duper::api::{Event, Hero, Limit, Plan, Role, Stage, SuperVisor};
use otp_core::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;

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
        Event::Mayday { name, reason } => format!("mayday {name}: {}", plain(&reason)),
        Event::Shrug { name, exit } => format!("shrug {name}: {}", plain(&exit.reason)),
        Event::Kitchen(event) => match event {
            ch2_egg_timer::boundary::Event::Rang(name, _) => format!("ring {name}"),
            ch2_egg_timer::boundary::Event::Pending(alarm) => format!("forget {}", alarm.name),
            ch2_egg_timer::boundary::Event::Stopped(reason) => format!("stop egg_timer: {reason}"),
            ch2_egg_timer::boundary::Event::Scheduled(name, _) => format!("set {name}"),
            other => format!("{other:?}"),
        },
    }
}

/// Without the place in the sources.
fn plain(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(panic) => panic.message.clone(),
        other => other.to_string(),
    }
}

/// The three characters, one for one, and nobody traps exits.
fn plan(audience: &Audience) -> Plan {
    Plan {
        strategy: Strategy::OneForOne,
        limit: Limit {
            max: 3,
            period: Duration::from_secs(5),
        },
        restart: Restart::Permanent,
        shutdown: Shutdown::DEFAULT,
        trap: false,
        characters: Role::names().map(str::to_owned).collect(),
        duo: false,
        kitchen: false,
        crowd: false,
        stage: audience.stage(),
    }
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
    let aftermath = ch3_super_duper::api::Aftermath::of(pid).await;
    hero.die();
    aftermath.wait().await;
}

/// The names and the pids of the children, the last one first.
async fn pids(visor: &SuperVisor) -> Vec<(String, Option<Pid>)> {
    let children = visor.children().await.expect("the supervisor answers");
    let named = children.iter().map(|child| {
        let id = child.id.as_ref().expect("a child has an id").to_string();
        (id, child.pid())
    });
    named.collect()
}
