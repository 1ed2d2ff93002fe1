//! The function of a dispatch gets the entries without copies, and may change the registry.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use otp_core::prelude::*;
use otp_core::{Registry, process};

/// Counts its copies and its drops.
#[derive(Default)]
struct Counted {
    copies: Arc<AtomicUsize>,
    drops: Arc<AtomicUsize>,
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.copies.fetch_add(1, Ordering::Relaxed);
        Self {
            copies: self.copies.clone(),
            drops: self.drops.clone(),
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

impl Counted {
    fn counts(&self) -> impl Fn() -> (usize, usize) + use<> {
        let (copies, drops) = (self.copies.clone(), self.drops.clone());
        move || {
            (
                copies.load(Ordering::Relaxed),
                drops.load(Ordering::Relaxed),
            )
        }
    }
}

async fn in_process<F>(body: impl FnOnce() -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let ended = Node::new().run(async move { body().await }).await;
    assert_eq!(ended, Ok(()));
}

async fn copies_nothing() {
    in_process(|| async {
        let topics = Registry::<&str, Counted>::duplicate("topics");
        topics.start_link().await.expect("the name is free");
        let value = Counted::default();
        let counts = value.counts();
        topics.register("news", value).expect("the registry runs");
        topics.dispatch("news", |entries| assert_eq!(entries.len(), 1));
        topics
            .dispatch_parallel("news", |entries| assert_eq!(entries.len(), 1))
            .await;
        assert_eq!(counts(), (0, 0));
        assert_eq!(topics.lookup("news").len(), 1);
        assert_eq!(counts(), (1, 1), "a look-up copies");
    })
    .await;
}

async fn may_change_the_registry() {
    in_process(|| async {
        let topics = Registry::<&str, Counted>::duplicate("topics");
        topics.start_link().await.expect("the name is free");
        let value = Counted::default();
        let counts = value.counts();
        topics.register("news", value).expect("the registry runs");
        let me = process::current();
        topics.dispatch("news", |entries| {
            topics.unregister("news");
            assert!(topics.lookup("news").is_empty());
            topics
                .register("news", Counted::default())
                .expect("the registry runs");
            topics
                .register("news", Counted::default())
                .expect("the registry runs");
            let owners: Vec<_> = entries.iter().map(|(pid, _)| *pid).collect();
            assert_eq!(owners, [me], "as they were");
            assert_eq!(counts(), (0, 0), "its value is still there");
            topics.dispatch("news", |entries| assert_eq!(entries.len(), 2));
        });
        assert_eq!(counts(), (0, 1));
        assert_eq!(topics.lookup("news").len(), 2);
        topics.unregister("news");
        assert!(topics.is_empty());
    })
    .await;
}

// REG-009
#[tokio::test]
async fn a_dispatch_copies_no_value() {
    copies_nothing().await;
}

// REG-009
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dispatch_copies_no_value_on_two_workers() {
    copies_nothing().await;
}

// REG-009
#[tokio::test]
async fn the_function_of_a_dispatch_may_change_the_registry() {
    may_change_the_registry().await;
}

// REG-009
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_function_of_a_dispatch_may_change_the_registry_on_two_workers() {
    may_change_the_registry().await;
}

// REG-009
#[tokio::test]
async fn a_parallel_dispatch_to_processes_that_end_before_it_begins_calls_nothing() {
    in_process(|| async {
        let topics = Registry::<&str, u32>::duplicate("topics");
        topics.start_link().await.expect("the name is free");
        let own = topics.clone();
        let subscriber = process::spawn(|mut mailbox: Mailbox<Never>| async move {
            own.register("news", 1).expect("the registry runs");
            mailbox.receive().await;
        });
        while topics.lookup("news").is_empty() {
            tokio::task::yield_now().await;
        }
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let done = topics.dispatch_parallel("news", move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        process::exit(subscriber.pid(), ExitReason::Kill);
        done.await;
        assert_eq!(calls.load(Ordering::Relaxed), 0);
    })
    .await;
}
