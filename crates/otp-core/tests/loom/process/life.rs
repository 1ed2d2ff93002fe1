//! Life and death.

#[path = "../../../src/process/life/ancestors.rs"]
pub(crate) mod ancestors;
#[path = "../../../src/process/life/block.rs"]
pub(crate) mod block;
#[path = "../stand_ins/current.rs"]
pub(crate) mod current;
#[path = "../../../src/process/life/death.rs"]
pub(crate) mod death;
#[path = "../../../src/process/life/run.rs"]
pub(crate) mod run;
#[path = "../../../src/process/life/runner.rs"]
mod runner;
#[path = "../../../src/process/life/schedule.rs"]
pub(crate) mod schedule;
#[path = "../../../src/process/life/ties.rs"]
pub(crate) mod ties;
#[path = "../../../src/process/life/watch.rs"]
pub(crate) mod watch;
