//! The errors of operations on handlers.

use thiserror::Error;

use super::id::HandlerName;
use crate::exit::ExitReason;
use crate::gen_server::CallError;
use crate::stop::reasons;
use crate::util::caused::caused;

/// A handler that was not added. The manager is as it was, but for a [swap](super::EventManager::swap_handler) whose old handler
/// has gone.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{AddError, EventManager, Handled};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let manager = EventManager::<u32>::start_link().await?;
/// let id = manager.add_fn("log", |_| Handled::Keep).await?;
/// let again = manager.add_fn("log", |_| Handled::Keep).await;
/// assert_eq!(again, Err(AddError::AlreadyAdded(id.name())));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AddError {
    /// The manager has a handler with this id.
    AlreadyAdded(HandlerName),
    /// The handler's `init` returned this, or panicked.
    Init(ExitReason),
    /// The manager did not answer.
    Manager(CallError),
}

caused!(AddError {
    Self::AlreadyAdded(it) => ("the manager has a handler {it}"),
    Self::Init(it) => ("the handler's init failed: {it}") by it,
    Self::Manager(it) => ("{it}") by it,
});

impl From<CallError> for AddError {
    fn from(error: CallError) -> Self {
        Self::Manager(error)
    }
}

/// A handler that was not deleted.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{DeleteError, EventManager, FnHandler, HandlerId};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let manager = EventManager::<u32>::start_link().await?;
/// let id = HandlerId::<FnHandler<u32>>::named("log");
/// let missing = manager.delete_handler(&id).await;
/// assert!(matches!(missing, Err(DeleteError::NoHandler(name)) if name == id));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DeleteError {
    /// There is none with this id; OTP's `{error, module_not_found}`.
    #[error("the manager has no handler {0}")]
    NoHandler(HandlerName),
    /// The manager did not answer.
    #[error(transparent)]
    Manager(#[from] CallError),
}

/// A call of a handler that got no answer.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventHandler, EventManager, HandleCall, Handled, HandlerCallError, HandlerId, ManagerContext};
/// use otp_core::prelude::*;
///
/// struct Fuse;
/// #
/// # impl EventHandler<u32> for Fuse {
/// #     type Args = ();
/// #     async fn init((): (), _: &mut ManagerContext<u32>) -> Result<Self, Stop> { Ok(Self) }
/// #     async fn handle_event(&mut self, _: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> { Handled::Keep }
/// # }
///
/// impl HandleCall<u32> for Fuse {
///     type Call = ReplyTo<()>;
///
///     async fn handle_call(&mut self, _: ReplyTo<()>, _: &mut ManagerContext<u32>) -> Handled<u32> {
///         panic!("it has blown")
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let manager = EventManager::<u32>::start_link().await?;
/// let fuse = HandlerId::<Fuse>::new();
/// manager.add_handler(&fuse, ()).await?;
/// let failed = manager.call(&fuse, |from| from).await;
/// assert!(matches!(failed, Err(HandlerCallError::Failed { .. })));
/// // The manager lives on, and the handler is gone.
/// let missing = manager.call(&fuse, |from| from).await;
/// assert_eq!(missing, Err(HandlerCallError::NoHandler(fuse.name())));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum HandlerCallError {
    /// There is none with this id; OTP's `{error, bad_module}`.
    NoHandler(HandlerName),
    /// The handler failed over the call, for this reason, and was removed; OTP's `{error, {'EXIT', Reason}}`.
    Failed {
        /// The handler.
        handler: HandlerName,
        /// Why it failed.
        reason: ExitReason,
    },
    /// The manager did not answer, or the handler dropped the call.
    Manager(CallError),
}

caused!(HandlerCallError {
    Self::NoHandler(it) => ("the manager has no handler {it}"),
    Self::Failed { handler, reason } => ("handler {handler} failed over the call: {reason}") by reason,
    Self::Manager(it) => ("{it}") by it,
});

impl From<CallError> for HandlerCallError {
    fn from(error: CallError) -> Self {
        Self::Manager(error)
    }
}

reasons!(AddError, DeleteError, HandlerCallError);
