//! Values that misbehave, wherever the runtime takes a value of the user's. At most the process ends that the value belongs
//! to; whoever watches it is told.

use std::collections::HashSet;
use std::time::Duration;

use fastrand::Rng;
use otp_core::prelude::*;
use otp_core::table::{self, OrderedSet, Set, Table};
use otp_core::{MonitorRef, process, timer};
use tokio::time::sleep;

use super::stage::{PATIENCE, Stage};
use super::{Note, Operation};
use crate::hostile::{Hostile, attempt, let_go, name};
use crate::listener::BLOW;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "hostile messages",
        weight: 6,
        perform: |stage, mailbox| Box::pin(messages(stage, mailbox)),
    },
    Operation {
        name: "hostile servers",
        weight: 6,
        perform: |stage, mailbox| Box::pin(servers(stage, mailbox)),
    },
    Operation {
        name: "hostile reasons",
        weight: 6,
        perform: |stage, mailbox| Box::pin(reasons(stage, mailbox)),
    },
    Operation {
        name: "hostile objects",
        weight: 6,
        perform: |stage, mailbox| Box::pin(objects(stage, mailbox)),
    },
    Operation {
        name: "hostile timers",
        weight: 4,
        perform: |stage, mailbox| Box::pin(timers(stage, mailbox)),
    },
];

/// Waits for the one DOWN of each of these monitors.
async fn told(stage: &Stage, mailbox: &mut Mailbox<Note>, mut monitors: HashSet<MonitorRef>) {
    while !monitors.is_empty() {
        match mailbox.receive().timeout(PATIENCE).await {
            Some(Note::Down(down)) => {
                if !monitors.remove(&down.monitor) {
                    stage.complain("a second DOWN over hostile values".to_owned());
                }
                let_go([down]);
            }
            Some(_) => {}
            None => {
                let missing = monitors.len();
                return stage.complain(format!("{missing} DOWNs over hostile values are missing"));
            }
        }
    }
}

/// Monitors a process.
fn watch(stage: &mut Stage, mailbox: &mut Mailbox<Note>, pid: Pid) -> HashSet<MonitorRef> {
    stage.watch(pid);
    HashSet::from([mailbox.monitor(pid, Note::Down)])
}

/// The same, also by a name that misbehaves. Not for a process that ends with a hostile reason: a DOWN in which name and
/// reason panic as they are dropped is one value that panics twice.
fn watch_by_name(stage: &mut Stage, mailbox: &mut Mailbox<Note>, pid: Pid) -> HashSet<MonitorRef> {
    let mut monitors = watch(stage, mailbox, pid);
    if stage.chance(2) {
        let name = name(Hostile::new(&mut stage.random, pid));
        monitors.extend(attempt(|| mailbox.monitor(name, Note::Down)));
    }
    monitors
}

/// A process ends with messages that it has looked at, passed over and not seen.
async fn messages(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    let reads = stage.random.u32(..5);
    let ends = stage.chance(3);
    let victim = process::spawn(move |mut mailbox: Mailbox<Hostile>| async move {
        for _ in 0..reads {
            let_go([mailbox.receive().await]);
        }
        if !ends {
            // It passes over whatever comes.
            let_go([mailbox.receive_match(|_| false).await]);
        }
    });
    let monitors = watch_by_name(&mut stage, &mut mailbox, victim.pid());
    for _ in 0..stage.random.u32(..30) {
        let message = Hostile::new(&mut stage.random, &victim);
        attempt(|| victim.send(message));
        if stage.chance(10) {
            tokio::task::yield_now().await;
        }
    }
    process::exit(&victim, ExitReason::Kill);
    told(&stage, &mut mailbox, monitors).await;
}

/// A server whose state, dictionary, answers and reasons are hostile.
struct Villain {
    state: Hostile,
}

enum Call {
    Give(Hostile, ReplyTo<Hostile>),
}

enum Cast {
    Put(Hostile),
    Replace(Hostile),
    Panic,
    Stop(ExitReason),
}

#[gen_server]
impl GenServer for Villain {
    type Args = Hostile;
    type Call = Call;
    type Cast = Cast;

    async fn init(state: Hostile, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { state }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Give(value, from) = call;
        from.reply(value)
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Put(value) => drop(process::put(value)),
            Cast::Replace(value) => self.state = value,
            Cast::Panic => panic!("{BLOW}"),
            Cast::Stop(reason) => return Next::Stop(reason),
        }
        Next::NoReply
    }

    fn format_status(&self, status: &mut otp_core::gen_server::Status) {
        status.state = Some(format!("{:?}", self.state));
    }
}

