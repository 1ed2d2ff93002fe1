//! How deep terms are dropped and copied without deep calls.

use std::cell::Cell;
use std::mem;

use super::{ImproperList, List, Map, Record, Term, Tuple};

/// How many nested containers are read, written and dropped by recursion, which needs the fewest instructions; deeper ones in a loop.
pub(crate) const CALLS: usize = 32;

thread_local! {
    /// How many containers are being dropped within one another on this thread.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Drops the terms of a container.
///
/// Without it, each level of a term would take a level of the stack, and a term of a million levels would end the program.
pub(crate) fn release(terms: &mut Box<[Term]>) {
    if terms.is_empty() {
        return;
    }
    let terms = mem::take(terms);
    let depth = DEPTH.get();
    if depth < CALLS {
        DEPTH.set(depth + 1);
        let mut terms = terms.into_vec();
        while let Some(last) = terms.last() {
            // Most terms have nothing to free, and need no call that finds it out.
            if last.owns_nothing() {
                mem::forget(terms.pop());
                continue;
            }
            match terms.pop() {
                Some(Term::Binary(bytes)) => drop(bytes),
                term => drop(term),
            }
        }
        DEPTH.set(depth);
    } else {
        release_deep(terms.into_vec());
    }
}

#[cold]
fn release_deep(mut waiting: Vec<Term>) {
    // A container whose terms were taken out is dropped by recursion, too, but its `release` returns at once.
    while let Some(mut term) = waiting.pop() {
        waiting.append(&mut take_children(&mut term));
    }
}

impl Term {
    /// Whether there is nothing to free when it is dropped.
    #[inline]
    fn owns_nothing(&self) -> bool {
        match self {
            Self::Integer(_) | Self::Float(_) => true,
            Self::Atom(atom) => atom.owns_nothing(),
            _ => false,
        }
    }
}

fn take_children(term: &mut Term) -> Vec<Term> {
    match term {
        Term::Tuple(tuple) => mem::take(tuple).into_vec(),
        Term::List(list) if list.as_bytes().is_none() => mem::take(list).into_vec(),
        Term::ImproperList(list) => list.take(),
        Term::Map(map) => map.take(),
        Term::Record(record) => record.take(),
        _ => Vec::new(),
    }
}

/// The kind of a container whose terms are complete.
pub(crate) enum Shape {
    Tuple,
    List,
    ImproperList,
    Map,
    Record(Box<Record>),
}

impl Shape {
    /// The container. Gives nothing if a map has a key twice.
    pub(crate) fn finish(self, terms: Vec<Term>) -> Option<Term> {
        Some(match self {
            Self::Tuple => Term::Tuple(terms.into()),
            Self::List => Term::List(terms.into()),
            Self::ImproperList => Term::ImproperList(ImproperList::of_all(terms)),
            Self::Map => Term::Map(Map::of_all(terms)?),
            Self::Record(mut record) => {
                record.fill(terms);
                Term::Record(record)
            }
        })
    }

    fn of(term: &Term) -> Self {
        match term {
            Term::List(_) => Self::List,
            Term::ImproperList(_) => Self::ImproperList,
            Term::Map(_) => Self::Map,
            Term::Record(record) => Self::Record(Box::new(record.head())),
            _ => Self::Tuple,
        }
    }
}

impl Clone for Term {
    fn clone(&self) -> Self {
        if let Some(leaf) = leaf(self) {
            return leaf;
        }
        // The containers whose terms are being copied, from the outermost on.
        let mut open = vec![Copying::of(self)];
        loop {
            let inner = open.last_mut().expect("the outermost one is returned");
            if let Some(term) = inner.rest.next() {
                match leaf(term) {
                    Some(leaf) => inner.done.push(leaf),
                    None => open.push(Copying::of(term)),
                }
                continue;
            }
            let Copying { shape, done, .. } = open.pop().expect("it was there");
            let term = shape.finish(done).expect("the keys of a map differ");
            match open.last_mut() {
                Some(outer) => outer.done.push(term),
                None => return term,
            }
        }
    }
}

struct Copying<'a> {
    shape: Shape,
    rest: std::slice::Iter<'a, Term>,
    done: Vec<Term>,
}

impl<'a> Copying<'a> {
    fn of(term: &'a Term) -> Self {
        let children = term.children();
        Self {
            shape: Shape::of(term),
            rest: children.iter(),
            done: Vec::with_capacity(children.len()),
        }
    }
}

/// A copy of a term that holds no others.
fn leaf(term: &Term) -> Option<Term> {
    Some(match term {
        Term::Integer(number) => Term::Integer(*number),
        Term::Atom(atom) => Term::Atom(atom.clone()),
        Term::Binary(binary) => Term::Binary(binary.clone()),
        Term::Float(number) => Term::Float(*number),
        Term::BigInt(number) => Term::BigInt(number.clone()),
        Term::BitString(bits) => Term::BitString(bits.clone()),
        Term::Pid(pid) => Term::Pid(pid.clone()),
        Term::Port(port) => Term::Port(port.clone()),
        Term::Reference(reference) => Term::Reference(reference.clone()),
        Term::Fun(fun) => Term::Fun(fun.clone()),
        Term::Export(export) => Term::Export(export.clone()),
        Term::List(list) => Term::List(List::from_bytes(list.as_bytes()?)),
        Term::Tuple(_) | Term::ImproperList(_) | Term::Map(_) | Term::Record(_) => {
            return None;
        }
    })
}

impl Clone for Tuple {
    fn clone(&self) -> Self {
        self.to_vec().into()
    }
}

impl Clone for List {
    fn clone(&self) -> Self {
        match self.as_bytes() {
            Some(bytes) => Self::from_bytes(bytes),
            None => self.to_vec().into(),
        }
    }
}

impl Clone for ImproperList {
    fn clone(&self) -> Self {
        Self::of_all(self.all().to_vec())
    }
}

impl Clone for Map {
    fn clone(&self) -> Self {
        Self::of_all(self.all().to_vec()).expect("the keys of a map differ")
    }
}

impl Clone for Record {
    fn clone(&self) -> Self {
        let mut copy = self.head();
        copy.fill(self.values().to_vec());
        copy
    }
}
