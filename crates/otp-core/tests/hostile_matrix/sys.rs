//! What is asked of servers as such, and processes that become servers, with values that misbehave.

use std::mem;
use std::time::Duration;

use otp_core::gen_server::enter_loop;
use otp_core::prelude::*;
use otp_core::sys::{self, Keep, Switch};
use otp_core::{ProcessRef, proc_lib, process};

use super::hostile::{Case, Hostile, Stage, apart, case, settle};
use super::servers::{Ask, Host, arm, host};

async fn use_sys(stage: Stage) {
    let server = host(&stage, "watched").await;
    arm(&stage, &server);
    let limit = Duration::from_millis(20);
    for round in 0..2 {
        let (there, host) = (stage.clone(), server.clone());
        apart(move || async move {
            let target = host.pid();
            let hook = there.value(1);
            let _ = sys::install(target, "hook", move |event| {
                drop((format!("{event:?}"), hook.clone()));
                Keep::Yes
            })
            .await;
            let hook = there.value(2);
            // Refused: there is one of this name.
            let _ = sys::install(target, "hook", move |_| {
                drop(hook.clone());
                Keep::No
            })
            .await;
            let _ = sys::log(target, 5).await;
            let _ = sys::trace(target, Switch::On).await;
            let _ = sys::statistics(target, Switch::On).await;
            host.cast(there.value(3));
            let answer = host.call(|from| Ask::Echo(there.value(4), from)).await;
            there.let_go(answer);
            let _ = sys::get_log(target).await;
            let _ = sys::get_status(target).await;
            let _ = sys::get_statistics(target).await;
        })
        .await;
        let (there, host) = (stage.clone(), server.clone());
        apart(move || async move {
            let state = sys::get_state(&host, |host| host.kept.clone()).await;
            there.let_go(state);
            let state = sys::get_state(&host, |host| host.kept.clone())
                .timeout(limit)
                .await;
            there.let_go(state);
            let (a, b) = (there.value(5), there.value(6));
            let replace = |kept| {
                move |_: &Host| Host {
                    kept,
                    waiting: Vec::new(),
                }
            };
            let state = sys::replace_state(&host, replace(a)).await;
            there.let_go(state);
            let state = sys::replace_state(&host, replace(b)).timeout(limit).await;
            there.let_go(state);
            let kept = there.value(4);
            let changed = sys::update_state(&host, |host| mem::replace(&mut host.kept, kept)).await;
            there.let_go(changed);
        })
        .await;
        let (there, host) = (stage.clone(), server.clone());
        apart(move || async move {
            let target = host.pid();
            let _ = sys::suspend(target).await;
            host.cast(there.value(7));
            let kept = there.value(8);
            let changed = sys::change_code(&host, move |_| match round {
                0 => Ok(Host {
                    kept,
                    waiting: Vec::new(),
                }),
                _ => Err(kept),
            })
            .await;
            there.let_go(changed);
            let kept = there.value(9);
            let refused = sys::change_code(&host, |_| Err(kept)).timeout(limit).await;
            there.let_go(refused);
            let _ = sys::resume(target).await;
            let _ = sys::remove(target, "hook").await;
            let _ = sys::no_debug(target).await;
        })
        .await;
    }
    let (there, target) = (stage.clone(), server.pid());
    apart(move || async move {
        let reason = ExitReason::other(there.value(10));
        let _ = sys::terminate(target, reason).timeout(limit).await;
    })
    .await;
    process::exit(&server, ExitReason::Kill);
}

async fn use_raw_servers(stage: Stage) {
    let server = host(&stage, "other").await;
    arm(&stage, &server);
    let there = stage.clone();
    let process: ProcessRef<otp_core::gen_server::Envelope<Host>> =
        process::spawn(move |mailbox| async move {
            let kept = there.value(1);
            let next = Next::Continue(there.small(2));
            enter_loop(
                mailbox,
                Host {
                    kept,
                    waiting: Vec::new(),
                },
                next,
                None,
            )
            .await
        });
    let looping = ServerRef::from(process.clone());
    looping.cast(stage.value(3));
    settle().await;
    process::exit(&process, ExitReason::other(stage.value(4)));
    settle().await;
    for fails in [false, true] {
        let there = stage.clone();
        apart(move || async move {
            let value = there.value(5);
            let started = proc_lib::start(move |_: Mailbox<Hostile>, ack| async move {
                if fails {
                    return ack.fail(ExitReason::other(value));
                }
                drop(value);
                drop(ack);
                ExitReason::Normal
            })
            .await;
            there.let_go(started);
        })
        .await;
        let there = stage.clone();
        apart(move || async move {
            let value = there.value(5);
            let started = proc_lib::start_link(move |_: Mailbox<Hostile>, ack| async move {
                ack.fail(ExitReason::other(value))
            })
            .await;
            there.let_go(started);
        })
        .await;
        let there = stage.clone();
        apart(move || async move {
            let value = there.value(6);
            let started = proc_lib::options()
                .start_monitor(move |_: Mailbox<Hostile>, ack| async move {
                    match fails {
                        true => return ack.fail(ExitReason::other(value)),
                        false => ack.ok(),
                    }
                    ExitReason::other(value)
                })
                .await;
            there.let_go(started);
        })
        .await;
    }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "what is asked of servers as such",
            &[
                "sys.rs::get_state",
                "sys.rs::terminate",
                "sys.rs::replace_state",
                "sys.rs::update_state",
                "sys/code.rs::change_code",
                "sys/debug.rs::install",
            ],
            use_sys,
        ),
        case(
            "processes that become servers",
            &[
                "gen_server/serve.rs::enter_loop",
                "proc_lib.rs::start",
                "proc_lib.rs::start_link",
                "proc_lib.rs::start_monitor",
                "proc_lib.rs::fail",
            ],
            use_raw_servers,
        ),
    ]
}
