//! Playing a case, and what must be right afterwards.

use std::future::pending;
use std::pin::pin;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use futures_util::future::{Either, select};
use otp_core::prelude::*;
use otp_core::{Never, ProcessRef, process};
use tokio::runtime::Runtime;

use super::hostile::{Case, Deed, Part, Stage, settle};

/// A case takes milliseconds. One that takes so much longer waits for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a case ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending {
    /// When it is done, all processes are killed.
    Done,
    /// After so many steps all processes are killed.
    Killed(u32),
    /// After so many steps the runtime ends, and the node is used from another one.
    RuntimeEnds(u32),
}

/// Plays a case with values that do this, and says what was wrong.
pub(crate) fn play(case: &Case, part: Part, deed: Deed, ending: Ending) -> Result<(), String> {
    let (tell, told) = channel();
    let case = case.clone();
    let thread = thread::spawn(move || {
        let _ = tell.send(faults(&case, part, deed, ending));
    });
    match told.recv_timeout(PATIENCE) {
        Ok(faults) if faults.is_empty() => Ok(()),
        Ok(faults) => Err(faults.join("; ")),
        Err(RecvTimeoutError::Timeout) => Err("it waits for ever".to_owned()),
        Err(RecvTimeoutError::Disconnected) => {
            let ended = thread.join();
            let payload = ended.expect_err("it has told nothing");
            let text = payload.downcast_ref::<&str>().map(ToString::to_string);
            let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
            Err(format!("its thread has panicked: {text:?}"))
        }
    }
}

fn new_runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.expect("a runtime can be made")
}

fn faults(case: &Case, part: Part, deed: Deed, ending: Ending) -> Vec<String> {
    let mut runtime = new_runtime();
    let node = Node::new();
    let stage = Stage::new(node.clone(), part, deed);
    let outcome = runtime.block_on(async {
        let run = pin!(node.run((case.run)(stage.clone())));
        let cut = pin!(async {
            match ending {
                // A task that yields would keep the paused clock from moving.
                Ending::Done => pending().await,
                Ending::Killed(steps) | Ending::RuntimeEnds(steps) => {
                    for _ in 0..steps {
                        tokio::task::yield_now().await;
                    }
                }
            }
        });
        match select(run, cut).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Ok(()),
        }
    });
    if let Ending::RuntimeEnds(_) = ending {
        runtime = new_runtime();
    }
    runtime.block_on(async {
        // The rest dies with its values.
        for pid in node.processes() {
            node.exit(pid, ExitReason::Kill);
        }
        settle().await;
        stage.disarm();
        let mut faults = stage.faults();
        if deed != Deed::Panics
            && let Err(reason) = outcome
        {
            faults.push(format!("it ended with {reason:?}"));
        }
        if let Err(reason) = node.run(use_as_ever()).await {
            faults.push(format!("afterwards the node does not work: {reason:?}"));
        }
        faults
    })
}

/// A node on which nobody has done anything bad does this.
async fn use_as_ever() {
    let echo = process::spawn(|mut mailbox: Mailbox<ProcessRef<u8>>| async move {
        let from = mailbox.receive().await;
        from.send(7);
    });
    process::register("echo", &echo).expect("the name is free");
    let asked = process::node().run_with(move |mut mailbox: Mailbox<u8>| async move {
        mailbox.link(&echo);
        echo.send(mailbox.me());
        mailbox.receive().await
    });
    assert_eq!(asked.await, Ok(7));
    let dead = process::spawn(|_: Mailbox<Never>| async {});
    assert_eq!(dead.wait().await, ExitReason::Normal);
}
