//! Histories of an event manager, on otp-core; `events.exs` is their twin on a `gen_event`.
//!
//! | step | what it does |
//! |---|---|
//! | `on HANDLER EVENT = ACTION` | what a handler does about an event, in `init`, or at its `end`; the first line counts |
//! | `owner OWNER traps`, `… dies` | a process for supervised handlers, which traps exits or not |
//! | `begin` | the manager starts, with a parent |
//! | `add HANDLER`, `add HANDLER OWNER` | |
//! | `swap HANDLER HANDLER`, `swap HANDLER HANDLER OWNER` | |
//! | `delete HANDLER`, `call HANDLER EVENT`, `sync EVENT`, `which` | each waits for its answer |
//! | `send KIND:EVENT …` | events and plain messages, all sent before the manager handles the first |
//! | `finish OWNER REASON`, `exit OWNER REASON` | the owner ends, or sends the manager an exit |
//! | `parent REASON`, `kill`, `stop REASON` | the parent ends, or the manager is ended |
//! | `suspend`, `resume`, `state`, `replace HANDLER COUNT` | system requests |
//!
//! The actions are `keep`, `remove`, `crash`, `exit REASON`, `hibernate`, `swap HANDLER`, and in `init` `refuse`. Two handlers
//! with the same letter, `a` and `A`, are never there together: OTP allows it, otp-core does not. A step's lines are `reply …` and
//! `seen …`, with what the handlers have done in its order, what the owners were told, and the end of the manager.

mod director;
mod puppet;
mod random;

use std::sync::mpsc;

use otp_core::Node;
use tokio::runtime::Builder;

use self::director::Director;
use crate::history::History;
use crate::reports;

pub use self::random::history;

/// What happens in a history.
///
/// # Panics
///
/// When otp-core fails in a way that no history can bring about.
#[must_use]
pub fn play(history: &History) -> Vec<String> {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without input and output needs nothing");
    let (told, heard) = mpsc::channel();
    let teller = told.clone();
    let _listening = reports::listen(move |report| {
        // Its id is shown as `{type, "text"}`.
        let handler = report.handler.as_deref();
        if let Some(name) = handler.and_then(|handler| handler.rsplit('"').nth(1)) {
            teller
                .send(format!("report {name}"))
                .expect("the director listens");
        }
    });
    let steps = history.steps.clone();
    let played = runtime.block_on(Node::new().run(async move {
        let mut director = Director::new(told, heard);
        for step in steps {
            director.perform(&step).await;
        }
        director.lines
    }));
    played.expect("nobody ends the director")
}
