//! Timers are cancelled as they fire.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{TimerRef, process, timer};

use crate::cast::{Heard, Log, assert_alone, rest, settle, someone};

/// When each timer is due.
const DUE: [u64; 6] = [2, 1, 2, 2, 3, 2];
/// Timers that are cancelled when they are due.
const CANCELLED: [usize; 3] = [0, 3, 5];

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(super) async fn system(mut mailbox: Mailbox<Heard>) {
    let start =
        |(number, due): (u32, &u64)| timer::send_after(mailbox.me(), ms(*due), Heard::Note(number));
    let timers: Vec<TimerRef> = (0..).zip(&DUE).map(start).collect();
    let cancelled = Log::new();
    for number in CANCELLED {
        let (timer, cancelled) = (timers[number].clone(), cancelled.clone());
        someone(async move {
            tokio::time::sleep(ms(DUE[number])).await;
            rest(1).await;
            cancelled.add((number, timer.cancel().is_some()));
        });
    }
    // A timer that ends a process which ends by itself then, and one whose message has no receiver any more.
    let brief = process::spawn(|mailbox: Mailbox<u32>| async move {
        timer::send_after(mailbox.me(), ms(2), 0);
        tokio::time::sleep(ms(2)).await;
    });
    timer::kill_after(&brief, ms(2));
    settle().await;

    let ended = brief.wait().await;
    assert!(
        [ExitReason::Normal, ExitReason::Killed].contains(&ended),
        "{ended}"
    );
    let mut fired = Vec::new();
    while let Some(Heard::Note(number)) = mailbox.receive().timeout(Duration::ZERO).await {
        fired.push(number as usize);
    }
    // By time, and by age where that is equal.
    let mut expected: Vec<usize> = (0..DUE.len()).collect();
    for (number, in_time) in cancelled.take() {
        if in_time {
            expected.retain(|it| *it != number);
        }
    }
    expected.sort_by_key(|number| (DUE[*number], *number));
    assert_eq!(fired, expected);
    assert!(timers.iter().all(|timer| timer.read().is_none()));
    assert_alone();
}
