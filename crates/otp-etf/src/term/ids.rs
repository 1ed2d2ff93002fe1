//! Pids, ports and references: numbers that a node has assigned.

use std::fmt;
use std::hash::{Hash, Hasher};

use thiserror::Error;

use super::Atom;

/// A process: which node, and the numbers it has there.
///
/// Two pids are equal only if the creation is: a node that was started again gives out the same numbers for other processes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid {
    /// The upper number, which counts how often the lower one was used up.
    pub serial: u32,
    /// The lower number.
    pub id: u32,
    /// The node's name.
    pub node: Atom,
    /// Which life of the node.
    pub creation: u32,
}

/// A port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    /// The node's name.
    pub node: Atom,
    /// Which life of the node.
    pub creation: u32,
    /// The number.
    pub id: u64,
}

/// A reference: one to five numbers that a node gives out once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    node: Atom,
    creation: u32,
    /// The most significant word first, which is the last one on the wire: this word decides the order. Unused words
    /// are 0 and come first.
    words: [u32; 5],
    length: u8,
}

/// A reference has one to five words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a reference of {0} words: expected 1 to 5")]
pub struct WrongReference(usize);

impl Reference {
    /// Makes the reference with these words of a node, in the order of the wire.
    ///
    /// # Errors
    ///
    /// When there is no word, or when there are more than five.
    pub fn new(node: Atom, creation: u32, words: &[u32]) -> Result<Self, WrongReference> {
        let unused = 5usize.checked_sub(words.len());
        let (Some(unused), false) = (unused, words.is_empty()) else {
            return Err(WrongReference(words.len()));
        };
        let mut kept = [0; 5];
        kept[unused..]
            .iter_mut()
            .zip(words.iter().rev())
            .for_each(|(kept, word)| *kept = *word);
        let length = words.len() as u8;
        Ok(Self {
            node,
            creation,
            words: kept,
            length,
        })
    }

    /// The reference with three words, in the order of the wire.
    pub(crate) fn of_three(node: Atom, creation: u32, [first, second, third]: [u32; 3]) -> Self {
        Self {
            node,
            creation,
            words: [0, 0, third, second, first],
            length: 3,
        }
    }

    /// The node's name.
    #[must_use]
    pub fn node(&self) -> &Atom {
        &self.node
    }

    /// Which life of the node.
    #[must_use]
    pub fn creation(&self) -> u32 {
        self.creation
    }

    /// The words, in the order of the wire: the most significant one comes last.
    pub fn words(&self) -> impl ExactSizeIterator<Item = u32> {
        self.words[5 - usize::from(self.length)..]
            .iter()
            .rev()
            .copied()
    }
}

impl Hash for Reference {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut numbers = [0; 25];
        let [first, second, third, fourth, fifth] = self.words;
        let words = [first, second, third, fourth, fifth, self.creation];
        for (bytes, word) in numbers.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word.to_ne_bytes();
        }
        numbers[24] = self.length;
        // In two pieces: a hasher that withstands a peer's choice takes long for each.
        state.write(self.node.as_bytes());
        state.write(&numbers);
    }
}

/// As a node prints a process of its own: `<0.90.0>`.
///
/// # Differences from OTP
///
/// The first number is always 0. On a BEAM it is an index into the node's table of other nodes, which a value does not
/// know.
impl fmt::Display for Pid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "<0.{}.{}>", self.id, self.serial)
    }
}

/// As a node prints a port of its own: `#Port<0.5>`.
impl fmt::Display for Port {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "#Port<0.{}>", self.id)
    }
}

/// As a node prints a reference of its own: `#Ref<0.1.2.3>`.
impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("#Ref<")?;
        self.numbers(out)?;
        out.write_str(">")
    }
}

impl Reference {
    pub(crate) fn numbers(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("0")?;
        let words = &self.words[5 - usize::from(self.length)..];
        words.iter().try_for_each(|word| write!(out, ".{word}"))
    }
}
