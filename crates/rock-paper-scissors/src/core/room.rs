//! The waiting room: the first to come waits, and the second is the first one's opponent.

/// Who waits: nobody, or one player. `P` is whatever a player is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room<P> {
    waiting: Option<P>,
}

/// What becomes of a player who has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined<P> {
    /// It waits.
    Waits,
    /// These two play.
    Pair(P, P),
}

/// The player waits already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("already waiting")]
pub struct AlreadyWaiting;

/// The player does not wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not waiting")]
pub struct NotWaiting;

impl<P: PartialEq> Room<P> {
    /// A room in which this player waits, or nobody.
    pub fn new(waiting: Option<P>) -> Self {
        Self { waiting }
    }

    /// A player comes.
    ///
    /// # Errors
    ///
    /// [`AlreadyWaiting`]: nobody plays against itself.
    pub fn join(&mut self, player: P) -> Result<Joined<P>, AlreadyWaiting> {
        match self.waiting.take() {
            Some(waiting) if waiting == player => {
                self.waiting = Some(waiting);
                Err(AlreadyWaiting)
            }
            Some(waiting) => Ok(Joined::Pair(waiting, player)),
            None => {
                self.waiting = Some(player);
                Ok(Joined::Waits)
            }
        }
    }

    /// A player goes.
    ///
    /// # Errors
    ///
    /// [`NotWaiting`].
    pub fn leave(&mut self, player: &P) -> Result<(), NotWaiting> {
        match self.waiting.as_ref() == Some(player) {
            true => {
                self.waiting = None;
                Ok(())
            }
            false => Err(NotWaiting),
        }
    }

    /// Who waits.
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
        let mut room = Room::new(None);
        assert_eq!(room.join("ann"), Ok(Joined::Waits));
        assert_eq!(room.join("ann"), Err(AlreadyWaiting));
        assert_eq!(room.waiting(), Some(&"ann"));
        assert_eq!(room.join("bob"), Ok(Joined::Pair("ann", "bob")));
        assert_eq!(room.waiting(), None);
    }

    // S89
    #[test]
    fn only_who_waits_can_leave() {
        let mut room = Room::new(None);
        assert_eq!(room.leave(&"cat"), Err(NotWaiting));
        assert_eq!(room.join("cat"), Ok(Joined::Waits));
        assert_eq!(room.leave(&"dan"), Err(NotWaiting));
        assert_eq!(room.leave(&"cat"), Ok(()));
        assert_eq!(room.leave(&"cat"), Err(NotWaiting));
        assert_eq!(room.join("dan"), Ok(Joined::Waits));
    }
}
