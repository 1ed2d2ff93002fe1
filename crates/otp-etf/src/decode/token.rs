//! What stands at a place in the bytes: a whole term if it holds no others, otherwise how a container begins.

use std::borrow::Cow;

use super::{DecodeError, Decoder};
use crate::tag;
use crate::term::{Atom, Export, Pid, Port, Reference, big};

pub(crate) enum Token<'a> {
    Integer(i64),
    /// An integer that does not fit.
    BigInt {
        negative: bool,
        magnitude: &'a [u8],
    },
    Float(f64),
    Atom(Cow<'a, str>),
    Binary(&'a [u8]),
    /// Bytes and how many bits of the last one belong to it, 1 to 7.
    Bits(&'a [u8], u8),
    Nil,
    /// A list of bytes.
    String(&'a [u8]),
    /// So many elements and a tail follow.
    List(usize),
    /// So many elements follow.
    Tuple(usize),
    /// So many keys and values follow.
    Map(usize),
    Pid(Node<'a>, u32, u32),
    Port(Node<'a>, u64),
    /// Words of four bytes each.
    Reference(Node<'a>, &'a [u8]),
    Export {
        module: Cow<'a, str>,
        function: Cow<'a, str>,
        arity: u8,
    },
    /// So many caught values follow, and then so many bytes are left, if that is known.
    Fun {
        caught: usize,
        left: Option<usize>,
    },
    Record(RecordHead<'a>),
}

pub(crate) struct Node<'a> {
    name: Cow<'a, str>,
    creation: u32,
}

pub(crate) struct RecordHead<'a> {
    pub(crate) flags: u8,
    pub(crate) module: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
    /// So many atoms.
    pub(crate) names: &'a [u8],
    /// So many values follow.
    pub(crate) fields: usize,
}

/// An atom of a text that the decoder has checked.
pub(super) fn atom(text: &str) -> Result<Atom, DecodeError> {
    Atom::new(text).map_err(|_| DecodeError::Atom)
}

impl<'a> Decoder<'a> {
    #[inline]
    pub(crate) fn token(&mut self) -> Result<Token<'a>, DecodeError> {
        Ok(match self.byte()? {
            tag::SMALL_INTEGER => Token::Integer(self.byte()?.into()),
            tag::INTEGER => Token::Integer(self.array().map(i32::from_be_bytes)?.into()),
            tag::SMALL_ATOM_UTF8 => {
                let length = self.byte()?.into();
                Token::Atom(self.utf8(length)?)
            }
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
            tag::NEW_FLOAT => Token::Float(finite(self.array().map(f64::from_be_bytes)?)?),
            tag::STRING => {
                let length = self.u16()?.into();
                self.claim(length)?;
                Token::String(self.take(length)?)
            }
            tag::SMALL_BIG => {
                let length = self.byte()?.into();
                self.integer(length)?
            }
            tag::NEW_PID => Token::pid(self.new_pid()?),
            tag::NEWER_REFERENCE => {
                let words = self.u16()?;
                let name = self.atom()?;
                let creation = self.u32()?;
                self.reference(words, Node { name, creation })?
            }
            other => self.rare(other)?,
        })
    }

    #[inline(never)]
    fn rare(&mut self, tag: u8) -> Result<Token<'a>, DecodeError> {
        Ok(match tag {
            tag::LARGE_TUPLE => {
                let arity = self.length()?;
                Token::Tuple(self.claim(arity)?)
            }
            tag::ATOM | tag::SMALL_ATOM | tag::ATOM_UTF8 => Token::Atom(self.atom_of(tag)?),
            tag::LARGE_BIG => {
                let length = self.length()?;
                self.integer(length)?
            }
            tag::FLOAT => Token::Float(self.float_text()?),
            tag::BIT_BINARY => {
                let length = self.length()?;
                let bits = self.byte()?;
                match (self.limited(length)?, bits) {
                    ([], 0) => Token::Binary(&[]),
                    (bytes @ [_, ..], 8) => Token::Binary(bytes),
                    (bytes @ [_, ..], 1..=7) => Token::Bits(bytes, bits),
                    _ => return Err(DecodeError::BitString),
                }
            }
            tag::PID => Token::pid(self.old_pid()?),
            tag::PORT | tag::NEW_PORT | tag::V4_PORT => {
                let name = self.atom()?;
                let id = match tag {
                    tag::V4_PORT => self.array().map(u64::from_be_bytes)?,
                    _ => self.u32()?.into(),
                };
                let creation = self.creation(tag == tag::PORT)?;
                Token::Port(Node { name, creation }, id)
            }
            tag::REFERENCE => {
                let name = self.atom()?;
                let words = self.take(4)?;
                let creation = self.creation(true)?;
                Token::Reference(Node { name, creation }, words)
            }
            tag::NEW_REFERENCE => {
                let words = self.u16()?;
                let name = self.atom()?;
                let creation = self.creation(true)?;
                self.reference(words, Node { name, creation })?
            }
            tag::EXPORT => {
                let (module, function) = (self.atom()?, self.atom()?);
                match self.array()? {
                    [tag::SMALL_INTEGER, arity] => Token::Export {
                        module,
                        function,
                        arity,
                    },
                    _ => return Err(DecodeError::Fun),
                }
            }
            tag::NEW_FUN | tag::FUN => self.fun(tag)?,
            tag::RECORD => self.record()?,
            other => return Err(DecodeError::Tag(other)),
        })
    }

    /// An atom, and nothing else.
    pub(super) fn atom(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        let tag = self.byte()?;
        self.atom_of(tag)
    }

    fn atom_of(&mut self, tag: u8) -> Result<Cow<'a, str>, DecodeError> {
        let length = match tag {
            tag::SMALL_ATOM_UTF8 | tag::SMALL_ATOM => self.byte()?.into(),
            tag::ATOM_UTF8 | tag::ATOM => self.u16()?.into(),
            _ => return Err(DecodeError::Atom),
        };
        match tag {
            tag::SMALL_ATOM_UTF8 | tag::ATOM_UTF8 => self.utf8(length),
            _ => self.latin1(length),
        }
    }

    fn utf8(&mut self, length: usize) -> Result<Cow<'a, str>, DecodeError> {
        self.count_atom()?;
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| DecodeError::Atom)?;
        if length > 255 && text.chars().count() > 255 {
            return Err(DecodeError::Atom);
        }
        Ok(Cow::Borrowed(text))
    }

    fn latin1(&mut self, length: usize) -> Result<Cow<'a, str>, DecodeError> {
        self.count_atom()?;
        let bytes = self.take(length)?;
        if length > 255 {
            return Err(DecodeError::Atom);
        }
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => Cow::Borrowed(text),
            _ => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
        })
    }

    fn count_atom(&mut self) -> Result<(), DecodeError> {
        let left = self.atoms.checked_sub(1);
        self.atoms = left.ok_or(DecodeError::TooManyAtoms(self.limits.atoms))?;
        Ok(())
    }

    fn binary(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.length()?;
        self.limited(length)
    }

    fn limited(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        if length > self.limits.binary {
            return Err(DecodeError::TooLargeBinary(self.limits.binary));
        }
        self.take(length)
    }

    fn integer(&mut self, length: usize) -> Result<Token<'a>, DecodeError> {
        if length > self.limits.integer {
            return Err(DecodeError::TooLargeInteger(self.limits.integer));
        }
        // Any sign but 0 is a minus.
        let negative = self.byte()? != 0;
        let magnitude = big::significant(self.take(length)?);
        Ok(match big::small(negative, magnitude) {
            Some(small) => Token::Integer(small),
            None => Token::BigInt {
                negative,
                magnitude,
            },
        })
    }

    /// A float as text, which OTP has not written since R11: `1.50000000000000000000e+00` and zeros.
    fn float_text(&mut self) -> Result<f64, DecodeError> {
        let text = self.take(31)?;
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| DecodeError::Float)?;
        let is_number = text
            .trim_start_matches(['+', '-', ' '])
            .starts_with(|sign: char| sign.is_ascii_digit());
        match text.trim_start().parse() {
            Ok(number) if is_number => finite(number),
            _ => Err(DecodeError::Float),
        }
    }

    fn creation(&mut self, is_old: bool) -> Result<u32, DecodeError> {
        if is_old {
            self.byte().map(u32::from)
        } else {
            self.u32()
        }
    }

    /// A process, and nothing else.
    pub(super) fn pid(&mut self) -> Result<(Node<'a>, u32, u32), DecodeError> {
        match self.byte()? {
            tag::NEW_PID => self.new_pid(),
            tag::PID => self.old_pid(),
            _ => Err(DecodeError::Fun),
        }
    }

    fn new_pid(&mut self) -> Result<(Node<'a>, u32, u32), DecodeError> {
        let name = self.atom()?;
        let (id, serial, creation) = (self.u32()?, self.u32()?, self.u32()?);
        Ok((Node { name, creation }, id, serial))
    }

    fn old_pid(&mut self) -> Result<(Node<'a>, u32, u32), DecodeError> {
        let name = self.atom()?;
        let (id, serial, creation) = (self.u32()?, self.u32()?, self.creation(true)?);
        Ok((Node { name, creation }, id, serial))
    }

    fn reference(&mut self, words: u16, node: Node<'a>) -> Result<Token<'a>, DecodeError> {
        let words = usize::from(words);
        if !(1..=5).contains(&words) {
            return Err(DecodeError::Reference(words));
        }
        Ok(Token::Reference(node, self.take(words * 4)?))
    }

    fn record(&mut self) -> Result<Token<'a>, DecodeError> {
        let fields = self.length()?;
        let flags = self.byte()?;
        let (module, name) = (self.atom()?, self.atom()?);
        self.claim(fields.saturating_mul(2))?;
        let before = self.rest;
        for _ in 0..fields {
            self.atom()?;
        }
        let names = &before[..before.len() - self.rest.len()];
        Ok(Token::Record(RecordHead {
            flags,
            module,
            name,
            names,
            fields,
        }))
    }
}

