//! Servers whose handlers keep their thread for a while.

pub(super) mod floor;
pub(super) mod ours;

use std::hint;
use std::time::{Duration, Instant};

/// Works for so long, without letting go of the thread.
fn work(micros: u64) {
    let (begun, time) = (Instant::now(), Duration::from_micros(micros));
    while micros > 0 && begun.elapsed() < time {
        hint::spin_loop();
    }
}
