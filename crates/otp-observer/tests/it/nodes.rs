//! Two nodes, each with a page, connected by otp-dist.

use std::net::{Ipv4Addr, SocketAddr};

use otp_core::prelude::*;
use otp_core::{Pid, sys};
use otp_dist::{Config, Distribution, RemoteServer};
use otp_etf::Atom;
use otp_observer::Options;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::client::{Client, escaped};

struct Pair {
    here: Node,
    there: Node,
    dists: [Distribution; 2],
}

impl Pair {
    async fn start() -> Self {
        let (here, there) = (Node::new(), Node::new());
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let epmd = Distribution::serve_epmd(&here, any).await;
        let epmd = epmd.expect("a port is free");
        let join = async |node: &Node, name: &str| {
            let config = Config::new(name).cookie("secret").epmd(epmd);
            Distribution::start(node, config).await.expect("it starts")
        };
        let dists = [
            join(&here, "here@127.0.0.1").await,
            join(&there, "there@127.0.0.1").await,
        ];
        let name = Atom::new("there@127.0.0.1").expect("it is short");
        dists[0].connect(&name).await.expect("it answers");
        Self { here, there, dists }
    }
}

const THERE: &str = "there@127.0.0.1";

#[tokio::test]
async fn another_node_is_seen_and_acted_on_from_one_page() {
    let pair = Pair::start().await;
    let [here, there] = &pair.dists;
    let victim = pair
        .there
        .spawn(|_: Mailbox<()>| std::future::pending::<()>());
    pair.there
        .register("victim", victim.pid())
        .expect("it is free");
    let page = Client::of(&pair.here, Options::new().with_actions().cluster(here)).await;
    let unknown = page
        .until("view=nodes", |seen| Some(seen["connected"][0].clone()))
        .await;
    assert_eq!(
        (&unknown["name"], &unknown["shown"]),
        (&json!(THERE), &json!(false))
    );
    let query = format!("view=processes&text=victim&node={THERE}");
    let failed = page.until(&query, |seen| seen["failed"].as_str().map(str::to_owned));
    assert!(failed.await.contains("is not shown"));

    // Its page only shows, whatever the other one may.
    let options = || Options::new().title("over there").cluster(there);
    let other = Client::of(&pair.there, options()).await;
    let known = page
        .until("view=nodes", |seen| Some(seen["connected"][0].clone()))
        .await;
    assert_eq!(
        (&known["runs"], &known["shown"]),
        (&json!("over there"), &json!(true))
    );
    assert!(known["processes"].as_u64() > Some(0));
    let row = page
        .until(&query, |seen| Some(seen["rows"][0].clone()))
        .await;
    assert_eq!(row["pid"], json!(victim.pid().to_string()));
    let hello = page.get(&format!("/api/hello?node={THERE}")).await.json();
    assert_eq!(
        (&hello["title"], &hello["acts"]),
        (&json!("over there"), &json!(false))
    );
    let kill = json!({ "do": "kill", "pid": victim.pid().to_string() });
    let refused = page.act_on(THERE, &kill).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("only shows"), "{}", refused.body);
    assert!(victim.is_alive());
    drop(other);

    // A page that is gone is gone for the others, too; the next one may act.
    let gone = page.act_on(THERE, &kill).await;
    assert!(gone.body.contains("is not shown"), "{}", gone.body);
    let _other = Client::of(&pair.there, options().with_actions()).await;
    assert_eq!(page.act_on(THERE, &kill).await.status, 200);
    assert_eq!(victim.wait().await, ExitReason::Killed);
    let view = format!("view=process&pid={}&node={THERE}", escaped(victim.pid()));
    let gone = page.until(&view, |seen| seen["gone"].as_bool());
    assert!(gone.await);
    let nowhere = page.act_on("nowhere@127.0.0.1", &kill).await;
    assert!(
        nowhere.body.contains("is not connected"),
        "{}",
        nowhere.body
    );
}

