//! Life and death: the control block of a process, its task, how it is born and how it ends.

pub(crate) mod ancestors;
pub(crate) mod birth;
pub(crate) mod block;
pub(crate) mod current;
mod death;
pub(crate) mod group;
pub(crate) mod own_thread;
pub(crate) mod run;
mod runner;
pub(crate) mod schedule;
pub(crate) mod spawn;
pub(crate) mod ties;
pub(crate) mod watch;
