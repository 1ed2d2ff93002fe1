//! Nodes that find each other, and that come back.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_dist::{
    Config, Connecting, Distribution, Dns, Finding, Found, NodeEvent, NodeFile, Source, Transport,
};
use otp_etf::Atom;
use tokio::net::UdpSocket;
use tokio::time::Instant;

use crate::support::{A, B, LONG, atom, config};

const OFTEN: Duration = Duration::from_millis(10);
const C: &str = "c@127.0.0.1";

async fn start(name: &str) -> Distribution {
    let dist = Distribution::start(&Node::new(), config(name)).await;
    dist.expect("it starts")
}

fn events(dist: &Distribution) -> (Probe<NodeEvent>, otp_dist::NodeMonitor) {
    let events = Probe::new();
    let told = events.clone();
    let monitor = dist.monitor_nodes(move |event| told.report(event.clone()));
    (events, monitor)
}

fn found(dist: &Distribution) -> Found {
    let node = Found::new(dist.name().as_str()).expect("it is a name");
    node.at(dist.address())
}

// DST-027
#[tokio::test]
async fn nodes_of_a_list_are_connected_and_connected_again() {
    let (a, b, c) = (start(A).await, start(B).await, start(C).await);
    let (events, _monitor) = events(&a);
    // Itself is one of them, and a node that is not there.
    let nobody = Found::new("nobody@127.0.0.1").expect("it is a name");
    let list = vec![found(&a), found(&b), nobody, found(&c)];
    let discovery = a.discover(list);
    let mut up = [events.next().await, events.next().await];
    up.sort_by_key(|event| format!("{event:?}"));
    assert_eq!(up, [NodeEvent::Up(atom(B)), NodeEvent::Up(atom(C))]);
    assert!(b.disconnect(&atom(A)));
    assert_eq!(events.next().await, NodeEvent::Down(atom(B)));
    assert_eq!(events.next().await, NodeEvent::Up(atom(B)));
    // What is dropped looks for nobody.
    drop(discovery);
    assert!(b.disconnect(&atom(A)));
    assert_eq!(events.next().await, NodeEvent::Down(atom(B)));
    assert_eq!(a.nodes(), [atom(C)], "the others stay");
}

// DST-027
#[tokio::test]
async fn a_file_may_change_at_any_time() {
    let (a, b, c) = (start(A).await, start(B).await, start(C).await);
    let (events, _monitor) = events(&a);
    let file = format!("nodes-{}", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    // Nobody reads half of it.
    let write = |text: &str| {
        let new = path.with_extension("new");
        std::fs::write(&new, text).expect("it is written");
        std::fs::rename(&new, &path).expect("it takes its place");
    };
    write(&format!("{B} {}  # the first\n", b.address()));
    let _discovery = a.discover_every(OFTEN, NodeFile::new(&path));
    assert_eq!(events.next().await, NodeEvent::Up(atom(B)));
    // What says nothing changes nothing.
    write("neither name nor address\n");
    assert!(b.disconnect(&atom(A)));
    assert_eq!(events.next().await, NodeEvent::Down(atom(B)));
    assert_eq!(events.next().await, NodeEvent::Up(atom(B)));
    write(&format!("{C} {}\n", c.address()));
    assert_eq!(events.next().await, NodeEvent::Up(atom(C)));
    assert_eq!(a.nodes(), [atom(B), atom(C)], "nobody is sent away");
    // But who is not there any more is not dialled.
    assert!(b.disconnect(&atom(A)));
    assert_eq!(events.next().await, NodeEvent::Down(atom(B)));
    assert!(c.disconnect(&atom(A)));
    assert_eq!(events.next().await, NodeEvent::Down(atom(C)));
    assert_eq!(events.next().await, NodeEvent::Up(atom(C)));
    assert!(
        a.connect(&atom(B)).await.is_err(),
        "its address is forgotten"
    );
    std::fs::remove_file(&path).expect("it is there");
}

// DST-027
#[tokio::test]
async fn a_node_may_have_several_lines_each_with_an_address() {
    let (a, b) = (start(A).await, start(B).await);
    let (events, _monitor) = events(&a);
    // Nobody listens at the address in the last line.
    let unused = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let nobody = unused.local_addr().expect("it is bound");
    drop(unused);
    let file = format!("lines-{}", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    let lines = format!("{B} {}\n{B} {nobody}\n", b.address());
    std::fs::write(&path, lines).expect("it is written");
    let _discovery = a.discover(NodeFile::new(&path));
    let up = tokio::time::timeout(LONG, events.next()).await;
    assert_eq!(up, Ok(NodeEvent::Up(atom(B))));
    std::fs::remove_file(&path).expect("it is there");
}

// DST-027
#[tokio::test]
async fn an_address_at_which_another_node_listens_hides_no_other() {
    let (a, b, c) = (start(A).await, start(B).await, start(C).await);
    let (events, _monitor) = events(&a);
    let node = Found::new(B).expect("it is a name");
    let _discovery = a.discover(vec![node.at(c.address()).at(b.address())]);
    let up = tokio::time::timeout(LONG, events.next()).await;
    assert_eq!(up, Ok(NodeEvent::Up(atom(B))));
}

// DST-027
#[tokio::test]
async fn of_the_addresses_of_a_peer_a_silent_one_hides_no_other() {
    let b = start(B).await;
    // The connection is made, and nobody takes it.
    let silent = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let silent = silent.local_addr().expect("it is bound");
    let a = config(A).peer(B, silent).peer(B, b.address());
    let a = Distribution::start(&Node::new(), a).await;
    let a = a.expect("it starts");
    // One attempt, which ends before a handshake takes too long.
    assert_eq!(a.connect(&atom(B)).await, Ok(()));
}

// DST-027
#[tokio::test]
async fn what_two_searches_find_of_a_node_counts_until_they_end() {
    let (a, b) = (start(A).await, start(B).await);
    let (events, _monitor) = events(&a);
    let first = a.discover_every(OFTEN, Hangs(Some(vec![found(&b)])));
    assert_eq!(events.next().await, NodeEvent::Up(atom(B)));
    // It knows the node, and not where it is. Its second look comes after the first one was taken.
    let nameless = Watched::new(Found::new(B).expect("it is a name"));
    let looks = nameless.looks.clone();
    let _second = a.discover_every(OFTEN, nameless);
    for _ in 0..3 {
        looks.next().await;
    }
    assert!(b.disconnect(&atom(A)));
    assert_eq!(events.next().await, NodeEvent::Down(atom(B)));
    let again = tokio::time::timeout(LONG, events.next()).await;
    assert_eq!(again, Ok(NodeEvent::Up(atom(B))));
    drop(first);
    assert!(b.disconnect(&atom(A)));
    assert_eq!(events.next().await, NodeEvent::Down(atom(B)));
    for _ in 0..3 {
        looks.next().await;
    }
    assert!(
        a.connect(&atom(B)).await.is_err(),
        "its address is forgotten"
    );
}

/// Finds one node, and reports each look.
struct Watched {
    node: Found,
    looks: Probe<()>,
}

impl Watched {
    fn new(node: Found) -> Self {
        let looks = Probe::new();
        Self { node, looks }
    }
}

impl Source for Watched {
    fn find(&mut self) -> Finding<'_> {
        self.looks.report(());
        Box::pin(std::future::ready(Ok(vec![self.node.clone()])))
    }
}

/// Answers once. The next search does not end.
struct Hangs(Option<Vec<Found>>);

impl Source for Hangs {
    fn find(&mut self) -> Finding<'_> {
        match self.0.take() {
            Some(found) => Box::pin(std::future::ready(Ok(found))),
            None => Box::pin(std::future::pending()),
        }
    }
}

