//! Visitors who mean no good, and values that are not made for a page.

use std::fmt;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{Mailbox, Node, process, table};
use otp_observer::Options;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Client, escaped};

const MARKUP: &str = "<img src=x onerror=\"alert(1)\">";

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_the_page() {
    let client = Client::of(&Node::new(), Options::new()).await;
    let with = &client.cookie;
    for (method, path, headers, status) in [
        ("GET", "/", with, 200),
        ("GET", "/assets/app.js", with, 200),
        ("GET", "/api/hello", with, 200),
        ("GET", "/none", with, 404),
        ("PUT", "/api/hello", with, 403),
        ("HEAD", "/api/act", with, 405),
        ("GET", "/assets/%FF", with, 400),
        ("GET", "/api/stream?view=processes&offset=-1", with, 400),
        ("GET", "/?token=a&token=b", with, 400),
        ("GET", "/api/hello", &String::new(), 401),
    ] {
        let answer = client.send(method, path, headers, "").await;
        assert_eq!(answer.status, status, "{method} {path}");
        for header in [
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(answer.head.contains(header), "{path}: {}", answer.head);
        }
        assert_eq!(answer.head.matches("cache-control").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn nothing_of_a_request_without_the_token_is_read() {
    let client = Client::of(&Node::new(), Options::new().with_actions()).await;
    for (method, path) in [
        ("GET", "/api/stream?view=processes&offset=-1"),
        ("GET", "/api/stream?limit=many"),
        ("GET", "/assets/%FF"),
        ("GET", "/none"),
        ("POST", "/api/act"),
        ("DELETE", "/api/act"),
        ("OPTIONS", "/api/act"),
    ] {
        let refused = client.send(method, path, "", "{\"do\":").await;
        assert_eq!(refused.status, 401, "{method} {path}: {}", refused.body);
    }
}

#[tokio::test]
async fn numbers_and_texts_of_any_size_are_read_or_refused() {
    let node = Node::new();
    let idle = node.spawn(|_: Mailbox<()>| std::future::pending::<()>());
    let client = Client::of(&node, Options::new()).await;
    let most = u64::MAX;
    for (query, status) in [
        ("view=processes&limit=99999999999999999999".to_owned(), 400),
        ("view=processes&order=bogus".to_owned(), 404),
        ("view=processes&state=bogus".to_owned(), 404),
        ("view=process&pid=nobody".to_owned(), 404),
        (
            "view=process&pid=%3C0.18446744073709551616.0%3E".to_owned(),
            404,
        ),
        ("view=table&table=-1".to_owned(), 400),
        ("view=%00".to_owned(), 404),
        ("view=tree&node=nobody".to_owned(), 404),
        (format!("view=processes&text={}", "a".repeat(401)), 404),
        ("view=processes&view=tree".to_owned(), 400),
    ] {
        let path = format!("/api/stream?{query}");
        assert_eq!(client.get(&path).await.status, status, "{query}");
    }
    for query in [
        format!("view=processes&offset={most}&limit={most}"),
        format!("view=processes&offset={most}&order=queue&descending=true"),
        format!("view=processes&text={}", "%F0%9F%92%A9".repeat(100)),
        "view=processes&text=%FF%FE".to_owned(),
        format!("view=table&table={most}&offset={most}&limit={most}"),
        format!("view=entries&pid={}&offset={most}", escaped(idle.pid())),
        "view=process&pid=%3C0.999999.0%3E".to_owned(),
    ] {
        client
            .until(&query, |seen| seen.is_object().then_some(()))
            .await;
    }
    let seen = client.until("view=processes&limit=0", |seen| seen["matching"].as_u64());
    assert_eq!(seen.await, 1);
}

/// An idle connection is closed, so a visitor that opens more connections than there are places blocks the page for no longer
/// than a connection may be idle.
#[tokio::test(start_paused = true)]
async fn idle_connections_do_not_keep_the_page_from_others() {
    let client = Client::of(&Node::new(), Options::new()).await;
    let mut idle = Vec::new();
    for number in 0..200 {
        let mut stream = TcpStream::connect(client.address)
            .await
            .expect("it listens");
        // Some of them begin a request that never ends.
        if number % 2 == 0 {
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: ")
                .await
                .expect("it reads");
        }
        idle.push(stream);
    }
    let answer = tokio::time::timeout(Duration::from_secs(120), client.get("/api/hello"));
    assert_eq!(answer.await.expect("there is a place").status, 200);
    let mut rest = Vec::new();
    let ended = idle[0].read_to_end(&mut rest).await;
    assert!(ended.is_err() || rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"));
}

/// A page that waits for what changes seldom is not idle: the program writes.
#[tokio::test(start_paused = true)]
async fn a_page_on_which_nothing_changes_stays_open() {
    let node = Node::new();
    let client = Client::of(&node, Options::new()).await;
    let begun = tokio::time::Instant::now();
    let late = async {
        tokio::time::sleep(Duration::from_secs(120)).await;
        node.spawn(|_: Mailbox<()>| std::future::pending::<()>())
    };
    let seen = client.until("view=processes&slow=true", |seen| {
        (seen["total"] == 1).then_some(())
    });
    let (_late, ()) = tokio::join!(late, seen);
    assert!(begun.elapsed() >= Duration::from_secs(120));
}

#[tokio::test]
async fn a_visitor_who_goes_away_in_the_middle_leaves_nothing() {
    let node = Node::new();
    let client = Client::of(&node, Options::new()).await;
    for _ in 0..100 {
        let mut stream = TcpStream::connect(client.address)
            .await
            .expect("it listens");
        let head = format!(
            "GET /api/stream?view=processes HTTP/1.1\r\nHost: {}\r\n{}\r\n",
            client.address, client.cookie
        );
        stream.write_all(head.as_bytes()).await.expect("it reads");
        drop(stream);
    }
    // There are 16 pages at a time.
    let mut left = 50;
    while client.get("/api/stream?view=none").await.status != 404 {
        left -= 1;
        assert!(left > 0);
    }
    client.until("view=nodes", |_| Some(())).await;
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_is_dropped_leaves_no_task() {
    let node = Node::new();
    let idle = node.spawn(|_: Mailbox<()>| std::future::pending::<()>());
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let before = tasks();
    let client = Client::of(&node, Options::new()).await;
    for view in [
        "overview",
        "tree",
        "processes",
        "held",
        "reports",
        "nodes",
        "trace",
    ] {
        let query = format!("view={view}");
        client.until(&query, |_| Some(())).await;
    }
    let query = format!("view=process&pid={}", escaped(idle.pid()));
    client.until(&query, |_| Some(())).await;
    drop(client);
    let gone = async {
        while tasks() > before {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_secs(600), gone).await;
    assert!(gone.is_ok(), "{} tasks are left", tasks() - before);
    assert!(idle.is_alive());
}

/// A value whose text is long.
#[derive(Clone)]
struct Long(usize);

impl fmt::Debug for Long {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.0).try_for_each(|_| f.write_str("ä"))
    }
}

/// A server that shows more than anybody reads.
struct Boaster;

#[gen_server]
impl GenServer for Boaster {
    type Call = ReplyTo<()>;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        process::set_label("label ".repeat(10_000));
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, from: ReplyTo<()>, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(())
    }

    fn format_status(&self, status: &mut otp_core::gen_server::Status) {
        status.state = Some("x".repeat(5_000_000));
    }
}

#[tokio::test]
async fn long_texts_are_cut() {
    let ran = Node::new().run(async {
        let boaster = Boaster::start_link(()).await.expect("it starts");
        let long = "name ".repeat(10_000);
        process::register(long, boaster.pid()).expect("it is free");
        let values = table::set::<u8, Long>("values").visible().create();
        let values = values.expect("it is free");
        values.insert(1, Long(1_000_000)).expect("it is mine");
        let node = process::node();
        let number = node.table_infos()[0].number;
        let client = Client::of(&node, Options::new()).await;
        let pid = escaped(boaster.pid());
        for (query, most) in [
            ("view=overview".to_owned(), 50_000),
            ("view=tree".to_owned(), 50_000),
            ("view=processes".to_owned(), 50_000),
            ("view=nodes".to_owned(), 50_000),
            ("view=held".to_owned(), 50_000),
            (format!("view=table&table={number}"), 50_000),
            (format!("view=process&pid={pid}"), 200_000),
        ] {
            let length = client.until(&query, |seen| Some(seen.to_string().len()));
            let length = length.await;
            assert!(length < most, "{query}: {length}");
        }
        let query = format!("view=process&pid={pid}");
        let seen = client.until(&query, |seen| {
            seen["status"]["state"].as_str().map(str::len)
        });
        assert!(seen.await > 10_000, "a long state is worth reading");
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_name_stands_in_lists_as_it_is() {
    let ran = Node::new().run(async {
        let me = process::current();
        process::register("rooms::hall", me).expect("it is free");
        let idle = process::spawn_link(|_: Mailbox<()>| std::future::pending::<()>());
        let client = Client::of(&process::node(), Options::new()).await;
        let links = |pid| {
            let query = format!("view=process&pid={}", escaped(pid));
            let client = &client;
            async move {
                let link = |seen: &serde_json::Value| {
                    let title = &seen["links"]["some"][0]["title"];
                    title.as_str().map(str::to_owned)
                };
                client.until(&query, link).await
            }
        };
        assert_eq!(links(idle.pid()).await, "rooms::hall");
        // The other one has no name: its function, without the modules.
        assert_eq!(links(me).await, "a_name_stands_in_lists_as_it_is");
    });
    ran.await.expect("nothing fails");
}

/// A server that fails to show itself.
struct Shy;

#[gen_server]
impl GenServer for Shy {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        process::set_label(MARKUP);
        Ok(Init::state(Self))
    }

    fn format_status(&self, _: &mut otp_core::gen_server::Status) {
        panic!("it is shy");
    }
}

#[tokio::test]
async fn a_server_that_fails_to_show_itself_goes_on() {
    let ran = Node::new().run(async {
        let shy = Shy::start_link(()).await.expect("it starts");
        let client = Client::of(&process::node(), Options::new().with_actions()).await;
        let query = format!("view=process&pid={}", escaped(shy.pid()));
        let seen = client.until(&query, |seen| {
            let state = seen["status"]["state"].as_str()?.to_owned();
            Some((state, seen["row"]["label"].clone()))
        });
        let (state, label) = seen.await;
        assert!(state.contains("panicked"), "{state}");
        assert_eq!(label, json!(MARKUP), "it is a text");
        assert!(shy.is_alive());
        let refused = client.act(&json!({ "do": "suspend", "pid": MARKUP })).await;
        assert_eq!(refused.status, 409);
        assert!(refused.head.contains("application/json"));
    });
    ran.await.expect("nothing fails");
}
