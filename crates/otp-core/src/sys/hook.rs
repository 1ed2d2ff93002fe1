//! Functions that are called with each event of a server.

use std::fmt;

use super::event::SysEvent;
use crate::process::panic;

/// Whether a hook stays.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use otp_core::sys::{self, Keep};
///
/// # struct Lamp(bool);
/// #
/// # #[gen_server]
/// # impl GenServer for Lamp {
/// #     type Call = ReplyTo<bool>;
/// #     type Cast = bool;
/// #
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(false)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<bool>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, on: bool, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 = on;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let lamp = Lamp::start_link(()).await?;
/// let seen = Arc::new(AtomicU32::new(0));
/// let count = seen.clone();
/// sys::install(&lamp, "first two", move |_| match count.fetch_add(1, Ordering::Relaxed) {
///     0 => Keep::Yes,
///     _ => Keep::No,
/// }).await?;
/// for on in [true, false, true] {
///     lamp.cast(on);
/// }
/// lamp.call(|from| from).await?;
/// assert_eq!(seen.load(Ordering::Relaxed), 2);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "a hook stays, or goes, by what it returns"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The hook stays, and sees the next event.
    Yes,
    /// The hook is removed; OTP's `done`.
    No,
}

/// The hooks of a server, the latest last.
#[derive(Default)]
pub(crate) struct Hooks(Vec<(String, Box<Hook>)>);

/// The values that hooks hold are the user's.
impl Drop for Hooks {
    fn drop(&mut self) {
        panic::drop_each(self.0.drain(..));
    }
}

pub(crate) type Hook = dyn FnMut(&SysEvent) -> Keep + Send;

impl Hooks {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a hook, unless there is one with this id.
    pub(crate) fn install(&mut self, id: String, hook: Box<Hook>) {
        if self.0.iter().any(|(other, _)| *other == id) {
            panic::run_quietly(|| drop(hook));
        } else {
            self.0.push((id, hook));
        }
    }

    pub(crate) fn remove(&mut self, id: &str) {
        if let Some(at) = self.0.iter().position(|(other, _)| other == id) {
            let hook = self.0.remove(at);
            panic::run_quietly(|| drop(hook));
        }
    }

    pub(crate) fn clear(&mut self) {
        while let Some(hook) = self.0.pop() {
            panic::run_quietly(|| drop(hook));
        }
    }

    /// Shows an event to all, the latest first, as in OTP. One that is done goes, and so does one that fails.
    pub(crate) fn show(&mut self, event: &SysEvent) {
        for at in (0..self.0.len()).rev() {
            let hook = &mut self.0[at].1;
            let mut keep = Keep::No;
            panic::run_quietly(|| keep = hook(event));
            if keep == Keep::No {
                let hook = self.0.remove(at);
                panic::run_quietly(|| drop(hook));
            }
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(id, _)| id))
            .finish()
    }
}
