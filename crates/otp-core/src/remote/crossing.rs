//! Values that belong to a node, and how they cross to another one; feature `serde`.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde_core::de::{self, Deserialize, Deserializer, Visitor};
use serde_core::ser::{self, Serialize, Serializer};

use crate::address::name::Name;
use crate::exit::ExitReason;
use crate::pid::Pid;

/// The name by which a format such as `otp-etf` recognizes the bytes of one of its own values.
const TERM: &str = "$otp_etf::Term";

thread_local! {
    static CROSSING: RefCell<Option<Arc<dyn Crossing>>> = const { RefCell::new(None) };
}

/// The representation of pids, names and exit reasons on the wire, which a distribution implements. Each value is the
/// bytes of one term.
///
/// A pid has the number that its node has in this program, which says nothing elsewhere. So it can be written and read only
/// within [`crossing`], apart from formats for people, where it is its text.
///
/// # Examples
///
/// ```
/// use otp_core::remote::Crossing;
/// use otp_core::{ExitReason, Mailbox, Name, Never, Node, Pid};
///
/// /// Pids are their numbers, names their texts, and reasons do not cross.
/// struct Numbers(Node);
///
/// impl Crossing for Numbers {
///     fn pid_out(&self, pid: Pid) -> Option<Vec<u8>> {
///         Some(pid.id().to_be_bytes().to_vec())
///     }
///
///     fn pid_in(&self, term: &[u8]) -> Option<Pid> {
///         self.0.pid(u64::from_be_bytes(term.try_into().ok()?))
///     }
///
///     fn name_out(&self, name: &Name) -> Option<Vec<u8>> {
///         matches!(name, Name::Local(_)).then(|| name.to_string().into_bytes())
///     }
///
///     fn name_in(&self, term: &[u8]) -> Option<Name> {
///         Some(Name::local(String::from_utf8(term.to_vec()).ok()?))
///     }
///
///     fn reason_out(&self, _: &ExitReason) -> Option<Vec<u8>> {
///         None
///     }
///
///     fn reason_in(&self, _: &[u8]) -> Option<ExitReason> {
///         None
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let way = Numbers(Node::new());
/// let pid = way.0.spawn(|_: Mailbox<Never>| std::future::pending::<()>()).pid();
/// assert_eq!(way.pid_out(pid).and_then(|term| way.pid_in(&term)), Some(pid));
/// # }
/// ```
pub trait Crossing: Send + Sync + 'static {
    /// Writes a pid; `None` if no other node could know it.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::remote::Crossing;
    /// use otp_core::{ExitReason, Mailbox, Name, Never, Node, Pid};
    ///
    /// /// Values as texts.
    /// struct Texts(Node);
    /// #
    /// # fn text(term: &[u8]) -> Option<String> { String::from_utf8(term.to_vec()).ok() }
    /// #
    /// # impl Crossing for Texts {
    /// #     fn pid_out(&self, pid: Pid) -> Option<Vec<u8>> {
    /// #         (pid.node() == self.0.id()).then(|| pid.id().to_string().into_bytes())
    /// #     }
    /// #     fn pid_in(&self, term: &[u8]) -> Option<Pid> { self.0.pid(text(term)?.parse().ok()?) }
    /// #     fn name_out(&self, name: &Name) -> Option<Vec<u8>> { Some(name.to_string().into_bytes()) }
    /// #     fn name_in(&self, term: &[u8]) -> Option<Name> { Some(Name::local(text(term)?)) }
    /// #     fn reason_out(&self, reason: &ExitReason) -> Option<Vec<u8>> { Some(reason.to_string().into_bytes()) }
    /// #     fn reason_in(&self, term: &[u8]) -> Option<ExitReason> {
    /// #         match text(term)?.as_str() {
    /// #             "normal" => Some(ExitReason::Normal),
    /// #             other => Some(ExitReason::other(other.to_owned())),
    /// #         }
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let way = Texts(Node::new());
    /// let pid = way.0.spawn(|_: Mailbox<Never>| std::future::pending::<()>()).pid();
    /// assert_eq!(way.pid_out(pid), Some(pid.id().to_string().into_bytes()));
    /// let other = Node::new();
    /// let elsewhere = other.spawn(|_: Mailbox<Never>| std::future::pending::<()>()).pid();
    /// assert_eq!(way.pid_out(elsewhere), None, "the other node cannot know this one");
    /// # }
    /// ```
    fn pid_out(&self, pid: Pid) -> Option<Vec<u8>>;
    /// Reads a pid.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::remote::Crossing;
    /// use otp_core::{ExitReason, Mailbox, Name, Never, Node, Pid};
    ///
    /// /// Values as texts.
    /// struct Texts(Node);
    /// #
    /// # fn text(term: &[u8]) -> Option<String> { String::from_utf8(term.to_vec()).ok() }
    /// #
    /// # impl Crossing for Texts {
    /// #     fn pid_out(&self, pid: Pid) -> Option<Vec<u8>> {
    /// #         (pid.node() == self.0.id()).then(|| pid.id().to_string().into_bytes())
    /// #     }
    /// #     fn pid_in(&self, term: &[u8]) -> Option<Pid> { self.0.pid(text(term)?.parse().ok()?) }
    /// #     fn name_out(&self, name: &Name) -> Option<Vec<u8>> { Some(name.to_string().into_bytes()) }
    /// #     fn name_in(&self, term: &[u8]) -> Option<Name> { Some(Name::local(text(term)?)) }
    /// #     fn reason_out(&self, reason: &ExitReason) -> Option<Vec<u8>> { Some(reason.to_string().into_bytes()) }
    /// #     fn reason_in(&self, term: &[u8]) -> Option<ExitReason> {
    /// #         match text(term)?.as_str() {
    /// #             "normal" => Some(ExitReason::Normal),
    /// #             other => Some(ExitReason::other(other.to_owned())),
    /// #         }
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let way = Texts(Node::new());
    /// let pid = way.0.spawn(|_: Mailbox<Never>| std::future::pending::<()>()).pid();
    /// assert_eq!(way.pid_in(pid.id().to_string().as_bytes()), Some(pid));
    /// assert_eq!(way.pid_in(b"seven"), None);
    /// # }
    /// ```
    fn pid_in(&self, term: &[u8]) -> Option<Pid>;
    /// Writes a name; `None` if it has no meaning elsewhere.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::remote::Crossing;
    /// use otp_core::{ExitReason, Mailbox, Name, Never, Node, Pid};
    ///
    /// /// Values as texts.
    /// struct Texts(Node);
    /// #
    /// # fn text(term: &[u8]) -> Option<String> { String::from_utf8(term.to_vec()).ok() }
    /// #
    /// # impl Crossing for Texts {
    /// #     fn pid_out(&self, pid: Pid) -> Option<Vec<u8>> {
    /// #         (pid.node() == self.0.id()).then(|| pid.id().to_string().into_bytes())
    /// #     }
    /// #     fn pid_in(&self, term: &[u8]) -> Option<Pid> { self.0.pid(text(term)?.parse().ok()?) }
    /// #     fn name_out(&self, name: &Name) -> Option<Vec<u8>> { Some(name.to_string().into_bytes()) }
    /// #     fn name_in(&self, term: &[u8]) -> Option<Name> { Some(Name::local(text(term)?)) }
    /// #     fn reason_out(&self, reason: &ExitReason) -> Option<Vec<u8>> { Some(reason.to_string().into_bytes()) }
    /// #     fn reason_in(&self, term: &[u8]) -> Option<ExitReason> {
    /// #         match text(term)?.as_str() {
    /// #             "normal" => Some(ExitReason::Normal),
    /// #             other => Some(ExitReason::other(other.to_owned())),
    /// #         }
    /// #     }
    /// # }
    ///
    /// let way = Texts(Node::new());
    /// assert_eq!(way.name_out(&Name::local("oven")).as_deref(), Some(&b"oven"[..]));
    /// ```
    fn name_out(&self, name: &Name) -> Option<Vec<u8>>;
    /// Reads a name.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::remote::Crossing;
    /// use otp_core::{ExitReason, Mailbox, Name, Never, Node, Pid};
    ///
    /// /// Values as texts.
    /// struct Texts(Node);
    /// #
    /// # fn text(term: &[u8]) -> Option<String> { String::from_utf8(term.to_vec()).ok() }
    /// #
    /// # impl Crossing for Texts {
    /// #     fn pid_out(&self, pid: Pid) -> Option<Vec<u8>> {
    /// #         (pid.node() == self.0.id()).then(|| pid.id().to_string().into_bytes())
    /// #     }
    /// #     fn pid_in(&self, term: &[u8]) -> Option<Pid> { self.0.pid(text(term)?.parse().ok()?) }
    /// #     fn name_out(&self, name: &Name) -> Option<Vec<u8>> { Some(name.to_string().into_bytes()) }
    /// #     fn name_in(&self, term: &[u8]) -> Option<Name> { Some(Name::local(text(term)?)) }
    /// #     fn reason_out(&self, reason: &ExitReason) -> Option<Vec<u8>> { Some(reason.to_string().into_bytes()) }
    /// #     fn reason_in(&self, term: &[u8]) -> Option<ExitReason> {
    /// #         match text(term)?.as_str() {
    /// #             "normal" => Some(ExitReason::Normal),
    /// #             other => Some(ExitReason::other(other.to_owned())),
    /// #         }
    /// #     }
    /// # }
    ///
    /// let way = Texts(Node::new());
    /// assert_eq!(way.name_in(b"oven"), Some(Name::local("oven")));
    /// ```
    fn name_in(&self, term: &[u8]) -> Option<Name>;
    /// Writes a reason.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::remote::Crossing;
    /// use otp_core::{ExitReason, Mailbox, Name, Never, Node, Pid};
    ///
    /// /// Values as texts.
    /// struct Texts(Node);
    /// #
    /// # fn text(term: &[u8]) -> Option<String> { String::from_utf8(term.to_vec()).ok() }
    /// #
    /// # impl Crossing for Texts {
    /// #     fn pid_out(&self, pid: Pid) -> Option<Vec<u8>> {
    /// #         (pid.node() == self.0.id()).then(|| pid.id().to_string().into_bytes())
    /// #     }
    /// #     fn pid_in(&self, term: &[u8]) -> Option<Pid> { self.0.pid(text(term)?.parse().ok()?) }
    /// #     fn name_out(&self, name: &Name) -> Option<Vec<u8>> { Some(name.to_string().into_bytes()) }
    /// #     fn name_in(&self, term: &[u8]) -> Option<Name> { Some(Name::local(text(term)?)) }
    /// #     fn reason_out(&self, reason: &ExitReason) -> Option<Vec<u8>> { Some(reason.to_string().into_bytes()) }
    /// #     fn reason_in(&self, term: &[u8]) -> Option<ExitReason> {
    /// #         match text(term)?.as_str() {
    /// #             "normal" => Some(ExitReason::Normal),
    /// #             other => Some(ExitReason::other(other.to_owned())),
    /// #         }
    /// #     }
    /// # }
    ///
    /// let way = Texts(Node::new());
    /// assert_eq!(way.reason_out(&ExitReason::Shutdown).as_deref(), Some(&b"shutdown"[..]));
    /// ```
    fn reason_out(&self, reason: &ExitReason) -> Option<Vec<u8>>;
    /// Reads a reason.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::remote::Crossing;
    /// use otp_core::{ExitReason, Mailbox, Name, Never, Node, Pid};
    ///
    /// /// Values as texts.
    /// struct Texts(Node);
    /// #
    /// # fn text(term: &[u8]) -> Option<String> { String::from_utf8(term.to_vec()).ok() }
    /// #
    /// # impl Crossing for Texts {
    /// #     fn pid_out(&self, pid: Pid) -> Option<Vec<u8>> {
    /// #         (pid.node() == self.0.id()).then(|| pid.id().to_string().into_bytes())
    /// #     }
    /// #     fn pid_in(&self, term: &[u8]) -> Option<Pid> { self.0.pid(text(term)?.parse().ok()?) }
    /// #     fn name_out(&self, name: &Name) -> Option<Vec<u8>> { Some(name.to_string().into_bytes()) }
    /// #     fn name_in(&self, term: &[u8]) -> Option<Name> { Some(Name::local(text(term)?)) }
    /// #     fn reason_out(&self, reason: &ExitReason) -> Option<Vec<u8>> { Some(reason.to_string().into_bytes()) }
    /// #     fn reason_in(&self, term: &[u8]) -> Option<ExitReason> {
    /// #         match text(term)?.as_str() {
    /// #             "normal" => Some(ExitReason::Normal),
    /// #             other => Some(ExitReason::other(other.to_owned())),
    /// #         }
    /// #     }
    /// # }
    ///
    /// let way = Texts(Node::new());
    /// assert_eq!(way.reason_in(b"normal"), Some(ExitReason::Normal));
    /// assert!(way.reason_in(b"burnt").is_some_and(|reason| reason.is_abnormal()));
    /// ```
    fn reason_in(&self, term: &[u8]) -> Option<ExitReason>;
}

