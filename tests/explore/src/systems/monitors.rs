//! Some watch a process that ends, and half of them change their minds.

use otp_core::prelude::*;
use otp_core::process;

use crate::cast::{Heard, Log, boom, rest, settle};

/// Who watches: with an odd number to the end.
async fn watcher(mut mailbox: Mailbox<Heard>, number: u32, target: Pid, downs: Log<(u32, Down)>) {
    rest(number / 2).await;
    let monitor = mailbox.monitor(target, Heard::Down);
    if number.is_multiple_of(2) {
        rest(number).await;
        mailbox.demonitor_flush(monitor);
        assert!(mailbox.is_empty(), "nobody else has sent it anything");
    }
    // Until it is told that all is over.
    while let Heard::Down(down) = mailbox.receive().await {
        assert_eq!(down.monitor, monitor);
        downs.add((number, down));
    }
}

pub(super) async fn system(_: Mailbox<Heard>) {
    let target = process::spawn(|_: Mailbox<Never>| async {
        rest(4).await;
        boom()
    });
    let (downs, pid) = (Log::new(), target.pid());
    let watchers: Vec<ProcessRef<Heard>> = (0..8)
        .map(|number| {
            let downs = downs.clone();
            process::spawn(move |mailbox| watcher(mailbox, number, pid, downs))
        })
        .collect();
    settle().await;
    assert!(!target.is_alive());
    for watcher in &watchers {
        let info = process::node()
            .process_info(watcher.pid())
            .expect("it waits");
        assert_eq!(info.monitors, []);
        watcher.send(Heard::Note(0));
        assert_eq!(watcher.wait().await, ExitReason::Normal);
    }
    let mut downs = downs.take();
    downs.sort_by_key(|(number, _)| *number);
    let told: Vec<u32> = downs.iter().map(|(number, _)| *number).collect();
    assert_eq!(told, [1, 3, 5, 7]);
    for (_, down) in downs {
        assert_eq!(down.target, pid.into());
        assert!(
            [boom(), ExitReason::NoProcess].contains(&down.reason),
            "{down:?}"
        );
    }
}
