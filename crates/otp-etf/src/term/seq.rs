//! The containers of other terms: tuples and lists.
//!
//! Each container has its terms in one boxed slice, and gives them to [`nest::release`] when it is dropped. All that walks over
//! terms works on these slices (`Term::children`).

use std::ops::{Deref, DerefMut};
use std::{mem, vec};

use super::{Term, nest};

/// A tuple.
#[derive(Default)]
pub struct Tuple(Box<[Term]>);

/// A list that ends with `[]`, the usual kind.
#[derive(Default)]
pub struct List(Box<[Term]>);

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
                mem::take(&mut self.0).into_vec()
            }

            pub(crate) fn all(&self) -> &[Term] {
                &self.0
            }
        }

        impl Deref for $name {
            type Target = [Term];

            fn deref(&self) -> &[Term] {
                &self.0
            }
        }

        impl DerefMut for $name {
            fn deref_mut(&mut self) -> &mut [Term] {
                &mut self.0
            }
        }

        impl From<Vec<Term>> for $name {
            fn from(terms: Vec<Term>) -> Self {
                Self(terms.into())
            }
        }

        impl FromIterator<Term> for $name {
            fn from_iter<I: IntoIterator<Item = Term>>(terms: I) -> Self {
                Self(terms.into_iter().collect())
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

        impl Drop for $name {
            fn drop(&mut self) {
                nest::release(&mut self.0);
            }
        }
    };
}

sequence!(Tuple);
sequence!(List);

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