// DST-027
#[tokio::test]
async fn a_search_that_does_not_end_keeps_nobody_from_being_connected_again() {
    let (a, b) = (start(A).await, start(B).await);
    let (events, _monitor) = events(&a);
    let _discovery = a.discover_every(OFTEN, Hangs(Some(vec![found(&b)])));
    assert_eq!(events.next().await, NodeEvent::Up(atom(B)));
    for _ in 0..3 {
        assert!(b.disconnect(&atom(A)));
        assert_eq!(events.next().await, NodeEvent::Down(atom(B)));
        let again = tokio::time::timeout(LONG, events.next()).await;
        assert_eq!(again, Ok(NodeEvent::Up(atom(B))));
    }
}

/// Refuses so many times, and counts.
#[derive(Clone)]
struct Refuses(Arc<AtomicU32>);

impl Transport for Refuses {
    fn dial(&self, _: &Atom) -> Connecting {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) })
    }

    fn accept(&self) -> Connecting {
        Box::pin(std::future::pending())
    }
}

// DST-027
#[tokio::test(start_paused = true)]
async fn who_cannot_be_reached_is_dialled_less_and_less_often() {
    let refuses = Refuses(Arc::default());
    let config = Config::new(A).cookie("secret").transport(refuses.clone());
    let a = Distribution::start(&Node::new(), config).await;
    let a = a.expect("it starts");
    let _discovery = a.discover(vec![Found::new(B).expect("it is a name")]);
    let within = async |time: u64| {
        let before = refuses.0.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(time)).await;
        refuses.0.load(Ordering::Relaxed) - before
    };
    let first = within(10).await;
    assert!((3..=8).contains(&first), "{first} in the first 10 s");
    within(60).await;
    let later = within(300).await;
    assert!((10..=30).contains(&later), "{later} in 5 minutes");
}

