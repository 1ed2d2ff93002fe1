//! The item at a place in the bytes: a whole term if it holds no others, otherwise the beginning of a container.

use super::parts::Text;
use super::{DecodeError, Decoder};
use crate::tag;
use crate::term::big;

/// The item at a place. It is small and borrows its contents, because one is made for each term of a message.
#[derive(Clone, Copy)]
pub(crate) enum Token<'a> {
    Integer(i64),
    /// An integer that does not fit: whether it is below 0, and its magnitude.
    BigInt(bool, &'a [u8]),
    Float(f64),
    Atom(Text<'a>),
    Binary(&'a [u8]),
    /// Bits that are no whole bytes.
    Bits,
    Nil,
    /// A list of bytes.
    String(&'a [u8]),
    /// So many elements and a tail follow.
    List(usize),
    /// So many elements follow.
    Tuple(usize),
    /// So many keys and values follow.
    Map(usize),
    Pid,
    Port,
    Reference,
    Export,
    /// So many caught values follow, and then so many bytes are left, if that is known.
    Fun(usize, Option<usize>),
    /// So many values follow.
    Record(usize),
}

impl<'a> Decoder<'a> {
    #[inline]
    pub(crate) fn token(&mut self) -> Result<Token<'a>, DecodeError> {
        if let Some(number) = self.small_integer() {
            return Ok(Token::Integer(number));
        }
        Ok(match self.byte()? {
            tag::SMALL_ATOM_UTF8 => Token::Atom(Text::Utf8(self.short_utf8()?)),
            tag::BINARY => Token::Binary(self.binary()?),
            tag::SMALL_TUPLE => {
                let arity = self.byte()?.into();
                Token::Tuple(self.claim(arity)?)
            }
            tag::NIL => Token::Nil,
            tag::LIST => {
                let length = self.length()?;
                Token::List(self.claim(length)?)
            }
            tag::MAP => {
                let length = self.length()?;
                self.claim(length.saturating_mul(2))?;
                Token::Map(length)
            }
            tag::NEW_FLOAT => Token::Float(self.float()?),
            other => self.rare(other)?,
        })
    }

    #[inline(never)]
    fn rare(&mut self, tag: u8) -> Result<Token<'a>, DecodeError> {
        Ok(match tag {
            tag::STRING => {
                let length = self.u16()?.into();
                self.claim(length)?;
                Token::String(self.take(length)?)
            }
            tag::LARGE_TUPLE => {
                let arity = self.length()?;
                Token::Tuple(self.claim(arity)?)
            }
            tag::ATOM | tag::SMALL_ATOM | tag::ATOM_UTF8 => Token::Atom(self.atom_of(tag)?),
            tag::SMALL_BIG | tag::LARGE_BIG => {
                let length = if tag == tag::SMALL_BIG {
                    self.byte()?.into()
                } else {
                    self.length()?
                };
                let (negative, magnitude) = self.integer(length)?;
                match big::small(negative, magnitude) {
                    Some(small) => Token::Integer(small),
                    None => Token::BigInt(negative, magnitude),
                }
            }
            tag::FLOAT => Token::Float(self.float_text()?),
            tag::BIT_BINARY => match self.bits()? {
                (bytes, 0 | 8) => Token::Binary(bytes),
                _ => Token::Bits,
            },
            tag::NEW_PID | tag::PID => self.pid(tag).map(|_| Token::Pid)?,
            tag::PORT | tag::NEW_PORT | tag::V4_PORT => self.port(tag).map(|_| Token::Port)?,
            tag::REFERENCE | tag::NEW_REFERENCE | tag::NEWER_REFERENCE => {
                self.reference(tag).map(|_| Token::Reference)?
            }
            tag::EXPORT => self.export().map(|_| Token::Export)?,
            tag::NEW_FUN | tag::FUN => {
                let (caught, left) = self.fun(tag)?;
                Token::Fun(caught, left)
            }
            tag::RECORD => {
                let fields = self.record()?.fields;
                Token::Record(self.claim(fields)?)
            }
            tag::SMALL_INTEGER | tag::INTEGER => return Err(DecodeError::Truncated),
            other => return Err(DecodeError::Tag(other)),
        })
    }
}
