//! Functions that were written in place.

use super::{DecodeError, Decoder, Token};
use crate::tag;
use crate::term::fun::Parts;

impl Decoder<'_> {
    /// The beginning of a function: how many captured values follow, and how many bytes come after them, if that is
    /// known.
    pub(super) fn fun(&mut self, tag: u8) -> Result<(usize, Option<usize>), DecodeError> {
        let (_, caught, left) = self.fun_head(tag)?;
        Ok((self.claim(caught)?, left))
    }

    pub(crate) fn fun_parts(&mut self) -> Result<Parts, DecodeError> {
        let tag = self.byte()?;
        Ok(self.fun_head(tag)?.0)
    }

    /// The parts, how many values were caught, and how many bytes are left behind them, if that is known.
    fn fun_head(&mut self, tag: u8) -> Result<(Parts, usize, Option<usize>), DecodeError> {
        if tag == tag::FUN {
            let caught = self.length()?;
            self.process()?;
            let parts = self.parts()?;
            return Ok((parts, caught, None));
        }
        // The size counts itself.
        let before = self.rest.len();
        let size = self.length()?;
        let left = before.checked_sub(size).ok_or(DecodeError::Truncated)?;
        // The arity, a digest of the module, and a place among its functions.
        self.take(1 + 16 + 4)?;
        let caught = self.length()?;
        let parts = self.parts()?;
        self.process()?;
        Ok((parts, caught, Some(left)))
    }

    fn parts(&mut self) -> Result<Parts, DecodeError> {
        let module = self.atom()?.to_atom()?;
        let (index, uniq) = (self.small()?, self.small()?);
        Ok(Parts {
            module,
            index,
            uniq,
        })
    }

    /// A process, and nothing else.
    fn process(&mut self) -> Result<(), DecodeError> {
        match self.byte()? {
            tag @ (tag::NEW_PID | tag::PID) => self.pid(tag).map(|_| ()),
            _ => Err(DecodeError::Fun),
        }
    }

    /// An integer of up to 32 bits, and nothing else.
    fn small(&mut self) -> Result<i64, DecodeError> {
        match self.peek() {
            Some(tag::SMALL_INTEGER | tag::INTEGER | tag::SMALL_BIG) => match self.token()? {
                Token::Integer(number) => Ok(number),
                _ => Err(DecodeError::Fun),
            },
            _ => Err(DecodeError::Fun),
        }
    }
}
