//! Registries, process groups and names whose keys and values misbehave.

use std::sync::Arc;

use otp_core::pg::Scope;
use otp_core::registry::{Listener, RegistryEvent};
use otp_core::{ExitReason, Mailbox, Name, NameRegistry, Never, Pid, Registry, process};

use super::hostile::{Case, Small as Hostile, Stage, apart, case, look_around, settle};
use super::servers::{Host, host};

type Keys = Registry<Hostile, Hostile>;

type Job = Box<dyn FnOnce(&Keys, &Stage) + Send>;

/// A process that does this, and then waits.
fn sitter(stage: &Stage, sit: impl FnOnce() + Send + 'static) -> process::ProcessRef<()> {
    stage
        .node
        .spawn(move |mut mailbox: Mailbox<()>| async move {
            sit();
            mailbox.receive().await;
        })
}

async fn use_registry(stage: Stage) {
    let keys: Keys = Registry::options("keys")
        .partitions(2)
        .meta("first", stage.small(40))
        .listener(Listener::process(
            "listener",
            |event: RegistryEvent<Hostile, Hostile>| event,
        ))
        .listener(Listener::server::<Host>(
            "host",
            |event: RegistryEvent<Hostile, Hostile>| match event {
                RegistryEvent::Register { value, .. } => value.sized(),
                RegistryEvent::Unregister { key, .. } => key.sized(),
            },
        ))
        .unique();
    keys.start().await.expect("nothing misbehaves yet");
    let listener = process::spawn(
        |mut mailbox: Mailbox<RegistryEvent<Hostile, Hostile>>| async move {
            loop {
                mailbox.receive().await;
            }
        },
    );
    process::register("listener", &listener).expect("nothing misbehaves yet");
    host(&stage, "host").await;
    let (again, there) = (stage.clone(), keys.clone());
    stage.arm(move || {
        look_around(&again.node);
        let key = again.small(1);
        let _ = there.whereis(&key);
        let found = there.lookup(&key);
        let _ = (there.count(), there.is_empty(), there.pid());
        if let Some(me) = process::try_current() {
            let _ = there.register(again.small(50), again.small(50));
            let own = (there.keys(me), there.values(&key, me));
            there.unregister(again.small(50));
            again.let_go(own);
        }
        let meta = there.meta::<Hostile>("first");
        again.let_go((key, found, meta));
    });
    let one = |job: Job| {
        let (keys, stage) = (keys.clone(), stage.clone());
        sitter(&stage.clone(), move || job(&keys, &stage))
    };
    let owner = one(Box::new(|keys, stage| {
        let _ = keys.register(stage.small(1), stage.small(1));
        let _ = keys.register(stage.small(2), stage.small(2));
        let _ = keys.register(stage.small(3), stage.small(3));
    }));
    settle().await;
    let jobs: Vec<Job> = vec![
        // Refused.
        Box::new(|keys, stage| {
            let refused = keys.register(stage.small(1), stage.small(9));
            stage.let_go(refused);
        }),
        Box::new(|keys, stage| {
            let _ = keys.register(stage.small(4), stage.small(4));
            let updated = keys.update_value(&stage.small(4), |_| stage.small(5));
            stage.let_go(updated);
            keys.unregister_matching(stage.small(4), |value| *value == stage.small(5));
            keys.unregister(stage.small(4));
        }),
        Box::new(|keys, stage| {
            let key = stage.small(1);
            let found = keys.matching(&key, |value| *value == stage.small(1));
            stage.let_go(found);
            let _ = keys.count_matching(&key, |_| true);
            keys.dispatch(&key, |entries| stage.let_go(entries));
            let selected = keys.select(|key, _, value| Some((key.clone(), value.clone())));
            stage.let_go(selected);
            let _ = keys.count_select(|_, _, _| true);
            stage.let_go(key);
        }),
        Box::new(|keys, stage| {
            let _ = keys.put_meta("first", stage.small(41));
            let _ = keys.put_meta("first", stage.small(42));
            let meta = keys.meta::<Hostile>("first");
            stage.let_go(meta);
            keys.delete_meta("first");
        }),
        // As a name.
        Box::new(|keys, stage| {
            let name = keys.via_with(stage.small(6), stage.small(6));
            let me = process::current();
            let _ = process::register(name.clone(), me);
            let again = process::register(name.clone(), me);
            stage.let_go(again);
            let _ = process::whereis(name.clone());
            let _ = process::send(name.clone(), ());
            let _ = name == keys.via_with(stage.small(6), stage.small(7));
            let _ = process::unregister(name.clone());
            let refused = process::unregister(name);
            stage.let_go(refused);
        }),
    ];
    for job in jobs {
        let process = one(job);
        settle().await;
        process.send(());
        process.wait().await;
    }
    let (turns, there) = (keys.clone(), stage.clone());
    process::spawn(move |_: Mailbox<Never>| async move {
        let turn = turns.lock(there.small(1), || async {}).await;
        there.let_go(turn);
        let key = there.small(1);
        let done = turns.dispatch_parallel(&key, |_| ());
        done.await;
        there.let_go(key);
    })
    .wait()
    .await;
    process::exit(&owner, ExitReason::Kill);
    owner.wait().await;
    settle().await;
    let last = one(Box::new(|keys, stage| {
        let _ = keys.register(stage.small(1), stage.small(1));
    }));
    settle().await;
    let there = stage.clone();
    apart(move || async move {
        let reason = ExitReason::other(there.small(8));
        there.let_go(keys.stop_with(reason).await);
    })
    .await;
    last.wait().await;
}

