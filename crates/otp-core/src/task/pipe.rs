//! The value of a future as a message.

use std::any::type_name;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use super::job::{Callers, Job};
use crate::exit::ExitReason;
use crate::never::Never;
use crate::pid::Pid;
use crate::process::panic::OneOfMany;
use crate::process::{Birth, Mailbox, current};
use crate::recipient::Recipient;

/// Runs a future in a task, and sends its result as a message: the value, or the reason with which the task failed.
/// Returns the task's pid.
///
/// So a server does not wait, and handles other messages meanwhile. `to_message` makes the message of the result. The
/// task has no links. It is shut down when the recipient ends. It runs on the recipient's node, and so may be started
/// from outside of processes, too. [The rules for functions that make messages](Recipient::map) apply to `to_message`.
///
/// # Differences from OTP
///
/// OTP has no such function: there a task's value arrives as a message anyway, and its failure as a DOWN.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::task;
///
/// struct Prices(u32);
///
/// enum Message {
///     Loaded(u32),
///     Lost(ExitReason),
/// }
///
/// #[gen_server]
/// impl GenServer for Prices {
///     type Call = ReplyTo<u32>;
///     type Info = Message;
///
///     async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         let load = async { 42 };
///         task::pipe(context.me(), load, |loaded| match loaded {
///             Ok(price) => Message::Loaded(price),
///             Err(reason) => Message::Lost(reason),
///         });
///         Ok(Init::state(Self(0)))
///     }
///
///     async fn handle_info(&mut self, info: Info<Message>, _: &mut Context<Self>) -> Next<Self> {
///         match info {
///             Info::Message(Message::Loaded(price)) => self.0 = price,
///             Info::Message(Message::Lost(reason)) => return Next::Stop(reason),
///             _ => {}
///         }
///         Next::NoReply
///     }
///
///     async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Reply<Self> {
///         from.reply(self.0)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let price = Node::new().try_run(async {
/// #     let prices = Prices::start_link(()).await?;
/// #     loop {
/// #         match prices.call(|from| from).await? {
/// #             0 => tokio::task::yield_now().await,
/// #             price => return Ok(price),
/// #         }
/// #     }
/// # });
/// # assert_eq!(price.await, Ok(42));
/// # }
/// ```
pub fn pipe<M, F>(
    to: impl Into<Recipient<M>>,
    work: F,
    to_message: impl FnOnce(Result<F::Output, ExitReason>) -> M + Send + 'static,
) -> Pid
where
    M: Send + 'static,
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let (work, to_message) = (OneOfMany::new(work), OneOfMany::new(to_message));
    let to = to.into();
    let node = to.node();
    let parent = current::try_process().filter(|parent| parent.head().node == node);
    let birth = match &parent {
        Some(parent) => Birth::<Never>::of_child(parent, type_name::<F>),
        None => Birth::new(node.clone(), None, type_name::<F>),
    };
    let mut job = Job::start(birth, Callers::of_new_task(), work.into_inner());
    let pid = job.pid();
    node.spawn(move |_: Mailbox<Never>| async move {
        let mut bereft = pin!(to.wait());
        let came = poll_fn(|cx| match job.poll_end(cx) {
            Poll::Ready(came) => Poll::Ready(Some(came)),
            Poll::Pending => bereft.as_mut().poll(cx).map(|_| None),
        })
        .await;
        match came {
            Some(came) => to.send(to_message.into_inner()(came)),
            None => job.exit(pid, ExitReason::Shutdown),
        }
    });
    pid
}
