//! Going over a term without making anything of it.

use super::{DecodeError, Decoder, Token};
use crate::tag;

/// A container whose terms are being gone over.
struct Outer {
    /// How many terms of it are left.
    left: usize,
    /// How many bytes must be left at its end, if that is known.
    end: Option<usize>,
    is_list: bool,
}

impl Decoder<'_> {
    /// Goes over a term, which is checked as if it was built; except that a map may have a key twice.
    pub(crate) fn skip(&mut self) -> Result<(), DecodeError> {
        self.skip_terms(1, None, 0)
    }

    /// Goes over so many terms, which are within so many containers.
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
        };
        let mut outer = Vec::new();
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
            let mut inner = Outer {
                left: 0,
                end: None,
                is_list: false,
            };
            match self.token()? {
                // A tail that is a list goes on with its list.
                Token::List(elements) if here.is_list && here.left == 0 => {
                    here.left = elements + 1;
                    continue;
                }
                Token::List(elements) => {
                    inner.left = elements + 1;
                    inner.is_list = true;
                }
                Token::Tuple(0) => continue,
                Token::Tuple(elements) => inner.left = elements,
                Token::Map(0) => continue,
                Token::Map(entries) => inner.left = entries * 2,
                Token::Record(head) => inner.left = head.fields,
                Token::Fun { caught, left } => {
                    inner.left = caught;
                    inner.end = left;
                }
                _ => continue,
            }
            if depth + outer.len() >= self.limits.depth {
                return Err(DecodeError::TooDeep(self.limits.depth));
            }
            outer.push(std::mem::replace(&mut here, inner));
        }
    }

    /// Whether a list ends here; then its end is read.
    pub(crate) fn is_nil(&mut self) -> bool {
        let is_nil = self.peek() == Some(tag::NIL);
        if is_nil {
            self.rest = &self.rest[1..];
        }
        is_nil
    }
}