/// A server that asks one on the other node, or nobody.
struct Desk(Option<RemoteServer<Desk>>);

#[derive(Serialize, Deserialize)]
enum Ask {
    Next(ReplyTo<u32>),
}

#[gen_server]
impl GenServer for Desk {
    type Args = Option<RemoteServer<Desk>>;
    type Call = Ask;

    async fn init(next: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(next)))
    }

    async fn handle_call(&mut self, Ask::Next(from): Ask, _: &mut Context<Self>) -> Reply<Self> {
        let below = match &self.0 {
            Some(next) => next.call(Ask::Next).await.expect("it answers"),
            None => 0,
        };
        from.reply(below + 1)
    }
}

#[tokio::test]
async fn the_events_of_two_nodes_come_in_one_trace() {
    let pair = Pair::start().await;
    let [here, there] = &pair.dists;
    let shelf = Desk::options().on(&pair.there).name("shelf").start(None);
    let shelf = shelf.await.expect("it starts");
    there.expose::<Desk>("shelf");
    let next = here.server::<Desk>("shelf", THERE);
    let counter = Desk::options().on(&pair.here).start(Some(next));
    let counter = counter.await.expect("it starts");
    let page = Client::of(&pair.here, Options::new().cluster(here)).await;
    let _other = Client::of(&pair.there, Options::new().cluster(there)).await;
    let seen = page.until("view=trace", |seen| {
        let events = seen["events"].as_array()?;
        (events.len() == 4).then(|| seen.clone())
    });
    let work = async {
        let trace = |pid: Pid| json!({ "do": "trace", "pid": pid.to_string(), "on": true });
        assert_eq!(page.act(&trace(counter.pid())).await.status, 200);
        assert_eq!(page.act_on(THERE, &trace(shelf.pid())).await.status, 200);
        // The hooks are in by the time that the servers answer this.
        for server in [counter.pid(), shelf.pid()] {
            sys::get_status(server).await.expect("it answers");
        }
        assert_eq!(counter.call(Ask::Next).await, Ok(2));
    };
    let (seen, ()) = tokio::join!(seen, work);
    let event = |event: &str, pid: &str| {
        let events = seen["events"].as_array().into_iter().flatten();
        let mut found = events.filter(|it| it["event"] == event && it["pid"] == pid);
        found
            .next()
            .unwrap_or_else(|| panic!("{event} of {pid} in {seen:#}"))
    };
    let (counter, shelf) = (
        counter.pid().to_string(),
        format!("{}@{THERE}", shelf.pid().id()),
    );
    let (outer, inner) = (event("in", &counter), event("in", &shelf));
    // The caller is called as its own node calls it.
    assert_eq!(
        (&inner["client"], &inner["node"]),
        (&json!(counter), &json!(THERE))
    );
    assert!(outer["node"].is_null());
    // By the clock of this node, as far as it is known, the one is within the other.
    let at = |event: &Value| event["at"].as_i64().expect("it has a time");
    let within = seen["clocks"][THERE].as_i64().expect("it is known");
    assert!(at(outer) <= at(inner) + within, "{seen:#}");
    assert!(at(inner) <= at(event("out", &counter)) + within, "{seen:#}");
    let traced = seen["traced"].as_array().expect("a list");
    let far = traced
        .iter()
        .find(|it| it["node"] == THERE)
        .expect("it is traced");
    assert_eq!(
        (&far["key"], &far["title"]),
        (&json!(shelf), &json!("shelf"))
    );
}

#[tokio::test]
async fn a_page_without_a_cluster_shows_no_other_node() {
    let client = Client::of(&Node::new(), Options::new()).await;
    let refused = client
        .get(&format!("/api/stream?view=overview&node={THERE}"))
        .await;
    assert_eq!(refused.status, 404);
    let connected = client.until("view=nodes", |seen| Some(seen["connected"].clone()));
    assert!(connected.await.is_null());
}
