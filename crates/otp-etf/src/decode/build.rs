//! Terms of bytes, in a loop.

use super::{DecodeError, Decoder, Token};
use crate::tag;
use crate::term::nest::Shape;
use crate::term::{Fun, Term};

/// A container that is being filled.
struct Open {
    shape: Shape,
    terms: Vec<Term>,
    /// How many terms it is to have.
    wanted: usize,
}

enum Part {
    Whole(Term),
    Open(Open),
}

impl Decoder<'_> {
    /// Reads a term.
    ///
    /// # Errors
    ///
    /// When it is no term, or one beyond the limits.
    pub fn term(&mut self) -> Result<Term, DecodeError> {
        let mut here = match self.part(0)? {
            Part::Whole(term) => return Ok(term),
            Part::Open(open) => open,
        };
        let mut outer: Vec<Open> = Vec::new();
        loop {
            while here.terms.len() < here.wanted {
                // What most messages are made of is read here, without a detour.
                let term = match *self.rest {
                    [tag::SMALL_INTEGER, byte, ref rest @ ..] => {
                        self.rest = rest;
                        Term::Integer(byte.into())
                    }
                    [tag::INTEGER, a, b, c, d, ref rest @ ..] => {
                        self.rest = rest;
                        Term::Integer(i32::from_be_bytes([a, b, c, d]).into())
                    }
                    _ => match self.part(outer.len() + 1)? {
                        Part::Whole(term) => term,
                        Part::Open(inner) => {
                            outer.push(std::mem::replace(&mut here, inner));
                            continue;
                        }
                    },
                };
                here.terms.push(term);
            }
            if let Shape::List = here.shape
                && !self.close_list(&mut here)?
            {
                continue;
            }
            let term = match here.shape {
                // A list without elements is its tail.
                Shape::ImproperList if here.terms.len() == 1 => here.terms.swap_remove(0),
                shape => shape.finish(here.terms).ok_or(DecodeError::DuplicateKey)?,
            };
            match outer.pop() {
                Some(next) => here = next,
                None => return Ok(term),
            }
            here.terms.push(term);
        }
    }

    /// Reads the beginning of a list's tail. Gives true if the list ends there.
    ///
    /// A tail that is a list goes on with the same list, so that neither its depth nor the time it takes grows.
    fn close_list(&mut self, list: &mut Open) -> Result<bool, DecodeError> {
        match self.peek() {
            Some(tag::NIL) => {
                self.rest = &self.rest[1..];
                return Ok(true);
            }
            Some(tag::LIST | tag::STRING) => match self.token()? {
                Token::List(elements) => {
                    list.terms.reserve(elements);
                    list.wanted += elements;
                }
                Token::String(bytes) => {
                    list.terms
                        .extend(bytes.iter().map(|byte| Term::from(*byte)));
                    return Ok(true);
                }
                _ => {}
            },
            _ => {
                list.shape = Shape::ImproperList;
                list.terms.reserve_exact(1);
                list.wanted += 1;
            }
        }
        Ok(false)
    }

    /// A term, or the beginning of one that holds others.
    #[inline]
    fn part(&mut self, depth: usize) -> Result<Part, DecodeError> {
        let (shape, wanted) = match self.byte()? {
            tag::SMALL_ATOM_UTF8 => {
                let length = self.byte()?.into();
                let text = self.utf8(length)?;
                let atom = crate::Atom::new(text).map_err(|_| DecodeError::Atom)?;
                return Ok(Part::Whole(Term::Atom(atom)));
            }
            tag::BINARY => return Ok(Part::Whole(Term::Binary(self.binary()?.into()))),
            tag::NEW_FLOAT => return Ok(Part::Whole(Term::Float(self.float()?))),
            tag::NIL => return Ok(Part::Whole(Term::nil())),
            tag::SMALL_TUPLE => (Shape::Tuple, self.byte()?.into()),
            tag::LARGE_TUPLE => (Shape::Tuple, self.length()?),
            tag::LIST => (Shape::List, self.length()?),
            tag::MAP => (Shape::Map, self.length()?.saturating_mul(2)),
            tag::RECORD => {
                let head = self.record()?;
                let shape = Shape::Record(Box::new(head.to_record()?));
                return self.open(shape, head.fields, depth);
            }
            other => return self.whole(other, depth).map(Part::Whole),
        };
        self.claim(wanted)?;
        self.open(shape, wanted, depth)
    }

    fn open(&self, shape: Shape, wanted: usize, depth: usize) -> Result<Part, DecodeError> {
        if wanted == 0 && !matches!(shape, Shape::List | Shape::Record(_)) {
            let empty = shape.finish(Vec::new()).ok_or(DecodeError::DuplicateKey)?;
            return Ok(Part::Whole(empty));
        }
        self.check_depth(depth)?;
        let terms = Vec::with_capacity(wanted);
        Ok(Part::Open(Open {
            shape,
            terms,
            wanted,
        }))
    }

    /// A term that holds no others, and is none of the most usual ones.
    #[inline(never)]
    fn whole(&mut self, tag: u8, depth: usize) -> Result<Term, DecodeError> {
        Ok(match tag {
            tag::SMALL_INTEGER => Term::Integer(self.byte()?.into()),
            tag::INTEGER => Term::Integer(self.array().map(i32::from_be_bytes)?.into()),
            tag::STRING => {
                let length = self.u16()?.into();
                self.claim(length)?;
                Term::list(
                    self.take(length)?
                        .iter()
                        .map(|byte| Term::Integer((*byte).into())),
                )
            }
            tag::SMALL_BIG => {
                let length = self.byte()?.into();
                self.to_integer(length)?
            }
            tag::LARGE_BIG => {
                let length = self.length()?;
                self.to_integer(length)?
            }
            tag::NEW_PID | tag::PID => self.to_pid(tag)?.into(),
            tag::NEWER_REFERENCE | tag::NEW_REFERENCE | tag::REFERENCE => {
                self.to_reference(tag)?.into()
            }
            tag::V4_PORT | tag::NEW_PORT | tag::PORT => self.to_port(tag)?.into(),
            tag::ATOM | tag::SMALL_ATOM | tag::ATOM_UTF8 => {
                Term::Atom(self.atom_of(tag)?.to_atom()?)
            }
            tag::FLOAT => Term::Float(self.float_text()?),
            tag::BIT_BINARY => self.to_bits()?,
            tag::EXPORT => self.to_export()?.into(),
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
