//! The decisions of a room: its members with their names, and the lines that new members get. It has only values; `M` identifies a
//! member.

use std::collections::VecDeque;
use std::fmt;

/// The number of lines that a room keeps for new members.
pub const HISTORY: usize = 50;

/// The maximum number of characters of a name.
const MAX_NAME: usize = 20;

/// A room: its members and its last lines.
#[derive(Debug)]
pub struct Room<M> {
    members: Vec<(M, String)>,
    history: VecDeque<String>,
}

/// The reasons why a room refuses a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A member of the room has this name.
    NameTaken,
    /// The name is empty, too long, or has other characters than letters, digits and `-`.
    BadName,
}

impl<M: PartialEq> Room<M> {
    /// An empty room.
    pub fn new() -> Self {
        Self {
            members: Vec::new(),
            history: VecDeque::new(),
        }
    }

    /// Adds a member. Returns the line for all members.
    pub fn join(&mut self, member: M, name: &str) -> Result<String, Refusal> {
        let is_good = |c: char| c.is_alphanumeric() || c == '-';
        if name.is_empty() || name.chars().count() > MAX_NAME || !name.chars().all(is_good) {
            return Err(Refusal::BadName);
        }
        if self.members.iter().any(|(_, taken)| taken == name) {
            return Err(Refusal::NameTaken);
        }
        self.members.push((member, name.to_owned()));
        Ok(self.note(format!("* {name} joined")))
    }

    /// Removes a member. Returns the line for all members, or `None` if it was no member.
    pub fn leave(&mut self, member: &M) -> Option<String> {
        let at = self.members.iter().position(|(known, _)| known == member)?;
        let (_, name) = self.members.remove(at);
        Some(self.note(format!("* {name} left")))
    }

    /// Adds a text of a member. Returns the line for all members, or `None` if it is no member.
    pub fn say(&mut self, member: &M, text: &str) -> Option<String> {
        let (_, name) = self.members.iter().find(|(known, _)| known == member)?;
        let line = format!("{name}: {}", text.trim_end());
        Some(self.note(line))
    }

    /// Whether the room has no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The last lines, the oldest first.
    pub fn history(&self) -> Vec<String> {
        self.history.iter().cloned().collect()
    }

    fn note(&mut self, line: String) -> String {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(line.clone());
        line
    }
}

impl<M: PartialEq> Default for Room<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NameTaken => "a user in this room has this name already: choose another one",
            Self::BadName => "invalid name: expected 1 to 20 letters, digits or -",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_different_names_until_they_leave() {
        let mut room = Room::new();
        assert_eq!(room.join(1, "ann").unwrap(), "* ann joined");
        assert_eq!(room.join(2, "ann"), Err(Refusal::NameTaken));
        assert_eq!(room.say(&2, "hello"), None);
        assert_eq!(room.leave(&1).unwrap(), "* ann left");
        assert_eq!(room.leave(&1), None);
        assert!(room.is_empty());
        assert_eq!(room.join(2, "ann").unwrap(), "* ann joined");
    }

    #[test]
    fn names_are_short_words() {
        let mut room = Room::new();
        for bad in ["", "a b", "a\nb", &"x".repeat(21)] {
            assert_eq!(room.join(1, bad), Err(Refusal::BadName));
        }
        assert!(room.join(1, "zoë-2").is_ok());
    }

    #[test]
    fn a_room_keeps_the_last_lines() {
        let mut room = Room::new();
        room.join(1, "ann").unwrap();
        for n in 0..HISTORY {
            room.say(&1, &format!("{n}\n")).unwrap();
        }
        let history = room.history();
        assert_eq!(history.len(), HISTORY);
        assert_eq!(history[0], "ann: 0");
    }
}