async fn use_duplicate(stage: Stage) {
    let keys = Registry::<Hostile, Hostile>::duplicate("many");
    keys.start().await.expect("nothing misbehaves yet");
    let (again, there) = (stage.clone(), keys.clone());
    stage.arm(move || {
        look_around(&again.node);
        let key = again.small(1);
        let found = there.lookup(&key);
        again.let_go((key, found));
    });
    for kill in [true, false] {
        let (keys, there) = (keys.clone(), stage.clone());
        let owner = sitter(&stage, move || {
            for n in 0..3 {
                let _ = keys.register(there.small(1), there.small(n));
            }
            keys.unregister_matching(there.small(1), |value| *value == there.small(1));
        });
        settle().await;
        match kill {
            true => process::exit(&owner, ExitReason::Kill),
            false => owner.send(()),
        }
        owner.wait().await;
    }
    let _ = keys.stop().await;
}

async fn use_groups(stage: Stage) {
    let rooms = Scope::<Hostile>::new("rooms");
    rooms.start().await.expect("nothing misbehaves yet");
    let member = sitter(&stage, || ());
    let (again, there) = (stage.clone(), rooms.clone());
    stage.arm(move || {
        look_around(&again.node);
        let group = again.small(1);
        let _ = (
            there.members(&group),
            there.local_members(&group),
            there.pid(),
        );
        let groups = there.groups();
        again.let_go((group, groups));
    });
    let watcher = process::spawn(|mut mailbox: Mailbox<Hostile>| async move {
        loop {
            mailbox.receive().await;
        }
    });
    let job = {
        let (rooms, stage) = (rooms.clone(), stage.clone());
        let (member, watcher) = (member.clone(), watcher.clone());
        move |_: Mailbox<Never>| async move {
            let captured = stage.small(9);
            let set = rooms.monitor(stage.small(1), &watcher, move |event| {
                drop(event);
                captured.clone()
            });
            let set = set.await;
            let captured = stage.small(9);
            let scope = rooms.monitor_scope(&watcher, move |event| {
                drop(event);
                captured.clone()
            });
            let scope = scope.await;
            let _ = rooms.join(stage.small(1), &member).await;
            let _ = rooms
                .join_all(stage.small(1), [member.pid(), process::current()])
                .await;
            let _ = rooms.leave(stage.small(1), &member).await;
            let _ = rooms.leave_all(stage.small(2), [member.pid()]).await;
            let there = vec![member.pid()];
            let _ = rooms.join_remote(stage.small(3), there.clone()).await;
            let _ = rooms.leave_remote(stage.small(3), there).await;
            if let Ok((monitor, _)) = &set {
                let _ = rooms.demonitor(*monitor).await;
            }
            stage.let_go((set, scope));
        }
    };
    process::spawn(job).wait().await;
    process::exit(&member, ExitReason::Kill);
    process::exit(&watcher, ExitReason::Kill);
    settle().await;
    let there = stage.clone();
    apart(move || async move {
        let reason = ExitReason::other(there.small(8));
        there.let_go(rooms.stop_with(reason).await);
    })
    .await;
}

