//! What a callback can do through its context.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;

use crate::support::{Event, Lab, act, in_process, lab};

#[tokio::test(start_paused = true)]
async fn a_server_sees_how_many_messages_wait_for_it() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        let look = |length: usize| {
            act(move |lab: &mut Lab, context: &mut Context<Lab>| {
                assert_eq!(context.message_queue_len(), length);
                lab.probe.report(Event::Note("looked"));
                Next::NoReply
            })
        };
        for left in [2, 1, 0] {
            server.cast(look(left));
        }
        for _ in 0..=3 {
            probe.next().await;
        }
        assert!(server.is_alive());
    })
    .await;
}

/// Counts what it is sent, up to three.
struct Counter(Probe<u32>, u32);

#[gen_server]
impl GenServer for Counter {
    type Args = Probe<u32>;
    type Info = u32;

    async fn init(
        probe: Probe<u32>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        let _ = context.send_interval(Duration::from_secs(1), 7);
        Ok(Init::state(Self(probe, 0)))
    }

    async fn handle_info(&mut self, info: Info<u32>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(n) = info {
            self.0.report(n);
            self.1 += 1;
        }
        match self.1 {
            3 => Next::Stop(ExitReason::Normal),
            _ => Next::NoReply,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_sends_itself_a_message_each_period_for_as_long_as_it_lives() {
    in_process(async {
        let probe = Probe::new();
        let begun = tokio::time::Instant::now();
        let server = Counter::start(probe.clone()).await.unwrap();
        assert_eq!(server.wait().await, ExitReason::Normal);
        assert_eq!(begun.elapsed().as_secs(), 3);
        assert_eq!(probe.drain(), [7, 7, 7]);
    })
    .await;
}
