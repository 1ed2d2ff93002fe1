//! Tracers: events of several servers, up to a limit.

use std::collections::HashMap;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::sys::{TraceEvent, Traced, Tracer};
use otp_core::test::idle;

struct Sum(u64);

#[gen_server]
impl GenServer for Sum {
    type Call = ReplyTo<u64>;
    type Cast = u64;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(0)))
    }

    async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(self.0)
    }

    async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
        assert!(n > 0, "nothing to add");
        self.0 += n;
        Next::NoReply
    }
}

/// All that is there.
async fn seen(tracer: &mut Tracer) -> Vec<Traced> {
    idle().await;
    let mut seen = Vec::new();
    while let Some(Some(traced)) = futures_util::FutureExt::now_or_never(tracer.next()) {
        seen.push(traced);
    }
    seen
}

fn texts(seen: &[Traced]) -> Vec<String> {
    seen.iter().map(|traced| traced.event.to_string()).collect()
}

#[otp_core::test]
async fn a_tracer_sees_messages_answers_and_the_end() -> Result<(), ExitReason> {
    let server = Sum::start(()).await?;
    let mut tracer = Tracer::new(&process::node(), 100);
    tracer.add(&server).await?;
    server.cast(2);
    assert_eq!(server.call(|from| from).await?, 2);
    server.cast(0);
    server.wait().await;
    let seen = seen(&mut tracer).await;
    let me = process::current();
    let texts = texts(&seen);
    assert_eq!(
        texts[..3],
        ["got cast", "returned", &format!("got call from {me}")]
    );
    assert_eq!(texts[3], format!("sent answer to {me}"));
    assert_eq!(texts[4], "got cast");
    assert!(
        texts[5].starts_with("exited with") && texts[5].contains("nothing to add"),
        "{texts:?}"
    );
    assert_eq!(texts.len(), 6);
    let numbers: Vec<_> = seen.iter().map(|traced| traced.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    assert!(seen.iter().all(|traced| traced.pid == server.pid()));
    Ok(())
}

#[otp_core::test(workers = 2)]
async fn there_are_never_more_events_than_the_limit_and_the_stream_ends() -> Result<(), ExitReason>
{
    let node = process::node();
    let mut tracer = Tracer::new(&node, 50);
    let mut servers = Vec::new();
    for _ in 0..4 {
        let server = Sum::start(()).await?;
        tracer.add(&server).await?;
        servers.push(server);
    }
    for n in 1..1000 {
        servers[n % 4].cast(1);
    }
    let mut numbers = Vec::new();
    while let Some(traced) = tracer.next().await {
        numbers.push(traced.number);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, Vec::from_iter(1..=50));
    // Nothing is told any more, and the servers go on.
    let mut sum = 0;
    for server in &servers {
        sum += server.call(|from| from).await?;
    }
    assert_eq!(sum, 999);
    assert!(tracer.next().await.is_none());
    Ok(())
}

#[otp_core::test]
async fn two_tracers_and_one_that_was_dropped_do_not_disturb_each_other() -> Result<(), ExitReason>
{
    let (node, server) = (process::node(), Sum::start(()).await?);
    let mut tracers = [Tracer::new(&node, 100), Tracer::new(&node, 3)];
    let mut dropped = Tracer::new(&node, 100);
    for tracer in tracers.iter_mut().chain([&mut dropped]) {
        tracer.add(&server).await?;
    }
    drop(dropped);
    server.cast(1);
    server.cast(1);
    let all = seen(&mut tracers[0]).await;
    assert_eq!(
        texts(&all),
        ["got cast", "returned", "got cast", "returned"]
    );
    assert_eq!(
        texts(&seen(&mut tracers[1]).await),
        ["got cast", "returned", "got cast"]
    );
    tracers[0].remove(&server).await?;
    server.cast(1);
    server.stop().await?;
    assert_eq!(texts(&seen(&mut tracers[0]).await), [""; 0]);
    Ok(())
}

#[otp_core::test]
async fn servers_that_come_and_go_are_told_apart() -> Result<(), ExitReason> {
    let node = process::node();
    let mut tracer = Tracer::new(&node, 1000);
    let mut ends = HashMap::new();
    for reason in ["one", "two", "three"] {
        let server = Sum::start(()).await?;
        tracer.add(&server).await?;
        // Traced twice is traced once.
        tracer.add(&server).await?;
        process::exit(&server, ExitReason::other(reason));
        ends.insert(server.pid(), ExitReason::other(reason));
    }
    for traced in seen(&mut tracer).await {
        let TraceEvent::Exited(reason) = traced.event else {
            panic!("{traced:?}");
        };
        assert_eq!(ends.remove(&traced.pid), Some(reason));
    }
    assert!(ends.is_empty(), "{ends:?}");
    let dead = Sum::start(()).await?;
    dead.stop().await?;
    assert!(tracer.add(&dead).await.is_err());
    Ok(())
}
