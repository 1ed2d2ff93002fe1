//! Terms of bytes.
//!
//! Nearly all messages have few levels, and are read by recursion. Containers beyond [`CALLS`] levels are read in a loop.

use super::parts::binary;
use super::{DecodeError, Decoder, Token};
use crate::tag;
use crate::term::nest::CALLS;
use crate::term::{Atom, Binary, Fun, ImproperList, List, Map, Term, Tuple};

/// A container that is being filled.
struct Open<'a> {
    kind: Kind,
    /// The bytes from its beginning on, behind the tag: a record's names are read again at its end.
    start: &'a [u8],
    /// Places for its terms.
    terms: Vec<Term>,
    /// How many of them are filled.
    filled: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tuple,
    List,
    ImproperList,
    Map,
    Record,
}

/// The term in a place that is not filled yet. It has nothing to free.
const EMPTY: Term = Term::Integer(0);

/// Places for so many terms.
#[inline]
fn places(count: usize) -> impl ExactSizeIterator<Item = Term> {
    (0..count).map(|_| EMPTY)
}

/// Fills a place that is empty.
#[inline(always)]
fn fill(place: &mut Term, term: Term) {
    // An assignment would look for something to free first.
    std::mem::forget(std::mem::replace(place, term));
}

impl<'a> Open<'a> {
    #[inline(always)]
    fn new(kind: Kind, start: &'a [u8], wanted: usize) -> Self {
        let tail = usize::from(kind == Kind::List && is_call_tag(start));
        let mut terms = Vec::with_capacity(wanted + tail);
        terms.extend(places(wanted));
        Self {
            kind,
            start,
            terms,
            filled: 0,
        }
    }

    /// The container, which has all its terms.
    #[inline]
    fn finish(self) -> Result<Term, DecodeError> {
        let terms = self.terms;
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
        self.term_of(false)
    }

    /// Reads a term, which may have to be the last. The result is moved no more: for a small term that would take as long as half of the
    /// rest.
    #[inline(always)]
    pub(super) fn term_of(&mut self, is_last: bool) -> Result<Term, DecodeError> {
        let mut term = EMPTY;
        let done = match self.byte()? {
            tag::SMALL_TUPLE => match self.tuple(0) {
                Ok(tuple) if !is_last || self.rest.is_empty() => return Ok(Term::Tuple(tuple)),
                other => other.map(|_| ()),
            },
            other => self.other(other, &mut term, 0),
        };
        match done {
            Err(error) => Err(*error),
            Ok(()) if is_last && !self.rest.is_empty() => {
                Err(DecodeError::Trailing(self.rest.len()))
            }
            Ok(()) => Ok(term),
        }
    }

    /// Reads terms that are within so many containers, one for each place.
    ///
    /// A term is written to where it belongs: to return it would copy it two times. An error is in a box, so that a result is one word.
    #[inline(always)]
    fn items(&mut self, terms: &mut [Term], depth: usize) -> Result<(), Box<DecodeError>> {
        // In a variable of its own, which stays in registers.
        let mut rest = self.rest;
        for place in terms {
            let Some((tag, after)) = rest.split_first() else {
                return truncated();
            };
            match *tag {
                tag::SMALL_INTEGER => {
                    let Some((byte, after)) = after.split_first() else {
                        return truncated();
                    };
                    fill(place, Term::Integer((*byte).into()));
                    rest = after;
                }
                tag::INTEGER => {
                    let Some((bytes, after)) = after.split_first_chunk() else {
                        return truncated();
                    };
                    fill(place, Term::Integer(i32::from_be_bytes(*bytes).into()));
                    rest = after;
                }
                tag::SMALL_ATOM_UTF8 => {
                    if let Some((atom, after)) = Atom::ascii(after)
                        && let Some(left) = self.atoms.checked_sub(1)
                    {
                        self.atoms = left;
                        fill(place, Term::Atom(atom));
                        rest = after;
                    } else {
                        self.rest = after;
                        self.other(*tag, place, depth)?;
                        rest = self.rest;
                    }
                }
                tag::NEW_FLOAT => {
                    let Some((bytes, after)) = after.split_first_chunk() else {
                        return truncated();
                    };
                    let number = f64::from_be_bytes(*bytes);
                    if !number.is_finite() {
                        return Err(Box::new(DecodeError::Float));
                    }
                    fill(place, Term::Float(number));
                    rest = after;
                }
                tag::SMALL_TUPLE if depth < CALLS => {
                    self.rest = after;
                    fill(place, Term::Tuple(self.tuple(depth)?));
                    rest = self.rest;
                }
                tag::BINARY => {
                    self.rest = after;
                    fill(place, Term::Binary(self.owned_binary()?));
                    rest = self.rest;
                }
                _ => {
                    self.rest = after;
                    self.other(*tag, place, depth)?;
                    rest = self.rest;
                }
            }
        }
        self.rest = rest;
        Ok(())
    }

