//! Event managers: a process whose handlers come and go.
//!
//! An [`EventManager`] gets events, and passes each to all of its handlers. The sender of an event does not know the
//! handlers, and the handlers do not know each other. So a program can be extended while it runs, by a handler that
//! counts, prints or sends alarms. An event of more than 16 KiB does not compile: see [large
//! messages](crate::Mailbox#large-messages).
//!
//! # When (not) to use an event manager
//!
//! Handlers run in the manager, one after the other, so a slow one delays the others and all callers. A handler that
//! calls its own manager gets [`CallError::CallingSelf`](crate::CallError::CallingSelf);
//! [`notify`](EventManager::notify) works. Use a manager for small jobs that belong together: alarms, statistics,
//! events for a test. To send messages to many processes use [`PubSub`](crate::PubSub), where each handles them in its
//! own time; for a log use `tracing`.
//!
//! # OTP
//!
//! The module `gen_event`.
//!
//! # Differences from OTP
//!
//! - The events of a manager are of one type, and handlers get them by reference.
//! - No two handlers of a manager have the same id.
//! - [`delete_handler`](EventManager::delete_handler) returns the handler itself, and a swap hands it to the function that makes
//!   the next one's arguments, where OTP has the results of `terminate`.
//! - Plain messages to a manager, for example of a timer, have the type of its events, too.
//! - [`notify`](EventManager::notify) to a name without a process is lost, where OTP raises.
//! - A handler that could not be added for its owner leaves no link behind.
//! - A manager that ends abnormally is reported as a server is, before the crash report.
//!
//! # Examples
//!
//! ```
//! use otp_core::event_manager::{EventManager, Handled};
//! use otp_core::prelude::*;
//!
//! enum Alarm {
//!     Raised(&'static str),
//!     Cleared,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
//! let alarms = EventManager::<Alarm>::start_link().await?;
//! let me = mailbox.me();
//! alarms
//!     .add_fn("forward", move |alarm| {
//!         if let Alarm::Raised(what) = alarm {
//!             me.send(*what);
//!         }
//!         Handled::Keep
//!     })
//!     .await?;
//! alarms.notify(Alarm::Cleared);
//! alarms.notify(Alarm::Raised("smoke"));
//! assert_eq!(mailbox.receive().await, "smoke");
//! # Ok::<_, Stop>(())
//! # }).await.expect("the example does not crash").expect("the manager lives");
//! # }
//! ```

mod erased;
mod error;
mod handler;
mod id;
mod list;
mod manager;
mod options;
mod report;
mod server;
mod work;

pub use self::error::{AddError, DeleteError, HandlerCallError};
#[doc(hidden)]
pub use self::handler::FnArgs;
pub use self::handler::{
    EventHandler, FnHandler, HandleCall, Handled, HandlerEnd, HandlerExit, HandlerGone,
    ManagerContext, Swap,
};
pub use self::id::{HandlerId, HandlerName};
pub use self::manager::EventManager;
pub use self::options::EventManagerOptions;
pub use self::server::EventServer;
#[doc(hidden)]
pub use self::server::ManagerRequest;
