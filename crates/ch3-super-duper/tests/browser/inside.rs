//! Pages over nodes of the test's own: more processes, more servers and more nodes than the program has.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::{Mailbox, Registry, ServerRef, process, table, timer};
use otp_dist::{Atom, Config, Distribution};
use otp_observer::{Observer, Options};
use tokio::sync::{oneshot, watch};

use crate::driver::Browser;

/// A world with a page, on a thread of its own. It ends when this is dropped.
pub(crate) struct World {
    pub(crate) link: String,
    end: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl World {
    /// Runs `world` as a process of a new node, until this is dropped; it returns what is to live so long.
    pub(crate) fn start<T, F>(world: impl FnOnce() -> F + Send + 'static) -> Self
    where
        T: Send + 'static,
        F: Future<Output = (T, Observer)> + Send + 'static,
    {
        let (tell, told) = mpsc::channel();
        let (end, ends) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("it starts");
            runtime.block_on(async move {
                let ran = Node::new().run(async move {
                    let (_held, observer) = world().await;
                    tell.send(observer.link().to_owned())
                        .expect("the test waits");
                    let _ = ends.await;
                });
                ran.await.expect("nothing fails");
            });
        });
        Self {
            link: told.recv().expect("the page is served"),
            end: Some(end),
            thread: Some(thread),
        }
    }

    pub(crate) fn link(&self, place: &str) -> String {
        format!("{}{place}", self.link)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.end.take());
        let thread = self.thread.take().expect("it is dropped once");
        let ended = thread.join();
        assert!(ended.is_ok() || thread::panicking(), "the world has failed");
    }
}

async fn page(options: Options) -> Observer {
    let node = process::node();
    let served = options.serve(&node, (Ipv4Addr::LOCALHOST, 0).into());
    served.await.expect("a port is free")
}

/// So many processes, which end when the sender is dropped.
pub(crate) async fn crowd_until(count: usize, leave: watch::Receiver<()>) -> ((), Observer) {
    for _ in 0..count {
        let mut leave = leave.clone();
        process::spawn(|_: Mailbox<()>| async move {
            let _ = leave.changed().await;
        });
    }
    ((), page(Options::new()).await)
}

/// So many processes without anything to do, of which one has a message that waits.
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

/// A server that asks the next one.
struct Desk(Option<ServerRef<Desk>>);

#[gen_server]
impl GenServer for Desk {
    type Args = Option<ServerRef<Desk>>;
    type Call = ReplyTo<u32>;

    async fn init(next: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(next)))
    }

    async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Reply<Self> {
        let below = match &self.0 {
            Some(next) => next.call(|from| from).await.expect("it answers"),
            None => 0,
        };
        from.reply(below + 1)
    }
}

/// Three servers of which each asks the next one, and a process that asks the first one again and again.
pub(crate) async fn desks() -> (impl Send + 'static, Observer) {
    let mut desks: Vec<ServerRef<Desk>> = Vec::new();
    for name in ["store", "kitchen", "counter"] {
        let desk = Desk::options().name(name).start_link(desks.last().cloned());
        desks.push(desk.await.expect("it starts"));
    }
    let counter = desks[2].clone();
    process::spawn_link(async move |_: Mailbox<()>| {
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        loop {
            ticks.tick().await;
            assert_eq!(counter.call(|from| from).await, Ok(3));
        }
    });
    (desks, page(Options::new().title("restaurant")).await)
}

/// Tables, a registry, groups and timers; and another node with the same.
pub(crate) async fn shelves() -> (Box<dyn Send>, Observer) {
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
    let over_there = Options::new()
        .title("store")
        .cluster(&dists[1])
        .with_actions();
    let over_there = over_there
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
    let held = (dists, over_there.expect("a port is free"), stock, pins);
    (Box::new(held), page(options).await)
}

/// Turns the trace of these servers on, each on its page, and opens the page of the trace.
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
