//! Terms of bytes, in a loop.

use super::stack::Stack;
use super::{DecodeError, Decoder, Token};
use crate::tag;
use crate::term::{Atom, Fun, ImproperList, List, Map, Term};

/// A container that is being filled.
#[derive(Default)]
struct Open<'a> {
    kind: Kind,
    /// The bytes from its beginning on, behind the tag: a record's names are read again at its end.
    start: &'a [u8],
    terms: Vec<Term>,
    /// How many terms it is to have.
    wanted: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Tuple,
    List,
    ImproperList,
    Map,
    Record,
}

impl<'a> Open<'a> {
    #[inline(always)]
    fn new(kind: Kind, start: &'a [u8], wanted: usize) -> Self {
        let tail = usize::from(kind == Kind::List && is_call_tag(start));
        Self {
            kind,
            start,
            terms: Vec::with_capacity(wanted + tail),
            wanted,
        }
    }

    /// The container, which has all its terms.
    #[inline]
    fn finish(&mut self) -> Result<Term, DecodeError> {
        let terms = std::mem::take(&mut self.terms);
        Ok(match self.kind {
            Kind::Tuple => Term::Tuple(terms.into()),
            Kind::List => Term::List(terms.into()),
            Kind::ImproperList => Term::ImproperList(ImproperList::of_all(terms)),
            Kind::Map => Term::Map(Map::of_all(terms).ok_or(DecodeError::DuplicateKey)?),
            Kind::Record => {
                let mut names = Decoder::checked(self.start);
                let mut record = Box::new(names.record()?.to_record()?);
                record.fill(terms);
                Term::Record(record)
            }
        })
    }
}

impl<'a> Decoder<'a> {
    /// Reads a term.
    ///
    /// # Errors
    ///
    /// When it is no term, or one beyond the limits.
    pub fn term(&mut self) -> Result<Term, DecodeError> {
        let mut here = loop {
            let tag = self.byte()?;
            let start = self.rest;
            match self.container(tag, 0)? {
                Some((kind, wanted)) => break Open::new(kind, start, wanted),
                // A list without elements is its tail.
                None if tag == tag::LIST => {}
                None => return self.leaf(tag, 0),
            }
        };
        // The containers around it.
        let mut outer = Stack::new();
        loop {
            self.run(&mut here);
            if here.terms.len() == here.wanted {
                if here.kind == Kind::List && !self.close_list(&mut here)? {
                    continue;
                }
                let term = here.finish()?;
                match outer.pop() {
                    Some(next) => here = next,
                    None => return Ok(term),
                }
                here.terms.push(term);
                continue;
            }
            let tag = self.byte()?;
            let start = self.rest;
            if let Some((kind, wanted)) = self.container(tag, outer.len() + 1)? {
                let inner = Open::new(kind, start, wanted);
                outer.push(std::mem::replace(&mut here, inner));
                continue;
            }
            // Each of the usual kinds has a push of its own, so that it is written to where it belongs.
            let terms = &mut here.terms;
            match tag {
                tag::LIST => {}
                tag::SMALL_ATOM_UTF8 => terms.push(Term::Atom(long(self.short_utf8()?)?)),
                tag::BINARY => terms.push(Term::Binary(self.binary()?.into())),
                tag::NIL => terms.push(Term::nil()),
                tag::NEWER_REFERENCE => {
                    let reference = Box::new(self.read_reference(tag)?);
                    terms.push(Term::Reference(reference));
                }
                tag::SMALL_BIG => {
                    let length = self.byte()?.into();
                    let (negative, magnitude) = self.integer(length)?;
                    terms.push(Term::from_sign_magnitude(negative, magnitude));
                }
                tag::NEW_PID => {
                    let pid = self.read_pid(tag)?;
                    terms.push(Term::Pid(Box::new(pid)));
                }
                other => {
                    let term = self.leaf(other, outer.len() + 1)?;
                    terms.push(term);
                }
            }
        }
    }

    /// The kind of a container within so many others, and how many terms it is to have, if it is one; a list without elements is none.
    #[inline(always)]
    fn container(&mut self, tag: u8, depth: usize) -> Result<Option<(Kind, usize)>, DecodeError> {
        let (kind, wanted) = match tag {
            tag::SMALL_TUPLE => (Kind::Tuple, self.byte()?.into()),
            tag::LARGE_TUPLE => (Kind::Tuple, self.length()?),
            tag::LIST => match self.length()? {
                0 => return Ok(None),
                elements => (Kind::List, elements),
            },
            tag::MAP => (Kind::Map, self.length()?.saturating_mul(2)),
            tag::RECORD => (Kind::Record, self.record()?.fields),
            _ => return Ok(None),
        };
        self.claim(wanted)?;
        self.check_depth(depth)?;
        Ok(Some((kind, wanted)))
    }

