//! Going over a term without making anything of it.

use super::stack::Stack;
use super::{DecodeError, Decoder, Token};

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
            if self.small_integer().is_some() {
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
                    inner.left = elements + 1;
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
