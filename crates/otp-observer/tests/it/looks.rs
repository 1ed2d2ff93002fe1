//! What the views show.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{ChildSpec, Mailbox, Node, Registry, Strategy, Supervisor, process, table, timer};
use otp_observer::Options;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::client::{Client, escaped};

/// A server with a secret.
struct Vault(u64);

enum Ask {
    Count(ReplyTo<u64>),
    Wait(oneshot::Receiver<()>, ReplyTo<u64>),
}

#[gen_server]
impl GenServer for Vault {
    type Call = Ask;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(0)))
    }

    async fn handle_call(&mut self, ask: Ask, _: &mut Context<Self>) -> Reply<Self> {
        self.0 += 1;
        match ask {
            Ask::Count(from) => from.reply(self.0),
            Ask::Wait(end, from) => {
                let _ = end.await;
                from.reply(self.0)
            }
        }
    }

    fn format_status(&self, status: &mut otp_core::gen_server::Status) {
        status.state = Some(format!("{} visits, and a secret", self.0));
    }
}

/// The row below which `key` says that it is a place of this name.
pub(crate) fn find<'a>(twigs: &'a Value, name: &str) -> Option<&'a Value> {
    twigs
        .as_array()?
        .iter()
        .find_map(|twig| match twig["title"] == name {
            true => Some(twig),
            false => find(&twig["below"], name),
        })
}

