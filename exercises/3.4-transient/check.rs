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

use exercise::{Fate, KILLED, PANICS, SHUTS_DOWN, STOPS, STOPS_WITH_OOPS};
use otp_core::prelude::*;
use otp_core::{SupervisorRef, process};

/// A child that does what it is told.
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

/// Lets a real supervisor show what becomes of its child.
async fn fate(end: impl FnOnce(ServerRef<Child>)) -> Fate {
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
        .expect("the supervisor lives");
    let fate = match now.map(|child| child.pid()) {
        None => Fate::Forgotten,
        Some(None) => Fate::Stopped,
        Some(Some(pid)) if pid == before => Fate::LivesOn,
        Some(Some(_)) => Fate::Restarted,
    };
    supervisor.stop().await.expect("the supervisor stops");
    fate
}

fn compare(answer: Fate, right: Fate, question: &str) {
    assert_ne!(answer, Fate::Unknown, "{question} Not answered yet: try it");
    // What is right is to be found out by trying, not to be read here.
    assert!(
        answer == right,
        "{question} Not {answer:?}: try it once more"
    );
}

#[otp_core::test]
async fn question_1_killed() {
    let right = fate(|child| process::exit(&child, ExitReason::Kill)).await;
    compare(
        KILLED,
        right,
        "What becomes of a transient child that is killed?",
    );
}

#[otp_core::test]
async fn question_2_panics() {
    let right = fate(|child| child.cast(Cast::Panic)).await;
    compare(
        PANICS,
        right,
        "What becomes of a transient child that panics?",
    );
}

#[otp_core::test]
async fn question_3_stops() {
    let right = fate(|child| child.cast(Cast::Stop(ExitReason::Normal))).await;
    compare(
        STOPS,
        right,
        "What becomes of a transient child that stops with the reason normal?",
    );
}

#[otp_core::test]
async fn question_4_shuts_down() {
    let right = fate(|child| child.cast(Cast::Stop(ExitReason::Shutdown))).await;
    compare(
        SHUTS_DOWN,
        right,
        "What becomes of a transient child that stops with the reason shutdown?",
    );
}

#[otp_core::test]
async fn question_5_oops() {
    let right = fate(|child| child.cast(Cast::Stop(ExitReason::other("oops")))).await;
    compare(
        STOPS_WITH_OOPS,
        right,
        "What becomes of a transient child that stops with the reason oops?",
    );
}
