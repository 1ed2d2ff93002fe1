//! The ids of handlers.

use std::any::{TypeId, type_name};
use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// Names a handler of the type `H` in a manager: by its type alone, or by its type and a text.
///
/// It is a plain value, and so needs no manager: any process that knows it can call, delete or swap the handler.
///
/// # OTP
///
/// `Module` or `{Module, Id}`.
///
/// # Differences from OTP
///
/// No two handlers of a manager have the same id.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventManager, FnHandler, Handled, HandlerId};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let manager = EventManager::<u32>::start_link().await?;
/// manager.add_fn("log", |_| Handled::Keep).await?;
/// manager.add_fn("alarm", |_| Handled::Keep).await?;
/// // A process that knows type and text needs nothing else to find the handler.
/// manager.delete_handler(HandlerId::<FnHandler<u32>>::named("log")).await?;
/// assert_eq!(manager.which_handlers().await?, [HandlerId::<FnHandler<u32>>::named("alarm")]);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct HandlerId<H> {
    text: Option<Cow<'static, str>>,
    handler: PhantomData<fn() -> H>,
}

impl<H: 'static> HandlerId<H> {
    /// The handler of this type that has no text.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            text: None,
            handler: PhantomData,
        }
    }

    /// The handler of this type that has this text: for several of one type.
    #[must_use]
    pub fn named(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            text: Some(text.into()),
            handler: PhantomData,
        }
    }

    /// The same without the type.
    #[must_use]
    pub fn name(&self) -> HandlerName {
        HandlerName {
            of: TypeId::of::<H>(),
            handler: type_name::<H>(),
            text: self.text.clone(),
        }
    }
}

/// The id of a handler of any type, as an element of the list of
/// [`which_handlers`](super::EventManager::which_handlers).
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::HandlerId;
///
/// struct Printer;
///
/// let name = HandlerId::<Printer>::named("second floor").name();
/// assert_eq!(name.text(), Some("second floor"));
/// assert!(name.handler().ends_with("Printer"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HandlerName {
    of: TypeId,
    handler: &'static str,
    text: Option<Cow<'static, str>>,
}

impl HandlerName {
    /// The name of the handler's type, as [`type_name`] returns it.
    #[must_use]
    pub fn handler(&self) -> &'static str {
        self.handler
    }

    /// The text of the id.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

impl fmt::Display for HandlerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => write!(f, "{{{}, {text:?}}}", self.handler),
            None => f.write_str(self.handler),
        }
    }
}

impl fmt::Debug for HandlerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<H: 'static> From<HandlerId<H>> for HandlerName {
    fn from(id: HandlerId<H>) -> Self {
        id.name()
    }
}

impl<H: 'static> From<&HandlerId<H>> for HandlerName {
    fn from(id: &HandlerId<H>) -> Self {
        id.name()
    }
}

impl<H: 'static> PartialEq<HandlerId<H>> for HandlerName {
    fn eq(&self, id: &HandlerId<H>) -> bool {
        *self == id.name()
    }
}

impl<H> Clone for HandlerId<H> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            handler: PhantomData,
        }
    }
}

impl<H: 'static> Default for HandlerId<H> {
    fn default() -> Self {
        Self::new()
    }
}

impl<H> PartialEq for HandlerId<H> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<H> Eq for HandlerId<H> {}

impl<H> Hash for HandlerId<H> {
    fn hash<S: Hasher>(&self, state: &mut S) {
        self.text.hash(state);
    }
}

impl<H: 'static> fmt::Debug for HandlerId<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.name(), f)
    }
}
