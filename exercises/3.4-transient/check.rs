//! The check of exercise 3.4.

#![allow(dead_code)]

#[cfg(feature = "solution")]
#[path = "solution.rs"]
mod exercise;
#[cfg(feature = "start")]
#[path = "start.rs"]
mod exercise;
#[cfg(not(any(feature = "solution", feature = "start")))]
#[path = "src/lib.rs"]
mod exercise;

use std::time::Duration;

use exercise::{KILLED, Outcome, PANICS, SHUTS_DOWN, STOPS, STOPS_WITH_OOPS};
use otp_core::prelude::*;
use otp_core::{SupervisorRef, process};

/// A child that ends on request.
struct Child;

enum Cast {
    Panic,
    Stop(ExitReason),
}

#[gen_server]
impl GenServer for Child {
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Panic => panic!("boom"),
            Cast::Stop(reason) => Next::Stop(reason),
        }
    }
}

/// Ends a child of a real supervisor, and returns its state.
async fn outcome(end: impl FnOnce(ServerRef<Child>)) -> Outcome {
    let start = || Child::options().name("child").start_link(());
    let supervisor: SupervisorRef = Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("child", start).restart(Restart::Transient))
        .start_link()
        .await
        .expect("the supervisor starts");
    let child = ServerName::<Child>::new("child")
        .whereis()
        .expect("the child runs");
    let before = child.pid();
    end(child);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let now = supervisor
        .which_child("child")
        .await
        .expect("the supervisor runs");
    let outcome = match now.map(|child| child.pid()) {
        None => Outcome::Deleted,
        Some(None) => Outcome::Stopped,
        Some(Some(pid)) if pid == before => Outcome::Unaffected,
        Some(Some(_)) => Outcome::Restarted,
    };
    supervisor.stop().await.expect("the supervisor stops");
    outcome
}

fn compare(answer: Outcome, right: Outcome, question: &str) {
    assert_ne!(
        answer,
        Outcome::Unanswered,
        "{question} Not answered yet: try it"
    );
    // The message does not contain the right answer.
    assert!(
        answer == right,
        "{question} The answer {answer:?} is wrong: try it again"
    );
}

#[otp_core::test]
async fn question_1_killed() {
    let right = outcome(|child| process::exit(&child, ExitReason::Kill)).await;
    compare(
        KILLED,
        right,
        "What happens to a transient child that is killed?",
    );
}

#[otp_core::test]
async fn question_2_panics() {
    let right = outcome(|child| child.cast(Cast::Panic)).await;
    compare(
        PANICS,
        right,
        "What happens to a transient child that panics?",
    );
}

#[otp_core::test]
async fn question_3_stops() {
    let right = outcome(|child| child.cast(Cast::Stop(ExitReason::Normal))).await;
    compare(
        STOPS,
        right,
        "What happens to a transient child that stops with the reason normal?",
    );
}

#[otp_core::test]
async fn question_4_shuts_down() {
    let right = outcome(|child| child.cast(Cast::Stop(ExitReason::Shutdown))).await;
    compare(
        SHUTS_DOWN,
        right,
        "What happens to a transient child that stops with the reason shutdown?",
    );
}

#[otp_core::test]
async fn question_5_oops() {
    let right = outcome(|child| child.cast(Cast::Stop(ExitReason::other("oops")))).await;
    compare(
        STOPS_WITH_OOPS,
        right,
        "What happens to a transient child that stops with the reason oops?",
    );
}
