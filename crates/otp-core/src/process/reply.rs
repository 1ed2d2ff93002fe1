//! Replies: where the answer to a call goes, and how long it is waited for.

pub(crate) mod clock;
pub(crate) mod lent;
pub(crate) mod slot;
