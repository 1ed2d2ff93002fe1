//! The same by a `PubSub`.

use std::sync::Arc;

use otp_core::prelude::*;
use otp_core::{PubSub, process};
use tokio::runtime::Runtime;

use super::{SUBSCRIBERS, TOPIC, Tally};
use crate::cost::{Cost, Stopwatch};
use crate::server;

pub(super) fn broadcasts(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let topics = PubSub::<u64>::new("topics");
        topics.start().await.expect("the name is free");
        let (tally, subscribed) = (Arc::new(Tally::default()), Arc::new(Tally::default()));
        for _ in 0..SUBSCRIBERS {
            let (topics, tally, subscribed) = (topics.clone(), tally.clone(), subscribed.clone());
            process::spawn(move |mut mailbox: Mailbox<u64>| async move {
                topics
                    .subscribe(TOPIC, mailbox.me())
                    .expect("the topics run");
                subscribed.handled();
                loop {
                    mailbox.receive().await;
                    tally.handled();
                }
            });
        }
        subscribed.all().await;
        let watch = Stopwatch::start();
        for n in 0..operations / SUBSCRIBERS {
            topics.broadcast(TOPIC, n).expect("the topics run");
            tally.all().await;
        }
        watch.stop()
    }))
}
