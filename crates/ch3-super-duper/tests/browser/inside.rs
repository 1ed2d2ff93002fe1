//! Pages of nodes inside of the test, with more processes, servers and nodes than the program has.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::{Mailbox, Registry, ServerRef, process, table, timer};
use otp_dist::{Atom, Config, Distribution, RemoteServer};
use otp_observer::{Observer, Options};
use serde::{Deserialize, Serialize};
use tokio::sync::{oneshot, watch};

use crate::driver::Browser;

/// A node with a page, on a separate thread. It ends when this value is dropped.
pub(crate) struct TestNode {
    pub(crate) link: String,
    end: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl TestNode {
    /// Runs `setup` in a process of a new node. The values that it returns are dropped with this value.
    pub(crate) fn start<T, F>(setup: impl FnOnce() -> F + Send + 'static) -> Self
    where
        T: Send + 'static,
        F: Future<Output = (T, Observer)> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel();
        let (end, ends) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("it starts");
            runtime.block_on(async move {
                let ran = Node::new().run(async move {
                    let (_held, observer) = setup().await;
                    sender
                        .send(observer.link().to_owned())
                        .expect("the test waits");
                    let _ = ends.await;
                });
                ran.await.expect("nothing fails");
            });
        });
        Self {
            link: receiver.recv().expect("the page is served"),
            end: Some(end),
            thread: Some(thread),
        }
    }

    pub(crate) fn link(&self, place: &str) -> String {
        format!("{}{place}", self.link)
    }
}

impl Drop for TestNode {
    fn drop(&mut self) {
        drop(self.end.take());
        let thread = self.thread.take().expect("it is dropped once");
        let ended = thread.join();
        assert!(ended.is_ok() || thread::panicking(), "the node has failed");
    }
}

pub(crate) async fn page(options: Options) -> Observer {
    let node = process::node();
    let served = options.serve(&node, (Ipv4Addr::LOCALHOST, 0).into());
    served.await.expect("a port is free")
}

/// Starts `count` processes, which end when the sender is dropped.
pub(crate) async fn crowd_until(count: usize, leave: watch::Receiver<()>) -> ((), Observer) {
    for _ in 0..count {
        let mut leave = leave.clone();
        process::spawn(|_: Mailbox<()>| async move {
            let _ = leave.changed().await;
        });
    }
    ((), page(Options::new()).await)
}

/// Starts `count` idle processes, one of which has a message in its mailbox.
pub(crate) async fn crowd(count: usize) -> ((), Observer) {
    let idle = |_: Mailbox<()>| std::future::pending::<()>();
    (1..count).for_each(|_| drop(process::spawn(idle)));
    let last = process::spawn(idle);
    last.send(());
    process::node()
        .register("full", last.pid())
        .expect("it is free");
    ((), page(Options::new()).await)
}

/// A server that calls the next server.
struct Desk(NextDesk);

#[derive(Serialize, Deserialize)]
enum Ask {
    Next(ReplyTo<u32>),
}

/// The next server.
enum NextDesk {
    Nowhere,
    Here(ServerRef<Desk>),
    There(RemoteServer<Desk>),
}

#[gen_server]
impl GenServer for Desk {
    type Args = NextDesk;
    type Call = Ask;

    async fn init(next: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(next)))
    }

    async fn handle_call(&mut self, Ask::Next(from): Ask, _: &mut Context<Self>) -> Reply<Self> {
        let below = match &self.0 {
            NextDesk::Nowhere => 0,
            NextDesk::Here(next) => next.call(Ask::Next).await.expect("it answers"),
            NextDesk::There(next) => next.call(Ask::Next).await.expect("it answers"),
        };
        from.reply(below + 1)
    }
}

/// Three servers, each of which calls the next one, and a process that calls the first one repeatedly.
pub(crate) async fn desks() -> (impl Send + 'static, Observer) {
    let mut desks: Vec<ServerRef<Desk>> = Vec::new();
    for name in ["store", "kitchen", "counter"] {
        let next = desks
            .last()
            .cloned()
            .map_or(NextDesk::Nowhere, NextDesk::Here);
        let desk = Desk::options().name(name).start_link(next);
        desks.push(desk.await.expect("it starts"));
    }
    guest(desks[2].clone(), 3);
    (desks, page(Options::new().title("restaurant")).await)
}

/// Starts a process that calls this desk repeatedly. The answer is the number of desks.
fn guest(desk: ServerRef<Desk>, desks: u32) {
    process::spawn_link(async move |_: Mailbox<()>| {
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        loop {
            ticks.tick().await;
            assert_eq!(desk.call(Ask::Next).await, Ok(desks));
        }
    });
}

/// Another node, and the distributions of the two connected nodes.
async fn neighbours() -> (Node, [Distribution; 2]) {
    let here = process::node();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let epmd = Distribution::serve_epmd(&here, any)
        .await
        .expect("a port is free");
    let join = async |node: &Node, name: &str| {
        let config = Config::new(name).cookie("secret").epmd(epmd);
        Distribution::start(node, config).await.expect("it starts")
    };
    let there = Node::new();
    let dists = [
        join(&here, "shop@127.0.0.1").await,
        join(&there, "store@127.0.0.1").await,
    ];
    let name = Atom::new("store@127.0.0.1").expect("it is short");
    dists[0].connect(&name).await.expect("it answers");
    (there, dists)
}

