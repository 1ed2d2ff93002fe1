//! Agents: state that is used through functions.

use std::time::Duration;

use otp_core::agent::AgentServer;
use otp_core::gen_server::Address;
use otp_core::prelude::*;
use otp_core::sys::{self, StateError};
use otp_core::{Agent, process};

use crate::support::{Heard, in_process, panic_of, panic_of_call, with_mailbox};

// AGT-001
#[tokio::test(start_paused = true)]
async fn the_first_state_is_made_in_the_agent() {
    in_process(async {
        let me = process::current();
        let agent = Agent::start_link(process::current).await.unwrap();
        assert_ne!(agent.pid(), Some(me));
        assert_eq!(agent.get(|pid| *pid).await.ok(), agent.pid());
        let info = process::node().process_info(agent.pid().unwrap());
        assert_eq!(info.unwrap().links, [me]);
        let alone = Agent::start(|| 1).await.unwrap();
        let info = process::node().process_info(alone.pid().unwrap());
        assert_eq!(info.unwrap().links, []);
    })
    .await;
}

// AGT-001
#[tokio::test(start_paused = true)]
async fn a_panic_in_the_first_function_is_a_failed_start() {
    in_process(async {
        let started = Agent::<u32>::start(|| panic!("no state")).await;
        match started {
            Err(StartError::Init(reason)) => assert_eq!(panic_of(&reason).message, "no state"),
            other => panic!("{other:?}"),
        }
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}

// AGT-002
#[tokio::test(start_paused = true)]
async fn functions_run_in_the_agent_one_after_the_other() {
    in_process(async {
        let agent = Agent::start_link(Vec::new).await.unwrap();
        agent.cast(|seen| seen.push("cast"));
        let updated = agent.update(|seen| seen.push("update"));
        assert_eq!(updated.await, Ok(()));
        let popped = agent.get_and_update(|seen| {
            seen.push("get_and_update");
            seen.len()
        });
        assert_eq!(popped.await, Ok(3));
        agent.cast(|seen| seen.push("cast again"));
        let seen = agent.get(Vec::clone).await.unwrap();
        assert_eq!(seen, ["cast", "update", "get_and_update", "cast again"]);
        let inside = agent.get(|_| process::current()).await.unwrap();
        assert_eq!(Some(inside), agent.pid());
        assert_eq!(agent.stop().await, Ok(()));
        assert!(matches!(
            agent.get(Vec::len).await,
            Err(CallError::NoProcess { .. })
        ));
        agent.cast(|_| panic!("nobody runs this"));
    })
    .await;
}

// AGT-002
#[tokio::test(start_paused = true)]
async fn a_panic_in_a_function_ends_the_agent_and_its_caller_gets_the_reason() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        for by_cast in [false, true] {
            let agent = Agent::start_link(|| 1).await.unwrap();
            if by_cast {
                agent.cast(|_| panic!("dropped it"));
                let answer = agent.get(|n| *n).await;
                assert_eq!(panic_of_call(&answer).message, "dropped it");
            } else {
                let answer = agent.update(|_| panic!("dropped it")).await;
                assert_eq!(panic_of_call(&answer).message, "dropped it");
            }
            match mailbox.receive().await {
                Heard::Exit(exit) => {
                    assert_eq!(panic_of(&exit.reason).message, "dropped it");
                }
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
}

// AGT-002
#[tokio::test(start_paused = true)]
async fn limits_names_and_stop_are_those_of_a_server() {
    in_process(async {
        let options = Agent::options().name("count");
        let first = options.clone().start(|| 1_u32).await.unwrap();
        let again = options.start(|| 2).await.map(|agent| agent.pid());
        let taken = StartError::AlreadyStarted(first.pid().unwrap());
        assert_eq!(again, Err(taken));
        let count = Agent::<u32>::named("count");
        assert_eq!(count.update(|n| *n += 1).await, Ok(()));
        assert_eq!(count.get(|n| *n).await, Ok(2));
        let wrong = Agent::<String>::named("count");
        assert!(matches!(
            wrong.get(String::len).await,
            Err(CallError::WrongServer { .. })
        ));
        wrong.cast(|_| panic!("its state is no text"));

        let none = Duration::ZERO;
        let late = count.get(|n| *n).timeout(none).await;
        let server = Address::Name("count".into());
        assert_eq!(
            late,
            Err(CallError::Timeout {
                server,
                limit: none
            })
        );
        let lost = ExitReason::other("lost");
        assert_eq!(
            count.stop_with(lost).timeout(Duration::from_secs(1)).await,
            Ok(())
        );
        assert_eq!(process::whereis("count"), None);
        let second = Agent::options()
            .name("count")
            .start(|| 7_u32)
            .await
            .unwrap();
        assert_eq!(count.get(|n| *n).await, Ok(7), "found again by its name");
        assert_eq!(second.stop().await, Ok(()));
    })
    .await;
}

// AGT-003
#[tokio::test(start_paused = true)]
async fn a_change_of_the_state_that_fails_leaves_it_unchanged() {
    in_process(async {
        let agent = Agent::start(|| 5).await.unwrap();
        sys::suspend(&agent).await.unwrap();
        let changed = sys::replace_state(&agent, |_| panic!("no new code")).await;
        match changed {
            Err(StateError::Function(reason)) => {
                assert_eq!(panic_of(&reason).message, "no new code");
            }
            other => panic!("{other:?}"),
        }
        sys::resume(&agent).await.unwrap();
        assert_eq!(agent.get(|n| *n).await, Ok(5));
        let state = sys::get_state(&agent, |keeper| keeper.state().copied());
        assert_eq!(state.await, Ok(Some(5)));
        assert!(
            sys::replace_state(&agent, |_| AgentServer::new(6))
                .await
                .is_ok()
        );
        assert_eq!(agent.get(|n| *n).await, Ok(6));
    })
    .await;
}
