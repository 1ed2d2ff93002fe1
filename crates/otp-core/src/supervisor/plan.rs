//! Sequences of starts and stops, and the child that is started or stopped now.

use std::sync::Arc;

use super::children::{Children, Position, Span};
use crate::child_spec::ChildSpec;
use crate::exit::ExitReason;

/// The children to start, the first one first.
#[derive(Debug)]
pub(crate) struct Starts {
    left: Option<Span>,
    pub(crate) aim: Aim,
}

/// The purpose of a sequence of starts. It decides the meaning of a failed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// The supervisor begins.
    Begin,
    /// A child has ended and is to run again.
    Restart,
}

/// The children to stop, the last one first.
#[derive(Debug)]
pub(crate) struct Stops {
    left: Option<Span>,
    pub(crate) then: Then,
}

/// What follows when all are stopped.
#[derive(Debug)]
pub(crate) enum Then {
    /// The same children are started again.
    Start(Starts),
    /// The supervisor has failed to begin, for this reason.
    Abort(ExitReason),
    /// The supervisor ends.
    End,
}

/// A child that is being started or stopped, and the rest of its sequence.
#[derive(Debug)]
pub(crate) struct PlanStep<T> {
    pub(crate) place: Position,
    pub(crate) rest: T,
}

impl Starts {
    pub(crate) fn new(left: Option<Span>, aim: Aim) -> Self {
        Self { left, aim }
    }

    /// The next one, with its specification.
    pub(crate) fn next(mut self, children: &Children) -> Option<(Arc<ChildSpec>, PlanStep<Self>)> {
        let span = self.left?;
        let (place, entry) = children.first_of(span)?;
        self.left = span.after(place);
        Some((entry.spec.clone(), PlanStep { place, rest: self }))
    }
}

impl Stops {
    pub(crate) fn new(left: Option<Span>, then: Then) -> Self {
        Self { left, then }
    }

    /// Stops that are followed by the starts of the same children.
    pub(crate) fn before_restart(left: Option<Span>) -> Self {
        Self::new(left, Then::Start(Starts::new(left, Aim::Restart)))
    }

    /// The next one, or what follows if there is none.
    pub(crate) fn next(mut self, children: &Children) -> Result<PlanStep<Self>, Then> {
        let next = self
            .left
            .and_then(|span| Some((span, children.last_of(span)?)));
        match next {
            Some((span, place)) => {
                self.left = span.before(place);
                Ok(PlanStep { place, rest: self })
            }
            None => Err(self.then),
        }
    }
}
