//! Names by hand: a map under a lock that many may read at a time.

use std::collections::HashMap;
use std::sync::RwLock;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::{FLOOD, SERVERS, name, visits};
use crate::cost::{Cost, Stopwatch};
use crate::floor::{self, Message};

type Names = RwLock<HashMap<String, mpsc::UnboundedSender<Message>>>;

pub(super) fn casts(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let names: Vec<String> = (0..SERVERS).map(name).collect();
        let senders = Names::default();
        for name in &names {
            let server = floor::Server::start().await;
            write(&senders, name.clone(), server.sender);
        }
        let visits: Vec<&str> = visits().into_iter().map(|index| &*names[index]).collect();
        flood(&senders, &visits, &names).await;
        let watch = Stopwatch::start();
        for _ in 0..operations / FLOOD {
            flood(&senders, &visits, &names).await;
        }
        watch.stop()
    }))
}

async fn flood(senders: &Names, visits: &[&str], names: &[String]) {
    for name in visits {
        cast(senders, name, 1);
    }
    for name in names {
        let server = find(senders, name);
        floor::call(&server, 0).await;
    }
}

fn write(senders: &Names, name: String, sender: mpsc::UnboundedSender<Message>) {
    let mut senders = senders.write().expect("nobody panics with the map in hand");
    senders.insert(name, sender);
}

/// The sender is not cloned: a send does not wait, so the map may be held meanwhile.
fn cast(senders: &Names, name: &str, n: u64) {
    let senders = senders.read().expect("nobody panics with the map in hand");
    floor::send(&senders[name], Message::Add(n));
}

fn find(senders: &Names, name: &str) -> mpsc::UnboundedSender<Message> {
    let senders = senders.read().expect("nobody panics with the map in hand");
    senders[name].clone()
}
