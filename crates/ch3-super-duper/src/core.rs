//! The names and the lines of the characters, without processes.

// ANCHOR: known
/// The known characters and their lines.
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
/// The name and the line of a character, without its process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    name: String,
    line: String,
}

/// A character has no line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown character {0:?}: give it a line to say")]
pub struct UnknownCharacter(String);

impl Role {
    /// A character with this line.
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

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line.
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
    fn three_characters_are_known() {
        for name in Role::names() {
            let role = Role::known(name).expect("it is known");
            assert_eq!(role.name(), name);
            assert!(!role.line().is_empty());
        }
        let unknown = Role::known("batman").expect_err("batman is not known");
        assert_eq!(
            unknown.to_string(),
            "unknown character \"batman\": give it a line to say"
        );
    }
    // ANCHOR_END: test
}
