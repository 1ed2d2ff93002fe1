//! Terms of tokens, in a loop.

use super::token::{RecordHead, atom, export};
use super::{DecodeError, Decoder, Token};
use crate::tag;
use crate::term::nest::Shape;
use crate::term::{Fun, Record, Term};

/// A container that is being filled.
struct Open {
    shape: Shape,
    terms: Vec<Term>,
    /// How many terms it is to have.
    wanted: usize,
}

impl Open {
    fn new(shape: Shape, wanted: usize) -> Self {
        let terms = Vec::with_capacity(wanted);
        Self {
            shape,
            terms,
            wanted,
        }
    }

    fn is_full(&self) -> bool {
        self.terms.len() == self.wanted
    }
}

impl<'a> Decoder<'a> {
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
            while !here.is_full() {
                match self.part(outer.len() + 1)? {
                    Part::Whole(term) => here.terms.push(term),
                    Part::Open(inner) => outer.push(std::mem::replace(&mut here, inner)),
                }
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
                list.wanted += 1;
            }
        }
        Ok(false)
    }

    /// A term, or the beginning of one that holds others.
    #[inline]
    fn part(&mut self, depth: usize) -> Result<Part, DecodeError> {
        let start = self.rest;
        Ok(Part::Whole(match self.token()? {
            Token::Integer(number) => Term::Integer(number),
            Token::Atom(text) => Term::Atom(atom(&text)?),
            Token::Binary(bytes) => Term::Binary(bytes.into()),
            Token::Float(number) => Term::Float(number),
            Token::Nil => Term::nil(),
            Token::Tuple(0) => Term::Tuple(Vec::new().into()),
            Token::Map(0) => Term::Map(Default::default()),
            Token::String(bytes) => Term::list(bytes.iter().map(|byte| Term::from(*byte))),
            Token::BigInt {
                negative,
                magnitude,
            } => Term::from_sign_magnitude(negative, magnitude),
            Token::Bits(bytes, bits) => {
                Term::bits(bytes, (bytes.len() - 1) * 8 + usize::from(bits))
            }
            Token::Pid(node, id, serial) => node.pid(id, serial)?.into(),
            Token::Port(node, id) => node.port(id)?.into(),
            Token::Reference(node, words) => node.reference(words)?.into(),
            Token::Export {
                module,
                function,
                arity,
            } => export(&module, &function, arity)?.into(),
            Token::Fun { caught, left } => {
                self.check_depth(depth)?;
                self.skip_terms(caught, left, depth + 1)?;
                Fun::of_checked(&start[..start.len() - self.rest.len()]).into()
            }
            Token::Tuple(arity) => return self.open(Shape::Tuple, arity, depth),
            Token::List(elements) => return self.open(Shape::List, elements, depth),
            Token::Map(entries) => return self.open(Shape::Map, entries * 2, depth),
            Token::Record(head) => {
                let shape = Shape::Record(Box::new(record(&head)?));
                return self.open(shape, head.fields, depth);
            }
        }))
    }

    fn open(&self, shape: Shape, wanted: usize, depth: usize) -> Result<Part, DecodeError> {
        self.check_depth(depth)?;
        Ok(Part::Open(Open::new(shape, wanted)))
    }
}

enum Part {
    Whole(Term),
    Open(Open),
}

fn record(head: &RecordHead<'_>) -> Result<Record, DecodeError> {
    let mut names = Decoder::checked(head.names);
    let fields: Result<Vec<_>, _> = (0..head.fields).map(|_| atom(&names.atom()?)).collect();
    Ok(Record::with_names(
        head.flags,
        atom(&head.module)?,
        atom(&head.name)?,
        fields?,
    ))
}
