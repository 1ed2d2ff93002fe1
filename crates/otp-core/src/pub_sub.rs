//! Messages for all processes that have subscribed to a topic.
//!
//! A [`PubSub`] delivers a message to each subscriber of a topic, as a message of the subscriber's type. The
//! broadcaster does not know the subscribers. Topics are texts, compared whole: `room:42`. A message of more than 16
//! KiB does not compile: see [large messages](crate::Mailbox#large-messages).
//!
//! # When (not) to use it
//!
//! Use it where subscribers come and go, and the sender need not know whether there are any: chat rooms, prices, the
//! change of a record that pages show. It is no queue: a process that subscribes later has missed the earlier messages.
//! To have each message handled by exactly one process use a [pool of workers](crate::worker_pool) or a server; to have
//! handlers in one process, an [`EventManager`](crate::EventManager).
//!
//! # Slow subscribers
//!
//! A broadcast does not wait for subscribers. The messages in a subscriber's mailbox can be limited in two ways, and by
//! default are not:
//!
//! - by the subscriber's [`MailboxLimit`](crate::MailboxLimit), which counts messages of all kinds and has a policy for
//!   one more;
//! - by the [`Slow`] policy of the `PubSub`, for a subscriber with this number of waiting messages: it is passed over,
//!   unsubscribed, or ended. [`PubSub::passed_over`] counts.
//!
//! # OTP
//!
//! Phoenix's `PubSub`, whose local part is a registry with duplicate keys.
//!
//! # Differences from OTP
//!
//! - Messages have a type, and a subscriber maps them to its own type. The mapping function runs in the broadcaster, by
//!   the [rules for such functions](crate::Recipient::map): if it panics, this subscriber does not get the message. It
//!   may subscribe and unsubscribe; one that broadcasts to its own topic calls itself without end.
//! - A process may be subscribed by another one.
//! - [`Slow`] policies.
//! - Other nodes are reached by an [`Adapter`]; there is none by default. If a message from another node names an
//!   unknown dispatcher, it is counted and dropped, where Phoenix's worker crashes.
//!
//! # Examples
//!
//! ```
//! use otp_core::{Mailbox, Node, PubSub, Recipient};
//!
//! #[derive(Clone)]
//! struct Price(u32);
//!
//! enum Message {
//!     Price(Price),
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let heard = Node::new().run_with(|mut mailbox: Mailbox<Message>| async move {
//!     let prices = PubSub::<Price>::new("prices");
//!     prices.start_link().await.expect("the name is free");
//!     let me = Recipient::from(&mailbox.me()).map(Message::Price);
//!     prices.subscribe("eggs", me).expect("it runs");
//!
//!     prices.broadcast("eggs", Price(42)).expect("it runs");
//!     let Message::Price(Price(price)) = mailbox.receive().await;
//!     price
//! });
//! assert_eq!(heard.await, Ok(42));
//! # }
//! ```

mod adapter;
mod deliver;
mod error;
mod options;
mod topics;

pub use self::adapter::{Adapter, DEFAULT_DISPATCHER, Forwarded};
pub use self::deliver::{Dispatcher, Subscriber};
pub use self::error::SubscribeError;
pub use self::options::{PubSubOptions, Slow};
pub use self::topics::PubSub;
pub use crate::registry::NotRunning;
