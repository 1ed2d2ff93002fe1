//! The time limit of a wait is set on its future, which can be joined, selected and kept like any other.

use std::time::Duration;

use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::{Agent, StopError, process, sys};
use tokio::time::Instant;

use crate::support::{Call, Lab, Order, ask, quiet};

const LIMIT: Duration = Duration::from_millis(300);

async fn timed<T>(wait: impl Future<Output = T>) -> (T, Duration) {
    let begun = Instant::now();
    (wait.await, begun.elapsed())
}

/// As long as the limit, or a little longer.
fn is_limit(passed: Duration) -> bool {
    (LIMIT..LIMIT * 2).contains(&passed)
}

// CAL-002
#[otp_core::test]
async fn a_call_waits_for_as_long_as_it_is_told_to() {
    let server = Lab::start(quiet()).await.expect("it starts");
    let (answer, passed) = timed(server.call(Call::Keep).timeout(LIMIT)).await;
    assert!(matches!(
        answer,
        Err(CallError::Timeout { limit: LIMIT, .. })
    ));
    assert!(is_limit(passed), "{passed:?}");
    let (answer, passed) = timed(server.call(Call::Keep)).await;
    assert!(answer.is_err());
    assert!(passed >= Duration::from_secs(5), "{passed:?}");
}

// CAL-002
#[otp_core::test]
async fn a_call_by_name_waits_for_as_long_as_it_is_told_to() {
    let server = Lab::start(quiet()).await.expect("it starts");
    process::register("lab", &server).expect("the name is free");
    let name = ServerName::<Lab>::new("lab");
    let (answer, passed) = timed(name.call(Call::Keep).timeout(LIMIT)).await;
    assert!(matches!(answer, Err(CallError::Timeout { .. })));
    assert!(is_limit(passed), "{passed:?}");
    assert_eq!(
        name.call(ask(|_, from| from.reply(7))).timeout(LIMIT).await,
        Ok(7)
    );
    let nobody = ServerName::<Lab>::new("nobody");
    let answer = nobody.call(Call::Keep).timeout(LIMIT).await;
    assert!(matches!(answer, Err(CallError::NoProcess { .. })));
}

#[otp_core::test]
async fn a_call_is_a_future_for_join_and_select() {
    let server = Lab::start(quiet()).await.expect("it starts");
    let answer = |n| server.call(ask(move |_, from| from.reply(n)));
    assert_eq!(tokio::join!(answer(1), answer(2)), (Ok(1), Ok(2)));
    let mut kept = server.call(Call::Keep).timeout(TimeLimit::Infinity);
    tokio::select! {
        biased;
        _ = &mut kept => panic!("nobody has answered yet"),
        n = answer(3) => assert_eq!(n, Ok(3)),
    }
    server
        .call(ask(|lab, from| {
            lab.kept.drain(..).for_each(|kept| kept.send(4));
            from.reply(0)
        }))
        .await
        .expect("it answers");
    assert_eq!(kept.await, Ok(4));
}

#[otp_core::test]
async fn a_call_that_is_dropped_before_its_first_poll_has_made_no_request() {
    let server = Lab::start(quiet()).await.expect("it starts");
    drop(server.call(|_: ReplyTo<u32>| -> Call { unreachable!("it is never made") }));
    assert_eq!(
        server
            .call(ask(|lab, from| from.reply(lab.kept.len() as u32)))
            .await,
        Ok(0)
    );
}

#[otp_core::test]
async fn what_is_asked_of_agents_waits_for_as_long_as_it_is_told_to() {
    let agent = Agent::start(|| 1).await.expect("it starts");
    sys::suspend(&agent).timeout(LIMIT).await.expect("it lives");
    let (answer, passed) = timed(agent.get(|n| *n).timeout(LIMIT)).await;
    assert!(matches!(answer, Err(CallError::Timeout { .. })));
    assert!(is_limit(passed), "{passed:?}");
    let (answer, passed) = timed(agent.update(|n| *n += 1).timeout(LIMIT)).await;
    assert!(matches!(answer, Err(CallError::Timeout { .. })));
    assert!(is_limit(passed), "{passed:?}");
    sys::resume(&agent).timeout(LIMIT).await.expect("it lives");
    // What was given up is done nevertheless.
    assert_eq!(agent.get_and_update(|n| *n).timeout(LIMIT).await, Ok(2));
    assert_eq!(agent.stop().timeout(LIMIT).await, Ok(()));
}

#[otp_core::test]
async fn system_requests_and_stops_wait_for_as_long_as_they_are_told_to() {
    let server = Lab::start(quiet()).await.expect("it starts");
    let (_gate, closed) = tokio::sync::oneshot::channel();
    server.cast(Order::Hold(closed));
    let (answer, passed) = timed(sys::get_state(&server, |_| ()).timeout(LIMIT)).await;
    assert!(answer.is_err());
    assert!(is_limit(passed), "{passed:?}");
    let (answer, passed) = timed(sys::get_statistics(&server).timeout(LIMIT)).await;
    assert!(answer.is_err());
    assert!(is_limit(passed), "{passed:?}");
    let (answer, passed) = timed(server.stop().timeout(LIMIT)).await;
    assert!(matches!(
        answer,
        Err(StopError::Timeout { limit: LIMIT, .. })
    ));
    assert!(is_limit(passed), "{passed:?}");
}
