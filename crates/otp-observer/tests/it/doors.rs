//! Who is let in, and who may act.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use otp_core::{ExitReason, Mailbox, Node, ProcessRef};
use otp_observer::{Options, ServeError};
use serde_json::json;
use tokio::time::Instant;

use crate::client::Client;

fn idler(node: &Node) -> ProcessRef<()> {
    node.spawn(|_: Mailbox<()>| std::future::pending::<()>())
}

#[tokio::test]
async fn nobody_is_let_in_without_the_link() {
    let client = Client::of(&Node::new(), Options::new()).await;
    for path in [
        "/",
        "/?token=guess",
        "/assets/app.js",
        "/api/hello",
        "/api/stream?view=tree",
    ] {
        let refused = client.send("GET", path, "", "").await;
        assert_eq!(refused.status, 401, "{path}");
        assert!(!refused.body.contains("script"), "{path}");
    }
    let link = client.observer.link();
    let path = &link[link.find("/?").expect("it has a query")..];
    let page = client.send("GET", path, "", "").await;
    assert_eq!(page.status, 200);
    assert!(
        page.head.contains("httponly; samesite=strict"),
        "{}",
        page.head
    );
    assert_eq!(client.get("/assets/app.js").await.status, 200);
    assert_eq!(client.get("/assets/none.js").await.status, 404);
    assert_eq!(client.get("/none").await.status, 404);
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_scripts() {
    let client = Client::of(&Node::new(), Options::new()).await;
    let page = client.get("/").await;
    assert!(page.head.contains("default-src 'none'; script-src 'self'"));
    assert!(!page.body.contains("<script>") && !page.body.contains("style="));
    assert!(
        !page.body.contains("https://"),
        "nothing comes from elsewhere"
    );
}

#[tokio::test]
async fn foreign_hosts_and_origins_are_refused() {
    let client = Client::of(&Node::new(), Options::new()).await;
    let check = async |headers: String, status: u16| {
        let headers = format!("{}{headers}", client.cookie);
        let answer = client.send("GET", "/api/hello", &headers, "").await;
        assert_eq!(answer.status, status, "{headers}");
    };
    let here = client.address;
    check(format!("Origin: http://{here}\r\n"), 200).await;
    check("Origin: http://evil.example\r\n".to_owned(), 403).await;
    check("Origin: null\r\n".to_owned(), 403).await;
    check("Host: evil.example\r\n".to_owned(), 403).await;
}

#[tokio::test]
async fn a_page_that_only_shows_does_nothing() {
    let node = Node::new();
    let victim = idler(&node);
    let client = Client::of(&node, Options::new()).await;
    let pid = victim.pid().to_string();
    let refused = client.act(&json!({ "do": "kill", "pid": pid })).await;
    assert_eq!(
        (refused.status, &*refused.body),
        (403, "this page only shows")
    );
    assert!(victim.is_alive());
}

#[tokio::test]
async fn a_page_that_may_act_kills_and_needs_its_token_for_that() {
    let node = Node::new();
    let victim = idler(&node);
    let client = Client::of(&node, Options::new().with_actions()).await;
    let kill = json!({ "do": "kill", "pid": victim.pid().to_string() });
    let without = client
        .send("POST", "/api/act", &client.cookie, &kill.to_string())
        .await;
    assert_eq!(without.status, 403);
    assert!(victim.is_alive());
    assert_eq!(client.act(&kill).await.status, 200);
    assert_eq!(victim.wait().await, ExitReason::Killed);
    let again = client.act(&kill).await;
    assert_eq!(again.status, 409);
    assert!(again.body.contains("does not live"), "{}", again.body);
    assert_eq!(client.act(&json!({ "do": "dance" })).await.status, 400);
}

#[tokio::test]
async fn other_machines_are_let_in_only_when_that_is_asked_for() {
    let node = Node::new();
    let address = ([0, 0, 0, 0], 0).into();
    let refused = otp_observer::serve(&node, address).await;
    assert!(matches!(refused, Err(ServeError::NotLoopback(_))));
    let served = Options::new().from_anywhere().serve(&node, address).await;
    assert!(served.is_ok());
}

/// Asks as often, from some connections at a time, and says how long that took.
async fn ask_without_end(requests: usize) -> Duration {
    let client = Client::of(&Node::new(), Options::new().with_actions()).await;
    let begun = Instant::now();
    let kill = json!({ "do": "kill", "pid": "<0.999999.0>" });
    let asked = stream::iter(0..requests).for_each_concurrent(8, |number| {
        let (client, kill) = (&client, &kill);
        async move {
            match number % 4 {
                0 => assert_eq!(client.get("/api/hello").await.status, 200),
                1 => assert_eq!(client.get("/none").await.status, 404),
                2 => assert_eq!(client.send("GET", "/", "", "").await.status, 401),
                _ => {
                    let kill = kill.to_string();
                    let refused = client.send("POST", "/api/act", &client.cookie, &kill).await;
                    assert_eq!(refused.status, 403);
                }
            }
        }
    });
    asked.await;
    begun.elapsed()
}

/// A script that asks without end is answered 50 times a second, once it has had 200 answers. A connection counts as one, too.
#[tokio::test(start_paused = true)]
async fn whoever_asks_without_end_is_answered_slowly() {
    let begun = Instant::now();
    ask_without_end(90).await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "a page is answered at once"
    );
    let time = ask_without_end(300).await;
    assert!(time >= Duration::from_secs((600 - 200) / 50), "{time:?}");
}

#[tokio::test]
async fn whoever_asks_without_end_is_answered_slowly_by_a_real_clock() {
    let time = ask_without_end(120).await;
    assert!(time >= Duration::from_millis((240 - 200) * 20), "{time:?}");
}

#[tokio::test]
async fn too_many_pages_are_refused_and_a_page_that_is_closed_makes_room() {
    let node = Node::new();
    let client = Client::of(&node, Options::new()).await;
    let looks = (0..16).map(|_| client.until("view=nodes", |_| Some(())));
    futures_util::future::join_all(looks).await;
    let page = client.until("view=overview", |seen| seen["processes"].as_u64());
    assert_eq!(page.await, 0);
}
