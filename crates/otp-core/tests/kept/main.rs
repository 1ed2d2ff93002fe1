//! The tests of what keeps processes running and ends them in order: guards, pools of workers, drains. Each looks at what is left over when
//! a participant ends at an inconvenient moment.

mod applications;
mod durations;
mod jobs;
mod loops;
mod mailboxes;
mod participants;
mod runtimes;
mod starts;
mod stops;
mod support;
mod timeless;
