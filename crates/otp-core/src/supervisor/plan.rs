//! A sequence of stops and starts that a supervisor is in the middle of.

use std::vec::IntoIter;

use super::children::Place;
use crate::exit::ExitReason;

/// First the stops, last child first; then the starts, first child first.
#[derive(Debug)]
pub(crate) struct Plan {
    stops: Vec<Place>,
    starts: IntoIter<Place>,
    /// The child that is being stopped or started now.
    current: Option<Place>,
    pub(crate) aim: Aim,
}

/// What a plan is for; it decides what a failed start means.
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
    /// Starts these, in this order.
    pub(crate) fn start(places: Vec<Place>, aim: Aim) -> Self {
        Self {
            stops: Vec::new(),
            starts: places.into_iter(),
            current: None,
            aim,
        }
    }

    /// Stops these, in the reverse of this order.
    pub(crate) fn stop(places: Vec<Place>, aim: Aim) -> Self {
        Self {
            stops: places,
            starts: Vec::new().into_iter(),
            current: None,
            aim,
        }
    }

    /// Stops these in the reverse of this order, and starts them in it.
    pub(crate) fn restart(places: Vec<Place>) -> Self {
        Self {
            stops: places.clone(),
            starts: places.into_iter(),
            current: None,
            aim: Aim::Restart,
        }
    }

    pub(crate) fn current(&self) -> Option<Place> {
        self.current
    }

    pub(crate) fn next_stop(&mut self) -> Option<Place> {
        self.current = self.stops.pop();
        self.current
    }

    pub(crate) fn next_start(&mut self) -> Option<Place> {
        self.current = self.starts.next();
        self.current
    }
}
