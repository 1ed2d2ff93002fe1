//! The callee's end of a call: the handle to answer it, and the proof that it is answered or will be.

use std::fmt;
use std::mem;
use std::sync::Arc;

use super::GenServer;
use super::outcome::Next;
use crate::pid::Pid;
use crate::process::current;
use crate::process::slot::{Answer, Slot};

/// The handle that takes the answer to one call; part of each call variant.
///
/// An answer consumes the handle, so no call is answered twice. A handler answers with
/// [`reply`](Self::reply) and returns the result of that, or keeps the handle, returns
/// [`Reply::later`], and answers later with [`send`](Self::send).
///
/// A handle that is dropped without an answer fails the call with
/// [`CallError::ReplyDropped`](crate::CallError::ReplyDropped), or with the server's exit reason if
/// the server ends at the same time.
///
/// # OTP
///
/// The `From` of `handle_call/3`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// enum Ask {
///     Enter(ReplyTo<&'static str>),
///     Open(ReplyTo<usize>),
/// }
///
/// /// Callers that ask to enter get their answers when the door is opened.
/// struct Gate(Vec<ReplyTo<&'static str>>);
///
/// #[gen_server]
/// impl GenServer for Gate {
///     type Call = Ask;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self(Vec::new())))
///     }
///
///     async fn handle_call(&mut self, ask: Ask, _: &mut Context<Self>) -> Reply<Self> {
///         match ask {
///             Ask::Enter(from) => {
///                 self.0.push(from);
///                 Reply::later()
///             }
///             Ask::Open(from) => {
///                 let count = self.0.len();
///                 self.0.drain(..).for_each(|waits| waits.send("welcome"));
///                 from.reply(count)
///             }
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let gate = Gate::start_link(()).await?;
/// let waits = gate.send_request(Ask::Enter);
/// assert_eq!(gate.call(Ask::Open).await?, 1, "one was let in");
/// assert_eq!(waits.timeout(std::time::Duration::from_secs(1)).await?, "welcome");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "a call that is not answered fails its caller"]
pub struct ReplyTo<T: Send + 'static> {
    /// Present until the handle is used or dropped.
    slot: Option<Arc<Slot<T>>>,
}

impl<T: Send + 'static> ReplyTo<T> {
    pub(crate) fn new(slot: Arc<Slot<T>>) -> Self {
        Self { slot: Some(slot) }
    }

    /// Answers the call when the callback returns. It is no error if the caller no longer waits.
    ///
    /// # OTP
    ///
    /// `{reply, Answer, State}`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Length;
    ///
    /// #[gen_server]
    /// impl GenServer for Length {
    ///     type Call = (String, ReplyTo<usize>);
    ///
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> { Ok(Init::state(Self)) }
    ///     // …
    ///     async fn handle_call(&mut self, (text, from): Self::Call, _: &mut Context<Self>) -> Reply<Self> {
    ///         from.reply(text.len())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let length = Length::start_link(()).await?;
    /// assert_eq!(length.call(|from| ("eggs".to_owned(), from)).await?, 4);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn reply<S: GenServer>(self, answer: T) -> Reply<S> {
        Reply {
            answer: self.pending(answer),
            next: Next::NoReply,
        }
    }

    /// The answer, to be published later.
    #[inline]
    pub(crate) fn pending(mut self, answer: T) -> Pending {
        Pending::new(self.take().store(answer))
    }

    /// Answers the call now, from any code. It is no error if the caller no longer waits.
    ///
    /// # OTP
    ///
    /// `gen_server:reply/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::Task;
    ///
    /// /// Answers from a task, so that it is free for other calls.
    /// struct Slow;
    ///
    /// #[gen_server]
    /// impl GenServer for Slow {
    ///     type Call = ReplyTo<u32>;
    ///
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> { Ok(Init::state(Self)) }
    ///     // …
    ///     async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Reply<Self> {
    ///         otp_core::task::start(async move { from.send(42) });
    ///         Reply::later()
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let slow = Slow::start_link(()).await?;
    /// assert_eq!(slow.call(|from| from).await?, 42);
    /// # let _ = Task::completed(1);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn send(mut self, answer: T) {
        self.take().store(answer).publish();
    }

    /// Whether the caller still waits for the answer. A call may be postponed, or wait in a mailbox, for longer than its caller
    /// waits; then the server can skip its work. A caller of another node counts as waiting.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::prelude::*;
    ///
    /// struct Slow;
    ///
    /// #[gen_server]
    /// impl GenServer for Slow {
    ///     type Call = ReplyTo<bool>;
    ///
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         Ok(Init::state(Self))
    ///     }
    ///
    ///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
    ///         tokio::time::sleep(Duration::from_secs(1)).await;
    ///         println!("a caller waits: {}", from.is_wanted());
    ///         from.reply(true)
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let slow = Slow::start_link(()).await?;
    /// let given_up = slow.call(|from| from).timeout(Duration::from_millis(10)).await;
    /// assert!(matches!(given_up, Err(CallError::Timeout { .. })));
    /// assert_eq!(slow.call(|from| from).await, Ok(true));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        let slot = self.slot.as_ref();
        // The slot of a caller that waits elsewhere is held by its waker, and weakly.
        slot.is_some_and(|slot| Arc::strong_count(slot) > 1 || Arc::weak_count(slot) > 0)
    }

    fn take(&mut self) -> Arc<Slot<T>> {
        self.slot
            .take()
            .expect("the handle is consumed by its first use")
    }
}

