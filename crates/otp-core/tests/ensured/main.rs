//! Guarded servers that callers want to run: `ensure_started` beside restarts, outages and limits.

mod chaos;
mod early;
mod full;
mod names;
mod odd_names;
mod one_guard;
mod outages;
mod partitions;
mod room;
#[path = "../it/seed.rs"]
mod seed;
mod twice;
