//! Names that come and go: local ones, global ones and keys of registries.

use otp_core::prelude::*;
use otp_core::process;

use super::stage::{PATIENCE, Stage, obey};
use super::{Note, Operation};
use crate::worker::{Args, Call, Worker};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "names",
        weight: 10,
        perform: |stage, _| Box::pin(names(stage)),
    },
    Operation {
        name: "registry keys",
        weight: 10,
        perform: |stage, mailbox| Box::pin(keys(stage, mailbox)),
    },
    Operation {
        name: "servers by key",
        weight: 5,
        perform: |stage, _| Box::pin(server(stage)),
    },
];

/// How many names, and how many keys, are fought over.
const NAMES: u64 = 20;
const KEYS: u64 = 50;

/// A victim gets a name, if that is free. When it has ended the name does not lead to it.
async fn names(mut stage: Stage) {
    let node = process::node();
    let text = format!("name {}", stage.random.u64(..NAMES));
    let name = match stage.chance(2) {
        true => Name::local(text),
        false => Name::global(text),
    };
    let victim = stage.victim();
    let named = node.register(name.clone(), &victim).is_ok();
    if named && node.whereis(name.clone()) != Some(victim.pid()) {
        stage.complain(format!("{name} does not lead to the process that has it"));
    }
    if named && stage.chance(4) && node.unregister(name.clone()).is_err() {
        stage.complain(format!("{name} is not there to be given up"));
    }
    stage.end(&victim);
    stage.within("a process with a name", victim.wait()).await;
    if node.whereis(name.clone()) == Some(victim.pid()) {
        stage.complain(format!("{name} leads to a dead process"));
    }
}

/// A victim registers under keys, its own and others', and ends. From then on it is found under none of them.
async fn keys(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    let (me, world) = (mailbox.me(), stage.world.clone());
    let mut random = stage.random.fork();
    let wanted: Vec<u64> = (0..stage.random.u64(1..8))
        .map(|_| stage.random.u64(..KEYS))
        .collect();
    let own = wanted.clone();
    let victim = process::spawn(move |mailbox| async move {
        for key in &own {
            // Taken, or the registry is just being restarted: that may be.
            let _ = world.keys.register(*key, ());
            let _ = world.topics.register(*key, ());
            if random.bool() {
                world.topics.unregister(*key);
            }
        }
        me.send(Note::Ready);
        obey(mailbox).await
    });
    mailbox.monitor(&victim, Note::Down);
    // Sometimes it ends in the middle of it.
    if stage.chance(2) && mailbox.receive().timeout(PATIENCE).await.is_none() {
        stage.complain("a process has not registered its keys".to_owned());
    }
    stage.end(&victim);
    stage.within("a process with keys", victim.wait()).await;
    let (keys, topics) = (&stage.world.keys, &stage.world.topics);
    for key in &wanted {
        let found = keys.lookup(key).into_iter().chain(topics.lookup(key));
        if found.into_iter().any(|(pid, ())| pid == victim.pid()) {
            stage.complain(format!("key {key} leads to a dead process"));
        }
    }
}

/// A server is started by key, called by key and stopped by key.
async fn server(mut stage: Stage) {
    let name = stage.world.keys.via(KEYS + stage.random.u64(..KEYS));
    let args = Args {
        ledger: stage.world.ledger.clone(),
        traps: stage.chance(2),
    };
    let started = Worker::options().name(name.clone()).start(args);
    let Some(Ok(server)) = stage.within("a start", started).await else {
        return;
    };
    let by_key = ServerName::<Worker>::new(name);
    let n = stage.random.u64(..);
    let call = by_key.call(|from| Call::Echo(n, from));
    stage.within("a call by key", call).await;
    stage.within("a stop", server.stop()).await;
    if by_key
        .whereis()
        .is_some_and(|found| found.pid() == server.pid())
    {
        stage.complain("a key leads to a server that has stopped".to_owned());
    }
}