// DST-027
#[tokio::test]
async fn nodes_are_found_by_addresses_and_by_services_in_dns() {
    let (server, port) = dns().await;
    let looks = |dns: Result<Dns, otp_dist::DnsError>| {
        let dns = dns.and_then(|dns| dns.server(server));
        dns.expect("there is a resolver")
    };
    // The node's name has its address, as dns_cluster has it.
    let (a, b) = (start(A).await, start(B).await);
    let (events, _monitor) = events(&a);
    let by_host = looks(Dns::hosts("b", "cluster.test")).port(b.address().port());
    let discovery = a.discover(by_host);
    assert_eq!(events.next().await, NodeEvent::Up(atom(B)));
    drop(discovery);
    // And here the name of the host. It has two addresses, at the first of which nobody listens.
    let service = SocketAddr::from((LAST, port));
    let c = config("c@pod-1.cluster.test").listen(service);
    let _c = Distribution::start(&Node::new(), c)
        .await
        .expect("it starts");
    let mut dns = looks(Dns::services("c", "_dist._tcp.cluster.test"));
    let found = Found::new("c@pod-1.cluster.test").expect("it is a name");
    let hosts = BTreeSet::from([Ipv4Addr::LOCALHOST, LAST]).into_iter();
    let found = hosts.fold(found, |found, host| {
        found.at(SocketAddr::from((host, port)))
    });
    assert_eq!(dns.find().await, Ok(vec![found]));
    let _discovery = a.discover(dns);
    assert_eq!(
        events.next().await,
        NodeEvent::Up(atom("c@pod-1.cluster.test"))
    );
}

// DST-027
#[tokio::test]
async fn of_the_addresses_of_a_peer_one_that_answers_is_taken() {
    let (b, free) = (start(B).await, free_port());
    let a = config(A)
        .peer(B, (Ipv4Addr::LOCALHOST, free))
        .peer(B, b.address());
    let a = Distribution::start(&Node::new(), a).await;
    let connected = a.expect("it starts").connect(&atom(B)).await;
    assert_eq!(connected, Ok(()));
}

// DST-027
#[tokio::test]
async fn a_name_without_records_is_a_cluster_without_nodes() {
    let (server, _) = dns().await;
    let dns = |name: &str| Dns::hosts("b", name).and_then(|dns| dns.server(server));
    let mut none = dns("nobody.test").expect("there is a resolver");
    assert_eq!(none.find().await, Ok(vec![]));
    let mut some = dns("cluster.test").expect("there is a resolver");
    assert_eq!(some.find().await, Ok(vec![Found::new(B).expect("a name")]));
    // A server that fails has not said that there are none.
    let mut broken = dns("broken.test").expect("there is a resolver");
    assert!(broken.find().await.is_err());
}

/// The second address of the service's host. Linux has it without being told.
const LAST: Ipv4Addr = match cfg!(target_os = "linux") {
    true => Ipv4Addr::new(127, 0, 0, 2),
    false => Ipv4Addr::LOCALHOST,
};

fn free_port() -> u16 {
    let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    free.local_addr().expect("it is bound").port()
}

/// A server of DNS for one host and one service, and for nobody else. Returns also the port that the service's record says.
async fn dns() -> (SocketAddr, u16) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let socket = socket.expect("a free port");
    let port = free_port();
    let address = socket.local_addr().expect("it is bound");
    Node::new().spawn(async move |_: Mailbox<Never>| {
        let mut buffer = [0; 512];
        let begun = Instant::now();
        while begun.elapsed() < 10 * LONG {
            let Ok((read, from)) = socket.recv_from(&mut buffer).await else {
                return;
            };
            let _sent = socket.send_to(&answer(&buffer[..read], port), from).await;
        }
    });
    (address, port)
}

fn answer(query: &[u8], port: u16) -> Vec<u8> {
    let end = 12
        + query[12..]
            .iter()
            .position(|byte| *byte == 0)
            .expect("a name ends")
        + 1;
    let (name, kind) = (&query[12..end], query[end + 1]);
    let label = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    let named = |labels: &[&str]| {
        let mut name: Vec<u8> = labels.iter().flat_map(|it| label(it)).collect();
        name.push(0);
        name
    };
    let is = |labels: &[&str]| name.eq_ignore_ascii_case(&named(labels));
    let (host, pod) = (["cluster", "test"], ["pod-1", "cluster", "test"]);
    let service = ["_dist", "_tcp", "cluster", "test"];
    let records = match kind {
        1 if is(&host) => vec![vec![127, 0, 0, 1]],
        1 if is(&pod) => {
            let both = [Ipv4Addr::LOCALHOST, LAST];
            both.map(|it| it.octets().to_vec()).to_vec()
        }
        33 if is(&service) => {
            vec![[&[0, 0, 0, 0], &port.to_be_bytes()[..], &named(&pod)].concat()]
        }
        _ => vec![],
    };
    let is_known = is(&host) || is(&pod) || is(&service);
    let code = match is_known {
        true => 0,
        false if is(&["broken", "test"]) => 2,
        false => 3,
    };
    // The question comes back, and answers that say where the name stands.
    let mut reply = [
        &query[..2],
        &[0x81, 0x80 | code, 0, 1, 0, records.len() as u8, 0, 0, 0, 0],
    ]
    .concat();
    reply.extend_from_slice(&query[12..end + 4]);
    for data in records {
        reply.extend_from_slice(&[0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
        reply.extend_from_slice(&data);
    }
    reply
}