    /// Reads terms of the kinds that come in numbers, as long as there are some, and as many as are wanted.
    #[inline]
    fn run(&mut self, open: &mut Open<'_>) {
        // In variables of its own, which stay in registers.
        let mut rest = self.rest;
        let mut atoms = self.atoms;
        let mut wanted = open.wanted - open.terms.len();
        // There is room for all. That it is seen here lets each push write its term to where it belongs, and not beside it first.
        while wanted > 0 && open.terms.len() < open.terms.capacity() {
            let after = match *rest {
                [tag::SMALL_INTEGER, byte, ref after @ ..] => {
                    open.terms.push(Term::Integer(byte.into()));
                    after
                }
                [tag::INTEGER, a, b, c, d, ref after @ ..] => {
                    let number = i32::from_be_bytes([a, b, c, d]);
                    open.terms.push(Term::Integer(number.into()));
                    after
                }
                [tag::SMALL_ATOM_UTF8, length, ref after @ ..] => {
                    let Some((text, after)) = after.split_at_checked(length.into()) else {
                        break;
                    };
                    let (Some(atom), Some(left)) = (Atom::ascii(text), atoms.checked_sub(1)) else {
                        break;
                    };
                    atoms = left;
                    open.terms.push(Term::Atom(atom));
                    after
                }
                [tag::NEW_FLOAT, a, b, c, d, e, f, g, h, ref after @ ..] => {
                    let number = f64::from_be_bytes([a, b, c, d, e, f, g, h]);
                    if !number.is_finite() {
                        break;
                    }
                    open.terms.push(Term::Float(number));
                    after
                }
                _ => break,
            };
            rest = after;
            wanted -= 1;
        }
        self.rest = rest;
        self.atoms = atoms;
    }

    /// Reads the beginning of a list's tail. Gives true if the list ends there.
    ///
    /// A tail that is a list goes on with the same list, so that neither its depth nor the time it takes grows.
    fn close_list(&mut self, list: &mut Open<'_>) -> Result<bool, DecodeError> {
        loop {
            match self.peek() {
                Some(tag::NIL) => {
                    self.rest = &self.rest[1..];
                    return Ok(true);
                }
                Some(tag::LIST | tag::STRING) => match self.token()? {
                    Token::List(0) => {}
                    Token::List(elements) => {
                        list.terms.reserve(elements);
                        list.wanted += elements;
                        return Ok(false);
                    }
                    Token::String(bytes) => {
                        list.terms
                            .extend(bytes.iter().map(|byte| Term::from(*byte)));
                        return Ok(true);
                    }
                    _ => {}
                },
                _ => {
                    list.kind = Kind::ImproperList;
                    list.terms.reserve_exact(1);
                    list.wanted += 1;
                    return Ok(false);
                }
            }
        }
    }

    /// A term that holds no others.
    #[inline(never)]
    fn leaf(&mut self, tag: u8, depth: usize) -> Result<Term, DecodeError> {
        Ok(match tag {
            tag::SMALL_INTEGER => Term::Integer(self.byte()?.into()),
            tag::INTEGER => Term::Integer(self.array().map(i32::from_be_bytes)?.into()),
            tag::BINARY => Term::Binary(self.binary()?.into()),
            tag::NEW_FLOAT => Term::Float(self.float()?),
            tag::NIL => Term::nil(),
            tag::STRING => {
                let length = self.u16()?.into();
                self.claim(length)?;
                Term::List(List::of_bytes(self.take(length)?))
            }
            tag::SMALL_BIG => {
                let length = self.byte()?.into();
                self.read_integer(length)?
            }
            tag::LARGE_BIG => {
                let length = self.length()?;
                self.read_integer(length)?
            }
            tag::NEW_PID | tag::PID => self.read_pid(tag)?.into(),
            tag::NEWER_REFERENCE | tag::NEW_REFERENCE | tag::REFERENCE => {
                self.read_reference(tag)?.into()
            }
            tag::V4_PORT | tag::NEW_PORT | tag::PORT => self.read_port(tag)?.into(),
            tag::ATOM | tag::SMALL_ATOM | tag::ATOM_UTF8 | tag::SMALL_ATOM_UTF8 => {
                Term::Atom(self.atom_of(tag)?.to_atom()?)
            }
            tag::FLOAT => Term::Float(self.float_text()?),
            tag::BIT_BINARY => self.read_bits()?,
            tag::EXPORT => self.read_export()?.into(),
            tag::NEW_FUN | tag::FUN => {
                let after = self.rest;
                let (caught, left) = self.fun(tag)?;
                self.check_depth(depth)?;
                self.skip_terms(caught, left, depth + 1)?;
                let body = &after[..after.len() - self.rest.len()];
                Fun::of_checked([&[tag], body].concat()).into()
            }
            other => return Err(DecodeError::Tag(other)),
        })
    }
}

/// Whether a list, whose bytes these are behind the tag, is `[Atom|Reference]`: the tag of nearly every call. It has room for its tail from
/// the beginning.
#[inline(always)]
fn is_call_tag(list: &[u8]) -> bool {
    match *list {
        [0, 0, 0, 1, tag::SMALL_ATOM_UTF8, length, ref after @ ..] => {
            after.get(usize::from(length)) == Some(&tag::NEWER_REFERENCE)
        }
        _ => false,
    }
}

#[cold]
fn long(text: &str) -> Result<Atom, DecodeError> {
    Atom::new(text).map_err(|_| DecodeError::Atom)
}
