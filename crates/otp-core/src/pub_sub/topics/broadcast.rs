//! How a message is broadcast: here, to other nodes, by a dispatcher.

use std::sync::atomic::Ordering;

use super::PubSub;
use crate::pid::Pid;
use crate::process::panic::OneOfMany;
use crate::pub_sub::adapter::{DEFAULT_DISPATCHER, Forwarded};
use crate::pub_sub::deliver::{Counts, Dispatcher, deliver};
use crate::registry::NotRunning;

impl<M, D> PubSub<M, D>
where
    M: Clone + Send + 'static,
    D: Clone + Send + Sync + 'static,
{
    /// Delivers a message to all subscribers of the topic, on other nodes too. A topic without subscribers is no
    /// error.
    ///
    /// When it returns, the message is in the mailboxes of this node's subscribers: so they get the broadcasts of one
    /// process in their order.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.broadcast/3`.
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::PubSub;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
    /// let room = PubSub::<&str>::new("room");
    /// room.start_link().await?;
    /// room.subscribe("door", &mailbox.me())?;
    /// room.broadcast("door", "hello")?;
    /// assert_eq!(mailbox.receive().await, "hello");
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn broadcast(&self, topic: &str, message: M) -> Result<(), NotRunning> {
        self.everywhere(None, topic, message)
    }

    /// As [`broadcast`](Self::broadcast), but leaves all subscriptions of one process out, on this node.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.broadcast_from/4`.
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::PubSub;
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
    /// let room = PubSub::<&str>::new("room");
    /// room.start_link().await?;
    /// room.subscribe("door", &mailbox.me())?;
    /// // All subscribers get it except this one.
    /// room.broadcast_from(mailbox.pid(), "door", "hello")?;
    /// assert!(mailbox.is_empty());
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn broadcast_from(
        &self,
        from: impl Into<Pid>,
        topic: &str,
        message: M,
    ) -> Result<(), NotRunning> {
        self.everywhere(Some(from.into()), topic, message)
    }

    /// As [`broadcast`](Self::broadcast), with a dispatcher: here this one, on other nodes the one that has its name there.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.broadcast/4`.
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    ///
    /// # Panics
    ///
    /// Panics if the dispatcher does.
    pub fn broadcast_by(
        &self,
        dispatcher: &dyn Dispatcher<M, D>,
        topic: &str,
        message: M,
    ) -> Result<(), NotRunning> {
        let message = OneOfMany::new(message);
        self.running()?;
        self.forward(None, topic, &message, dispatcher.name());
        self.dispatch(dispatcher, None, topic, message);
        Ok(())
    }

    /// As [`broadcast_by`](Self::broadcast_by), and names a process to leave out to the dispatcher.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.broadcast_from/5`.
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    ///
    /// # Panics
    ///
    /// Panics if the dispatcher does.
    pub fn broadcast_from_by(
        &self,
        from: impl Into<Pid>,
        dispatcher: &dyn Dispatcher<M, D>,
        topic: &str,
        message: M,
    ) -> Result<(), NotRunning> {
        let message = OneOfMany::new(message);
        self.running()?;
        self.forward(None, topic, &message, dispatcher.name());
        self.dispatch(dispatcher, Some(from.into()), topic, message);
        Ok(())
    }

    /// Delivers a message to the subscribers on this node only.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.local_broadcast/3`.
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    pub fn local_broadcast(&self, topic: &str, message: M) -> Result<(), NotRunning> {
        let message = OneOfMany::new(message);
        self.running()?;
        self.locally(None, topic, message);
        Ok(())
    }

    /// As [`local_broadcast`](Self::local_broadcast), but leaves all subscriptions of one process out.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.local_broadcast_from/4`.
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    pub fn local_broadcast_from(
        &self,
        from: impl Into<Pid>,
        topic: &str,
        message: M,
    ) -> Result<(), NotRunning> {
        let message = OneOfMany::new(message);
        self.running()?;
        self.locally(Some(from.into()), topic, message);
        Ok(())
    }

    /// Delivers a message to the subscribers on one other node, by the [`Adapter`](crate::pub_sub::Adapter). Without one it goes nowhere.
    ///
    /// # OTP
    ///
    /// `Phoenix.PubSub.direct_broadcast/4`.
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    pub fn direct_broadcast(&self, node: &str, topic: &str, message: &M) -> Result<(), NotRunning> {
        self.running()?;
        self.forward(Some(node), topic, message, DEFAULT_DISPATCHER);
        Ok(())
    }

    /// Delivers a message that has come from another node, by the dispatcher that it names. One that names an unknown dispatcher is
    /// passed over, and [counted](Self::unknown_dispatchers).
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    ///
    /// # Panics
    ///
    /// Panics if the dispatcher does.
    pub fn deliver(&self, topic: &str, message: M, dispatcher: &str) -> Result<(), NotRunning> {
        let message = OneOfMany::new(message);
        self.running()?;
        if dispatcher == DEFAULT_DISPATCHER {
            self.locally(None, topic, message);
            return Ok(());
        }
        match self.settings.dispatchers.get(dispatcher) {
            Some(dispatcher) => self.dispatch(&**dispatcher.get(), None, topic, message),
            None => Counts::count(&self.counts.unknown),
        }
        Ok(())
    }

    /// How many deliveries the [`Slow`](crate::pub_sub::Slow) policy has prevented.
    #[must_use]
    pub fn passed_over(&self) -> u64 {
        self.counts.passed_over.load(Ordering::Relaxed)
    }

    /// How many messages from other nodes have named a dispatcher that is unknown here.
    #[must_use]
    pub fn unknown_dispatchers(&self) -> u64 {
        self.counts.unknown.load(Ordering::Relaxed)
    }

    fn everywhere(&self, from: Option<Pid>, topic: &str, message: M) -> Result<(), NotRunning> {
        let message = OneOfMany::new(message);
        self.running()?;
        self.forward(None, topic, &message, DEFAULT_DISPATCHER);
        self.locally(from, topic, message);
        Ok(())
    }

    fn forward(&self, node: Option<&str>, topic: &str, message: &M, dispatcher: &str) {
        if let Some(adapter) = &self.settings.adapter {
            let forwarded = Forwarded {
                topic,
                message,
                dispatcher,
            };
            adapter.get().forward(node, forwarded);
        }
    }

    fn locally(&self, from: Option<Pid>, topic: &str, message: OneOfMany<M>) {
        let slow = self.settings.slow;
        let mut parts = self.topics.shared.tables.snapshots(topic);
        let mut part = parts.next();
        let mut message = Some(message);
        while let Some(subscribers) = part {
            part = parts.next();
            // The last part gets the message itself.
            let copy = match part {
                Some(_) => message.as_ref().map(|it| OneOfMany::new(M::clone(it))),
                None => message.take(),
            };
            let copy = copy.expect("it is taken by the last part");
            let unsubscribe = |pid| self.unsubscribe(topic, pid);
            deliver(
                &subscribers.alive(),
                from,
                copy,
                slow,
                &self.counts,
                unsubscribe,
            );
        }
    }

    fn dispatch(
        &self,
        dispatcher: &dyn Dispatcher<M, D>,
        from: Option<Pid>,
        topic: &str,
        message: OneOfMany<M>,
    ) {
        let found = self.topics.shared.tables.lookup(topic).flatten();
        let subscribers: Vec<_> = found.map(|(_, subscriber)| subscriber).collect();
        if !subscribers.is_empty() {
            dispatcher.dispatch(&subscribers, from, message.into_inner());
        }
    }

    fn running(&self) -> Result<(), NotRunning> {
        self.topics.shared.running().map(drop)
    }
}
