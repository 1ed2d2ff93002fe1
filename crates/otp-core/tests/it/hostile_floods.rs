//! Very many of something, made by who does not stop by himself.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use otp_core::prelude::*;
use otp_core::registry::{Listener, RegistryEvent};
use otp_core::{Registry, process};
use tokio::task::yield_now;

use crate::puppet::Puppet;
use crate::support::{Lab, echo, in_process, quiet, settle};

/// Blocks the thread that drops the first of them, until it is released.
struct Slow {
    dropped: Arc<AtomicUsize>,
    gate: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Drop for Slow {
    fn drop(&mut self) {
        // Until the other end is dropped.
        let _ = self.gate.lock().expect("nobody panics in here").recv();
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

// The destructors of unread messages come before all DOWNs, and hold up no other process
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_messages_may_be_slow_to_drop() {
    const MESSAGES: usize = 100_000;
    let (release, gate) = mpsc::channel::<()>();
    let (gate, dropped) = (Arc::new(Mutex::new(gate)), Arc::new(AtomicUsize::new(0)));
    let node = Node::new();
    let running = node.run(async move {
        let node = process::node();
        let hoarder = process::spawn(|mailbox: Mailbox<Slow>| async move {
            let _mailbox = mailbox;
            pending::<()>().await;
        });
        process::register("hoarder", &hoarder).unwrap();
        for _ in 0..MESSAGES {
            let (dropped, gate) = (dropped.clone(), gate.clone());
            hoarder.send(Slow { dropped, gate });
        }
        let watcher = Puppet::new(&node);
        watcher.monitors(hoarder.pid()).await;
        process::exit(&hoarder, ExitReason::Kill);

        assert_eq!(process::whereis("hoarder"), None);
        let other = Lab::start(quiet()).await.unwrap();
        for n in 0..1000 {
            assert_eq!(other.call(echo(n)).await, Ok(n));
        }
        assert_eq!(watcher.seen().await, []);
        assert_eq!(dropped.load(Ordering::Relaxed), 0);
        drop(release);
        assert_eq!(hoarder.wait().await, ExitReason::Killed);
        assert_eq!(watcher.seen().await.len(), 1);
        assert_eq!(dropped.load(Ordering::Relaxed), MESSAGES);
    });
    running.await.unwrap();
}

/// Starts its like over and over, each of which does the same.
fn spread(over: Arc<AtomicBool>, born: Arc<AtomicUsize>) {
    if over.load(Ordering::Relaxed) {
        return;
    }
    born.fetch_add(1, Ordering::Relaxed);
    process::spawn(move |_: Mailbox<Never>| async move { spread(over, born) });
}

// Those who come later do not come first
#[tokio::test(start_paused = true)]
async fn processes_that_start_their_like_for_ever_leave_others_their_turn() {
    in_process(async {
        let over = Arc::new(AtomicBool::new(false));
        let born = Arc::new(AtomicUsize::new(0));
        for _ in 0..10 {
            spread(over.clone(), born.clone());
        }
        let server = Lab::start(quiet()).await.unwrap();
        for n in 0..1000 {
            assert_eq!(server.call(echo(n)).await, Ok(n));
        }
        over.store(true, Ordering::Relaxed);
        server.stop().await.unwrap();
        while process::node().processes().len() > 1 {
            yield_now().await;
        }
        assert!(born.load(Ordering::Relaxed) > 1000);
    })
    .await;
}

// Told from one to the next, not one inside the other
#[tokio::test(start_paused = true)]
async fn a_chain_of_a_hundred_thousand_links_ends_from_one_end_to_the_other() {
    in_process(async {
        let node = process::node();
        let mut chain: Vec<ProcessRef<Pid>> = Vec::new();
        for _ in 0..100_000 {
            let link = process::spawn(|mut mailbox: Mailbox<Pid>| async move {
                loop {
                    let other = mailbox.receive().await;
                    mailbox.link(other);
                }
            });
            if let Some(last) = chain.last() {
                link.send(last.pid());
            }
            chain.push(link);
        }
        settle().await;
        assert_eq!(node.system_info().links, chain.len() - 1);
        process::exit(&chain[0], ExitReason::other("the first"));
        for link in &chain {
            assert_eq!(link.wait().await, ExitReason::other("the first"));
        }
        assert_eq!(node.system_info().process_count, 1);
    })
    .await;
}

/// Registers under another key for each registration that it hears of, its own included.
struct Echo(Registry<u64>);

#[gen_server]
impl GenServer for Echo {
    type Args = Registry<u64>;
    type Info = RegistryEvent<u64, ()>;

    async fn init(
        registry: Registry<u64>,
        _: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(registry)))
    }

    async fn handle_info(
        &mut self,
        info: Info<RegistryEvent<u64, ()>>,
        _: &mut Context<Self>,
    ) -> Next<Self> {
        if let Info::Message(RegistryEvent::Register { key, .. }) = info {
            let registered = self.0.register(key + 1, ());
            assert!(registered.is_ok(), "{registered:?}");
        }
        Next::NoReply
    }
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_registers_whatever_it_hears_floods_itself_alone() {
    in_process(async {
        let listener = Listener::server::<Echo>("echo", |event| event);
        let keys = Registry::<u64>::options("keys").listener(listener).unique();
        keys.start_link().await.unwrap();
        let echo_server = Echo::options().name("echo");
        let echo_server = echo_server.start(keys.clone()).await.unwrap();
        let server = Lab::start(quiet()).await.unwrap();
        keys.register(0_u64, ()).unwrap();
        while keys.count() < 10_000 {
            assert_eq!(server.call(echo(1)).await, Ok(1));
        }
        assert_eq!(keys.lookup(&0), [(process::current(), ())]);
        process::exit(&echo_server, ExitReason::Kill);
        echo_server.wait().await;
        settle().await;
        assert_eq!(keys.keys(process::current()), [0]);
        assert_eq!(keys.count(), 1);
    })
    .await;
}