async fn servers(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    let me = process::current();
    let state = Hostile::new(&mut stage.random, me);
    let Some(Ok(server)) = stage
        .within("a hostile server's start", Villain::start(state))
        .await
    else {
        return;
    };
    let pid = server.pid();
    let monitors = watch(&mut stage, &mut mailbox, pid);
    for _ in 0..stage.random.u32(..10) {
        let value = Hostile::new(&mut stage.random, pid);
        match stage.random.u32(..5) {
            0 => drop(attempt(|| server.cast(Cast::Put(value)))),
            1 => drop(attempt(|| server.cast(Cast::Replace(value)))),
            2 => {
                // Nobody waits for the answer.
                let request = attempt(|| server.send_request(|from| Call::Give(value, from)));
                let_go(request);
            }
            3 => {
                let limit = stage.millis(0..3);
                let call = server.call(|from| Call::Give(value, from)).timeout(limit);
                let answer = stage.within("a call for a hostile answer", call).await;
                let_go(answer);
            }
            _ => {
                let asks = server.clone();
                process::spawn(move |_: Mailbox<Never>| async move {
                    let_go([asks.call(|from| Call::Give(value, from)).await]);
                });
            }
        }
    }
    let reason = ExitReason::other(Hostile::new(&mut stage.random, pid));
    match stage.random.u32(..4) {
        0 => drop(attempt(|| server.cast(Cast::Panic))),
        1 => drop(attempt(|| server.cast(Cast::Stop(reason)))),
        2 => drop(attempt(|| process::exit(pid, reason))),
        _ => drop(attempt(|| drop(reason))),
    }
    process::exit(pid, ExitReason::Kill);
    told(&stage, &mut mailbox, monitors).await;
}

/// Processes end for reasons that cannot be shown, compared or dropped, and of which only the first counts.
async fn reasons(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    let mut monitors = HashSet::new();
    for _ in 0..stage.random.u32(1..6) {
        let victim = stage.victim();
        let pid = victim.pid();
        monitors.extend(watch(&mut stage, &mut mailbox, pid));
        let neighbour = process::spawn(move |mut mailbox: Mailbox<Exit>| async move {
            mailbox.trap_exit(|exit| exit);
            mailbox.link(pid);
            let exit = mailbox.receive().await;
            attempt(|| exit.reason.to_string());
            attempt(|| exit.reason == exit.reason.clone());
            let_go([exit]);
        });
        stage.watch(&neighbour);
        for _ in 0..stage.random.u32(1..4) {
            let reason = ExitReason::other(Hostile::new(&mut stage.random, pid));
            match stage.chance(2) {
                true => attempt(|| process::exit(pid, reason)),
                false => attempt(|| victim.send(Note::End(reason))),
            };
        }
    }
    told(&stage, &mut mailbox, monitors).await;
}

/// Objects and keys of tables.
async fn objects(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    let mut monitors = HashSet::new();
    for _ in 0..stage.random.u32(1..4) {
        let random = stage.random.fork();
        let owner = process::spawn(move |_: Mailbox<Note>| async move { keep(random).await });
        monitors.extend(watch_by_name(&mut stage, &mut mailbox, owner.pid()));
        sleep(stage.millis(0..3)).await;
        process::exit(&owner, ExitReason::Kill);
    }
    told(&stage, &mut mailbox, monitors).await;
}

/// Owns two tables, one of which has hostile keys, and the other hostile objects.
async fn keep(mut random: Rng) {
    let me = process::current();
    let keys: Result<Table<Hostile, u64, Set>, _> = table::set("keys").create();
    let objects: Result<Table<u64, Hostile, OrderedSet>, _> =
        table::ordered_set("objects").create();
    let (Ok(keys), Ok(objects)) = (keys, objects) else {
        return;
    };
    loop {
        let n = random.u64(..20);
        let some = Hostile::new(&mut random, me);
        match random.u32(..7) {
            0 | 1 => drop(attempt(|| keys.insert(some, n))),
            2 => drop(attempt(|| keys.insert_new(some, n))),
            3 => {
                attempt(|| keys.delete(&some));
                let_go([some]);
            }
            4 | 5 => drop(attempt(|| objects.insert(n, some))),
            _ => {
                let_go([some]);
                let_go(attempt(|| objects.lookup(&n)));
                attempt(|| objects.delete(&n));
            }
        }
        tokio::task::yield_now().await;
    }
}

/// Timers and intervals whose messages cannot be copied or dropped, some of which their process does not live to see.
async fn timers(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    let victim = process::spawn(|mut mailbox: Mailbox<Hostile>| async move {
        loop {
            let_go([mailbox.receive().await]);
        }
    });
    let monitors = watch_by_name(&mut stage, &mut mailbox, victim.pid());
    for _ in 0..stage.random.u32(..10) {
        let message = Hostile::new(&mut stage.random, &victim);
        let delay = stage.millis(0..10);
        let cancels = stage.chance(3);
        match stage.chance(3) {
            true => {
                let interval = timer::send_interval(&victim, delay.max(MS), message);
                if cancels {
                    attempt(|| interval.cancel());
                }
            }
            false => {
                let timer = timer::send_after(&victim, delay, message);
                if cancels {
                    attempt(|| timer.cancel());
                }
            }
        }
    }
    sleep(stage.millis(0..10)).await;
    process::exit(&victim, ExitReason::Kill);
    told(&stage, &mut mailbox, monitors).await;
}

const MS: Duration = Duration::from_millis(1);
