//! How a `PubSub` is made.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use super::adapter::Adapter;
use super::deliver::Dispatcher;
use super::topics::PubSub;
use crate::process::panic::Contained;

/// The policy of a broadcast for a subscriber in whose mailbox this number of messages of any kind wait already.
///
/// # Examples
///
/// ```
/// use otp_core::PubSub;
/// use otp_core::prelude::*;
/// use otp_core::pub_sub::Slow;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
/// let ticks = PubSub::<u32>::options("ticks").slow(Slow::Skip(2)).build();
/// ticks.start_link().await?;
/// ticks.subscribe("clock", &mailbox.me())?;
/// for tick in 0..5 {
///     ticks.broadcast("clock", tick)?;
/// }
/// assert_eq!((mailbox.len(), ticks.passed_over()), (2, 3));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Slow {
    /// It gets the message all the same; its own [`MailboxLimit`](crate::MailboxLimit) is all that bounds it.
    #[default]
    Queue,
    /// It does not get this message.
    Skip(usize),
    /// It does not get this message, nor any later one of this topic until it subscribes anew.
    Unsubscribe(usize),
    /// It is ended, with `Shutdown`: for processes of clients that do not keep up and may connect again.
    End(usize),
}

/// How a [`PubSub`] is made; [`PubSub::options`] begins it.
///
/// By default it stays on its node, subscribers may be slow, and there are no further dispatchers.
///
/// # Examples
///
/// ```
/// use otp_core::PubSub;
/// use otp_core::prelude::*;
/// use otp_core::pub_sub::{PubSubOptions, Slow};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let options: PubSubOptions<u32> = PubSub::options("prices").slow(Slow::End(1000)).partitions(4);
/// let prices = options.build();
/// prices.start_link().await?;
/// assert_eq!((prices.name(), prices.is_alive()), ("prices", true));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct PubSubOptions<M, D = ()> {
    pub(super) name: Cow<'static, str>,
    pub(super) partitions: usize,
    pub(super) settings: Settings<M, D>,
}

/// The data that the handles of a `PubSub` share.
pub(super) struct Settings<M, D> {
    pub(super) slow: Slow,
    pub(super) adapter: Option<Contained<Box<dyn Adapter<M>>>>,
    pub(super) dispatchers: HashMap<Cow<'static, str>, Known<M, D>>,
}

type Known<M, D> = Contained<Box<dyn Dispatcher<M, D>>>;

impl<M, D> PubSubOptions<M, D>
where
    M: Clone + Send + 'static,
    D: Clone + Send + Sync + 'static,
{
    pub(super) fn new(name: Cow<'static, str>) -> Self {
        Self {
            name,
            partitions: 1,
            settings: Settings {
                slow: Slow::default(),
                adapter: None,
                dispatchers: HashMap::new(),
            },
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets the policy for slow subscribers.
    #[must_use]
    pub fn slow(mut self, policy: Slow) -> Self {
        self.settings.slow = policy;
        self
    }

    /// Sets the number of parts in which the subscriptions are kept. With several parts, processes on several threads can subscribe at the same time.
    #[must_use]
    pub fn partitions(mut self, partitions: usize) -> Self {
        self.partitions = partitions;
        self
    }

    /// Sets the adapter for messages to other nodes.
    #[must_use]
    pub fn adapter(mut self, adapter: impl Adapter<M>) -> Self {
        self.settings.adapter = Some(Contained::new(Box::new(adapter)));
        self
    }

    /// Makes a dispatcher known under its name, for messages that come from other nodes.
    #[must_use]
    pub fn dispatcher(mut self, dispatcher: impl Dispatcher<M, D>) -> Self {
        let dispatcher: Known<M, D> = Contained::new(Box::new(dispatcher));
        let name = dispatcher.get().name().to_owned().into();
        self.settings.dispatchers.insert(name, dispatcher);
        self
    }

    /// The `PubSub`, which does not run yet.
    #[must_use]
    pub fn build(self) -> PubSub<M, D> {
        PubSub::of(self)
    }
}

impl<M, D> fmt::Debug for PubSubOptions<M, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PubSubOptions")
            .field("name", &self.name)
            .field("slow", &self.settings.slow)
            .field("kinds", &PhantomData::<fn() -> (M, D)>)
            .finish_non_exhaustive()
    }
}