impl<T: Send + 'static> Drop for ReplyTo<T> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            current::abandon(Answer::none(slot));
        }
    }
}

impl<T: Send + 'static> fmt::Debug for ReplyTo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyTo")
    }
}

/// The result of [`GenServer::handle_call`]: the call has been answered, or will be answered
/// later.
///
/// Only [`ReplyTo::reply`](crate::ReplyTo::reply) and [`Reply::later`] make it.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// struct Bell;
///
/// #[gen_server]
/// impl GenServer for Bell {
///     type Call = ReplyTo<&'static str>;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self))
///     }
///
///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
///         from.reply("ding").then(Next::Stop(ExitReason::Normal))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let bell = Bell::start(()).await?;
/// assert_eq!(bell.call(|from| from).await?, "ding");
/// assert_eq!(bell.wait().await, ExitReason::Normal, "it rings once");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "return it from handle_call: only then is the answer sent"]
pub struct Reply<S: GenServer> {
    /// The answer that waits to be published.
    pub(crate) answer: Pending,
    pub(crate) next: Next<S>,
}

impl<S: GenServer> Reply<S> {
    /// The call is answered later, by code that keeps its [`ReplyTo`](crate::ReplyTo): OTP's
    /// `{noreply, State}` from a call.
    pub fn later() -> Self {
        Self {
            answer: Pending(None),
            next: Next::NoReply,
        }
    }

    /// The next step of the server. The answer goes out before it. With `Stop`, the answer goes out
    /// after [`GenServer::terminate`], before the process ends.
    pub fn then(self, next: Next<S>) -> Self {
        Self { next, ..self }
    }
}

impl<S: GenServer> fmt::Debug for Reply<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("answered", &self.answer.0.is_some())
            .field("next", &self.next)
            .finish()
    }
}

/// An answer that was stored and is published unless the callback fails: then the caller gets the exit reason instead.
pub(crate) struct Pending(Option<Answer>);

impl Pending {
    pub(crate) fn new(answer: Answer) -> Self {
        Self(Some(answer))
    }

    /// The process that gets the answer, if that is known.
    pub(crate) fn client(&self) -> Option<Pid> {
        self.0.as_ref()?.client()
    }

    /// Publishes the answer; false if there is none.
    #[inline]
    pub(crate) fn publish(mut self) -> bool {
        let answer = self.0.take();
        // Nothing is left to drop, and so the answer stays in registers.
        mem::forget(self);
        match answer {
            Some(answer) => {
                answer.publish();
                true
            }
            None => false,
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            current::abandon(answer);
        }
    }
}
