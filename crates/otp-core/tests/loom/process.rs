//! The files of the runtime that are between threads, as they are, and what stands in for the others.

pub(crate) mod inspection;
pub(crate) mod life;
pub(crate) mod mailbox;
pub(crate) mod relations;
pub(crate) mod reply;

pub(crate) use life::{block, current, run, schedule, watch};
pub(crate) use mailbox::{bound, inbox, limit, queue, room};
pub(crate) use relations::{carrier, remote, signal};
pub(crate) use reply::{clock, slot};

pub(crate) use crate::util::{entries, keyed, lock, map, panic, sync};
