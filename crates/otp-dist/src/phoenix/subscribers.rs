//! Who hears of which topic on this node.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use otp_core::{Pid, Recipient};
use otp_etf::Term;
use parking_lot::Mutex;

use super::PubSubMessage;

type Subscriber = Recipient<PubSubMessage>;

#[derive(Default)]
pub(super) struct Subscribers(Mutex<Topics>);

#[derive(Default)]
struct Topics {
    topics: HashMap<Arc<str>, Vec<Subscriber>>,
    count: usize,
    /// At how many subscriptions those whose process does not live are swept out.
    sweep: usize,
}

impl Topics {
    /// Takes those out for whom `leaves` is true. The caller drops them outside of the critical section: what makes their messages is
    /// the user's.
    fn take(
        &mut self,
        topic: Option<&str>,
        leaves: impl Fn(&Subscriber) -> bool,
    ) -> Vec<Subscriber> {
        let mut taken = Vec::new();
        self.topics.retain(|name, subscribers| {
            if topic.is_none_or(|topic| topic == &**name) {
                taken.extend(subscribers.extract_if(.., |it| leaves(it)));
            }
            !subscribers.is_empty()
        });
        self.count -= taken.len();
        taken
    }
}

impl Subscribers {
    pub(super) fn add(&self, topic: &str, subscriber: Subscriber) {
        let mut topics = self.0.lock();
        let mut dead = Vec::new();
        if topics.count >= topics.sweep {
            dead = topics.take(None, |it| !it.is_alive());
            topics.sweep = 64 + 2 * topics.count;
        }
        topics.count += 1;
        match topics.topics.get_mut(topic) {
            Some(subscribers) => subscribers.push(subscriber),
            None => {
                topics.topics.insert(topic.into(), vec![subscriber]);
            }
        }
        drop(topics);
        drop(dead);
    }

    pub(super) fn remove(&self, topic: &str, pid: Pid) {
        let removed = self.0.lock().take(Some(topic), |it| it.pid() == pid);
        drop(removed);
    }

    /// Sends a message to all subscribers of a topic, but not to this one.
    pub(super) fn deliver(&self, topic: &str, message: &Term, but: Option<Pid>) {
        let (topic, subscribers) = {
            let topics = self.0.lock();
            let Some((topic, subscribers)) = topics.topics.get_key_value(topic) else {
                return;
            };
            (topic.clone(), subscribers.clone())
        };
        for subscriber in subscribers {
            if Some(subscriber.pid()) != but {
                let message = PubSubMessage {
                    topic: topic.clone(),
                    message: message.clone(),
                };
                // What makes the subscriber's own message of it may panic: the others hear of it all the same.
                let told = catch_unwind(AssertUnwindSafe(|| subscriber.send(message)));
                if told.is_err() {
                    tracing::warn!(subscriber = %subscriber.pid(), "a subscriber's message cannot be made");
                }
            }
        }
    }
}
