//! The ids of a supervisor's children.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::process::panic::{self, Contained};

/// The id of a child among the children of its supervisor.
///
/// It is private to the supervisor: to be found by others, a process needs a
/// [name](crate::Name) of its own. Text and numbers convert into ids; any other value that can be hashed
/// and compared makes one with [`key`](Self::key).
///
/// A supervisor runs as little of the value's code as it can: the hash is taken when the id is made, a comparison
/// that panics counts as a difference, and a panic in the destructor ends nothing.
///
/// # OTP
///
/// `supervisor:child_id()`, any term.
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
    Key { hash: u64, key: Arc<dyn IdValue> },
}

impl ChildId {
    /// Makes an id of any value.
    pub fn key<T>(value: T) -> Self
    where
        T: Any + Hash + Eq + fmt::Debug + Send + Sync,
    {
        let hash = FixedState::default().hash_one(&value);
        let key: Arc<dyn IdValue> = Arc::new(Contained::new(value));
        Self(Repr::Key { hash, key })
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
            (
                Repr::Key { hash: a, key },
                Repr::Key {
                    hash: b,
                    key: other,
                },
            ) => a == b && key.equals(other.as_any()),
            _ => false,
        }
    }
}

impl Eq for ChildId {}

impl Hash for ChildId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Text(text) => text.hash(state),
            Repr::Key { hash, .. } => hash.hash(state),
        }
    }
}

impl fmt::Display for ChildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Text(text) => f.write_str(text),
            Repr::Key { key, .. } => fmt::Debug::fmt(key, f),
        }
    }
}

impl fmt::Debug for ChildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Text(text) => fmt::Debug::fmt(text, f),
            Repr::Key { key, .. } => fmt::Debug::fmt(key, f),
        }
    }
}

trait IdValue: fmt::Debug + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<T: Any + Eq + fmt::Debug + Send + Sync> IdValue for Contained<T> {
    fn as_any(&self) -> &dyn Any {
        self.get()
    }

    fn equals(&self, other: &dyn Any) -> bool {
        let mut is_equal = false;
        if let Some(other) = other.downcast_ref::<T>() {
            panic::run_quietly(|| is_equal = self.get() == other);
        }
        is_equal
    }
}