/// Four servers on two nodes, each of which calls the next one. The second and the third are on the other node.
pub(crate) async fn branches() -> (impl Send + 'static, Observer) {
    let (there, dists) = neighbours().await;
    let [near, far] = &dists;
    let there_page = Options::new().title("store").cluster(far);
    let there_page = there_page
        .serve(&there, (Ipv4Addr::LOCALHOST, 0).into())
        .await;
    let desk = |name: &'static str| Desk::options().name(name);
    let till = desk("till").start_link(NextDesk::Nowhere);
    let till = till.await.expect("it starts");
    near.expose::<Desk>("till");
    let next = NextDesk::There(far.server("till", "shop@127.0.0.1"));
    let shelf = desk("shelf").on(&there).start(next);
    let shelf = shelf.await.expect("it starts");
    let kitchen = desk("kitchen").on(&there).start(NextDesk::Here(shelf));
    let kitchen = kitchen.await.expect("it starts");
    far.expose::<Desk>("kitchen");
    let next = NextDesk::There(near.server("kitchen", "store@127.0.0.1"));
    let counter = desk("counter").start_link(next);
    guest(counter.await.expect("it starts"), 4);
    let options = Options::new().title("shop").cluster(near);
    let held = (there_page.expect("a port is free"), till, kitchen);
    let observer = page(options).await;
    ((held, dists), observer)
}

/// Two nodes, of which the other one leaves when the sender is dropped.
pub(crate) async fn neighbour_until(mut leave: watch::Receiver<()>) -> (Box<dyn Send>, Observer) {
    let (there, dists) = neighbours().await;
    let there_page = Options::new().title("store").cluster(&dists[1]);
    let there_page = there_page
        .serve(&there, (Ipv4Addr::LOCALHOST, 0).into())
        .await;
    let far = dists[1].clone();
    process::spawn(|_: Mailbox<()>| async move {
        let _ = leave.changed().await;
        far.stop();
    });
    let options = Options::new().title("shop").cluster(&dists[0]);
    let observer = page(options).await;
    let held = (there, there_page.expect("a port is free"), dists);
    (Box::new(held), observer)
}

/// A node with tables, a registry, groups and timers, and another node with a process.
pub(crate) async fn shelves() -> (Box<dyn Send>, Observer) {
    process::set_label("shop");
    let (there, dists) = neighbours().await;
    let there_page = Options::new()
        .title("store")
        .cluster(&dists[1])
        .with_actions();
    let there_page = there_page
        .serve(&there, (Ipv4Addr::LOCALHOST, 0).into())
        .await;
    let guest = there.spawn(|_: Mailbox<()>| std::future::pending::<()>());
    there.register("keeper", guest.pid()).expect("it is free");
    let stock = table::ordered_set::<u32, String>("stock")
        .visible()
        .create();
    let stock = stock.expect("it is free");
    stock
        .insert_all((1..=250).map(|n| (n, format!("{} crates of tea", n * 7 % 31))))
        .expect("it is mine");
    let pins = table::set::<String, u32>("pins")
        .create()
        .expect("it is free");
    pins.insert("ann".to_owned(), 1234).expect("it is mine");
    let rooms = Registry::<String>::unique("rooms");
    rooms.start_link().await.expect("it starts");
    rooms.register("hall", ()).expect("it is free");
    let crews = Scope::<&str>::new("crews").visible();
    crews.start_link().await.expect("it starts");
    crews
        .join("night", process::current())
        .await
        .expect("it answers");
    timer::exit_after(
        process::current(),
        Duration::from_secs(3_600),
        ExitReason::Normal,
    );
    let options = Options::new()
        .title("shop")
        .cluster(&dists[0])
        .with_actions();
    let held = (dists, there_page.expect("a port is free"), stock, pins);
    (Box::new(held), page(options).await)
}

/// Switches on the trace of these servers, each on its page, and opens the page of the trace.
pub(crate) fn trace(browser: &Browser, servers: &[&str]) {
    for name in servers {
        browser.eval("location.hash = '#/tree'");
        let link = format!(
            "[...document.querySelectorAll('.twig-name a')].find((it) => it.textContent === '{name}')"
        );
        browser.until(&format!("{link} && true"));
        browser.eval(&format!("{link}.click()"));
        browser.until("document.querySelector('[data-act=trace]') && true");
        browser.click("[data-act=trace]");
        browser.until("document.querySelector('.chip.traced') && true");
    }
    browser.eval("location.hash = '#/trace'");
}

/// Turns from the page *Node* to the node `store`, once that shows itself.
pub(crate) fn visit_store(browser: &Browser) {
    let visit = "document.querySelector('[data-node=\"store@127.0.0.1\"] button')";
    browser.until(&format!("{visit}?.hidden === false"));
    browser.eval(&format!("{visit}.click()"));
    browser.until("document.getElementById('program').textContent === 'store'");
}
