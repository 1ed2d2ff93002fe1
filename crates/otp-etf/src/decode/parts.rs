//! The parts that terms are made of: lengths, texts, nodes.

use std::borrow::Cow;

use super::{DecodeError, Decoder};
use crate::limits::Limits;
use crate::tag;
use crate::term::{Atom, Export, Pid, Port, Record, Reference, Term, big};

/// The text of an atom.
#[derive(Clone, Copy)]
pub(crate) enum Text<'a> {
    Utf8(&'a str),
    /// Characters that are bytes, of which some are not in ASCII.
    Latin1(&'a [u8]),
}

impl<'a> Text<'a> {
    /// Whether it is this text, which is in ASCII.
    pub(crate) fn is(self, text: &str) -> bool {
        matches!(self, Self::Utf8(this) if this == text)
    }

    pub(crate) fn to_str(self) -> Cow<'a, str> {
        match self {
            Self::Utf8(text) => Cow::Borrowed(text),
            Self::Latin1(bytes) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
        }
    }

    #[inline]
    pub(crate) fn to_atom(self) -> Result<Atom, DecodeError> {
        let atom = match self {
            Self::Utf8(text) => Atom::new(text),
            Self::Latin1(_) => Atom::new(&self.to_str()),
        };
        atom.map_err(|_| DecodeError::Atom)
    }
}

