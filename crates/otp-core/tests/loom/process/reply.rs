//! Replies.

#[path = "../stand_ins/clock.rs"]
pub(crate) mod clock;
#[path = "../../../src/process/reply/slot.rs"]
pub(crate) mod slot;