/// A registry of the user's that misbehaves in each of its functions.
struct Book(Hostile);

impl Book {
    fn act(&self) {
        drop(self.0.clone());
    }
}

impl NameRegistry for Book {
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        self.act();
        if key == "taken" { Err(pid) } else { Ok(()) }
    }

    fn unregister_name(&self, _: &str, _: Pid) {
        self.act();
    }

    fn whereis_name(&self, _: &str) -> Option<Pid> {
        self.act();
        process::try_current()
    }
}

async fn use_names(stage: Stage) {
    let again = stage.clone();
    stage.arm(move || look_around(&again.node));
    for key in ["free", "taken"] {
        let there = stage.clone();
        let named = process::spawn(move |mut mailbox: Mailbox<()>| async move {
            let name = Name::via(Arc::new(Book(there.small(1))), key);
            let me = mailbox.pid();
            let _ = process::register(name.clone(), me);
            mailbox.monitor(name.clone(), |_| ());
            let _ = process::whereis(name.clone());
            let _ = process::send(name.clone(), ());
            mailbox.receive().await;
        });
        settle().await;
        process::exit(&named, ExitReason::Kill);
        named.wait().await;
    }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "a registry with unique keys",
            &[
                "registry.rs::register",
                "registry.rs::unregister",
                "registry.rs::lookup",
                "registry.rs::keys",
                "registry.rs::values",
                "registry.rs::stop_with",
                "registry/listener.rs::process",
                "registry/listener.rs::server",
                "registry/lock.rs::lock",
                "registry/meta.rs::meta",
                "registry/meta.rs::put_meta",
                "registry/options.rs::meta",
                "registry/query.rs::dispatch",
                "registry/query.rs::dispatch_parallel",
                "registry/query.rs::matching",
                "registry/query.rs::count_matching",
                "registry/query.rs::unregister_matching",
                "registry/query.rs::select",
                "registry/query.rs::count_select",
                "registry/unique.rs::via",
                "registry/unique.rs::via_with",
                "registry/unique.rs::whereis",
                "registry/unique.rs::update_value",
            ],
            use_registry,
        ),
        case("a registry with duplicate keys", &[], use_duplicate),
        case(
            "process groups",
            &[
                "pg.rs::join",
                "pg.rs::join_all",
                "pg.rs::leave",
                "pg.rs::leave_all",
                "pg.rs::join_remote",
                "pg.rs::leave_remote",
                "pg.rs::stop_with",
                "pg.rs::members",
                "pg.rs::local_members",
                "pg/monitor.rs::monitor",
                "pg/monitor.rs::monitor_scope",
            ],
            use_groups,
        ),
        case(
            "names in a registry of the user's",
            &[
                "address/name.rs::via",
                "process.rs::register",
                "node.rs::register",
                "process.rs::unregister",
                "node.rs::unregister",
                "process.rs::whereis",
                "node/tables.rs::whereis",
            ],
            use_names,
        ),
    ]
}
