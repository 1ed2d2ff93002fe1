//! The containers of other terms: tuples and lists.
//!
//! Each container has its terms in one boxed slice, and gives them to [`nest::release`] when it is dropped. All that walks over
//! terms works on these slices (`Term::children`). A list of bytes that was read, or made of bytes, has
//! its terms only when something asks for them.

use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;
use std::{mem, vec};

use super::{Term, nest};

/// A tuple.
#[derive(Default)]
pub struct Tuple(Box<[Term]>);

/// A list that ends with `[]`, the usual kind.
pub struct List(Elements);

enum Elements {
    Terms(Box<[Term]>),
    Bytes(Box<Bytes>),
}

/// The elements of a list of bytes.
struct Bytes {
    bytes: Box<[u8]>,
    /// The same as terms, as soon as these are wanted.
    terms: OnceLock<Box<[Term]>>,
}

impl Bytes {
    fn terms(&self) -> &[Term] {
        let byte = |byte: &u8| Term::Integer((*byte).into());
        self.terms
            .get_or_init(|| self.bytes.iter().map(byte).collect())
    }
}

impl Tuple {
    fn terms(&self) -> &[Term] {
        &self.0
    }

    fn terms_mut(&mut self) -> &mut Box<[Term]> {
        &mut self.0
    }

    pub(crate) fn of(terms: Box<[Term]>) -> Self {
        Self(terms)
    }
}

impl List {
    /// Makes a list of bytes: a charlist in Latin-1, or data for a port or a driver.
    ///
    /// It takes a byte for each element, and is written as fast as a binary, until something asks for its terms.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::{List, Term, term};
    ///
    /// assert_eq!(Term::List(List::from_bytes(&[1, 2, 255])), term!([1, 2, 255]));
    /// ```
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Elements::Bytes(Box::new(Bytes {
            bytes: bytes.into(),
            terms: OnceLock::new(),
        })))
    }

    /// The elements, if they are kept as bytes.
    pub(crate) fn as_bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Elements::Terms(_) => None,
            Elements::Bytes(bytes) => Some(&bytes.bytes),
        }
    }

    fn terms(&self) -> &[Term] {
        match &self.0 {
            Elements::Terms(terms) => terms,
            Elements::Bytes(bytes) => bytes.terms(),
        }
    }

    fn terms_mut(&mut self) -> &mut Box<[Term]> {
        if let Elements::Bytes(bytes) = &mut self.0 {
            bytes.terms();
            let terms = bytes.terms.take().unwrap_or_default();
            self.0 = Elements::Terms(terms);
        }
        match &mut self.0 {
            Elements::Terms(terms) => terms,
            Elements::Bytes(_) => unreachable!("they are terms now"),
        }
    }

    fn of(terms: Box<[Term]>) -> Self {
        Self(Elements::Terms(terms))
    }
}

impl Default for List {
    fn default() -> Self {
        Self::of(Box::default())
    }
}

/// A list that ends with something else than `[]`: `[a | b]`. It has at least one element, and its tail is no list.
pub struct ImproperList(
    /// The elements, then the tail.
    Box<[Term]>,
);

macro_rules! sequence {
    ($name:ident) => {
        impl $name {
            /// The terms as a vector, without a copy.
            #[must_use]
            pub fn into_vec(mut self) -> Vec<Term> {
                mem::take(self.terms_mut()).into_vec()
            }

            pub(crate) fn all(&self) -> &[Term] {
                self.terms()
            }
        }

        impl Deref for $name {
            type Target = [Term];

            fn deref(&self) -> &[Term] {
                self.terms()
            }
        }

        impl DerefMut for $name {
            fn deref_mut(&mut self) -> &mut [Term] {
                self.terms_mut()
            }
        }

        impl From<Vec<Term>> for $name {
            fn from(terms: Vec<Term>) -> Self {
                Self::of(terms.into())
            }
        }

        impl FromIterator<Term> for $name {
            fn from_iter<I: IntoIterator<Item = Term>>(terms: I) -> Self {
                Self::of(terms.into_iter().collect())
            }
        }

        impl IntoIterator for $name {
            type Item = Term;
            type IntoIter = vec::IntoIter<Term>;

            fn into_iter(self) -> vec::IntoIter<Term> {
                self.into_vec().into_iter()
            }
        }

        impl<'a> IntoIterator for &'a $name {
            type Item = &'a Term;
            type IntoIter = std::slice::Iter<'a, Term>;

            fn into_iter(self) -> std::slice::Iter<'a, Term> {
                self.iter()
            }
        }
    };
}

sequence!(Tuple);
sequence!(List);

impl Drop for Tuple {
    fn drop(&mut self) {
        nest::release(&mut self.0);
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // Bytes hold no other terms.
        if let Elements::Terms(terms) = &mut self.0 {
            nest::release(terms);
        }
    }
}

impl Term {
    /// Makes a list that ends with `tail`: an improper one, unless the tail is a list. Without elements it is the tail
    /// itself.
    ///
    /// # OTP
    ///
    /// `[Element, … | Tail]`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::{Term, term};
    ///
    /// let pair = Term::list_with_tail(vec![term!(a)], term!(b));
    /// assert_eq!(pair.to_string(), "[a|b]");
    /// assert_eq!(Term::list_with_tail(vec![term!(a)], term!([b])), term!([a, b]));
    /// ```
    #[must_use]
    pub fn list_with_tail(mut elements: Vec<Self>, tail: Self) -> Self {
        match tail {
            tail if elements.is_empty() => tail,
            Self::List(rest) => {
                elements.extend(rest);
                Self::List(elements.into())
            }
            Self::ImproperList(mut rest) => {
                elements.append(&mut rest.take());
                Self::ImproperList(ImproperList(elements.into()))
            }
            tail => {
                elements.push(tail);
                Self::ImproperList(ImproperList(elements.into()))
            }
        }
    }
}

impl ImproperList {
    /// The elements before the tail.
    #[must_use]
    pub fn elements(&self) -> &[Term] {
        self.0.split_last().map_or(&[], |(_, elements)| elements)
    }

    /// The tail in place of `[]`.
    ///
    /// # Panics
    ///
    /// Never: there is one.
    #[must_use]
    pub fn tail(&self) -> &Term {
        self.0.last().expect("an improper list has a tail")
    }

    /// The elements and the tail.
    ///
    /// # Panics
    ///
    /// Never: there is a tail.
    #[must_use]
    pub fn into_parts(mut self) -> (Vec<Term>, Term) {
        let mut terms = self.take();
        let tail = terms.pop().expect("an improper list has a tail");
        (terms, tail)
    }

    /// The elements, then the tail.
    pub(crate) fn all(&self) -> &[Term] {
        &self.0
    }

    /// Of elements and a tail that is no list.
    pub(crate) fn of_all(terms: Vec<Term>) -> Self {
        Self(terms.into())
    }

    pub(crate) fn take(&mut self) -> Vec<Term> {
        mem::take(&mut self.0).into_vec()
    }
}

impl Drop for ImproperList {
    fn drop(&mut self) {
        nest::release(&mut self.0);
    }
}
