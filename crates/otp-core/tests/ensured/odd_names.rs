//! Names whose keys are the user's: their texts change or panic.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp_core::guard::{Backoff, Guard, GuardState};
use otp_core::prelude::*;
use otp_core::{Registry, process};

use crate::room::{Doors, Room, crowd, down, guards, until};

/// A key whose text is another one each time, or panics at some times.
#[derive(Clone)]
struct Odd {
    number: u32,
    shown: Arc<AtomicUsize>,
    panics: bool,
}

impl Odd {
    fn new(number: u32, panics: bool) -> Self {
        let shown = Arc::default();
        Self {
            number,
            shown,
            panics,
        }
    }
}

impl PartialEq for Odd {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Odd {}

impl std::hash::Hash for Odd {
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        self.number.hash(hasher);
    }
}

impl fmt::Debug for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown.fetch_add(1, Ordering::SeqCst);
        assert!(!self.panics || shown.is_multiple_of(2), "it is odd");
        write!(f, "{}, {shown}", self.number)
    }
}

async fn one_guard(panics: bool) {
    let desks = Registry::<Odd>::unique("desks");
    desks.start_link().await.expect("it starts");
    let doors = Doors::new(&down(false), 99, 99);
    let key = Odd::new(7, panics);
    let (via, args) = (desks.via(key.clone()), doors.clone());
    let child = ChildSpec::worker("room", move || {
        Room::options().name(via.clone()).start_link(args.clone())
    });
    let hour = Guard::new().backoff(Backoff::constant(Duration::from_secs(3600)));
    let child = child.guarded(hour);
    let crowd = crowd().await;
    for _ in 0..5 {
        let name = ServerName::<Room>::new(desks.via(key.clone()));
        let server = crowd.ensure_started(&name, child.clone()).await;
        let server = server.expect("it starts");
        process::exit(&server, ExitReason::Kill);
        server.wait().await;
        until(async || matches!(guards(&crowd).await[..], [GuardState::Waiting(_)])).await;
    }
    let children = crowd.which_children().await.expect("it lives");
    let guard = children[0].pid().expect("it runs");
    crowd.terminate_child(guard).await.expect("it is a child");
    for _ in 0..5 {
        let name = ServerName::<Room>::new(desks.via(key.clone()));
        let server = crowd.ensure_started(&name, child.clone()).await;
        let server = server.expect("it starts");
        let children = crowd.which_children().await.expect("it lives");
        let guard = children[0].pid().expect("it runs");
        crowd.terminate_child(guard).await.expect("it is a child");
        server.wait().await;
    }
    crowd.stop().await.expect("it stops");
}

#[otp_core::test]
async fn a_name_whose_text_changes_has_one_guard() {
    one_guard(false).await;
}

#[otp_core::test]
async fn a_name_whose_text_panics_has_one_guard() {
    one_guard(true).await;
}
