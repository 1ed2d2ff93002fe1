//! sys: a state that is adapted as for a change of code.

use otp_core::gen_server::Address;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::sys::{self, ChangeCodeError};

use crate::support::{in_process, panic_of};
use crate::sys::{Call, Cast, IDLE, Tally, tally, total, with_total};

fn double(tally: &Tally) -> Result<Tally, &'static str> {
    match tally.total {
        0 => Err("there is nothing to double"),
        total => Ok(with_total(tally, total * 2)),
    }
}

// SYS-010
#[tokio::test(start_paused = true)]
async fn change_code_gives_a_suspended_server_what_the_function_makes_of_its_state() {
    in_process(async {
        let (server, _) = tally().await;
        assert_eq!(process::register("tally", &server), Ok(()));
        server.cast(Cast::Add(5));
        sys::suspend(&server).await.unwrap();
        server.cast(Cast::Add(1));
        assert_eq!(sys::change_code(&server, double).await, Ok(()));
        let named = ServerName::<Tally>::new("tally");
        assert_eq!(sys::change_code(&named, double).await, Ok(()));
        assert_eq!(total(&server).await, Ok(20));
        sys::resume(&server).await.unwrap();
        assert_eq!(server.call(Call::Total).await, Ok(21));
    })
    .await;
}

// SYS-010
#[tokio::test(start_paused = true)]
async fn a_change_that_is_refused_or_fails_leaves_state_and_server_alone() {
    in_process(async {
        let (server, probe) = tally().await;
        sys::suspend(&server).await.unwrap();
        let refused = ChangeCodeError::Refused("there is nothing to double");
        assert_eq!(sys::change_code(&server, double).await, Err(refused));
        let fails = |tally: &Tally| -> Result<Tally, Never> { panic!("at {}", tally.total) };
        match sys::change_code(&server, fails).await {
            Err(ChangeCodeError::Function(reason)) => {
                assert_eq!(panic_of(&reason).message, "at 0");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(total(&server).await, Ok(0));
        sys::resume(&server).await.unwrap();
        server.cast(Cast::Add(3));
        assert_eq!(server.call(Call::Total).await, Ok(3));
        assert_eq!(probe.drain().len(), 1);
    })
    .await;
}

// SYS-010
#[tokio::test(start_paused = true)]
async fn the_state_of_a_server_that_runs_does_not_change() {
    in_process(async {
        let (server, _) = tally().await;
        server.cast(Cast::Add(5));
        let running = Err(ChangeCodeError::NotSuspended);
        assert_eq!(sys::change_code(&server, double).await, running);
        assert_eq!(server.call(Call::Total).await, Ok(5));

        server.stop().await.unwrap();
        let gone = CallError::NoProcess {
            server: Address::Pid(server.pid()),
        };
        let changed = sys::change_code(&server, double).await;
        assert_eq!(changed, Err(ChangeCodeError::Call(gone)));
    })
    .await;
}

// SYS-010
#[tokio::test(start_paused = true)]
async fn what_the_former_state_has_left_unanswered_is_given_up() {
    in_process(async {
        let (server, _) = tally().await;
        server.cast(Cast::Add(5));
        let mut kept = server.send_request(Call::Keep);
        assert!(kept.wait(IDLE).await.is_none());
        sys::suspend(&server).await.unwrap();
        assert_eq!(sys::change_code(&server, double).await, Ok(()));
        let dropped = CallError::ReplyDropped {
            server: Address::Pid(server.pid()),
        };
        assert_eq!(kept.wait(IDLE).await, Some(Err(dropped)));
    })
    .await;
}
