//! A topic by hand: a map under a lock that many may read at a time.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::{SUBSCRIBERS, TOPIC, Tally};
use crate::cost::{Cost, Stopwatch};
use crate::floor;

type Topics = RwLock<HashMap<String, Vec<mpsc::UnboundedSender<u64>>>>;

pub(super) fn dispatches(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let tally = Arc::new(Tally::default());
        let subscribers = (0..SUBSCRIBERS).map(|_| subscriber(tally.clone()));
        let topics = Topics::new(HashMap::from([(TOPIC.to_owned(), subscribers.collect())]));
        let watch = Stopwatch::start();
        for n in 0..operations / SUBSCRIBERS {
            dispatch(&topics, n);
            tally.all().await;
        }
        watch.stop()
    }))
}

fn dispatch(topics: &Topics, n: u64) {
    let topics = topics.read().expect("nobody panics with the map in hand");
    for subscriber in &topics[TOPIC] {
        floor::send(subscriber, n);
    }
}

fn subscriber(tally: Arc<Tally>) -> mpsc::UnboundedSender<u64> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    floor::spawn(async move {
        while receiver.recv().await.is_some() {
            tally.handled();
        }
    });
    sender
}
