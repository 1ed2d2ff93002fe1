//! Equality and hashes, in loops.

use std::hash::{Hash, Hasher};
use std::mem::discriminant;
use std::slice;

use super::{ImproperList, List, Map, Record, Term, Tuple};

/// Whether two terms are the same, but for the terms within them.
fn same_head(left: &Term, right: &Term) -> bool {
    match (left, right) {
        (Term::Integer(left), Term::Integer(right)) => left == right,
        (Term::Atom(left), Term::Atom(right)) => left == right,
        (Term::Binary(left), Term::Binary(right)) => left == right,
        (Term::Float(left), Term::Float(right)) => left.to_bits() == right.to_bits(),
        (Term::BigInt(left), Term::BigInt(right)) => left == right,
        (Term::BitString(left), Term::BitString(right)) => left == right,
        (Term::Pid(left), Term::Pid(right)) => left == right,
        (Term::Port(left), Term::Port(right)) => left == right,
        (Term::Reference(left), Term::Reference(right)) => left == right,
        (Term::Fun(left), Term::Fun(right)) => left == right,
        (Term::Export(left), Term::Export(right)) => left == right,
        (Term::Record(left), Term::Record(right)) => {
            left.flags == right.flags
                && left.module == right.module
                && left.name == right.name
                && left.names() == right.names()
        }
        _ => {
            discriminant(left) == discriminant(right)
                && left.children().len() == right.children().len()
        }
    }
}

fn same(left: &[Term], right: &[Term]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut pairs = left.iter().zip(right);
    let mut outer = Vec::new();
    loop {
        let Some((left, right)) = pairs.next() else {
            match outer.pop() {
                Some(next) => pairs = next,
                None => return true,
            }
            continue;
        };
        if !same_head(left, right) {
            return false;
        }
        if !left.children().is_empty() {
            let inner = left.children().iter().zip(right.children());
            outer.push(std::mem::replace(&mut pairs, inner));
        }
    }
}

fn hash_all<H: Hasher>(terms: &[Term], state: &mut H) {
    terms.len().hash(state);
    let mut here = terms.iter();
    let mut outer = Vec::new();
    loop {
        let Some(term) = here.next() else {
            match outer.pop() {
                Some(next) => here = next,
                None => return,
            }
            continue;
        };
        hash_head(term, state);
        if !term.children().is_empty() {
            outer.push(std::mem::replace(&mut here, term.children().iter()));
        }
    }
}

fn hash_head<H: Hasher>(term: &Term, state: &mut H) {
    discriminant(term).hash(state);
    match term {
        Term::Integer(number) => number.hash(state),
        Term::BigInt(number) => number.hash(state),
        Term::Float(number) => number.to_bits().hash(state),
        Term::Atom(atom) => atom.hash(state),
        Term::Reference(reference) => reference.hash(state),
        Term::Export(export) => export.hash(state),
        Term::Fun(fun) => fun.hash(state),
        Term::Port(port) => port.hash(state),
        Term::Pid(pid) => pid.hash(state),
        Term::Binary(binary) => binary.hash(state),
        Term::BitString(bits) => bits.hash(state),
        Term::Record(record) => (&record.module, &record.name, record.names()).hash(state),
        Term::Tuple(_) | Term::Map(_) | Term::List(_) | Term::ImproperList(_) => {
            term.children().len().hash(state);
        }
    }
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        same(slice::from_ref(self), slice::from_ref(other))
    }
}

impl Eq for Term {}

impl Hash for Term {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_all(slice::from_ref(self), state);
    }
}

macro_rules! by_terms {
    ($($name:ty;)*) => {
        $(impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                same(self.all(), other.all())
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                hash_all(self.all(), state);
            }
        })*
    };
}

by_terms! {
    Tuple;
    List;
    ImproperList;
    Map;
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        (self.flags, &self.module, &self.name) == (other.flags, &other.module, &other.name)
            && self.names() == other.names()
            && same(self.values(), other.values())
    }
}

impl Eq for Record {}

impl Hash for Record {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.module, &self.name, self.names()).hash(state);
        hash_all(self.values(), state);
    }
}
