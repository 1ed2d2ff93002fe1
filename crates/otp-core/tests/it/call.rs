//! GenServer: calls and their answers.

use std::time::Duration;

use otp_core::gen_server::{Address, TimeLimit};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::support::{
    Call, Event, Lab, Order, ask, echo, in_process, lab, quiet, run, via, with_mailbox,
};

const LIMIT: Duration = Duration::from_millis(30);

// CAL-001
#[tokio::test(start_paused = true)]
async fn a_call_waits_for_its_answer_for_five_seconds() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let (open, gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        process::spawn(move |_: Mailbox<Never>| async move {
            tokio::time::sleep(Duration::from_millis(4_990)).await;
            open.send(()).unwrap();
        });
        assert_eq!(server.call(echo(1)).await, Ok(1));

        let (_open, gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        let begun = Instant::now();
        let limit = Duration::from_secs(5);
        assert_eq!(
            server.call(echo(2)).await,
            Err(CallError::Timeout {
                server: Address::Pid(server.pid()),
                limit
            })
        );
        let taken = begun.elapsed();
        assert!(taken >= limit && taken < limit + LIMIT, "{taken:?}");
    })
    .await;
}

// CAL-002
#[tokio::test(start_paused = true)]
async fn a_call_that_times_out_names_server_and_limit_and_the_server_goes_on() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::options().name("egg").start(lab(&probe)).await.unwrap();
        let (open, gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        let error = server.call(echo(1)).timeout(LIMIT).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the call to {} got no answer within 30ms", server.pid())
        );
        let by_name = ServerName::<Lab>::new("egg");
        let error = by_name.call(echo(2)).timeout(LIMIT).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the call to egg got no answer within 30ms"
        );
        open.send(()).unwrap();
        assert_eq!(server.call(echo(3)).await, Ok(3));
        assert_eq!(
            probe.drain(),
            [Event::Init, Event::Call(1), Event::Call(2), Event::Call(3)]
        );
    })
    .await;
}

// CAL-002
#[tokio::test(start_paused = true)]
async fn a_limit_of_zero_ends_the_call_at_once() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        let (_open, gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        let begun = Instant::now();
        for _ in 0..3 {
            let answer = server.call(echo(1)).timeout(Duration::ZERO).await;
            assert!(
                matches!(answer, Err(CallError::Timeout { .. })),
                "{answer:?}"
            );
        }
        assert!(begun.elapsed() < LIMIT);
    })
    .await;
}

// CAL-003
#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_too_late_is_not_taken_for_that_of_a_later_call() {
    with_mailbox(|mailbox| async move {
        let server = Lab::start(quiet()).await.unwrap();
        let late = server.call(Call::Keep).timeout(LIMIT).await;
        assert!(matches!(late, Err(CallError::Timeout { .. })), "{late:?}");
        // The late answer comes while the next call, for the same type, is waiting.
        let answer_late = |lab: &mut Lab, from: ReplyTo<u32>| {
            lab.kept.remove(0).send(1);
            lab.kept.push(from);
            Reply::later()
        };
        let late = server.call(ask(answer_late)).timeout(LIMIT).await;
        assert!(matches!(late, Err(CallError::Timeout { .. })), "{late:?}");
        let answer = server
            .call(ask(|lab, from| {
                lab.kept.remove(0).send(2);
                from.reply(3)
            }))
            .await;
        assert_eq!(answer, Ok(3));
        assert_eq!(server.call(echo(4)).await, Ok(4));
        assert!(mailbox.is_empty());
    })
    .await;
}

// CAL-004
#[tokio::test(start_paused = true)]
async fn a_call_to_nobody_fails_at_once_whatever_its_limit() {
    in_process(async {
        let begun = Instant::now();
        let server = Lab::start(quiet()).await.unwrap();
        server.stop().await.unwrap();
        assert_eq!(
            server.call(echo(1)).timeout(TimeLimit::Infinity).await,
            Err(CallError::NoProcess {
                server: Address::Pid(server.pid())
            })
        );
        for name in [Name::local("egg"), Name::global("egg"), via("egg")] {
            let nobody = ServerName::<Lab>::new(name.clone());
            assert_eq!(
                nobody.call(echo(1)).timeout(TimeLimit::Infinity).await,
                Err(CallError::NoProcess {
                    server: Address::Name(name)
                })
            );
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
    })
    .await;
}

// CAL-004
#[tokio::test(start_paused = true)]
async fn a_call_by_the_name_of_another_kind_of_process_says_so() {
    with_mailbox(|mailbox| async move {
        process::register("egg", mailbox.pid()).unwrap();
        let error = ServerName::<Lab>::new("egg")
            .call(echo(1))
            .await
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the process registered as egg is no ")
                && error.to_string().ends_with("Lab"),
            "{error}"
        );
        assert!(mailbox.is_empty());
    })
    .await;
}

// CAL-005
#[tokio::test(start_paused = true)]
async fn a_server_that_calls_itself_is_told_so_at_once() {
    in_process(async {
        let begun = Instant::now();
        for name in [Name::local("egg"), Name::global("egg"), via("egg")] {
            let told = Probe::new();
            let telling = told.clone();
            let server = Lab::options()
                .name(name.clone())
                .start(quiet())
                .await
                .unwrap();
            let own = name.clone();
            server.cast(run(|me| async move {
                telling.report(me.call(echo(1)).await);
                let by_name = ServerName::<Lab>::new(own);
                telling.report(by_name.call(echo(2)).timeout(TimeLimit::Infinity).await);
                Next::NoReply
            }));
            for server in [Address::Pid(server.pid()), Address::Name(name)] {
                assert_eq!(told.next().await, Err(CallError::CallingSelf { server }));
            }
            assert_eq!(server.call(echo(3)).await, Ok(3));
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
    })
    .await;
}

// CAL-007, SIG-001
#[tokio::test(start_paused = true)]
async fn one_callers_calls_casts_and_messages_are_handled_in_the_order_sent() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::options().name("egg").start(lab(&probe)).await.unwrap();
        let by_name = ServerName::<Lab>::new("egg");
        let mut requests = Vec::new();
        let mut expected = vec![Event::Init];
        for n in (0..1_200).step_by(6) {
            requests.push(server.send_request(echo(n)));
            server.cast(Order::Note(n + 1));
            server.send(Order::Note(n + 2));
            by_name.send(Order::Note(n + 3)).unwrap();
            requests.push(by_name.send_request(echo(n + 4)));
            by_name.cast(Order::Note(n + 5));
            expected.extend([
                Event::Call(n),
                Event::Cast(n + 1),
                Event::Message(n + 2),
                Event::Message(n + 3),
                Event::Call(n + 4),
                Event::Cast(n + 5),
            ]);
        }
        assert_eq!(server.call(echo(9_999)).await, Ok(9_999));
        expected.push(Event::Call(9_999));
        assert_eq!(probe.drain(), expected);
        for (n, request) in requests.into_iter().enumerate() {
            let n = u32::try_from(n).unwrap();
            assert_eq!(request.await, Ok(n / 2 * 6 + n % 2 * 4));
        }
    })
    .await;
}
