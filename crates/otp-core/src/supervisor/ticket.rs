//! Tickets for another attempt.

/// Entitles a child to one more attempt to start it. It is good for once: an attempt that was overtaken, as
/// the child was stopped meanwhile, is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// Where tickets come from.
#[derive(Debug, Default)]
pub(crate) struct Tickets(u64);

impl Tickets {
    pub(crate) fn issue(&mut self) -> Ticket {
        self.0 += 1;
        Ticket(self.0)
    }
}
