//! Terms as text, in a loop.

pub(crate) mod elixir;
pub(crate) mod erlang;
mod float;

use std::fmt::{self, Display, Formatter, Write};
use std::slice;

use crate::term::{Atom, BitString, ImproperList, List, Map, Record, Term, Tuple};

pub(crate) use float::float;

/// How a language writes terms.
trait Style {
    /// The forms by which the terms within a container are written.
    type Form: Copy;

    /// Writes a term that holds no terms, or that is written as a whole, such as a list that is text. For others it
    /// writes the beginning and returns the form of the rest, which is written term by term. `within` is the form of
    /// its container.
    fn open(
        &self,
        out: &mut dyn Write,
        term: &Term,
        within: Option<Self::Form>,
    ) -> Result<Option<Self::Form>, fmt::Error>;

    /// Writes the separator before the term at a place of a container. False if the term itself must not be written, or
    /// was written here.
    fn before(
        &self,
        out: &mut dyn Write,
        container: &Term,
        form: Self::Form,
        at: usize,
    ) -> Result<bool, fmt::Error>;

    /// Writes the end of a container.
    fn close(&self, out: &mut dyn Write, form: Self::Form) -> fmt::Result;
}

/// A container some of whose terms are written.
struct Open<'a, F> {
    term: &'a Term,
    form: F,
    rest: std::iter::Enumerate<slice::Iter<'a, Term>>,
}

fn write_term<S: Style>(out: &mut dyn Write, term: &Term, style: &S) -> fmt::Result {
    let mut containers: Vec<Open<'_, S::Form>> = Vec::new();
    let mut next = Some(term);
    loop {
        if let Some(term) = next.take() {
            let within = containers.last().map(|outer| outer.form);
            if let Some(form) = style.open(out, term, within)? {
                let rest = term.children().iter().enumerate();
                containers.push(Open { term, form, rest });
            }
        }
        let Some(inner) = containers.last_mut() else {
            return Ok(());
        };
        match inner.rest.next() {
            Some((at, term)) => {
                let is_left = style.before(out, inner.term, inner.form, at)?;
                next = is_left.then_some(term);
            }
            None => {
                style.close(out, inner.form)?;
                containers.pop();
            }
        }
    }
}

/// Writes a bitstring. The separators between two bytes and before the number of the last bits differ.
pub(crate) fn bits(out: &mut dyn Write, bits: &BitString, [comma, size]: [&str; 2]) -> fmt::Result {
    let unused = 8 - bits.bits_in_last();
    let (last, bytes) = bits
        .bytes()
        .split_last()
        .expect("a bitstring has at least one bit");
    out.write_str("<<")?;
    for byte in bytes {
        write!(out, "{byte}{comma}")?;
    }
    write!(out, "{}{size}{}", last >> unused, bits.bits_in_last())
}

/// As `io_lib:format("~0tp", [Term])` writes it, on one line, with texts as texts where `io:printable_range()` is `unicode`.
///
/// # Differences from OTP
///
/// All pids, ports and references look like those of the node that prints them: a value does not know that node.
impl Display for Term {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write_term(out, self, &erlang::Erlang { nodes: false })
    }
}

/// As [`Display`], with the nodes' names in pids, ports and references.
impl fmt::Debug for Term {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write_term(out, self, &erlang::Erlang { nodes: true })
    }
}

/// A term as Elixir's `inspect` writes it.
#[derive(Debug, Clone, Copy)]
pub struct Inspect<'a>(&'a Term);

impl Term {
    /// The text of Elixir's `inspect`, on one line and whole.
    ///
    /// # OTP
    ///
    /// `inspect(term, limit: :infinity, printable_limit: :infinity, width: :infinity)`.
    ///
    /// # Differences from OTP
    ///
    /// Charlists are written as `~c"…"`, as Elixir 1.15 and later do it. A map with `__struct__` is written as a struct
    /// even if there is no such module, with its fields in the order of their names. Atoms in other scripts than Latin
    /// may be quoted where Elixir does not quote them, and the other way round.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::term;
    ///
    /// let term = term!({ok, #{name => "egg", qty => 12}, nil});
    /// assert_eq!(term.inspect().to_string(), r#"{:ok, %{name: "egg", qty: 12}, nil}"#);
    /// assert_eq!(term.to_string(), r##"{ok,#{name => <<"egg">>,qty => 12},nil}"##);
    /// ```
    #[must_use]
    pub fn inspect(&self) -> Inspect<'_> {
        Inspect(self)
    }
}

impl Display for Inspect<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write_term(out, self.0, &elixir::Elixir)
    }
}

/// Containers are written as the terms that they are.
fn slices(out: &mut Formatter<'_>, name: &str, terms: &[Term]) -> fmt::Result {
    out.write_str(name)?;
    out.debug_list().entries(terms).finish()
}

impl fmt::Debug for Tuple {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        slices(out, "Tuple", self)
    }
}

impl fmt::Debug for List {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        slices(out, "List", self)
    }
}

impl fmt::Debug for ImproperList {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        slices(out, "ImproperList", self.elements())?;
        write!(out, " | {:?}", self.tail())
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{} ", self.module, self.name)?;
        out.debug_map().entries(self.fields()).finish()
    }
}

/// The text of an atom that is part of a module's name in Elixir.
fn alias(atom: &Atom) -> Option<&str> {
    let name = atom.as_str().strip_prefix("Elixir.")?;
    let is_alias = name.split('.').all(|part| {
        let mut signs = part.chars();
        signs.next().is_some_and(|first| first.is_ascii_uppercase())
            && signs.all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
    });
    is_alias.then_some(name)
}