/// Runs `f`, in which values of this thread cross in this way.
pub fn crossing<R>(way: Arc<dyn Crossing>, f: impl FnOnce() -> R) -> R {
    /// Takes the way back, also when `f` panics.
    struct Restore(Option<Arc<dyn Crossing>>);

    impl Drop for Restore {
        fn drop(&mut self) {
            let former = self.0.take();
            drop(CROSSING.replace(former));
        }
    }
    let _restore = Restore(CROSSING.replace(Some(way)));
    f()
}

fn way() -> Result<Arc<dyn Crossing>, &'static str> {
    let way = CROSSING.with_borrow(Clone::clone);
    way.ok_or("it can be written and read in messages between nodes only")
}

/// The bytes of a term.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// Reads the bytes of a term.
struct CrossingTerm<T> {
    expects: &'static str,
    read: fn(&dyn Crossing, &[u8]) -> Option<T>,
    value: PhantomData<T>,
}

impl<T> Visitor<'_> for CrossingTerm<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expects)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<T, E> {
        let way = way().map_err(E::custom)?;
        let unexpected = || E::custom(format_args!("expected {}", self.expects));
        (self.read)(&*way, bytes).ok_or_else(unexpected)
    }
}

macro_rules! crosses {
    ($type:ty, $expects:literal, $write:expr, $read:expr) => {
        /// Within [`crossing`] it is written as the other node's term; in formats for people it is its text.
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    return serializer.collect_str(self);
                }
                let way = way().map_err(ser::Error::custom)?;
                let write: fn(&dyn Crossing, &Self) -> Option<Vec<u8>> = $write;
                let bytes = write(&*way, self);
                let unknown =
                    || ser::Error::custom(format_args!("{self} has no meaning on another node"));
                serializer.serialize_newtype_struct(TERM, &Bytes(&bytes.ok_or_else(unknown)?))
            }
        }

        /// Within [`crossing`] only.
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let term = CrossingTerm {
                    expects: $expects,
                    read: $read,
                    value: PhantomData,
                };
                deserializer.deserialize_newtype_struct(TERM, term)
            }
        }
    };
}

crosses!(Pid, "a pid", |way, pid| way.pid_out(*pid), |way, term| way
    .pid_in(term));
crosses!(
    Name,
    "a name",
    |way, name| way.name_out(name),
    |way, term| way.name_in(term)
);
crosses!(
    ExitReason,
    "a reason",
    |way, reason| way.reason_out(reason),
    |way, term| way.reason_in(term)
);
