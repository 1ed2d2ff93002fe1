//! Mailboxes.

#[path = "../../../src/process/mailbox/bound.rs"]
pub(crate) mod bound;
#[path = "../../../src/process/mailbox/inbox.rs"]
pub(crate) mod inbox;
#[path = "../../../src/process/mailbox/limit.rs"]
pub(crate) mod limit;
#[path = "../../../src/process/mailbox/queue.rs"]
pub(crate) mod queue;
#[path = "../../../src/process/mailbox/room.rs"]
pub(crate) mod room;
