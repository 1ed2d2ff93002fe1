//! Going over a term without making anything of it.

use super::parts::binary;
use super::stack::Stack;
use super::{DecodeError, Decoder, Token};
use crate::tag;

/// A container whose terms are being gone over.
#[derive(Clone, Copy, Default)]
struct Outer {
    /// How many terms of it are left.
    left: usize,
    /// How many bytes must be left at its end, if that is known.
    end: Option<usize>,
    is_list: bool,
    /// How many containers are around its terms.
    depth: usize,
}

impl Decoder<'_> {
    /// Goes over a term that holds no others, if it is one of the usual kinds; otherwise it is not read. No token is made of it.
    #[inline]
    fn skip_usual(&mut self) -> Option<()> {
        /// The bytes behind an atom of ASCII, of whose bytes these are those behind the tag.
        fn ascii(atom: &[u8]) -> Option<&[u8]> {
            let (length, after) = atom.split_first()?;
            let (text, after) = after.split_at_checked(usize::from(*length))?;
            text.is_ascii().then_some(after)
        }

        let (tag, rest) = self.rest.split_first()?;
        let mut atoms = self.atoms;
        self.rest = match *tag {
            tag::SMALL_INTEGER => rest.get(1..)?,
            tag::INTEGER => rest.get(4..)?,
            tag::SMALL_ATOM_UTF8 => {
                atoms = atoms.checked_sub(1)?;
                ascii(rest)?
            }
            tag::NEW_PID if rest.first() == Some(&tag::SMALL_ATOM_UTF8) => {
                atoms = atoms.checked_sub(1)?;
                ascii(&rest[1..])?.get(12..)?
            }
            tag::NEWER_REFERENCE if rest.starts_with(&[0, 3, tag::SMALL_ATOM_UTF8]) => {
                atoms = atoms.checked_sub(1)?;
                ascii(&rest[3..])?.get(16..)?
            }
            tag::BINARY => binary(rest, &self.limits)?.1,
            tag::NEW_FLOAT => {
                let (number, rest) = rest.split_first_chunk()?;
                f64::from_be_bytes(*number).is_finite().then_some(rest)?
            }
            tag::NIL => rest,
            _ => return None,
        };
        self.atoms = atoms;
        Some(())
    }

    /// Goes over the integers at the beginning of so many terms. Returns how many terms are left.
    fn skip_integers(&mut self, mut left: usize) -> usize {
        while left > 0 {
            let length = match self.rest.first() {
                Some(&tag::SMALL_INTEGER) => 2,
                Some(&tag::INTEGER) => 5,
                _ => break,
            };
            let Some(rest) = self.rest.get(length..) else {
                break;
            };
            self.rest = rest;
            left -= 1;
        }
        left
    }

    /// Goes over so many terms, which are within so many containers. They are checked as if they were built, except that a map may
    /// have a key twice.
    pub(crate) fn skip_terms(
        &mut self,
        left: usize,
        end: Option<usize>,
        depth: usize,
    ) -> Result<(), DecodeError> {
        let mut here = Outer {
            left,
            end,
            is_list: false,
            depth,
        };
        let mut outer = Stack::new();
        loop {
            while here.left == 0 {
                if here.end.is_some_and(|left| left != self.rest.len()) {
                    return Err(DecodeError::Fun);
                }
                match outer.pop() {
                    Some(next) => here = next,
                    None => return Ok(()),
                }
            }
            here.left -= 1;
            if self.skip_usual().is_some() {
                continue;
            }
            let mut inner = Outer {
                depth: here.depth + 1,
                ..Outer::default()
            };
            match self.token()? {
                // A tail that is a list goes on with its list.
                Token::List(elements) if here.is_list && here.left == 0 => {
                    here.left = elements + 1;
                    continue;
                }
                // A list without elements is its tail.
                Token::List(0) => {
                    here.left += 1;
                    continue;
                }
                Token::List(elements) => {
                    inner.left = self.skip_integers(elements) + 1;
                    inner.is_list = true;
                }
                Token::Tuple(elements) => inner.left = elements,
                Token::Map(entries) => inner.left = entries * 2,
                Token::Record(fields) => inner.left = fields,
                Token::Fun(caught, left) => {
                    inner.left = caught;
                    inner.end = left;
                }
                _ => continue,
            }
            self.check_depth(here.depth)?;
            if here.left > 0 || here.end.is_some() {
                outer.push(here);
            }
            here = inner;
        }
    }
}
