//! GenServer: requests whose answers are waited for later.

use std::time::Duration;

use otp_core::gen_server::{Address, Request, RequestSet, TimeLimit};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::support::{
    Call, Event, Lab, Order, act, echo, exited, in_process, lab, quiet, settle, stop, via,
};

const LIMIT: Duration = Duration::from_millis(30);

// CAL-012
#[tokio::test(start_paused = true)]
async fn a_request_to_nobody_returns_at_once_and_fails_when_waited_for() {
    in_process(async {
        let begun = Instant::now();
        let server = Lab::start(quiet()).await.unwrap();
        server.stop().await.unwrap();
        let by_ref = server.send_request(echo(1));
        assert_eq!(
            by_ref.await,
            Err(CallError::NoProcess {
                server: Address::Pid(server.pid())
            })
        );
        for name in [Name::local("egg"), Name::global("egg"), via("egg")] {
            let mut by_name = ServerName::<Lab>::new(name.clone()).send_request(echo(1));
            let nobody = Err(CallError::NoProcess {
                server: Address::Name(name),
            });
            assert_eq!(by_name.wait(LIMIT).await, Some(nobody));
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
    })
    .await;
}

// CAL-012
#[tokio::test(start_paused = true)]
async fn a_request_is_sent_when_it_is_made_not_when_it_is_waited_for() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        let request = server.send_request(echo(1));
        server.cast(Order::Note(2));
        settle().await;
        assert_eq!(probe.drain(), [Event::Init, Event::Call(1), Event::Cast(2)]);
        assert_eq!(request.await, Ok(1));
    })
    .await;
}

// CAL-013
#[tokio::test(start_paused = true)]
async fn a_wait_with_a_limit_may_be_repeated_until_the_answer_is_there() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let mut request = server.send_request(Call::Keep);
        for _ in 0..3 {
            let begun = Instant::now();
            assert_eq!(request.wait(LIMIT).await, None);
            assert!(begun.elapsed() >= LIMIT);
        }
        server.cast(act(|lab, _| {
            lab.kept.remove(0).send(7);
            Next::NoReply
        }));
        assert_eq!(request.wait(TimeLimit::Infinity).await, Some(Ok(7)));
    })
    .await;
}

// CAL-013
#[tokio::test(start_paused = true)]
async fn a_receive_gives_the_request_up_at_its_limit() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let request = server.send_request(Call::Keep);
        assert_eq!(
            request.timeout(LIMIT).await,
            Err(CallError::Timeout {
                server: Address::Pid(server.pid()),
                limit: LIMIT
            })
        );
        server.cast(act(|lab, _| {
            lab.kept.remove(0).send(7);
            Next::NoReply
        }));
        assert_eq!(server.call(echo(8)).await, Ok(8));
        let request = server.send_request(echo(9));
        assert_eq!(request.timeout(LIMIT).await, Ok(9));
    })
    .await;
}

// CAL-013
#[tokio::test(start_paused = true)]
#[should_panic(expected = "the answer of a request was taken already")]
async fn an_answer_is_given_once() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let mut request: Request<Lab, u32> = server.send_request(echo(1));
        assert_eq!(request.wait(LIMIT).await, Some(Ok(1)));
        let _ = request.wait(LIMIT).await;
    })
    .await;
}

// CAL-013
#[tokio::test(start_paused = true)]
async fn a_set_gives_answers_and_failures_as_they_arrive_with_their_labels() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let dying = Lab::start(quiet()).await.unwrap();
        let (_open, gate) = oneshot::channel();
        dying.cast(Order::Hold(gate));
        let nobody = ServerName::<Lab>::new("egg");

        let mut requests = RequestSet::new();
        assert!(requests.is_empty());
        requests.add("first", server.send_request(Call::Keep));
        requests.add("second", server.send_request(Call::Keep));
        requests.add("dying", dying.send_request(echo(3)));
        requests.add("nobody", nobody.send_request(echo(4)));
        assert_eq!(requests.len(), 4);

        let missing = CallError::NoProcess {
            server: Address::Name("egg".into()),
        };
        assert_eq!(requests.next().await, Some(("nobody", Err(missing))));
        let waiting = tokio::time::timeout(LIMIT, requests.next());
        assert!(waiting.await.is_err(), "nothing else has come");

        server.cast(act(|lab, _| {
            lab.kept.remove(1).send(2);
            Next::NoReply
        }));
        assert_eq!(requests.next().await, Some(("second", Ok(2))));
        process::exit(&dying, ExitReason::Kill);
        let killed = exited(&dying, ExitReason::Killed);
        assert_eq!(requests.next().await, Some(("dying", Err(killed))));
        server.cast(stop(ExitReason::other("over")));
        let over = exited(&server, ExitReason::other("over"));
        assert_eq!(requests.len(), 1);
        assert_eq!(requests.next().await, Some(("first", Err(over))));
        assert_eq!(requests.next().await, None);
    })
    .await;
}