impl<'a> Decoder<'a> {
    /// An atom, and nothing else.
    #[inline]
    pub(super) fn atom(&mut self) -> Result<Text<'a>, DecodeError> {
        match self.byte()? {
            tag::SMALL_ATOM_UTF8 => self.short_utf8().map(Text::Utf8),
            other => self.atom_of(other),
        }
    }

    /// The text behind the tag of nearly all atoms.
    #[inline]
    pub(super) fn short_utf8(&mut self) -> Result<&'a str, DecodeError> {
        let (length, after) = self.rest.split_first().ok_or(DecodeError::Truncated)?;
        let split = after.split_at_checked(usize::from(*length));
        let (text, after) = split.ok_or(DecodeError::Truncated)?;
        self.rest = after;
        self.count_atom()?;
        std::str::from_utf8(text).map_err(|_| DecodeError::Atom)
    }

    pub(super) fn atom_of(&mut self, tag: u8) -> Result<Text<'a>, DecodeError> {
        let length = match tag {
            tag::SMALL_ATOM_UTF8 | tag::SMALL_ATOM => self.byte()?.into(),
            tag::ATOM_UTF8 | tag::ATOM => self.u16()?.into(),
            _ => return Err(DecodeError::Atom),
        };
        match tag {
            tag::SMALL_ATOM_UTF8 | tag::ATOM_UTF8 => self.utf8(length).map(Text::Utf8),
            _ => self.latin1(length),
        }
    }

    #[inline]
    pub(super) fn utf8(&mut self, length: usize) -> Result<&'a str, DecodeError> {
        self.count_atom()?;
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| DecodeError::Atom)?;
        if length > 255 && text.chars().count() > 255 {
            return Err(DecodeError::Atom);
        }
        Ok(text)
    }

    fn latin1(&mut self, length: usize) -> Result<Text<'a>, DecodeError> {
        self.count_atom()?;
        let bytes = self.take(length)?;
        if length > 255 {
            return Err(DecodeError::Atom);
        }
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => Text::Utf8(text),
            _ => Text::Latin1(bytes),
        })
    }

    pub(super) fn count_atom(&mut self) -> Result<(), DecodeError> {
        let left = self.atoms.checked_sub(1);
        self.atoms = left.ok_or(DecodeError::TooManyAtoms(self.limits.atoms))?;
        Ok(())
    }

    /// An integer of the two usual kinds, if it is one.
    #[inline]
    pub(crate) fn small_integer(&mut self) -> Option<i64> {
        let (number, after) = match *self.rest {
            [tag::SMALL_INTEGER, byte, ref after @ ..] => (byte.into(), after),
            [tag::INTEGER, a, b, c, d, ref after @ ..] => {
                (i32::from_be_bytes([a, b, c, d]).into(), after)
            }
            _ => return None,
        };
        self.rest = after;
        Some(number)
    }

    #[inline]
    pub(super) fn binary(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.length()?;
        self.limited(length)
    }

    pub(super) fn limited(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        if length > self.limits.binary {
            return Err(DecodeError::TooLargeBinary(self.limits.binary));
        }
        self.take(length)
    }

    /// The sign of an integer, whether it is a minus, and the magnitude without zeros above.
    pub(super) fn integer(&mut self, length: usize) -> Result<(bool, &'a [u8]), DecodeError> {
        if length > self.limits.integer {
            return Err(DecodeError::TooLargeInteger(self.limits.integer));
        }
        // Any sign but 0 is a minus.
        let negative = self.byte()? != 0;
        Ok((negative, big::significant(self.take(length)?)))
    }

    pub(super) fn float(&mut self) -> Result<f64, DecodeError> {
        finite(self.array().map(f64::from_be_bytes)?)
    }

    /// A float as text, which OTP has not written since R11: `1.50000000000000000000e+00` and zeros.
    pub(super) fn float_text(&mut self) -> Result<f64, DecodeError> {
        let text = self.take(31)?;
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| DecodeError::Float)?;
        let digits = text.trim_start_matches(['+', '-', ' ']);
        match text.trim_start().parse() {
            Ok(number) if digits.starts_with(|sign: char| sign.is_ascii_digit()) => finite(number),
            _ => Err(DecodeError::Float),
        }
    }

    /// Bytes, and how many bits of the last one there are.
    pub(super) fn bits(&mut self) -> Result<(&'a [u8], u8), DecodeError> {
        let length = self.length()?;
        let bits = self.byte()?;
        let bytes = self.limited(length)?;
        match (bytes.is_empty(), bits) {
            (true, 0) | (false, 1..=8) => Ok((bytes, bits)),
            _ => Err(DecodeError::BitString),
        }
    }

    /// The node's name and the creation are before and after the different parts.
    fn creation(&mut self, is_old: bool) -> Result<u32, DecodeError> {
        if is_old {
            self.byte().map(u32::from)
        } else {
            self.u32()
        }
    }

    pub(super) fn pid(&mut self, tag: u8) -> Result<(Text<'a>, [u32; 3]), DecodeError> {
        let node = self.atom()?;
        let (id, serial) = (self.u32()?, self.u32()?);
        Ok((node, [id, serial, self.creation(tag == tag::PID)?]))
    }

    pub(super) fn port(&mut self, tag: u8) -> Result<(Text<'a>, u64, u32), DecodeError> {
        let node = self.atom()?;
        let id = match tag {
            tag::V4_PORT => self.array().map(u64::from_be_bytes)?,
            _ => self.u32()?.into(),
        };
        Ok((node, id, self.creation(tag == tag::PORT)?))
    }

    /// The node, the creation, and words of four bytes each.
    pub(super) fn reference(&mut self, tag: u8) -> Result<(Text<'a>, u32, &'a [u8]), DecodeError> {
        if tag == tag::REFERENCE {
            let (node, word) = (self.atom()?, self.take(4)?);
            return Ok((node, self.creation(true)?, word));
        }
        let words = usize::from(self.u16()?);
        if !(1..=5).contains(&words) {
            return Err(DecodeError::Reference(words));
        }
        let node = self.atom()?;
        let creation = self.creation(tag == tag::NEW_REFERENCE)?;
        Ok((node, creation, self.take(words * 4)?))
    }

    pub(super) fn export(&mut self) -> Result<(Text<'a>, Text<'a>, u8), DecodeError> {
        let (module, function) = (self.atom()?, self.atom()?);
        match self.array()? {
            [tag::SMALL_INTEGER, arity] => Ok((module, function, arity)),
            _ => Err(DecodeError::Fun),
        }
    }

    /// Of a native record all but the values, of which there are as many as names.
    pub(super) fn record(&mut self) -> Result<RecordHead<'a>, DecodeError> {
        let fields = self.length()?;
        let flags = self.byte()?;
        let (module, name) = (self.atom()?, self.atom()?);
        self.claim(fields)?;
        let before = self.rest;
        for _ in 0..fields {
            self.atom()?;
        }
        let names = &before[..before.len() - self.rest.len()];
        Ok(RecordHead {
            flags,
            module,
            name,
            names,
            fields,
        })
    }
}

/// The bytes of a binary, which begins with its length, and the bytes behind it.
#[inline(always)]
pub(super) fn binary<'a>(bytes: &'a [u8], limits: &Limits) -> Option<(&'a [u8], &'a [u8])> {
    let (length, after) = bytes.split_first_chunk()?;
    let length = u32::from_be_bytes(*length) as usize;
    if length > limits.binary {
        return None;
    }
    after.split_at_checked(length)
}

fn finite(number: f64) -> Result<f64, DecodeError> {
    if number.is_finite() {
        Ok(number)
    } else {
        Err(DecodeError::Float)
    }
}

pub(super) struct RecordHead<'a> {
    flags: u8,
    module: Text<'a>,
    name: Text<'a>,
    names: &'a [u8],
    pub(super) fields: usize,
}