fn finite(number: f64) -> Result<f64, DecodeError> {
    if number.is_finite() {
        Ok(number)
    } else {
        Err(DecodeError::Float)
    }
}

impl<'a> Token<'a> {
    fn pid((node, id, serial): (Node<'a>, u32, u32)) -> Self {
        Self::Pid(node, id, serial)
    }
}

impl Node<'_> {
    pub(crate) fn pid(&self, id: u32, serial: u32) -> Result<Pid, DecodeError> {
        Ok(Pid {
            id,
            serial,
            node: atom(&self.name)?,
            creation: self.creation,
        })
    }

    pub(crate) fn port(&self, id: u64) -> Result<Port, DecodeError> {
        Ok(Port {
            id,
            node: atom(&self.name)?,
            creation: self.creation,
        })
    }

    pub(crate) fn reference(&self, words: &[u8]) -> Result<Reference, DecodeError> {
        let (chunks, _) = words.as_chunks::<4>();
        let mut words = [0; 5];
        for (word, chunk) in words.iter_mut().zip(chunks) {
            *word = u32::from_be_bytes(*chunk);
        }
        let words = words.get(..chunks.len()).unwrap_or(&words);
        Reference::new(atom(&self.name)?, self.creation, words)
            .map_err(|_| DecodeError::Reference(chunks.len()))
    }
}

pub(crate) fn export(module: &str, function: &str, arity: u8) -> Result<Export, DecodeError> {
    Ok(Export {
        module: atom(module)?,
        function: atom(function)?,
        arity,
    })
}
