//! A node in numbers.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{Mailbox, Node, process};
use otp_observer::Metrics;
use tokio::sync::oneshot;

/// A server that is stuck for as long as somebody wants.
struct Stuck;

enum Cast {
    Begin,
    Until(oneshot::Receiver<()>),
}

#[gen_server]
impl GenServer for Stuck {
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        if let Cast::Until(end) = cast {
            let _ = end.await;
        }
        Next::NoReply
    }
}

/// The value of the first line that begins so.
fn value(text: &str, begin: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(begin))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn a_stuck_server_is_named_and_holds_nothing_up() {
    let ran = Node::new().run(async {
        let metrics = Metrics::of(&process::node());
        let server = Stuck::options().name("stuck").start_link(()).await;
        let server = server.expect("it starts");
        let (let_go, end) = oneshot::channel();
        server.cast(Cast::Begin);
        server.cast(Cast::Until(end));
        (0..3).for_each(|_| server.cast(Cast::Begin));
        let mut look = tokio::time::interval(Duration::from_millis(20));
        let text = loop {
            look.tick().await;
            // The server is stuck until all of this is done: it is not asked.
            let text = metrics.render();
            if text.contains("process=\"stuck\"") {
                break text;
            }
        };
        let stuck = value(&text, "otp_callback_seconds{").expect("it is there");
        assert!(stuck >= 1.0);
        assert!(text.contains("callback=\"handle_cast\""), "{text}");
        let queued = format!(
            "otp_messages_queued{{type=\"{}\"}}",
            std::any::type_name::<Stuck>()
        );
        assert_eq!(value(&text, &queued), Some(3.0));
        assert_eq!(value(&text, "otp_processes_spawned_total"), Some(2.0));
        let_go.send(()).expect("it waits");
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn types_without_end_make_no_series_without_end() {
    /// A type for each number.
    async fn body<const N: usize>(_: Mailbox<()>) {
        std::future::pending::<()>().await;
    }
    macro_rules! spawn {
        ($node:expr, $($n:literal)*) => { $( $node.spawn(body::<$n>); )* };
    }
    let node = Node::new();
    spawn!(node, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30);
    spawn!(node, 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59);
    let text = Metrics::of(&node).render();
    let series = text
        .lines()
        .filter(|line| line.starts_with("otp_processes{"));
    assert_eq!(series.count(), 51);
    assert_eq!(value(&text, "otp_processes{type=\"other\"}"), Some(10.0));
}
