//! Servers that are stuck as a page is opened.

use std::sync::mpsc;
use std::thread;

use otp_core::prelude::*;
use otp_core::{Node, Pid, process};
use otp_observer::Options;
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::client::{Client, escaped};

/// Is stuck until it is let go.
struct Stuck;

enum Cast {
    /// It waits, and its thread does other things.
    Wait(oneshot::Receiver<()>),
    /// It blocks its thread, after it has told its pid.
    Block(mpsc::Sender<Pid>, mpsc::Receiver<()>),
}

#[gen_server]
impl GenServer for Stuck {
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_cast(&mut self, cast: Cast, context: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Wait(end) => end.await.expect("it is let go"),
            Cast::Block(tell, end) => {
                tell.send(context.pid()).expect("somebody listens");
                end.recv().expect("it is let go");
            }
        }
        Next::NoReply
    }
}

#[tokio::test]
async fn a_server_that_was_stuck_before_a_page_was_open_is_not_idle() {
    let ran = Node::new().run(async {
        let stuck = Stuck::start_link(()).await.expect("it starts");
        let (let_go, end) = oneshot::channel();
        stuck.cast(Cast::Wait(end));
        while process::node()
            .process_info(stuck.pid())
            .is_some_and(|it| it.message_queue_len > 0)
        {
            tokio::task::yield_now().await;
        }
        let client = Client::of(&process::node(), Options::new()).await;
        let list = "view=processes&order=since&descending=true";
        let first = |seen: &Value| {
            let row = &seen["rows"][0];
            let is_first = row["pid"] == stuck.pid().to_string();
            (is_first && row["status"] == "handling").then(|| row["callback"].clone())
        };
        assert_eq!(client.until(list, first).await, "unknown");
        let query = format!("view=process&pid={}", escaped(stuck.pid()));
        let status = |wanted: &'static str| {
            move |seen: &Value| (seen["row"]["status"] == wanted).then_some(())
        };
        client.until(&query, status("handling")).await;
        let_go.send(()).expect("it waits");
        client.until(&query, status("idle")).await;
    });
    ran.await.expect("nothing fails");
}

#[test]
fn on_a_runtime_of_its_own_the_page_shows_a_server_that_blocks_every_thread() {
    let (tell, told) = mpsc::channel();
    let (let_go, end) = mpsc::channel();
    let node = Node::new();
    let program = node.clone();
    let program = thread::spawn(move || {
        let runtime = Builder::new_current_thread().build();
        let ran = program.run(async move {
            let stuck = Stuck::start(()).await.expect("it starts");
            stuck.cast(Cast::Block(tell, end));
            stuck.stop().await.expect("it is let go");
        });
        runtime.expect("it needs nothing").block_on(ran)
    });
    let stuck = told.recv().expect("it blocks");
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("there are sockets").block_on(async {
        let client = Client::of(&node, Options::new()).await;
        let query = format!("view=process&pid={}", escaped(stuck));
        let owes = |seen: &Value| {
            let owes = seen["owes"].as_u64()?;
            (owes > 0 && seen["row"]["status"] == "running").then_some(())
        };
        client.until(&query, owes).await;
        let all = |seen: &Value| (seen["total"] == 2).then_some(());
        client.until("view=processes&order=queue", all).await;
    });
    let_go.send(()).expect("it waits");
    let ended = program.join().expect("the program runs");
    assert_eq!(ended, Ok(()));
}