impl RecordHead<'_> {
    /// The record without its values.
    pub(super) fn to_record(&self) -> Result<Record, DecodeError> {
        let mut names = Decoder::checked(self.names);
        let fields: Result<Vec<_>, _> = (0..self.fields).map(|_| names.atom()?.to_atom()).collect();
        Ok(Record::with_names(
            self.flags,
            self.module.to_atom()?,
            self.name.to_atom()?,
            fields?,
        ))
    }
}

/// The types of these parts.
impl<'a> Decoder<'a> {
    pub(super) fn read_integer(&mut self, length: usize) -> Result<Term, DecodeError> {
        let (negative, magnitude) = self.integer(length)?;
        Ok(Term::from_sign_magnitude(negative, magnitude))
    }

    pub(super) fn read_bits(&mut self) -> Result<Term, DecodeError> {
        let (bytes, bits) = self.bits()?;
        Ok(Term::bits(
            bytes,
            bytes.len().saturating_sub(1) * 8 + usize::from(bits),
        ))
    }

    /// The name of a node, which is kept in its value or known, and the bytes behind it. These begin with its length.
    #[inline(always)]
    fn node(&self, bytes: &'a [u8]) -> Option<(Atom, &'a [u8])> {
        Atom::ascii(bytes).or_else(|| {
            let (length, after) = bytes.split_first()?;
            let (text, after) = after.split_at_checked(usize::from(*length))?;
            let node = self.nodes.iter().find(|node| node.as_bytes() == text)?;
            Some((node.clone(), after))
        })
    }

    /// A pid of a node whose name is kept in its value or known, behind the tag of nearly all; of another one nothing is read.
    #[inline]
    pub(super) fn usual_pid(&mut self) -> Option<Pid> {
        let [tag::SMALL_ATOM_UTF8, after @ ..] = self.rest else {
            return None;
        };
        let (node, after) = self.node(after)?;
        // In one piece: each part depends on the parts before it.
        let (numbers, after) = after.split_first_chunk::<12>()?;
        let [id, serial, creation] = numbers.as_chunks().0 else {
            return None;
        };
        self.atoms = self.atoms.checked_sub(1)?;
        self.rest = after;
        Some(Pid {
            id: u32::from_be_bytes(*id),
            serial: u32::from_be_bytes(*serial),
            node,
            creation: u32::from_be_bytes(*creation),
        })
    }

    #[inline]
    pub(super) fn read_pid(&mut self, tag: u8) -> Result<Pid, DecodeError> {
        if tag == tag::NEW_PID
            && let Some(pid) = self.usual_pid()
        {
            return Ok(pid);
        }
        let (node, [id, serial, creation]) = self.pid(tag)?;
        Ok(Pid {
            id,
            serial,
            node: node.to_atom()?,
            creation,
        })
    }

    pub(super) fn read_port(&mut self, tag: u8) -> Result<Port, DecodeError> {
        let (node, id, creation) = self.port(tag)?;
        Ok(Port {
            id,
            node: node.to_atom()?,
            creation,
        })
    }

    /// A reference of three words, as nodes make them, of a node whose name is kept in its value or known, behind the tag of nearly all; of
    /// another one nothing is read.
    #[inline]
    pub(super) fn usual_reference(&mut self) -> Option<Reference> {
        let [0, 3, tag::SMALL_ATOM_UTF8, after @ ..] = self.rest else {
            return None;
        };
        let (node, after) = self.node(after)?;
        let (numbers, after) = after.split_first_chunk::<16>()?;
        let [creation, first, second, third] = numbers.as_chunks().0 else {
            return None;
        };
        self.atoms = self.atoms.checked_sub(1)?;
        self.rest = after;
        let words = [*first, *second, *third].map(u32::from_be_bytes);
        Some(Reference::of_three(
            node,
            u32::from_be_bytes(*creation),
            words,
        ))
    }

    pub(super) fn read_reference(&mut self, tag: u8) -> Result<Reference, DecodeError> {
        if tag == tag::NEWER_REFERENCE
            && let Some(reference) = self.usual_reference()
        {
            return Ok(reference);
        }
        let (node, creation, bytes) = self.reference(tag)?;
        let (chunks, _) = bytes.as_chunks::<4>();
        let mut words = [0; 5];
        for (word, chunk) in words.iter_mut().zip(chunks) {
            *word = u32::from_be_bytes(*chunk);
        }
        let words = &words[..chunks.len()];
        Reference::new(node.to_atom()?, creation, words)
            .map_err(|_| DecodeError::Reference(chunks.len()))
    }

    pub(super) fn read_export(&mut self) -> Result<Export, DecodeError> {
        let (module, function, arity) = self.export()?;
        Ok(Export {
            module: module.to_atom()?,
            function: function.to_atom()?,
            arity,
        })
    }
}
