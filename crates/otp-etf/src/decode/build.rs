//! Terms of bytes, in a loop.

use super::{DecodeError, Decoder, Token};
use crate::tag;
use crate::term::nest::Shape;
use crate::term::{Atom, Fun, Term};

/// A container that is being filled.
struct Open {
    shape: Shape,
    terms: Vec<Term>,
    /// How many terms it is to have.
    wanted: usize,
}

impl Decoder<'_> {
    /// Reads a term.
    ///
    /// # Errors
    ///
    /// When it is no term, or one beyond the limits.
    pub fn term(&mut self) -> Result<Term, DecodeError> {
        // The containers around the innermost one, which is `here` if there is any.
        let mut outer: Vec<Open> = Vec::new();
        let mut here = Open {
            shape: Shape::Tuple,
            terms: Vec::new(),
            wanted: 0,
        };
        let mut depth = 0;
        loop {
            let (shape, wanted) = match self.byte()? {
                tag::SMALL_TUPLE => (Shape::Tuple, self.byte()?.into()),
                tag::LARGE_TUPLE => (Shape::Tuple, self.length()?),
                tag::LIST => match self.length()? {
                    // A list without elements is its tail.
                    0 => continue,
                    elements => (Shape::List, elements),
                },
                tag::MAP => (Shape::Map, self.length()?.saturating_mul(2)),
                tag::RECORD => {
                    let head = self.record()?;
                    (Shape::Record(Box::new(head.to_record()?)), head.fields)
                }
                other => {
                    let term = self.leaf(other, depth)?;
                    if depth == 0 {
                        return Ok(term);
                    }
                    here.terms.push(term);
                    if here.terms.len() < here.wanted {
                        continue;
                    }
                    match self.close(&mut here, &mut outer, &mut depth)? {
                        Some(term) => return Ok(term),
                        None => continue,
                    }
                }
            };
            self.claim(wanted)?;
            self.check_depth(depth)?;
            let open = Open {
                shape,
                terms: Vec::with_capacity(wanted),
                wanted,
            };
            let around = std::mem::replace(&mut here, open);
            if depth > 0 {
                outer.push(around);
            }
            depth += 1;
            if wanted == 0
                && let Some(term) = self.close(&mut here, &mut outer, &mut depth)?
            {
                return Ok(term);
            }
        }
    }

    /// Closes the containers that are full. Gives the outermost one, if it is.
    fn close(
        &mut self,
        here: &mut Open,
        outer: &mut Vec<Open>,
        depth: &mut usize,
    ) -> Result<Option<Term>, DecodeError> {
        loop {
            if let Shape::List = here.shape
                && !self.close_list(here)?
            {
                return Ok(None);
            }
            let next = outer.pop();
            let is_outermost = next.is_none();
            let empty = Open {
                shape: Shape::Tuple,
                terms: Vec::new(),
                wanted: 0,
            };
            let Open { shape, terms, .. } = std::mem::replace(here, next.unwrap_or(empty));
            let term = shape.finish(terms).ok_or(DecodeError::DuplicateKey)?;
            *depth -= 1;
            if is_outermost {
                return Ok(Some(term));
            }
            here.terms.push(term);
            if here.terms.len() < here.wanted {
                return Ok(None);
            }
        }
    }

    /// Reads the beginning of a list's tail. Gives true if the list ends there.
    ///
    /// A tail that is a list goes on with the same list, so that neither its depth nor the time it takes grows.
    fn close_list(&mut self, list: &mut Open) -> Result<bool, DecodeError> {
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
                    list.shape = Shape::ImproperList;
                    list.terms.reserve_exact(1);
                    list.wanted += 1;
                    return Ok(false);
                }
            }
        }
    }

    /// A term that holds no others.
    #[inline]
    fn leaf(&mut self, tag: u8, depth: usize) -> Result<Term, DecodeError> {
        Ok(match tag {
            tag::SMALL_INTEGER => Term::Integer(self.byte()?.into()),
            tag::INTEGER => Term::Integer(self.array().map(i32::from_be_bytes)?.into()),
            tag::SMALL_ATOM_UTF8 => {
                let length = self.byte()?.into();
                let text = self.utf8(length)?;
                Term::Atom(Atom::new(text).map_err(|_| DecodeError::Atom)?)
            }
            tag::BINARY => Term::Binary(self.binary()?.into()),
            tag::NEW_FLOAT => Term::Float(self.float()?),
            tag::NIL => Term::nil(),
            tag::NEW_PID => Term::Pid(Box::new(self.to_pid(tag)?)),
            other => self.rare_leaf(other, depth)?,
        })
    }

    #[inline(never)]
    fn rare_leaf(&mut self, tag: u8, depth: usize) -> Result<Term, DecodeError> {
        Ok(match tag {
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
            tag::PID => self.to_pid(tag)?.into(),
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
