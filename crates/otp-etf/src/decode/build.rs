//! Terms of bytes, in a loop.

use super::{DecodeError, Decoder, Token};
use crate::tag;
use crate::term::{Atom, Fun, ImproperList, List, Map, Term};

/// A container that is being filled.
struct Open<'a> {
    kind: Kind,
    /// The bytes from its beginning on, behind the tag: a record's names are read again at its end.
    start: &'a [u8],
    terms: Vec<Term>,
    /// How many terms it is to have.
    wanted: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tuple,
    List,
    ImproperList,
    Map,
    Record,
}

impl<'a> Decoder<'a> {
    /// Reads a term.
    ///
    /// # Errors
    ///
    /// When it is no term, or one beyond the limits.
    pub fn term(&mut self) -> Result<Term, DecodeError> {
        // The containers around the innermost one, which is `here` if there is any.
        let mut outer: Vec<Open<'a>> = Vec::new();
        let mut here = Open {
            kind: Kind::Tuple,
            start: self.rest,
            terms: Vec::new(),
            wanted: 0,
        };
        let mut depth = 0;
        loop {
            self.run(&mut here);
            let mut is_full = depth > 0 && here.terms.len() == here.wanted;
            if !is_full {
                if depth > 0
                    && let Some(atom) = self.ascii_atom()
                {
                    here.terms.push(Term::Atom(atom));
                    continue;
                }
                let tag = self.byte()?;
                let start = self.rest;
                let (kind, wanted) = match tag {
                    tag::SMALL_TUPLE => (Kind::Tuple, self.byte()?.into()),
                    tag::LARGE_TUPLE => (Kind::Tuple, self.length()?),
                    tag::LIST => match self.length()? {
                        // A list without elements is its tail.
                        0 => continue,
                        elements => (Kind::List, elements),
                    },
                    tag::MAP => (Kind::Map, self.length()?.saturating_mul(2)),
                    tag::RECORD => (Kind::Record, self.record()?.fields),
                    other if depth == 0 => return self.leaf(other, depth),
                    // These, too, are written to where they belong.
                    tag::SMALL_ATOM_UTF8 => {
                        let atom = long(self.short_utf8()?)?;
                        here.terms.push(Term::Atom(atom));
                        continue;
                    }
                    tag::BINARY => {
                        let bytes = self.binary()?;
                        here.terms.push(Term::Binary(bytes.into()));
                        continue;
                    }
                    tag::NIL => {
                        here.terms.push(Term::nil());
                        continue;
                    }
                    tag::NEWER_REFERENCE => {
                        let reference = Box::new(self.read_reference(tag)?);
                        here.terms.push(Term::Reference(reference));
                        continue;
                    }
                    tag::SMALL_BIG => {
                        let length = self.byte()?.into();
                        let (negative, magnitude) = self.integer(length)?;
                        here.terms
                            .push(Term::from_sign_magnitude(negative, magnitude));
                        continue;
                    }
                    tag::NEW_PID => {
                        let pid = self.read_pid(tag)?;
                        here.terms.push(Term::Pid(Box::new(pid)));
                        continue;
                    }
                    other => {
                        let term = self.leaf(other, depth)?;
                        here.terms.push(term);
                        continue;
                    }
                };
                self.claim(wanted)?;
                self.check_depth(depth)?;
                let inner = Open {
                    kind,
                    start,
                    terms: Vec::with_capacity(wanted),
                    wanted,
                };
                if depth == 0 {
                    here = inner;
                } else {
                    outer.push(std::mem::replace(&mut here, inner));
                }
                depth += 1;
                is_full = wanted == 0;
            }
            while is_full {
                if here.kind == Kind::List && !self.close_list(&mut here)? {
                    break;
                }
                let terms = std::mem::take(&mut here.terms);
                let term = match here.kind {
                    Kind::Tuple => Term::Tuple(terms.into()),
                    Kind::List => Term::List(terms.into()),
                    Kind::ImproperList => Term::ImproperList(ImproperList::of_all(terms)),
                    Kind::Map => Term::Map(Map::of_all(terms).ok_or(DecodeError::DuplicateKey)?),
                    Kind::Record => {
                        let mut names = Decoder::checked(here.start);
                        let mut record = Box::new(names.record()?.to_record()?);
                        record.fill(terms);
                        Term::Record(record)
                    }
                };
                depth -= 1;
                match outer.pop() {
                    Some(next) => here = next,
                    None => return Ok(term),
                }
                here.terms.push(term);
                is_full = here.terms.len() == here.wanted;
            }
        }
    }

    /// Reads terms of the kinds that come in numbers, as long as there are some, and as many as are wanted.
    #[inline]
    fn run(&mut self, open: &mut Open<'_>) {
        // In variables of its own, which stay in registers.
        let mut rest = self.rest;
        let mut wanted = open.wanted - open.terms.len();
        while wanted > 0 {
            // Each kind has a push of its own, so that it is written to where it belongs.
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

#[cold]
fn long(text: &str) -> Result<Atom, DecodeError> {
    Atom::new(text).map_err(|_| DecodeError::Atom)
}
