//! Calls of actors, each from a process of its own.

use std::sync::Arc;

use otp_core::TimeLimit;
use otp_core::prelude::*;
use otp_dist::Destination;
use otp_etf::term;
use parking_lot::Mutex;

use super::{ACTORS, NAMES, World, atom};

impl World {
    /// Calls an actor, from a process of its own. However the call ends, it has to.
    pub(super) fn call(&mut self) {
        let to = match self.rng.bool() {
            true => Destination::Pid(self.target().pid),
            false => Destination::Name(atom(ACTORS[0]), self.node()),
        };
        let (node, dist) = {
            let name = NAMES[self.rng.usize(..NAMES.len())];
            let running = &self.running[name];
            (running.node.clone(), running.place.dist.clone())
        };
        self.calls += 1;
        let (number, over) = (self.calls, self.over.clone());
        let told = Told(over, String::new());
        node.spawn(async move |_: Mailbox<Never>| {
            let mut told = told;
            let (to, request) = (dist.at(to), term!({@"Echo", (number)}));
            let asked = to.call::<u64>(&request);
            if let Ok(answer) = asked.timeout(TimeLimit::Infinity).await
                && answer != number
            {
                told.1 = format!("call {number} is answered {answer}");
            }
        });
    }
}

/// Tells how a call has ended as it is dropped.
struct Told(Arc<Mutex<Vec<String>>>, String);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.lock().push(std::mem::take(&mut self.1));
    }
}
