//! What a supervisor calls its children.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The id of a child among the children of its supervisor.
///
/// It is private to the supervisor: to be found by others, a process needs a
/// [name](crate::Name) of its own. Text and numbers convert into ids; any other value that can be hashed
/// and compared makes one with [`key`](Self::key).
///
/// OTP: `supervisor:child_id()`, any term.
///
/// # Examples
///
/// ```
/// use otp_core::child_spec::ChildId;
///
/// assert_eq!(ChildId::from("dave"), ChildId::from("dave".to_owned()));
/// assert_ne!(ChildId::from("1"), ChildId::from(1));
/// assert_eq!(ChildId::key(("room", 7)).to_string(), r#"("room", 7)"#);
/// ```
#[derive(Clone)]
pub struct ChildId(Repr);

#[derive(Clone)]
enum Repr {
    Text(Cow<'static, str>),
    Key(Arc<dyn Key>),
}

impl ChildId {
    /// Makes an id of any value.
    pub fn key<T>(value: T) -> Self
    where
        T: Any + Hash + Eq + fmt::Debug + Send + Sync,
    {
        Self(Repr::Key(Arc::new(value)))
    }
}

impl From<&'static str> for ChildId {
    fn from(text: &'static str) -> Self {
        Self(Repr::Text(text.into()))
    }
}

impl From<String> for ChildId {
    fn from(text: String) -> Self {
        Self(Repr::Text(text.into()))
    }
}

impl From<usize> for ChildId {
    fn from(number: usize) -> Self {
        Self::key(number)
    }
}

impl From<&Self> for ChildId {
    fn from(id: &Self) -> Self {
        id.clone()
    }
}

impl PartialEq for ChildId {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Text(a), Repr::Text(b)) => a == b,
            (Repr::Key(a), Repr::Key(b)) => a.equals(b.as_any()),
            _ => false,
        }
    }
}

impl Eq for ChildId {}

impl Hash for ChildId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Text(text) => text.hash(state),
            Repr::Key(key) => key.feed(state),
        }
    }
}

impl fmt::Display for ChildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Text(text) => f.write_str(text),
            Repr::Key(key) => fmt::Debug::fmt(key, f),
        }
    }
}

impl fmt::Debug for ChildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Text(text) => fmt::Debug::fmt(text, f),
            Repr::Key(key) => fmt::Debug::fmt(key, f),
        }
    }
}

trait Key: fmt::Debug + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn equals(&self, other: &dyn Any) -> bool;
    fn feed(&self, hasher: &mut dyn Hasher);
}

impl<T: Any + Hash + Eq + fmt::Debug + Send + Sync> Key for T {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>() == Some(self)
    }

    fn feed(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }
}
