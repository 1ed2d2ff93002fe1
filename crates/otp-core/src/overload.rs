//! Tools for a service that gets more requests than it can handle.
//!
//! A queue that grows makes all callers wait, in the end for longer than they need the answer. So work that cannot be
//! done in time is better refused at once. The parts are small, independent of each other, and cost nothing where they
//! are not used:
//!
//! | part | refuses | for |
//! |---|---|---|
//! | [`MailboxLimit`](crate::MailboxLimit) | when so many messages wait | a server's own mailbox |
//! | [`RateLimit`] | more than so many in a time | callers, or what is sent to a service that has a limit |
//! | [`ConcurrencyLimit`] | when so many are under way, and so many wait | work of which each piece takes something |
//! | [`CircuitBreaker`] | while what is called fails | calls of a service that is down |
//! | [`ReplyTo::is_wanted`](crate::ReplyTo::is_wanted) | work whose caller no longer waits | a server that is behind |
//! | [`Aged`] | what has waited too long | casts and plain messages |
//!
//! Exits, system requests and the order to stop wait behind the messages before them and are never refused. A kill, an exit
//! that is not trapped, and messages with [`Priority`](crate::gen_server::Priority) overtake.
//!
//! # Differences from OTP
//!
//! OTP has only messages with priority, since OTP 28. Programs there use libraries, such as jobs, fuse or sbroker.

mod aged;
mod breaker;
mod concurrency;
mod rate;

pub use self::aged::Aged;
pub use self::breaker::{BreakerError, BreakerState, CircuitBreaker};
pub use self::concurrency::{Busy, ConcurrencyLimit, ConcurrencyPermit};
pub use self::rate::{RateLimit, TooMany};
