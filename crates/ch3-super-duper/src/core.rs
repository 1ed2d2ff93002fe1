//! Who the characters are. It can be said without a process.

// ANCHOR: known
/// The characters that everybody knows, and what they say.
const KNOWN: [(&str, &str); 3] = [
    (
        "superdave",
        "Stand back. I have a plan, and most of a helmet.",
    ),
    ("superman", "I would fly, but then nobody sees the cape."),
    ("supermario", "Your plumbing is in another castle."),
];
// ANCHOR_END: known

// ANCHOR: role
/// A character, before it has a process: its name, and the line that it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    name: String,
    line: String,
}

/// There is no line for a character.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nobody knows a character {0:?}: give it a line to say")]
pub struct UnknownCharacter(String);

impl Role {
    /// A character with a line of its own.
    pub fn new(name: impl Into<String>, line: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            line: line.into(),
        }
    }

    /// The known character of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownCharacter`] for any other name.
    pub fn known(name: &str) -> Result<Self, UnknownCharacter> {
        let known = KNOWN.iter().find(|(known, _)| *known == name);
        let (name, line) = known.ok_or_else(|| UnknownCharacter(name.to_owned()))?;
        Ok(Self::new(*name, *line))
    }

    /// The names of the known characters.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KNOWN.iter().map(|(name, _)| *name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line that it says.
    pub fn line(&self) -> &str {
        &self.line
    }
}
// ANCHOR_END: role

#[cfg(test)]
mod tests {
    use super::*;

    // S49
    // ANCHOR: test
    #[test]
    fn three_characters_are_known_and_no_others() {
        for name in Role::names() {
            let role = Role::known(name).expect("it is known");
            assert_eq!(role.name(), name);
            assert!(!role.line().is_empty());
        }
        let unknown = Role::known("batman").expect_err("he is not known here");
        assert_eq!(
            unknown.to_string(),
            "nobody knows a character \"batman\": give it a line to say"
        );
    }
    // ANCHOR_END: test
}