    /// A tuple, behind its tag.
    #[inline(never)]
    fn tuple(&mut self, depth: usize) -> Result<Tuple, Box<DecodeError>> {
        let arity = self.byte()?.into();
        self.claim(arity)?;
        self.check_depth(depth)?;
        // A number that is known needs no loop.
        let mut terms: Box<[Term]> = match arity {
            2 => places(2).collect(),
            3 => places(3).collect(),
            _ => places(arity).collect(),
        };
        self.items(&mut terms, depth + 1)?;
        Ok(Tuple::of(terms))
    }

    /// A binary, behind its tag. In a function of its own it needs few registers.
    #[inline(never)]
    fn owned_binary(&mut self) -> Result<Binary, Box<DecodeError>> {
        let Some((bytes, after)) = binary(self.rest, &self.limits) else {
            return Ok(self.binary()?.into());
        };
        self.rest = after;
        Ok(bytes.into())
    }

    /// Any other term, behind its tag.
    #[inline(never)]
    fn other(&mut self, tag: u8, place: &mut Term, depth: usize) -> Result<(), Box<DecodeError>> {
        match tag {
            tag::NIL => fill(place, Term::nil()),
            tag::STRING => {
                let length = self.u16()?.into();
                self.claim(length)?;
                fill(place, Term::List(List::from_bytes(self.take(length)?)));
            }
            tag::SMALL_BIG => {
                let length = self.byte()?.into();
                let (negative, magnitude) = self.integer(length)?;
                fill(place, Term::from_sign_magnitude(negative, magnitude));
            }
            tag::NEW_PID => match self.usual_pid() {
                Some(pid) => fill(place, Term::Pid(Box::new(pid))),
                None => fill(place, self.leaf(tag, depth)?),
            },
            tag::NEWER_REFERENCE => match self.usual_reference() {
                Some(reference) => fill(place, Term::Reference(Box::new(reference))),
                None => fill(place, self.leaf(tag, depth)?),
            },
            _ => fill(place, self.one(tag, depth)?),
        }
        Ok(())
    }

    /// A term of any kind, behind its tag.
    fn one(&mut self, mut tag: u8, depth: usize) -> Result<Term, Box<DecodeError>> {
        loop {
            let start = self.rest;
            return match self.container(tag, depth)? {
                Some((kind, wanted)) => {
                    let open = Open::new(kind, start, wanted);
                    if depth < CALLS {
                        self.near(open, depth + 1)
                    } else {
                        Ok(self.far(open, depth + 1)?)
                    }
                }
                // A list without elements is its tail.
                None if tag == tag::LIST => {
                    tag = self.byte()?;
                    continue;
                }
                None => Ok(self.leaf(tag, depth)?),
            };
        }
    }

    /// Reads the terms of a container, and those within them by recursion.
    fn near(&mut self, mut open: Open<'a>, depth: usize) -> Result<Term, Box<DecodeError>> {
        loop {
            let filled = std::mem::replace(&mut open.filled, open.terms.len());
            self.items(&mut open.terms[filled..], depth)?;
            if open.kind != Kind::List || self.close_list(&mut open)? {
                return Ok(open.finish()?);
            }
        }
    }

    /// Reads the terms of a container, and those within them in a loop.
    #[cold]
    fn far(&mut self, mut here: Open<'a>, depth: usize) -> Result<Term, DecodeError> {
        // The containers around it.
        let mut outer = Vec::new();
        loop {
            let Some(place) = here.terms.get_mut(here.filled) else {
                if here.kind == Kind::List && !self.close_list(&mut here)? {
                    continue;
                }
                let Some(next) = outer.pop() else {
                    return here.finish();
                };
                let term = std::mem::replace(&mut here, next).finish()?;
                fill(&mut here.terms[here.filled], term);
                here.filled += 1;
                continue;
            };
            let tag = self.byte()?;
            let start = self.rest;
            match self.container(tag, depth + outer.len())? {
                Some((kind, wanted)) => {
                    let inner = Open::new(kind, start, wanted);
                    outer.push(std::mem::replace(&mut here, inner));
                }
                None if tag == tag::LIST => {}
                None => {
                    fill(place, self.leaf(tag, depth + outer.len())?);
                    here.filled += 1;
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
                        list.terms.extend(places(elements));
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
                    list.terms.push(EMPTY);
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
                Term::List(List::from_bytes(self.take(length)?))
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
fn truncated() -> Result<(), Box<DecodeError>> {
    Err(Box::new(DecodeError::Truncated))
}