#[tokio::test]
async fn the_tree_shows_a_crash_with_its_count_and_its_reason() {
    let ran = Node::new().run(async {
        let child = || ChildSpec::worker("vault", || Vault::start_link(()));
        let supervisor = Supervisor::new(Strategy::OneForOne).child(child());
        let supervisor = supervisor
            .name("top")
            .start_link()
            .await
            .expect("it starts");
        let node = process::node();
        let client = Client::of(&node, Options::new().with_actions()).await;
        let vault = client.until("view=tree", |seen| {
            let vault = find(&seen["roots"], "vault")?;
            assert_eq!(vault["child"]["restarts"], 0);
            assert_eq!(
                find(&seen["roots"], "top")?["flags"]["strategy"],
                "one_for_one"
            );
            Some(vault["row"]["pid"].clone())
        });
        let vault = vault.await;
        let seen = client.until("view=tree", |seen| {
            let vault = find(&seen["roots"], "vault")?;
            let last = vault["last"]["reason"].as_str()?.to_owned();
            Some((vault["child"]["restarts"].clone(), last))
        });
        let kill = json!({ "do": "kill", "pid": vault });
        let (kill, seen) = tokio::join!(client.act(&kill), seen);
        assert_eq!(kill.status, 200);
        assert_eq!(seen, (json!(1), ExitReason::Killed.to_string()));
        drop(supervisor);
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_child_is_stopped_and_started_through_its_supervisor() {
    let ran = Node::new().run(async {
        let child = ChildSpec::worker("vault", || Vault::start_link(()));
        let supervisor = Supervisor::new(Strategy::OneForOne).child(child);
        let supervisor = supervisor.start_link().await.expect("it starts");
        let client = Client::of(&process::node(), Options::new().with_actions()).await;
        let above = supervisor.pid().to_string();
        for (what, runs) in [("terminate_child", false), ("restart_child", true)] {
            let act = json!({ "do": what, "supervisor": above, "child": "vault" });
            assert_eq!(client.act(&act).await.status, 200);
            let child = supervisor.which_child("vault").await.expect("it answers");
            assert_eq!(child.and_then(|child| child.pid()).is_some(), runs);
        }
        let act = json!({ "do": "restart_child", "supervisor": above, "child": "nobody" });
        assert_eq!(client.act(&act).await.status, 409);
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn supervisors_run_what_their_users_call_them() {
    let ran = Node::new().run(async {
        let fixed = Supervisor::new(Strategy::OneForOne).start_link().await;
        let dynamic = DynamicSupervisor::new().start_link().await;
        let (fixed, dynamic) = (fixed.expect("it starts"), dynamic.expect("it starts"));
        let client = Client::of(&process::node(), Options::new()).await;
        for (pid, call) in [
            (fixed.pid(), "otp_core::Supervisor"),
            (dynamic.pid(), "otp_core::DynamicSupervisor"),
        ] {
            let query = format!("view=process&pid={}", escaped(pid));
            let seen = client.until(&query, |seen| Some(seen["row"]["call"].clone()));
            assert_eq!(seen.await, call);
        }
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn processes_are_sorted_and_found() {
    let node = Node::new();
    for messages in [1, 3, 2] {
        let process = node.spawn(|_: Mailbox<()>| std::future::pending::<()>());
        (0..messages).for_each(|_| process.send(()));
    }
    node.register("three", node.pid(2).expect("it was given out"))
        .expect("it is free");
    let client = Client::of(&node, Options::new()).await;
    let queues = |seen: &Value| {
        let rows = seen["rows"]
            .as_array()?
            .iter()
            .map(|row| row["queue"].as_u64());
        rows.collect::<Option<Vec<u64>>>()
    };
    let longest = client.until("view=processes&order=queue&descending=true", queues);
    assert_eq!(longest.await, [3, 2, 1]);
    let idle = client.until("view=processes&state=idle&order=queue", queues);
    assert_eq!(idle.await, [1, 2, 3]);
    let calling = client.until("view=processes&state=calling", queues);
    assert_eq!(calling.await, [0_u64; 0]);
    let second = client.until(
        "view=processes&order=queue&descending=true&offset=1&limit=1",
        queues,
    );
    assert_eq!(second.await, [2]);
    assert_eq!(client.until("view=processes&text=THREE", queues).await, [3]);
    assert_eq!(
        client
            .get("/api/stream?view=processes&order=beauty")
            .await
            .status,
        404
    );
    assert_eq!(
        client.get("/api/stream?view=process&pid=x").await.status,
        404
    );
}

#[tokio::test]
async fn a_server_shows_its_state_and_what_it_is_stuck_in() {
    let ran = Node::new().run(async {
        let vault = Vault::start_link(()).await.expect("it starts");
        vault.call(Ask::Count).await.expect("it answers");
        let client = Client::of(&process::node(), Options::new().with_actions()).await;
        let query = format!("view=process&pid={}", escaped(vault.pid()));
        let shown = client.until(&query, |seen| {
            seen["status"]["state"].as_str().map(str::to_owned)
        });
        assert_eq!(shown.await, "1 visits, and a secret");

        // It owes the page one answer, however often that looks.
        let (let_go, end) = oneshot::channel();
        let stuck = vault.clone();
        let asker = process::spawn_link(async move |_: Mailbox<()>| {
            // It counts from the message on that comes while the page is open.
            stuck.call(Ask::Count).await.expect("it answers");
            stuck
                .call(|from| Ask::Wait(end, from))
                .await
                .expect("it answers");
        });
        let stuck = client.until(&query, |seen| {
            let owes = seen["owes"].as_u64()?;
            let last = seen["status"]["state"].as_str()?.to_owned();
            Some((owes, last, seen["row"]["queue"].clone()))
        });
        let (owes, last, queue) = stuck.await;
        assert!(owes >= 1 && last.ends_with("a secret"));
        assert_eq!(queue, 1, "the question of the page, and no other");
        let_go.send(()).expect("it waits");
        asker.wait().await;

        let suspend = json!({ "do": "suspend", "pid": vault.pid().to_string() });
        assert_eq!(client.act(&suspend).await.status, 200);
        let suspended = client.until(&query, |seen| {
            seen["status"]["suspended"].as_bool().filter(|it| *it)
        });
        assert!(suspended.await);
        let stop = json!({ "do": "stop", "pid": vault.pid().to_string(), "reason": "shutdown" });
        let gone = client.until(&query, |seen| {
            seen["ended"]["reason"].as_str().map(str::to_owned)
        });
        process::unlink(vault.pid());
        let (stopped, gone) = tokio::join!(client.act(&stop), gone);
        assert_eq!(
            (stopped.status, gone),
            (200, ExitReason::Shutdown.to_string())
        );
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_traced_server_shows_its_messages() {
    let ran = Node::new().run(async {
        let vault = Vault::start_link(()).await.expect("it starts");
        let client = Client::of(&process::node(), Options::new()).await;
        let pid = vault.pid().to_string();
        let trace = json!({ "do": "trace", "pid": pid, "on": true });
        let seen = client.until("view=trace", |seen| {
            let events = seen["events"].as_array()?;
            let events: Vec<&str> = events
                .iter()
                .filter_map(|it| it["event"].as_str())
                .collect();
            (events.len() >= 2).then(|| events.join(" "))
        });
        let work = async {
            // The page must be open, as a trace ends with the last one.
            let open = client.until("view=nodes", |_| Some(()));
            open.await;
            assert_eq!(client.act(&trace).await.status, 200);
            while !otp_core::sys::get_status(vault.pid())
                .await
                .is_ok_and(|_| true)
            {}
            vault.call(Ask::Count).await.expect("it answers");
        };
        let ((), seen) = tokio::join!(work, seen);
        assert_eq!(seen, "in out");
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn nobody_counts_once_the_last_page_is_closed() {
    let ran = Node::new().run(async {
        let vault = Vault::start_link(()).await.expect("it starts");
        let node = process::node();
        let client = Client::of(&node, Options::new()).await;
        client.until("view=overview", |_| Some(())).await;
        let counts = || {
            node.process_info(vault.pid())
                .is_some_and(|it| it.activity.is_some())
        };
        let mut look = tokio::time::interval(Duration::from_millis(5));
        // The server notices at its next word that nobody listens.
        loop {
            vault.call(Ask::Count).await.expect("it answers");
            if !counts() {
                break;
            }
            look.tick().await;
        }
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_page_ends_with_its_observer() {
    let node = Node::new();
    let client = Client::of(&node, Options::new()).await;
    let address = client.address;
    drop(client);
    let mut look = tokio::time::interval(Duration::from_millis(5));
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        look.tick().await;
    }
}

#[tokio::test]
async fn tables_timers_and_registries_are_listed() {
    let ran = Node::new().run(async {
        let ages = table::set::<String, u8>("ages")
            .create()
            .expect("it is free");
        ages.insert("ann".to_owned(), 34).expect("it is mine");
        let rooms = Registry::<String>::unique("rooms");
        rooms.start_link().await.expect("it starts");
        rooms.register("hall", ()).expect("it is free");
        let me = process::current();
        timer::exit_after(me, Duration::from_secs(3_600), ExitReason::Normal);
        let client = Client::of(&process::node(), Options::new()).await;
        client
            .until("view=held", |seen| {
                let table = &seen["tables"]["some"][0];
                assert_eq!(
                    (&table["name"], &table["objects"]),
                    (&json!("ages"), &json!(1))
                );
                assert_eq!(table["owner"], json!(me.to_string()));
                let registry = &seen["registries"]["some"][0];
                assert_eq!(registry["label"], "registry rooms");
                let timer = &seen["timers"]["some"][0];
                assert_eq!(timer["process"], json!(me.to_string()));
                (seen["timers"]["count"] == 1).then_some(())
            })
            .await;
    });
    ran.await.expect("nothing fails");
}

/// A server that asks the next one.
struct Link(Option<ServerRef<Link>>);

#[gen_server]
impl GenServer for Link {
    type Args = Option<ServerRef<Link>>;
    type Call = ReplyTo<u32>;

    async fn init(
        next: Option<ServerRef<Link>>,
        _: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
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

#[tokio::test]
async fn a_call_is_followed_through_three_servers() {
    let ran = Node::new().run(async {
        let third = Link::start_link(None).await.expect("it starts");
        let second = Link::start_link(Some(third.clone()))
            .await
            .expect("it starts");
        let first = Link::start_link(Some(second.clone()))
            .await
            .expect("it starts");
        let chain = [first.pid(), second.pid(), third.pid()].map(|pid| pid.to_string());
        let client = Client::of(&process::node(), Options::new()).await;
        let work = async {
            client.until("view=nodes", |_| Some(())).await;
            for pid in &chain {
                let trace = json!({ "do": "trace", "pid": pid, "on": true });
                assert_eq!(client.act(&trace).await.status, 200);
            }
            for server in [&first, &second, &third] {
                // The hook stands before this in the mailbox.
                otp_core::sys::get_status(server.pid())
                    .await
                    .expect("it answers");
            }
            assert_eq!(first.call(|from| from).await, Ok(3));
        };
        let seen = client.until("view=trace", |seen| {
            let events = seen["events"].as_array().filter(|it| it.len() >= 6)?;
            let told = events.iter().map(|it| {
                let of = |name: &str| it[name].as_str().unwrap_or("-").to_owned();
                (of("pid"), of("event"), of("client"))
            });
            Some(told.collect::<Vec<_>>())
        });
        let ((), seen) = tokio::join!(work, seen);
        let me = process::current().to_string();
        let [a, b, c] = chain;
        let event = |pid: &String, event: &str, client: &String| {
            (pid.clone(), event.to_owned(), client.clone())
        };
        assert_eq!(
            seen,
            [
                event(&a, "in", &me),
                event(&b, "in", &a),
                event(&c, "in", &b),
                event(&c, "out", &b),
                event(&b, "out", &a),
                event(&a, "out", &me),
            ]
        );
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_hundred_thousand_processes_are_sorted_by_their_queues() {
    let node = Node::new();
    for _ in 0..100_000 {
        node.spawn(|_: Mailbox<()>| std::future::pending::<()>());
    }
    let longest = node.spawn(|_: Mailbox<()>| std::future::pending::<()>());
    longest.send(());
    let client = Client::of(&node, Options::new()).await;
    let query = "view=processes&order=queue&descending=true&limit=50";
    let first = client.until(query, |seen| {
        assert_eq!(
            (seen["total"].as_u64(), seen["rows"].as_array()?.len()),
            (Some(100_001), 50)
        );
        Some(seen["rows"][0]["pid"].clone())
    });
    assert_eq!(first.await, json!(longest.pid().to_string()));
}
