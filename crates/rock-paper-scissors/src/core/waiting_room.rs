//! The waiting room: the first player waits, and the second becomes its opponent.

/// A room for at most one waiting player. `P` identifies a player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRoom<P> {
    waiting: Option<P>,
}

/// The effect of a join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined<P> {
    /// The player waits.
    Waiting,
    /// These two players play: the one that waited, and the one that joined.
    Paired(P, P),
}

/// The player is waiting already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("already waiting")]
pub struct AlreadyWaiting;

/// The player is not waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not waiting")]
pub struct NotWaiting;

impl<P: PartialEq> WaitingRoom<P> {
    /// A room with this waiting player, or an empty one.
    pub fn new(waiting: Option<P>) -> Self {
        Self { waiting }
    }

    /// Adds a player, or pairs it with the waiting one.
    ///
    /// # Errors
    ///
    /// [`AlreadyWaiting`]: a player cannot play against itself.
    pub fn join(&mut self, player: P) -> Result<Joined<P>, AlreadyWaiting> {
        match self.waiting.take() {
            Some(waiting) if waiting == player => {
                self.waiting = Some(waiting);
                Err(AlreadyWaiting)
            }
            Some(waiting) => Ok(Joined::Paired(waiting, player)),
            None => {
                self.waiting = Some(player);
                Ok(Joined::Waiting)
            }
        }
    }

    /// Removes a waiting player.
    ///
    /// # Errors
    ///
    /// [`NotWaiting`]: another player waits, or none.
    pub fn leave(&mut self, player: &P) -> Result<(), NotWaiting> {
        match self.waiting.as_ref() == Some(player) {
            true => {
                self.waiting = None;
                Ok(())
            }
            false => Err(NotWaiting),
        }
    }

    /// The waiting player.
    pub fn waiting(&self) -> Option<&P> {
        self.waiting.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // S89
    #[test]
    fn the_first_waits_and_the_second_plays_against_it() {
        let mut room = WaitingRoom::new(None);
        assert_eq!(room.join("ann"), Ok(Joined::Waiting));
        assert_eq!(room.join("ann"), Err(AlreadyWaiting));
        assert_eq!(room.waiting(), Some(&"ann"));
        assert_eq!(room.join("bob"), Ok(Joined::Paired("ann", "bob")));
        assert_eq!(room.waiting(), None);
    }

    // S89
    #[test]
    fn only_the_waiting_player_can_leave() {
        let mut room = WaitingRoom::new(None);
        assert_eq!(room.leave(&"cat"), Err(NotWaiting));
        assert_eq!(room.join("cat"), Ok(Joined::Waiting));
        assert_eq!(room.leave(&"dan"), Err(NotWaiting));
        assert_eq!(room.leave(&"cat"), Ok(()));
        assert_eq!(room.leave(&"cat"), Err(NotWaiting));
        assert_eq!(room.join("dan"), Ok(Joined::Waiting));
    }
}
