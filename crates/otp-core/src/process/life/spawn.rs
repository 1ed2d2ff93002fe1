//! How processes come to be.

use std::any::type_name;
use std::future::Future;

use super::birth::Birth;
use super::current;
use crate::exit::Outcome;
use crate::pid::MonitorRef;
use crate::process::mailbox::Mailbox;
use crate::process::process_ref::ProcessRef;

/// Spawns a process on the current [`node`](crate::process::node) and returns a reference to it at once.
///
/// `body` is called in the new process, with its mailbox. How the process ends is what the body
/// returns (see [`Outcome`]); a panic in it ends only this process.
///
/// # OTP
///
/// `spawn/1`.
///
/// # Panics
///
/// Panics without a current [`node`](crate::process::node); there, use [`Node::spawn`](crate::Node::spawn).
#[track_caller]
pub fn spawn<M, B, F>(body: B) -> ProcessRef<M>
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    let birth = current::with(|parent| Birth::of_current(parent, type_name::<B>));
    match birth {
        Some(birth) => birth.run(body),
        None => crate::process::node().spawn(body),
    }
}

/// Spawns a process that is linked with the current one from the start.
///
/// It has not run yet when this returns. One that traps exits, to clean up, and is told to stop before it has come to that
/// ends at once; started with [`proc_lib::start_link`](crate::proc_lib::start_link) it never is told so early.
///
/// # OTP
///
/// `spawn_link/1`.
///
/// # Panics
///
/// Panics outside of a process.
#[track_caller]
pub fn spawn_link<M, B, F>(body: B) -> ProcessRef<M>
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    Birth::linked(&parent, type_name::<B>).run(body)
}

/// Spawns a process that the current one monitors from the start.
///
/// The DOWN carries the real reason however early the process ends. A raw process says what
/// message it becomes with [`Mailbox::on_down`]; in a GenServer it is an
/// [`Info::Down`](crate::Info::Down).
///
/// # OTP
///
/// `spawn_monitor/1`.
///
/// # Panics
///
/// Panics outside of a process.
#[track_caller]
pub fn spawn_monitor<M, B, F>(body: B) -> (ProcessRef<M>, MonitorRef)
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    let parent = current::process();
    let birth = Birth::of_child(&parent, type_name::<B>);
    let monitor = birth.monitor(&parent);
    (birth.run(body), monitor)
}
