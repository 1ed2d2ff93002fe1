//! A sequence of stops and starts that a supervisor is in the middle of.

use super::children::{Children, Place, Span};
use crate::exit::ExitReason;

/// First the stops, last child first; then the starts, first child first.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The children still to be stopped.
    stops: Option<Span>,
    /// The children still to be started.
    starts: Option<Span>,
    /// The child that is being stopped or started now.
    current: Option<Place>,
    pub(crate) aim: Aim,
}

/// The purpose of a plan. It decides the meaning of a failed start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Aim {
    /// The supervisor begins.
    Begin,
    /// It has failed to, for this reason.
    Abort(ExitReason),
    /// A child has ended and is to run again.
    Restart,
    /// A request for a new child.
    Add,
    /// A request to start a child that has ended.
    Again,
    /// A request to stop a child.
    Terminate,
    /// The supervisor ends.
    End,
}

impl Plan {
    /// Starts these, in their order.
    pub(crate) fn start(who: Option<Span>, aim: Aim) -> Self {
        Self {
            stops: None,
            starts: who,
            current: None,
            aim,
        }
    }

    /// Stops these, in the reverse of their order.
    pub(crate) fn stop(who: Option<Span>, aim: Aim) -> Self {
        Self {
            stops: who,
            starts: None,
            current: None,
            aim,
        }
    }

    /// Stops these in the reverse of their order, and starts them in it.
    pub(crate) fn restart(who: Option<Span>) -> Self {
        Self {
            stops: who,
            ..Self::start(who, Aim::Restart)
        }
    }

    pub(crate) fn current(&self) -> Option<Place> {
        self.current
    }

    pub(crate) fn next_stop(&mut self, children: &Children) -> Option<Place> {
        self.current = children.last_of(self.stops?);
        self.stops = self.current.and_then(|place| self.stops?.before(place));
        self.current
    }

    pub(crate) fn next_start(&mut self, children: &Children) -> Option<Place> {
        self.current = children.first_of(self.starts?);
        self.starts = self.current.and_then(|place| self.starts?.after(place));
        self.current
    }
}
