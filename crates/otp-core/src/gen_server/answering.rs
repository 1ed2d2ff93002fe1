//! Calls that come as bytes: how the [`ReplyTo`] of a decoded call is made, and how its answer leaves.
//!
//! A distribution decodes a call with [`answering`], which keeps where the answer goes in a thread-local for that time. The
//! `ReplyTo` that is decoded takes it. No task waits for the answer: the slot's waker takes it out of the slot when it is
//! published and hands it to the sink, in the process that answers.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

use serde_core::de::{self, Deserialize, Deserializer, Visitor};
use serde_core::ser::{Serialize, Serializer};

use super::call::{Client, ReplyTo};
use super::{GenServer, ServerRef};
use crate::never::Never;
use crate::pid::Pid;
use crate::process::slot::Slot;

/// The name by which a format such as `otp-etf` recognizes a value that has no bytes on the wire.
const ABSENT: &str = "$otp_etf::Absent";

thread_local! {
    static SINK: RefCell<Option<Arc<dyn AnswerSink>>> = const { RefCell::new(None) };
}

/// Takes the answer of a call that came as bytes.
///
/// # Examples
///
/// ```
/// use std::fmt;
/// use std::sync::Mutex;
///
/// use otp_core::gen_server::answering::AnswerSink;
///
/// /// An answer as text. A distribution writes bytes.
/// struct Text<'a>(&'a dyn erased_serde::Serialize);
///
/// impl fmt::Display for Text<'_> {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         erased_serde::serialize(self.0, f)
///     }
/// }
///
/// #[derive(Default)]
/// struct Line(Mutex<String>);
///
/// impl AnswerSink for Line {
///     fn answer(&self, answer: &dyn erased_serde::Serialize) {
///         *self.0.lock().expect("no panic") = Text(answer).to_string();
///     }
/// }
///
/// let line = Line::default();
/// line.answer(&42);
/// assert_eq!(*line.0.lock().expect("no panic"), "42");
/// ```
pub trait AnswerSink: Send + Sync + 'static {
    /// The call is answered. This is called at most once, by the process that answers, and must not wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// use otp_core::gen_server::answering::AnswerSink;
    ///
    /// /// Counts the answers. A distribution puts them into the queue of a connection.
    /// #[derive(Default)]
    /// struct Count(AtomicUsize);
    ///
    /// impl AnswerSink for Count {
    ///     fn answer(&self, _: &dyn erased_serde::Serialize) {
    ///         self.0.fetch_add(1, Ordering::Relaxed);
    ///     }
    /// }
    ///
    /// let count = Count::default();
    /// count.answer(&"yes");
    /// assert_eq!(count.0.into_inner(), 1);
    /// ```
    fn answer(&self, answer: &dyn erased_serde::Serialize);

    /// The process that has called, for the reports of the server and for its [events](crate::sys::SysEvent); `None` if that is not
    /// known, which is the default.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Pid;
    /// use otp_core::gen_server::answering::AnswerSink;
    ///
    /// /// The answer to a process that a distribution knows.
    /// struct To(Pid);
    ///
    /// impl AnswerSink for To {
    ///     fn answer(&self, _: &dyn erased_serde::Serialize) {}
    ///
    ///     fn client(&self) -> Option<Pid> {
    ///         Some(self.0)
    ///     }
    /// }
    ///
    /// let pid = "<3.42.0>".parse().expect("it is a pid");
    /// assert_eq!(To(pid).client(), Some(pid));
    /// ```
    fn client(&self) -> Option<Pid> {
        None
    }
}

/// Runs `decode`. The [`ReplyTo`] in the decoded value answers to `sink`.
///
/// A call has one `ReplyTo`; a second one in the same message is an error of decoding.
pub fn answering<R>(sink: Arc<dyn AnswerSink>, decode: impl FnOnce() -> R) -> R {
    /// Takes back the sink if it was not used, also when the decoding panics.
    struct RestoreSink(Option<Arc<dyn AnswerSink>>);

    impl Drop for RestoreSink {
        fn drop(&mut self) {
            let former = self.0.take();
            drop(SINK.replace(former));
        }
    }
    let _restore = RestoreSink(SINK.replace(Some(sink)));
    decode()
}

/// A handle whose answer is dropped: for a call that is only written as bytes.
pub fn unanswered<T: Send + 'static>() -> ReplyTo<T> {
    ReplyTo::new(Arc::new(Slot::new(Waker::noop())))
}

/// Puts a call into a server's mailbox that carries its `ReplyTo` already. A server that has ended, or whose mailbox is full, does
/// not get it. `client` is the process that calls, if that is known: the [sink](AnswerSink::client) of its answer tells that.
pub fn call<S: GenServer>(server: &ServerRef<S>, request: S::Call, client: Option<Pid>) {
    let client = client.and_then(|pid| Client::of_any(pid, server.pid()));
    drop(super::call::send_of(server.block(), request, client, false));
}

/// A waker that wakes no task, but passes the answer on. The slot holds the waker; the waker holds the slot weakly.
struct Forward<T> {
    slot: Weak<Slot<T>>,
    sink: Arc<dyn AnswerSink>,
}

impl<T: Serialize + Send + 'static> Wake for Forward<T> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let Some(slot) = self.slot.upgrade() else {
            return;
        };
        let context = Context::from_waker(Waker::noop());
        // Without an answer the caller learns of it by its time limit, or by the end of the server, as in OTP.
        if let Poll::Ready(Some(answer)) = slot.poll(&context) {
            self.sink.answer(&answer);
        }
    }
}

/// A handle has no bytes on the wire.
impl<T: Send + 'static> Serialize for ReplyTo<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(ABSENT, &())
    }
}

/// A handle is made where a call is decoded, by [`answering`]; anywhere else that is an error.
impl<'de, T: Serialize + Send + 'static> Deserialize<'de> for ReplyTo<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Handle<T>(PhantomData<T>);

        impl<'de, T: Serialize + Send + 'static> Visitor<'de> for Handle<T> {
            type Value = ReplyTo<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the handle to answer a call with")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                _: D,
            ) -> Result<Self::Value, D::Error> {
                let sink = SINK.take().ok_or_else(|| {
                    de::Error::custom("no call is decoded here that could be answered")
                })?;
                Ok(ReplyTo::new(Arc::new_cyclic(|slot: &Weak<Slot<T>>| {
                    let (slot, client) = (slot.clone(), sink.client());
                    Slot::of(client, &Waker::from(Arc::new(Forward { slot, sink })))
                })))
            }
        }
        deserializer.deserialize_newtype_struct(ABSENT, Handle(PhantomData))
    }
}

impl Serialize for Never {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

/// Always an error: the type has no values.
impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom("no such message is taken"))
    }
}
